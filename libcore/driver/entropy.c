/* SPDX-License-Identifier: Apache-2.0 */
/* entropy.c: seeds from the operating system (driver.h). */
#include <errno.h>
#include <sys/random.h>

#include <linnet/driver.h>

linnet_status linnet_entropy(void *data, size_t length) {
  unsigned char *bytes = data;
  if (data == NULL && length > 0) return LINNET_ERROR_INVALID_ARGUMENT;
  while (length > 0) {
    ssize_t got = getrandom(bytes, length, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return LINNET_ERROR_SYSTEM;
    bytes += got;
    length -= (size_t)got;
  }
  return LINNET_OK;
}
