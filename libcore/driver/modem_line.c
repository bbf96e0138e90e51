/* SPDX-License-Identifier: Apache-2.0 */
/* modem_line.c: the bytes of a modem, cut into lines and prompts (ITU-T V.250, 5.7.1; 3GPP TS 27.005, 3.5.1).
 */
#include <string.h>

#include "modem_internal.h"

static void end_line(linnet_modem *modem, uint64_t now_ms) {
  size_t length = modem->line_length;
  bool overlong = modem->line_overlong;
  char *line = modem->line;
  modem->line_length = 0;
  modem->line_overlong = false;
  while (length > 0 && line[length - 1] == ' ') length--;
  line[length] = 0;
  if (overlong)
    modem->counts[LINNET_MODEM_GARBAGE]++;
  else if (length > 0)
    linnet__modem_line(modem, line, now_ms);
}

/* "> " comes without an end of line, when the text of a message is wanted. */
static bool is_prompt(const linnet_modem *modem, char byte) {
  return byte == '>' && modem->line_length == 0 && modem->job == LINNET__JOB_SUBMIT;
}

void linnet__modem_hear(linnet_modem *modem, const char *bytes, size_t length, uint64_t now_ms) {
  for (size_t i = 0; i < length && modem->driver != NULL; i++) {
    char byte = bytes[i];
    if (byte == '\r' || byte == '\n') {
      end_line(modem, now_ms);
    } else if (is_prompt(modem, byte)) {
      linnet__modem_prompted(modem, now_ms);
    } else if (byte == 0 || (byte == ' ' && modem->line_length == 0)) {
      continue;
    } else if (modem->line_length + 1 < sizeof modem->line) {
      modem->line[modem->line_length++] = byte >= ' ' && byte <= '~' ? byte : '?';
    } else {
      modem->line_overlong = true;
    }
  }
}
