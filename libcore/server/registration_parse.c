/* SPDX-License-Identifier: Apache-2.0 */
/* registration_parse.c: parameters and object list of Register and Update (digest 2.2, 2.3, 2.5, 14.1). */
#include <string.h>

#include "server_internal.h"

#define ENDPOINT_SIZE 252
#define SMS_DIGITS 15
#define JSON_NUMBER "11543"

const char *const linnet__bindings[7] = {"U", "UQ", "S", "SQ", "US", "UQS", NULL};

enum { ENDPOINT, LIFETIME, VERSION, BINDING, SMS, PARAMETER_COUNT };

static const linnet__text parameter_names[PARAMETER_COUNT] = {
    {"ep", 2}, {"lt", 2}, {"lwm2m", 5}, {"b", 1}, {"sms", 3}};

/* The queries as they stand, each of ours at its place. */
typedef struct query_parts {
  linnet__text values[PARAMETER_COUNT];
  unsigned counts[PARAMETER_COUNT];
} query_parts;

/* AMB-11: what we do not know is skipped, with or without a value (the Q of 1.1, 14.1). */
static void read_query(query_parts *parts, const linnet__incoming *request) {
  linnet__text query;
  size_t position = 0;
  memset(parts, 0, sizeof *parts);
  if (!request->query) return; /* as most Updates */
  while (linnet__incoming_text(request, LINNET__OPTION_URI_QUERY, &position, &query)) {
    const char *equals = query.length == 0 ? NULL : memchr(query.data, '=', query.length);
    size_t length = equals == NULL ? query.length : (size_t)(equals - query.data);
    for (int i = 0; i < PARAMETER_COUNT; i++) {
      const linnet__text *name = &parameter_names[i];
      if (name->length != length || memcmp(name->data, query.data, length) != 0) continue;
      parts->counts[i]++;
      if (equals != NULL) parts->values[i] = (linnet__text){equals + 1, query.length - length - 1};
    }
  }
}

static uint8_t refuse(linnet__parameters *parameters, uint8_t code, const char *why) {
  parameters->why = why;
  return code;
}

static bool is_text(const char *data, size_t length) {
  return memchr(data, 0, length) == NULL && linnet__utf8_valid(data, length);
}

static bool is_digits(const linnet__text *text) {
  for (size_t i = 0; i < text->length; i++)
    if (text->data[i] < '0' || text->data[i] > '9') return false;
  return text->length > 0;
}

/* MOD-05. A zero byte is refused too: no C string could name the endpoint. */
static bool endpoint_valid(const linnet__text *endpoint) {
  return endpoint->length > 0 && endpoint->length <= ENDPOINT_SIZE &&
         is_text(endpoint->data, endpoint->length);
}

/* REG-31, AMB-27. */
static bool read_lifetime(linnet__parameters *parameters, const linnet__text *text) {
  uint64_t lifetime_s;
  if (text->length == 0 || !linnet__parse_unsigned(text->data, text->length, UINT32_MAX, &lifetime_s))
    return false;
  parameters->lifetime_s = (uint32_t)lifetime_s;
  return lifetime_s > 0;
}

typedef enum version_verdict { VERSION_OURS, VERSION_OTHER, VERSION_MALFORMED } version_verdict;

/* MOD-08, REG-04: two numbers; everything but 1.0 is of another major version or higher than ours. */
static version_verdict judge_version(const linnet__text *text) {
  const char *dot = text->length == 0 ? NULL : memchr(text->data, '.', text->length);
  if (dot == NULL) return VERSION_MALFORMED;
  linnet__text parts[2] = {{text->data, (size_t)(dot - text->data)},
                           {dot + 1, text->length - (size_t)(dot - text->data) - 1}};
  for (int i = 0; i < 2; i++)
    if (!is_digits(&parts[i]) || (parts[i].length > 1 && parts[i].data[0] == '0')) return VERSION_MALFORMED;
  return text->length == 3 && memcmp(text->data, "1.0", 3) == 0 ? VERSION_OURS : VERSION_OTHER;
}

static uint8_t read_binding(linnet__parameters *parameters, const query_parts *parts) {
  const linnet__text *text = &parts->values[BINDING];
  if (parts->counts[BINDING] == 0) return 0;
  if (parts->counts[BINDING] > 1) return refuse(parameters, LINNET__BAD_REQUEST, "b is given twice");
  for (uint8_t i = 0; linnet__bindings[i] != NULL; i++) {
    if (strlen(linnet__bindings[i]) != text->length) continue;
    if (memcmp(linnet__bindings[i], text->data, text->length) != 0) continue;
    parameters->binding = i;
    return 0;
  }
  return refuse(parameters, LINNET__BAD_REQUEST, "b is none of U, UQ, S, SQ, US, UQS");
}

/* REG-01: a number, or the parameter is left out. */
static uint8_t read_sms(linnet__parameters *parameters, const query_parts *parts) {
  if (parts->counts[SMS] == 0) return 0;
  parameters->sms = parts->values[SMS];
  if (parts->counts[SMS] == 1 && is_digits(&parameters->sms) && parameters->sms.length <= SMS_DIGITS)
    return 0;
  return refuse(parameters, LINNET__BAD_REQUEST, "sms is not a number of up to 15 digits");
}

/* True if the value is a space-separated list with this word in it (REG-24, REG-23, 14.1). */
static bool has_word(const linnet_link_parameter *parameter, const char *word) {
  size_t length = strlen(word), start = 0;
  for (size_t i = 0; i <= parameter->value_length; i++) {
    if (i < parameter->value_length && parameter->value[i] != ' ') continue;
    if (i - start == length && memcmp(parameter->value + start, word, length) == 0) return true;
    start = i + 1;
  }
  return false;
}

static bool link_has_word(const linnet_link *link, const char *name, const char *word) {
  linnet_link_parameter parameter;
  return linnet_link_find(link, name, &parameter) && parameter.value != NULL && has_word(&parameter, word);
}

static linnet__text without_slash(const linnet_link *link) {
  linnet__text text = {link->target, link->target_length};
  while (text.length > 0 && text.data[text.length - 1] == '/') text.length--;
  return text;
}

/* MOD-10: absolute, no numeric or empty segment. */
static bool root_valid(const linnet__text *root) {
  size_t segments = 0;
  if (root->length > LINNET__ROOT_SIZE || (root->length > 0 && root->data[0] != '/')) return false;
  for (size_t start = 1; start <= root->length; segments++) {
    const char *slash = memchr(root->data + start, '/', root->length - start);
    size_t end = slash == NULL ? root->length : (size_t)(slash - root->data);
    linnet__text segment = {root->data + start, end - start};
    if (segment.length == 0 || is_digits(&segment)) return false;
    start = end + 1;
  }
  return segments <= LINNET__ROOT_SEGMENTS;
}

/* REG-24: the first link whose rt says so; else the root is "". Also what the root link says of JSON. */
static uint8_t find_root(linnet__parameters *parameters) {
  const linnet__text *links = &parameters->links;
  linnet_link link;
  size_t position = 0;
  bool announced = false;
  linnet_status status;
  parameters->root = (linnet__text){"", 0};
  while ((status = linnet_link_next(links->data, links->length, &position, &link)) == LINNET_OK) {
    if (link.target == NULL || announced) continue;
    bool local = link.target_length > 0 && link.target[0] == '/'; /* LF-02: not another host's */
    announced = local && link_has_word(&link, "rt", "oma.lwm2m");
    linnet__text target = without_slash(&link);
    if (!announced && target.length > 0) continue;
    parameters->json = link_has_word(&link, "ct", JSON_NUMBER);
    if (announced) parameters->root = target;
  }
  if (status != LINNET_ERROR_NOT_FOUND)
    return refuse(parameters, LINNET__BAD_REQUEST, "the object list is not link-format");
  if (!root_valid(&parameters->root))
    return refuse(parameters, LINNET__BAD_REQUEST, "the root path is not valid");
  return 0;
}

/* REG-21: objects 1 and 3 must be there. Links that are no paths below the root are skipped (REG-24, REG-25).
 */
static uint8_t check_objects(linnet__parameters *parameters) {
  char root[LINNET__ROOT_SIZE + 1];
  linnet_link link;
  linnet_path path;
  size_t position = 0;
  bool server = false, device = false;
  memcpy(root, parameters->root.data, parameters->root.length);
  root[parameters->root.length] = 0;
  while (linnet_link_next(parameters->links.data, parameters->links.length, &position, &link) == LINNET_OK) {
    if (link.target == NULL || linnet_link_path(&link, root, &path) != LINNET_OK) continue;
    if (path.depth != 1 && path.depth != 2) continue;
    server = server || path.id[0] == 1;
    device = device || path.id[0] == 3;
  }
  if (server && device) return 0;
  return refuse(parameters, LINNET__BAD_REQUEST, "the object list lacks object 1 or 3");
}

static uint8_t read_links(linnet__parameters *parameters, const linnet__incoming *request,
                          linnet__parse_scope scope) {
  if (request->content_format >= 0 && request->content_format != LINNET_FORMAT_LINK)
    return refuse(parameters, LINNET__BAD_REQUEST, "the object list is not of content format 40");
  if (scope == LINNET__PARSE_EARLY) return 0;
  parameters->links = (linnet__text){(const char *)request->payload, request->payload_length};
  if (request->payload_length == 0 || !is_text(parameters->links.data, parameters->links.length))
    return refuse(parameters, LINNET__BAD_REQUEST, "there is no object list");
  uint8_t code = find_root(parameters);
  return code != 0 ? code : check_objects(parameters);
}

static void begin(linnet__parameters *parameters) {
  memset(parameters, 0, sizeof *parameters);
  parameters->binding = LINNET__BINDING_NONE;
}

uint8_t linnet__parse_register(linnet__parameters *parameters, const linnet__incoming *request,
                               linnet__parse_scope scope) {
  query_parts parts;
  begin(parameters);
  read_query(&parts, request);
  parameters->endpoint = parts.values[ENDPOINT];
  if (parts.counts[ENDPOINT] != 1 || !endpoint_valid(&parameters->endpoint))
    return refuse(parameters, LINNET__BAD_REQUEST, "ep is missing, repeated or malformed");
  if (parts.counts[LIFETIME] != 1 || !read_lifetime(parameters, &parts.values[LIFETIME]))
    return refuse(parameters, LINNET__BAD_REQUEST, "lt is missing, repeated or not 1 to 4294967295");
  version_verdict verdict = judge_version(&parts.values[VERSION]);
  if (parts.counts[VERSION] != 1 || verdict == VERSION_MALFORMED)
    return refuse(parameters, LINNET__BAD_REQUEST, "lwm2m is missing, repeated or malformed");
  if (verdict == VERSION_OTHER)
    return refuse(parameters, LINNET__PRECONDITION_FAILED, "this server speaks LwM2M 1.0");
  uint8_t code = read_links(parameters, request, scope);
  if (code == 0) code = read_binding(parameters, &parts);
  if (code == 0) code = read_sms(parameters, &parts);
  if (parameters->binding == LINNET__BINDING_NONE) parameters->binding = LINNET__BINDING_U;
  return code;
}

uint8_t linnet__parse_update(linnet__parameters *parameters, const linnet__incoming *request,
                             linnet__parse_scope scope) {
  query_parts parts;
  begin(parameters);
  read_query(&parts, request);
  if (parts.counts[ENDPOINT] > 0 || parts.counts[VERSION] > 0)
    return refuse(parameters, LINNET__BAD_REQUEST, "ep and lwm2m do not belong into an Update");
  if (parts.counts[LIFETIME] > 0 &&
      (parts.counts[LIFETIME] > 1 || !read_lifetime(parameters, &parts.values[LIFETIME])))
    return refuse(parameters, LINNET__BAD_REQUEST, "lt is repeated or not 1 to 4294967295");
  uint8_t code = 0;
  if (request->payload_length > 0) code = read_links(parameters, request, scope);
  if (code == 0) code = read_binding(parameters, &parts);
  if (code == 0) code = read_sms(parameters, &parts);
  return code;
}
