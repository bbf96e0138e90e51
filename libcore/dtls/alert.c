/* SPDX-License-Identifier: Apache-2.0 */
/* alert.c: what the alerts of a peer mean (RFC 5246 7.2, RFC 4279 2, RFC 7250). */
#include "tls_backend.h"

enum {
  BAD_RECORD_MAC = 20,
  HANDSHAKE_FAILURE = 40,
  BAD_CERTIFICATE = 42,
  UNSUPPORTED_CERTIFICATE = 43,
  CERTIFICATE_REVOKED = 44,
  CERTIFICATE_EXPIRED = 45,
  CERTIFICATE_UNKNOWN = 46,
  UNKNOWN_CA = 48,
  DECRYPT_ERROR = 51,
  UNRECOGNIZED_NAME = 112,
  UNKNOWN_PSK_IDENTITY = 115
};

/* What a peer's alert says of us (RFC 5246 7.2.2, RFC 4279 2). */
linnet_cause linnet__cause_of_alert(uint8_t description) {
  static const struct {
    uint8_t description;
    linnet_cause cause;
  } table[] = {
      {BAD_RECORD_MAC, LINNET_CAUSE_WRONG_KEY},
      {DECRYPT_ERROR, LINNET_CAUSE_WRONG_KEY},
      {UNKNOWN_PSK_IDENTITY, LINNET_CAUSE_UNKNOWN_IDENTITY},
      {HANDSHAKE_FAILURE, LINNET_CAUSE_NO_COMMON_MODE},
      {BAD_CERTIFICATE, LINNET_CAUSE_BAD_CERTIFICATE},
      {UNSUPPORTED_CERTIFICATE, LINNET_CAUSE_BAD_CERTIFICATE},
      {CERTIFICATE_UNKNOWN, LINNET_CAUSE_BAD_CERTIFICATE},
      {CERTIFICATE_REVOKED, LINNET_CAUSE_REVOKED},
      {CERTIFICATE_EXPIRED, LINNET_CAUSE_EXPIRED},
      {UNKNOWN_CA, LINNET_CAUSE_UNTRUSTED},
      {UNRECOGNIZED_NAME, LINNET_CAUSE_WRONG_HOST},
  };
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
    if (table[i].description == description) return table[i].cause;
  return LINNET_CAUSE_PROTOCOL;
}
