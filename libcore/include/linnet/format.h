/* SPDX-License-Identifier: Apache-2.0 */
/* format.h: CoAP content formats that LwM2M 1.0 uses (digest 7). */
#ifndef LINNET_FORMAT_H
#define LINNET_FORMAT_H

#ifdef __cplusplus
extern "C" {
#endif

/** A CoAP Content-Format number, or LINNET_FORMAT_NONE or _ANY. */
typedef enum linnet_format {
  LINNET_FORMAT_ANY = -2,  /**< to read in: no Accept option, the device chooses (DM-14) */
  LINNET_FORMAT_NONE = -1, /**< absent; where one is chosen: linnet chooses */
  LINNET_FORMAT_TEXT = 0,
  LINNET_FORMAT_LINK = 40,
  LINNET_FORMAT_OPAQUE = 42,
  LINNET_FORMAT_TLV = 11542,
  LINNET_FORMAT_JSON = 11543
} linnet_format;

#ifdef __cplusplus
}
#endif

#endif
