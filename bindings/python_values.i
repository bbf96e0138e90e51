/* SPDX-License-Identifier: Apache-2.0 */
/* python_values.i: the C that turns statuses, values, records, events and definitions into Python's, and back. */

%{
/* ---- errors ---------------------------------------------------------------------------------- */

/* A status below zero becomes the exception that linnet.errors has for it; looked up, so no C global. */
static void raise_status(linnet_status status, const linnet_loop *loop) {
  PyObject *module = PyImport_ImportModule("linnet.errors");
  PyObject *error = module == NULL ? NULL
                                   : PyObject_CallMethod(module, "from_status", "is", (int)status,
                                                         linnet_bindings_words(loop, status));
  if (error != NULL) PyErr_SetObject((PyObject *)Py_TYPE(error), error);
  Py_XDECREF(error);
  Py_XDECREF(module);
}

/*
 * Exceptions of handlers. A call that may run handlers opens a scope, a list in the dictionary of the thread's state,
 * so scopes nest and threads never meet. The first exception travels to the caller, later ones are reported.
 */
#define SCOPE_KEY "linnet.raised"

static PyObject *open_scope(void) {
  PyObject *state = PyThreadState_GetDict(); /* borrowed */
  PyObject *outer = state == NULL ? NULL : PyDict_GetItemString(state, SCOPE_KEY);
  PyObject *scope = PyList_New(0);
  Py_XINCREF(outer);
  if (state == NULL || scope == NULL || PyDict_SetItemString(state, SCOPE_KEY, scope) < 0) PyErr_Clear();
  Py_XDECREF(scope);
  return outer;
}

/* Takes the reference to the outer scope. -1: an exception is set. */
static int close_scope(PyObject *outer) {
  PyObject *state = PyThreadState_GetDict();
  PyObject *scope = state == NULL ? NULL : PyDict_GetItemString(state, SCOPE_KEY);
  PyObject *raised = scope != NULL && PyList_GET_SIZE(scope) > 0 ? PyList_GET_ITEM(scope, 0) : NULL;
  Py_XINCREF(raised);
  if (state != NULL && PyDict_SetItemString(state, SCOPE_KEY, outer == NULL ? Py_None : outer) < 0) PyErr_Clear();
  Py_XDECREF(outer);
  if (raised == NULL) return 0;
  PyErr_SetObject((PyObject *)Py_TYPE(raised), raised);
  Py_DECREF(raised);
  return -1;
}

static void keep_exception(PyObject *where) {
  PyObject *state = PyThreadState_GetDict();
  PyObject *scope = state == NULL ? NULL : PyDict_GetItemString(state, SCOPE_KEY);
  if (scope == NULL || !PyList_Check(scope) || PyList_GET_SIZE(scope) > 0) {
    PyErr_WriteUnraisable(where);
    return;
  }
  PyObject *type, *value, *trace;
  PyErr_Fetch(&type, &value, &trace);
  PyErr_NormalizeException(&type, &value, &trace);
  if (trace != NULL) PyException_SetTraceback(value, trace);
  if (PyList_Append(scope, value) < 0) PyErr_WriteUnraisable(where);
  Py_XDECREF(type);
  Py_XDECREF(value);
  Py_XDECREF(trace);
}

static PyObject *hold(PyObject *object) {
  Py_INCREF(object);
  return object;
}

/* ---- values ---------------------------------------------------------------------------------- */

static PyObject *from_text(const char *text) {
  if (text == NULL) Py_RETURN_NONE;
  return PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "replace");
}

static PyObject *from_path(linnet_path path) {
  char text[LINNET_PATH_TEXT_SIZE];
  return PyUnicode_FromString(linnet_path_text(path, text));
}

static int to_path(PyObject *object, linnet_path *path) {
  Py_ssize_t length = 0;
  const char *text = PyUnicode_Check(object) ? PyUnicode_AsUTF8AndSize(object, &length) : NULL;
  if (text != NULL && strlen(text) == (size_t)length && linnet_path_parse(path, text) == LINNET_OK) return 0;
  if (!PyErr_Occurred())
    PyErr_Format(PyUnicode_Check(object) ? PyExc_ValueError : PyExc_TypeError, "not a path: %R", object);
  return -1;
}

static PyObject *from_address(const linnet_address *address) {
  char text[LINNET_ADDRESS_TEXT_SIZE];
  if (address == NULL || address->kind == LINNET_ADDRESS_NONE) Py_RETURN_NONE;
  return PyUnicode_FromString(linnet_address_text(address, text));
}

static int to_address(PyObject *object, linnet_address *address) {
  const char *text = PyUnicode_Check(object) ? PyUnicode_AsUTF8(object) : NULL;
  if (text != NULL && linnet_address_parse(address, text) == LINNET_OK) return 0;
  if (!PyErr_Occurred())
    PyErr_Format(PyUnicode_Check(object) ? PyExc_ValueError : PyExc_TypeError, "not an address: %R", object);
  return -1;
}

static PyObject *from_link(linnet_objlnk link) {
  PyObject *module = PyImport_ImportModule("linnet.values");
  PyObject *made = module == NULL ? NULL
                                  : PyObject_CallMethod(module, "ObjectLink", "ii", link.object, link.instance);
  Py_XDECREF(module);
  return made;
}

static PyObject *from_value(const linnet_value *value) {
  const char *bytes = (const char *)value->as.bytes.data;
  switch (value->type) {
    case LINNET_TYPE_INTEGER:
    case LINNET_TYPE_TIME:
      return PyLong_FromLongLong(value->as.integer);
    case LINNET_TYPE_FLOAT:
      return PyFloat_FromDouble(value->as.real);
    case LINNET_TYPE_BOOLEAN:
      return PyBool_FromLong(value->as.boolean);
    case LINNET_TYPE_STRING:
      return PyUnicode_DecodeUTF8(bytes, (Py_ssize_t)value->as.bytes.length, "replace");
    case LINNET_TYPE_OPAQUE:
      return PyBytes_FromStringAndSize(bytes, (Py_ssize_t)value->as.bytes.length);
    case LINNET_TYPE_OBJLNK:
      return from_link(value->as.link);
    case LINNET_TYPE_MULTIPLE:
      return PyDict_New();
    default:
      Py_RETURN_NONE;
  }
}

static int to_link(PyObject *tuple, linnet_value *value) {
  long object = PyLong_AsLong(PyTuple_GET_ITEM(tuple, 0));
  long instance = PyErr_Occurred() ? -1 : PyLong_AsLong(PyTuple_GET_ITEM(tuple, 1));
  if (PyErr_Occurred()) return -1;
  if (object < 0 || object > UINT16_MAX || instance < 0 || instance > UINT16_MAX) {
    PyErr_Format(PyExc_ValueError, "not an object link: %R", tuple);
    return -1;
  }
  *value = linnet_value_objlnk((uint16_t)object, (uint16_t)instance);
  return 0;
}

static int to_number(PyObject *object, linnet_value *value) {
  if (PyIndex_Check(object)) { /* int, and the integers of other packages */
    PyObject *number = PyNumber_Index(object);
    long long integer = number == NULL ? 0 : PyLong_AsLongLong(number);
    Py_XDECREF(number);
    *value = linnet_value_integer(integer);
    return PyErr_Occurred() ? -1 : 0;
  }
  *value = linnet_value_float(PyFloat_AsDouble(object));
  return PyErr_Occurred() ? -1 : 0;
}

static int to_time(PyObject *object, linnet_value *value) {
  PyObject *seconds = PyObject_CallMethod(object, "timestamp", NULL);
  double real = seconds == NULL ? 0 : PyFloat_AsDouble(seconds);
  Py_XDECREF(seconds);
  *value = linnet_value_time((int64_t)(real < 0 ? real - 0.5 : real + 0.5));
  return PyErr_Occurred() ? -1 : 0;
}

/* The view borrows from `object`, and from *buffer, which the caller releases if its obj is not NULL. */
static int to_value(PyObject *object, linnet_value *value, Py_buffer *buffer) {
  Py_ssize_t length = 0;
  if (object == Py_None) {
    *value = linnet_value_none();
    return 0;
  }
  if (PyBool_Check(object)) { /* before int: bool is one */
    *value = linnet_value_boolean(object == Py_True);
    return 0;
  }
  if (PyUnicode_Check(object)) {
    const char *text = PyUnicode_AsUTF8AndSize(object, &length);
    if (text == NULL) return -1;
    *value = linnet_value_string_n(text, (size_t)length);
    return 0;
  }
  if (PyTuple_Check(object) && PyTuple_GET_SIZE(object) == 2) return to_link(object, value);
  if (PyDict_Check(object) && PyDict_GET_SIZE(object) == 0) {
    *value = linnet_value_none();
    value->type = LINNET_TYPE_MULTIPLE;
    return 0;
  }
  if (PyObject_CheckBuffer(object)) {
    if (PyObject_GetBuffer(object, buffer, PyBUF_SIMPLE) < 0) return -1;
    *value = linnet_value_opaque(buffer->buf, (size_t)buffer->len);
    return 0;
  }
  PyNumberMethods *number = Py_TYPE(object)->tp_as_number;
  if (PyIndex_Check(object) || (number != NULL && number->nb_float != NULL)) return to_number(object, value);
  if (PyObject_HasAttrString(object, "timestamp")) return to_time(object, value); /* datetime */
  PyErr_Format(PyExc_TypeError, "no LwM2M value for %.100s", Py_TYPE(object)->tp_name);
  return -1;
}

/* ---- records, events, definitions: copied out whole, so that nothing dangles ------------------ */

/* [(path, value, type, time)] */
static PyObject *from_batch(const linnet_batch *batch) {
  size_t count = batch == NULL ? 0 : linnet_batch_count(batch);
  PyObject *list = PyList_New((Py_ssize_t)count);
  for (size_t i = 0; list != NULL && i < count; i++) {
    linnet_record record;
    PyObject *item = NULL;
    if (linnet_batch_record(batch, i, &record) == LINNET_OK)
      item = Py_BuildValue("(NNid)", from_path(record.path), from_value(&record.value), (int)record.value.type,
                           record.time_s);
    if (item == NULL) {
      if (!PyErr_Occurred()) PyErr_SetString(PyExc_RuntimeError, "a record is gone");
      Py_CLEAR(list);
    } else {
      PyList_SET_ITEM(list, (Py_ssize_t)i, item);
    }
  }
  return list;
}

static PyObject *from_event(const linnet_event *event) {
  return Py_BuildValue(
      "{s:i,s:K,s:i,s:i,s:I,s:N,s:K,s:K,s:i,s:N,s:N,s:i,s:i,s:N}", "kind", (int)linnet_event_get_kind(event),
      "source", (unsigned long long)linnet_event_source(event), "status", (int)linnet_event_status(event),
      "cause", (int)linnet_event_cause(event), "code",
      linnet_event_code(event), "endpoint", from_text(linnet_event_endpoint(event)), "registration",
      (unsigned long long)linnet_event_registration(event), "request",
      (unsigned long long)linnet_event_request(event), "operation", (int)linnet_event_operation(event), "path",
      from_path(linnet_event_path(event)), "text", from_text(linnet_event_text(event)), "format",
      (int)linnet_event_format(event), "level", (int)linnet_event_log_level(event), "records",
      from_batch(linnet_event_batch(event)));
}

static PyObject *from_resource_definition(const linnet_resource_definition *resource) {
  if (resource == NULL) Py_RETURN_NONE;
  return Py_BuildValue(
      "{s:i,s:N,s:i,s:I,s:N,s:N,s:N,s:N}", "id", (int)linnet_resource_definition_id(resource), "name",
      from_text(linnet_resource_definition_name(resource)), "type", (int)linnet_resource_definition_type(resource),
      "operations", linnet_resource_definition_operations(resource), "multiple",
      PyBool_FromLong(linnet_resource_definition_instances(resource) == LINNET_MULTIPLE), "mandatory",
      PyBool_FromLong(linnet_resource_definition_presence(resource) == LINNET_MANDATORY), "units",
      from_text(linnet_resource_definition_units(resource)), "range",
      from_text(linnet_resource_definition_range(resource)));
}

static PyObject *from_definition(const linnet_definition *definition) {
  if (definition == NULL) Py_RETURN_NONE;
  size_t count = linnet_definition_count(definition);
  PyObject *resources = PyList_New((Py_ssize_t)count);
  for (size_t i = 0; resources != NULL && i < count; i++) {
    PyObject *item = from_resource_definition(linnet_definition_at(definition, i));
    if (item == NULL)
      Py_CLEAR(resources);
    else
      PyList_SET_ITEM(resources, (Py_ssize_t)i, item);
  }
  if (resources == NULL) return NULL;
  return Py_BuildValue("{s:i,s:N,s:N,s:N,s:N,s:N}", "id", (int)linnet_definition_id(definition), "name",
                       from_text(linnet_definition_name(definition)), "version",
                       from_text(linnet_definition_version(definition)), "multiple",
                       PyBool_FromLong(linnet_definition_instances(definition) == LINNET_MULTIPLE), "mandatory",
                       PyBool_FromLong(linnet_definition_presence(definition) == LINNET_MANDATORY), "resources",
                       resources);
}

/* ---- messages and links, for tools ------------------------------------------------------------ */

/* [(number, value)] */
static PyObject *from_options(const linnet_message *message) {
  PyObject *list = PyList_New(0);
  linnet_option option = {0};
  size_t position = 0;
  while (list != NULL && linnet_message_next_option(message, &position, &option)) {
    PyObject *item =
        Py_BuildValue("(iy#)", (int)option.number, (const char *)option.value, (Py_ssize_t)option.length);
    if (item == NULL || PyList_Append(list, item) < 0) Py_CLEAR(list);
    Py_XDECREF(item);
  }
  return list;
}

static PyObject *from_message(const linnet_message *message) {
  return Py_BuildValue("{s:i,s:i,s:i,s:y#,s:N,s:y#}", "type", (int)message->type, "code", (int)message->code,
                       "message_id", (int)message->message_id, "token", (const char *)message->token,
                       (Py_ssize_t)message->token_length, "options", from_options(message), "payload",
                       message->payload == NULL ? "" : (const char *)message->payload,
                       (Py_ssize_t)message->payload_length);
}

/* "+46708251358", "12345", "Company", "" */
static PyObject *from_number(const linnet_sms_number *number) {
  return PyUnicode_FromFormat("%s%s", number->kind == LINNET_SMS_INTERNATIONAL && number->text[0] != 0 ? "+" : "",
                              number->text);
}

/* (Unix seconds, minutes ahead of UTC), or None */
static PyObject *from_sms_time(const linnet_sms_time *time) {
  if (time->unix_s == 0) Py_RETURN_NONE;
  return Py_BuildValue("(Li)", (long long)time->unix_s, (int)time->zone_minutes);
}

static PyObject *from_sms(const linnet_sms *sms) {
  char text[LINNET_SMS_TEXT_SIZE];
  uint8_t header[LINNET_SMS_OCTETS];
  size_t header_length = linnet_sms_get_header(sms, header);
  return Py_BuildValue(
      "{s:i,s:y#,s:i,s:N,s:i,s:i,s:i,s:i,s:i,s:i,s:k,s:N,s:N,s:N,s:i,s:(iii),s:(iiii),s:y#,s:y#,s:s,"
      "s:N,s:N,s:N,s:N,s:N,s:N,s:N}",
      "number_kind", (int)sms->number.kind, "header", (const char *)header, (Py_ssize_t)header_length, "kind", (int)sms->kind, "number", from_number(&sms->number), "reference", (int)sms->reference, "protocol",
      (int)sms->protocol, "coding", (int)sms->coding, "alphabet", (int)linnet_sms_get_alphabet(sms), "message_class",
      linnet_sms_get_class(sms), "validity", (int)sms->validity, "validity_s", (unsigned long)sms->validity_s,
      "validity_until", from_sms_time(&sms->validity_until), "center_time", from_sms_time(&sms->center_time),
      "discharge_time", from_sms_time(&sms->discharge_time), "status", (int)sms->status, "ports",
      (int)sms->port_bits, (int)sms->destination_port, (int)sms->source_port, "part", (int)sms->part_bits,
      (int)sms->part_reference, (int)sms->parts, (int)sms->part, "other", (const char *)sms->other,
      (Py_ssize_t)sms->other_length, "data", (const char *)sms->data, (Py_ssize_t)sms->length, "text",
      linnet_sms_text(sms, text), "report", PyBool_FromLong(sms->report), "command", PyBool_FromLong(sms->command),
      "reply_path", PyBool_FromLong(sms->reply_path), "reject_duplicates", PyBool_FromLong(sms->reject_duplicates),
      "more", PyBool_FromLong(sms->more), "loops", PyBool_FromLong(sms->loops), "single_shot",
      PyBool_FromLong(sms->single_shot));
}

static PyObject *from_view(const char *data, size_t length) {
  if (data == NULL) Py_RETURN_NONE;
  return PyUnicode_DecodeUTF8(data, (Py_ssize_t)length, "replace");
}

/* [(name, value or None)] */
static PyObject *from_parameters(const linnet_link *link) {
  PyObject *list = PyList_New(0);
  linnet_link_parameter parameter;
  size_t position = 0;
  linnet_status status = LINNET_OK;
  while (list != NULL && (status = linnet_link_next_parameter(link, &position, &parameter)) == LINNET_OK) {
    PyObject *item = Py_BuildValue("(NN)", from_view(parameter.name, parameter.name_length),
                                   from_view(parameter.value, parameter.value_length));
    if (item == NULL || PyList_Append(list, item) < 0) Py_CLEAR(list);
    Py_XDECREF(item);
  }
  if (list != NULL && status != LINNET_ERROR_NOT_FOUND) {
    raise_status(status, NULL);
    Py_CLEAR(list);
  }
  return list;
}

static PyObject *from_one_link(const linnet_link *link, const char *root) {
  linnet_path path;
  PyObject *parameters = from_parameters(link);
  if (parameters == NULL) return NULL;
  int inside = link->target != NULL && linnet_link_path(link, root, &path) == LINNET_OK;
  return Py_BuildValue("(NNN)", from_view(link->target, link->target_length),
                       inside ? from_path(path) : hold(Py_None), parameters);
}
%}
