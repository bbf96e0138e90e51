/* SPDX-License-Identifier: Apache-2.0 */
/* operation.h: the operations of LwM2M (digest 1.1). */
#ifndef LINNET_OPERATION_H
#define LINNET_OPERATION_H

#ifdef __cplusplus
extern "C" {
#endif

/** One bit each, so that a set of operations is their sum. */
typedef enum linnet_operation {
  LINNET_OPERATION_NONE = 0,
  LINNET_OPERATION_READ = 1,
  LINNET_OPERATION_WRITE = 2, /**< replace: PUT */
  LINNET_OPERATION_EXECUTE = 4,
  LINNET_OPERATION_CREATE = 8,
  LINNET_OPERATION_DELETE = 16,
  LINNET_OPERATION_DISCOVER = 32,
  LINNET_OPERATION_OBSERVE = 64,
  LINNET_OPERATION_CANCEL = 128,
  LINNET_OPERATION_WRITE_ATTRIBUTES = 256,
  LINNET_OPERATION_UPDATE = 512, /**< partial write: POST on an instance */
  LINNET_OPERATION_REGISTER = 1024,
  LINNET_OPERATION_UPDATE_REGISTRATION = 2048,
  LINNET_OPERATION_DEREGISTER = 4096
} linnet_operation;

#ifdef __cplusplus
}
#endif

#endif
