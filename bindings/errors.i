/* SPDX-License-Identifier: Apache-2.0 */
/*
 * errors.i: where the words of a failure are found. A status below zero becomes an error of the language; each
 * language makes it in its own way out of these two: the status and what the loop has to say.
 */
%{
static linnet_loop *linnet_bindings_no_loop(const void *handle) {
  (void)handle;
  return NULL;
}

static linnet_loop *linnet_bindings_itself(linnet_loop *loop) { return loop; }

#ifdef LINNET_WITH_SERVER
#define LINNET_BINDINGS_SERVER , struct linnet_server * : linnet_server_loop
#else
#define LINNET_BINDINGS_SERVER
#endif
#ifdef LINNET_WITH_BOOTSTRAP
#define LINNET_BINDINGS_BOOTSTRAP                                   \
  , struct linnet_bootstrap * : linnet_bootstrap_loop,              \
    struct linnet_configuration * : linnet_configuration_loop
#else
#define LINNET_BINDINGS_BOOTSTRAP
#endif
#ifdef LINNET_WITH_DRIVER
#define LINNET_BINDINGS_DRIVER , struct linnet_driver * : linnet_driver_loop, struct linnet_modem * : linnet_modem_loop
#else
#define LINNET_BINDINGS_DRIVER
#endif

/* The loop behind any handle; NULL for what has none, such as a world or plain bytes. */
#define LINNET_BINDINGS_LOOP(handle)                          \
  _Generic((handle),                                          \
      struct linnet_loop *: linnet_bindings_itself,           \
      struct linnet_transport *: linnet_transport_loop,       \
      struct linnet_credentials *: linnet_credentials_loop,   \
      struct linnet_batch *: linnet_batch_loop,               \
      struct linnet_event *: linnet_event_loop,               \
      struct linnet_model *: linnet_model_loop,               \
      struct linnet_object *: linnet_object_loop,             \
      struct linnet_client *: linnet_client_loop              \
      LINNET_BINDINGS_SERVER LINNET_BINDINGS_BOOTSTRAP LINNET_BINDINGS_DRIVER, \
      default: linnet_bindings_no_loop)(handle)

/* "linnet_model_path: no such name" without the function of C, which no script has called. */
static const char *linnet_bindings_without_call(const char *text) {
  static const char prefix[] = "linnet_";
  const char *end = text + strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");
  return strncmp(text, prefix, sizeof prefix - 1) == 0 && strncmp(end, ": ", 2) == 0 ? end + 2 : text;
}

/* One line for people: what the loop noted about the failure, else what the status means. Never NULL. */
static const char *linnet_bindings_words(const linnet_loop *loop, linnet_status status) {
  const char *text = loop == NULL ? "" : linnet_bindings_without_call(linnet_error_text(loop));
  return *text != '\0' ? text : linnet_status_text(status);
}
%}
