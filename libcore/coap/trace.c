/* SPDX-License-Identifier: Apache-2.0 */
/* trace.c: messages as lines of the log (LINNET_LOG_DEBUG): what is asked and answered, and no payload, which
 * may be a key. */
#include "parts.h"

#define LINE_SIZE 400

static const char *type_name(linnet_message_type type) {
  static const char *const names[] = {"CON", "NON", "ACK", "RST"};
  return names[(unsigned)type & 3u];
}

static void put_code(linnet__buffer *line, uint8_t code) {
  static const char *const methods[] = {"", " GET", " POST", " PUT", " DELETE"};
  const char *name = linnet_code_name(code);
  if (code < sizeof methods / sizeof methods[0])
    linnet__print(line, "%s", methods[code]);
  else if (name[0] != 0)
    linnet__print(line, " %s", name);
  else
    linnet__print(line, " %u.%u%u", code >> 5u, (code & 31u) / 10, (code & 31u) % 10);
}

/* All options of one number, as one text. */
static void put_texts(linnet__buffer *line, const linnet_message *message, uint16_t number,
                      const char *before, const char *between) {
  linnet_option option = {.number = 0};
  size_t position = 0;
  for (bool first = true; linnet_message_next_option(message, &position, &option);)
    if (option.number == number) {
      linnet__print(line, "%s", first ? before : between);
      linnet__print(line, "%n", option.length, (const char *)option.value);
      first = false;
    }
}

static bool read_number(const linnet_message *message, uint16_t number, uint32_t *value) {
  linnet_option option = {.number = 0};
  size_t position = 0;
  while (linnet_message_next_option(message, &position, &option)) {
    if (option.number != number || option.length > sizeof *value) continue;
    *value = 0;
    for (size_t i = 0; i < option.length; i++) *value = *value << 8 | option.value[i];
    return true;
  }
  return false;
}

static void put_numbers(linnet__buffer *line, const linnet_message *message) {
  static const struct {
    uint16_t option;
    const char *name;
  } numbers[] = {{LINNET__OPTION_OBSERVE, "observe"},
                 {LINNET__OPTION_CONTENT_FORMAT, "format"},
                 {LINNET__OPTION_ACCEPT, "accept"}};
  static const struct {
    uint16_t option;
    const char *name;
  } blocks[] = {{LINNET__OPTION_BLOCK1, "block1"}, {LINNET__OPTION_BLOCK2, "block2"}};
  uint32_t value;
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
    if (read_number(message, numbers[i].option, &value))
      linnet__print(line, " %s=%u", numbers[i].name, (unsigned)value);
  for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++)
    if (read_number(message, blocks[i].option, &value))
      linnet__print(line, " %s=%u/%u/%u", blocks[i].name, (unsigned)(value >> 4), (unsigned)(value >> 3 & 1),
                    16u << (value & 7u));
}

/* "10.0.0.2:5683 sends CON POST /rd?ep=kitchen&lt=60 format=40, 24 bytes (id 7)" */
void linnet__coap_tell(const linnet__contact *contact, const char *verb, const uint8_t *data, size_t length) {
  char text[LINE_SIZE + 1], address[LINNET_ADDRESS_TEXT_SIZE];
  linnet_message message;
  linnet__buffer line;
  if (linnet_message_parse(&message, data, length) != LINNET_OK) return; /* there is a warning */
  linnet__buffer_init_fixed(&line, text, LINE_SIZE);
  linnet__print(&line, "%s %s %s", linnet_address_text(&contact->peer.address, address), verb,
                type_name(message.type));
  put_code(&line, message.code);
  put_texts(&line, &message, LINNET__OPTION_URI_PATH, " /", "/");
  put_texts(&line, &message, LINNET__OPTION_URI_QUERY, "?", "&");
  put_texts(&line, &message, LINNET__OPTION_LOCATION_PATH, " /", "/");
  put_numbers(&line, &message);
  if (message.payload_length > 0) linnet__print(&line, ", %U bytes", (uint64_t)message.payload_length);
  linnet__print(&line, " (id %u)", (unsigned)message.message_id);
  text[line.length] = 0;
  linnet__log(contact->port->coap->loop, LINNET_LOG_DEBUG, "%s", text);
}
