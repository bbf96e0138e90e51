/* SPDX-License-Identifier: Apache-2.0 */
/* raw_keys_none.c: a build that has no raw public keys; tls.c says how to get them. */
#include "tls_backend.h"

const linnet__tls_backend *linnet__tls_raw_keys(void) { return NULL; }
