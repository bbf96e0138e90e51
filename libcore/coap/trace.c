/* SPDX-License-Identifier: Apache-2.0 */
/* trace.c: messages as lines of the log (LINNET_LOG_DEBUG): what is asked and answered, and no payload, which
 * may be a key. */
#include "parts.h"

#define LINE_SIZE 400

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

static void put_number(linnet__buffer *line, const char *name, int32_t value) {
  if (value >= 0) linnet__print(line, " %s=%u", name, (unsigned)value);
}

static void put_block(linnet__buffer *line, const char *name, const linnet__block *block) {
  if (block->present)
    linnet__print(line, " %s=%u/%u/%u", name, (unsigned)block->number, (unsigned)block->more,
                  16u << block->exponent);
}

static void put_facts(linnet__buffer *line, const linnet_message *message) {
  linnet__facts facts;
  linnet__facts_read(&facts, message);
  put_number(line, "observe", facts.observe);
  put_number(line, "format", facts.content_format);
  put_number(line, "accept", facts.accept);
  put_block(line, "block1", &facts.block1);
  put_block(line, "block2", &facts.block2);
}

/* "10.0.0.2:5683 sends CON POST /rd?ep=kitchen&lt=60 format=40, 24 bytes (id 7)" */
void linnet__coap_tell(const linnet__contact *contact, const char *verb, const uint8_t *data, size_t length) {
  char text[LINE_SIZE + 1], address[LINNET_ADDRESS_TEXT_SIZE];
  linnet_message message;
  linnet__buffer line;
  if (linnet_message_parse(&message, data, length) != LINNET_OK) return; /* there is a warning */
  linnet__buffer_init_fixed(&line, text, LINE_SIZE);
  linnet__print(&line, "%s %s %s", linnet_address_text(&contact->peer.address, address), verb,
                linnet__text_at("CON\0NON\0ACK\0RST", message.type));
  if (message.code != 0) linnet__print(&line, " ");
  if (message.code != 0) linnet__print_code(&line, message.code);
  put_texts(&line, &message, LINNET__OPTION_URI_PATH, " /", "/");
  put_texts(&line, &message, LINNET__OPTION_URI_QUERY, "?", "&");
  put_texts(&line, &message, LINNET__OPTION_LOCATION_PATH, " /", "/");
  put_facts(&line, &message);
  if (message.payload_length > 0) linnet__print(&line, ", %U bytes", (uint64_t)message.payload_length);
  linnet__print(&line, " (id %u)", (unsigned)message.message_id);
  text[line.length] = 0;
  linnet__log(contact->port->coap->loop, LINNET_LOG_DEBUG, "%s", text);
}
