/* SPDX-License-Identifier: Apache-2.0 */
/* access.h: the rights of servers on a device (digest 8). */
#ifndef LINNET_ACCESS_H
#define LINNET_ACCESS_H

#ifdef __cplusplus
extern "C" {
#endif

/**
 * What a server may do. Only asked with more than one account (object 2, Access Control): then what no server
 * was given, none can do (4.01). Discover is always allowed.
 */
typedef enum linnet_access {
  LINNET_ACCESS_NONE = 0,
  LINNET_ACCESS_READ = 1, /**< also Observe and Write-Attributes */
  LINNET_ACCESS_WRITE = 2,
  LINNET_ACCESS_EXECUTE = 4,
  LINNET_ACCESS_DELETE = 8,
  LINNET_ACCESS_CREATE = 16 /**< of an object; the others are of an instance */
} linnet_access;

#ifdef __cplusplus
}
#endif

#endif
