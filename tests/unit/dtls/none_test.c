/* SPDX-License-Identifier: Apache-2.0 */
/* A build without DTLS says so, and how to get it. */
#include "base/base.h"
#include "check.h"
#include "dtls/dtls.h"

static void refuses_coaps_politely(void) {
  linnet_loop *loop = linnet_loop_new("0123456789abcdef", 16);
  if (strcmp(linnet_dtls_backend(), "none") == 0) {
    CHECK_EQUAL(linnet__dtls_require(loop, "coaps://server.example"), LINNET_ERROR_UNAVAILABLE);
    CHECK(strstr(linnet_error_text(loop), "coaps://server.example") != NULL);
    CHECK(strstr(linnet_error_text(loop), "-DLINNET_DTLS") != NULL);
  } else {
    CHECK_EQUAL(linnet__dtls_require(loop, "coaps://server.example"), LINNET_OK);
  }
  linnet_loop_unref(loop);
}

int main(void) { return RUN(refuses_coaps_politely); }
