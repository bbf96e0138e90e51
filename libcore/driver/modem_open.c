/* SPDX-License-Identifier: Apache-2.0 */
/* modem_open.c: serial lines, raw (modem.h; termios(3)). */
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "modem_internal.h"

static const struct {
  uint32_t bits;
  speed_t speed;
} speeds[] = {
    {300, B300},         {600, B600},         {1200, B1200},       {2400, B2400},       {4800, B4800},
    {9600, B9600},       {19200, B19200},     {38400, B38400},     {57600, B57600},     {115200, B115200},
    {230400, B230400},   {460800, B460800},   {500000, B500000},   {576000, B576000},   {921600, B921600},
    {1000000, B1000000}, {1500000, B1500000}, {2000000, B2000000}, {3000000, B3000000}, {4000000, B4000000},
};

/* Those behind USB have any speed. */
static speed_t speed_of(uint32_t bits) {
  for (size_t i = 0; i < sizeof speeds / sizeof speeds[0]; i++)
    if (speeds[i].bits >= bits) return speeds[i].speed;
  return B4000000;
}

/* No echo, no editing, no signals, no translation, no flow control, no hanging up when we go. */
static bool make_raw(int descriptor, uint32_t bits) {
  struct termios line;
  if (tcgetattr(descriptor, &line) != 0) return errno == ENOTTY;
  cfmakeraw(&line);
  line.c_cflag |= CLOCAL | CREAD;
  line.c_cflag &= ~(tcflag_t)(CRTSCTS | HUPCL | CSTOPB);
  line.c_iflag &= ~(tcflag_t)(IXOFF | IXANY);
  line.c_cc[VMIN] = 1;
  line.c_cc[VTIME] = 0;
  cfsetispeed(&line, speed_of(bits));
  cfsetospeed(&line, speed_of(bits));
  if (tcsetattr(descriptor, TCSANOW, &line) != 0) return false;
  tcflush(descriptor, TCIOFLUSH);
  return true;
}

int linnet__modem_open_line(const char *path, uint32_t speed) {
  int descriptor = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) return -1;
  if (make_raw(descriptor, speed)) return descriptor;
  int error = errno;
  close(descriptor);
  errno = error;
  return -1;
}
