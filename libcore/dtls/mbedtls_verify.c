/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mbedtls_verify.c: is that the peer's certificate? By agreement or by an authority, by name, and by the wall
 * clock that the loop was told (SEC-13; RFC 6125, RFC 7925 4.4).
 */
#include <string.h>

#include "mbedtls.h"

#define OF_TIME ((uint32_t)(MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE))
#define OF_NAME ((uint32_t)MBEDTLS_X509_BADCERT_CN_MISMATCH)

/* ---- time ---------------------------------------------------------------------------------------- */

/* Seconds since 1970 of a date in the Gregorian calendar, counted from March so that leap days come last. */
static int64_t unix_seconds(const mbedtls_x509_time *time) {
  int64_t year = time->mon <= 2 ? time->year - 1 : time->year;
  int64_t month = (time->mon + 9) % 12;
  int64_t days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + time->day - 1;
  return ((days - 719468) * 24 + time->hour) * 3600 + (int64_t)time->min * 60 + time->sec;
}

/* The library asks the system for the time; here it is the loop's, and without one nothing can be said. */
uint32_t linnet__mbedtls_faults_of_time(const linnet__tls *tls, const mbedtls_x509_crt *certificate) {
  int64_t wall_ms = linnet_loop_wall_clock(tls->config->common.loop);
  if (wall_ms == 0) return 0;
  if (wall_ms / 1000 > unix_seconds(&certificate->valid_to)) return MBEDTLS_X509_BADCERT_EXPIRED;
  if (wall_ms / 1000 < unix_seconds(&certificate->valid_from)) return MBEDTLS_X509_BADCERT_FUTURE;
  return 0;
}

/* ---- name ---------------------------------------------------------------------------------------- */

enum { SAN_DNS = 2, SAN_IP = 7, SAN_TAG = 0x1F };

static uint8_t lower(uint8_t c) { return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c; }

static bool same_name(const uint8_t *a, size_t length, const char *b) {
  if (length != strlen(b)) return false;
  for (size_t i = 0; i < length; i++)
    if (lower(a[i]) != lower((uint8_t)b[i])) return false;
  return true;
}

/* RFC 7925 4.4.1 has no wildcards. */
static bool names_peer(const linnet__tls *tls, const mbedtls_x509_buf *name) {
  int kind = name->tag & SAN_TAG;
  if (tls->host != NULL) return kind == SAN_DNS && same_name(name->p, name->len, tls->host);
  size_t length = tls->address.kind == LINNET_ADDRESS_IPV4 ? 4 : 16;
  return kind == SAN_IP && name->len == length && memcmp(name->p, tls->address.bytes, length) == 0;
}

/* The common name counts where there is no alternative name of a host (RFC 6125 6.4.4). */
static bool is_of_peer(const linnet__tls *tls, const mbedtls_x509_crt *certificate) {
  char subject[LINNET__IDENTITY_SIZE + 1];
  bool named = false;
  for (const mbedtls_x509_sequence *item = &certificate->subject_alt_names; item != NULL; item = item->next) {
    int kind = item->buf.tag & SAN_TAG;
    if (item->buf.p == NULL) continue;
    if (names_peer(tls, &item->buf)) return true;
    named = named || kind == SAN_DNS || kind == SAN_IP;
  }
  if (named || tls->host == NULL) return false;
  linnet__mbedtls_subject(certificate, subject);
  return same_name((const uint8_t *)subject, strlen(subject), tls->host);
}

/* ---- all of it ----------------------------------------------------------------------------------- */

static linnet_cause cause_of(const linnet__tls *tls, uint32_t flags) {
  if (flags & MBEDTLS_X509_BADCERT_REVOKED) return LINNET_CAUSE_REVOKED;
  if (flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED)
    return tls->config->common.credentials->trust_count > 0 ? LINNET_CAUSE_UNTRUSTED
                                                            : LINNET_CAUSE_WRONG_CERTIFICATE;
  if (flags & MBEDTLS_X509_BADCERT_EXPIRED) return LINNET_CAUSE_EXPIRED;
  if (flags & MBEDTLS_X509_BADCERT_FUTURE) return LINNET_CAUSE_NOT_YET_VALID;
  if (flags & MBEDTLS_X509_BADCERT_CN_MISMATCH) return LINNET_CAUSE_WRONG_HOST;
  return LINNET_CAUSE_BAD_CERTIFICATE;
}

/* One that was agreed is good whoever signed it, and names do not matter (SEC-13). */
static bool is_agreed(linnet__tls *tls, const mbedtls_x509_crt *certificate) {
  uint8_t digest[LINNET__DIGEST_SIZE];
  if (linnet__compat_sha256(certificate->raw.p, certificate->raw.len, digest) != 0) return false;
  const linnet__credential *credential = linnet__credentials_find(
      tls->config->common.credentials, LINNET__IDENTITY_CERTIFICATE, digest, sizeof digest);
  if (credential == NULL) return false;
  tls->identity = credential->identity;
  return true;
}

static void identify_subject(linnet__tls *tls, const mbedtls_x509_crt *certificate) {
  char subject[LINNET__IDENTITY_SIZE + 1];
  linnet__mbedtls_subject(certificate, subject);
  size_t length = strlen(subject);
  const linnet__credential *credential =
      linnet__credentials_find(tls->config->common.credentials, LINNET__IDENTITY_SUBJECT, subject, length);
  tls->identity = (linnet__identity){.kind = LINNET__IDENTITY_SUBJECT, .length = (uint8_t)length};
  memcpy(tls->identity.name, subject, length);
  if (credential != NULL) tls->identity.number = credential->identity.number;
}

void linnet__mbedtls_identify(linnet__tls *tls, const mbedtls_x509_crt *certificate) {
  if (!is_agreed(tls, certificate)) identify_subject(tls, certificate);
}

static uint32_t faults_of_name(const linnet__tls *tls, const mbedtls_x509_crt *certificate) {
  const linnet__tls_config *config = tls->config;
  bool by_host = linnet__naming_is_by_host(config->common.credentials, config->common.role);
  return by_host && !is_of_peer(tls, certificate) ? OF_NAME : 0;
}

int linnet__mbedtls_verify(void *user, mbedtls_x509_crt *certificate, int depth, uint32_t *flags) {
  linnet__tls *tls = user;
  uint32_t found = (*flags & ~(OF_TIME | OF_NAME)) | linnet__mbedtls_faults_of_time(tls, certificate);
  if (depth > 0) { /* from the top down: what they say counts if it is not agreed what stands at the bottom */
    tls->chain_flags |= found;
    *flags = 0;
    return 0;
  }
  if (is_agreed(tls, certificate)) {
    found &= OF_TIME;
  } else {
    identify_subject(tls, certificate);
    found |= tls->chain_flags | faults_of_name(tls, certificate);
  }
  tls->chain_flags = 0;
  if (found != 0) tls->cause = cause_of(tls, found);
  *flags = found;
  return 0;
}
