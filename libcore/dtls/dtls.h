/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dtls.h: the contract between a pipeline and a DTLS backend: a few functions, chosen by CMake
 * (LINNET_DTLS). The backend "none" refuses politely: coaps URIs are answered LINNET_ERROR_UNAVAILABLE.
 */
#ifndef LINNET_DTLS_DTLS_H
#define LINNET_DTLS_DTLS_H

#include <stdbool.h>

#include <linnet/loop.h>

/* "none", "mbedtls", ... for people and for error texts. */
const char *linnet__dtls_backend(void);

/* LINNET_OK if this build can secure datagrams; else LINNET_ERROR_UNAVAILABLE, with the error text saying how
 * to get it. */
linnet_status linnet__dtls_require(linnet_loop *loop, const char *uri);

#endif
