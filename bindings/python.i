/* SPDX-License-Identifier: Apache-2.0 */
/* python.i: how C and Python values meet. One typemap for each C type, none for a function. */

%begin %{
#define PY_SSIZE_T_CLEAN
%}

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
      "{s:i,s:K,s:i,s:I,s:N,s:K,s:K,s:i,s:N,s:N,s:i,s:i,s:N}", "kind", (int)linnet_event_get_kind(event),
      "source", (unsigned long long)linnet_event_source(event), "status", (int)linnet_event_status(event), "code",
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
  return Py_BuildValue(
      "{s:i,s:N,s:i,s:i,s:i,s:i,s:i,s:i,s:k,s:N,s:N,s:N,s:i,s:(iii),s:(iiii),s:y#,s:y#,s:s,"
      "s:N,s:N,s:N,s:N,s:N,s:N,s:N}",
      "kind", (int)sms->kind, "number", from_number(&sms->number), "reference", (int)sms->reference, "protocol",
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

/* ---- typemaps: out of calls ------------------------------------------------------------------- */

%typemap(out) linnet_status {
  if ($1 < 0) {
    raise_status($1, LINNET_BINDINGS_LOOP(arg1));
    SWIG_fail;
  }
  $result = SWIG_Py_Void();
}

%typemap(out) uint64_t {
  if ($1 == LINNET_NEVER) $result = SWIG_Py_Void();
  else $result = PyLong_FromUnsignedLongLong($1);
}

%typemap(out) const char * { if (($result = from_text($1)) == NULL) SWIG_fail; }
%typemap(out) const linnet_address * { if (($result = from_address($1)) == NULL) SWIG_fail; }
%typemap(out) const linnet_definition * { if (($result = from_definition($1)) == NULL) SWIG_fail; }
%typemap(out) const linnet_resource_definition * {
  if (($result = from_resource_definition($1)) == NULL) SWIG_fail;
}
%typemap(out) linnet_event * {
  if ($1 == NULL) $result = SWIG_Py_Void();
  else if (($result = from_event($1)) == NULL) SWIG_fail;
}

/* %result_from(type, conversion): the call answers through its last argument. */
%define %result_from(Type, conversion)
%typemap(in, numinputs=0) Type *out (Type temp) {
  memset(&temp, 0, sizeof temp);
  $1 = &temp;
}
%typemap(argout) Type *out {
  Py_XDECREF($result);
  if (($result = conversion) == NULL) SWIG_fail;
}
%enddef
%result_from(linnet_value, from_value($1))
%result_from(linnet_path, from_path(*$1))
%result_from(linnet_address, from_address($1))
%result_from(uint64_t, PyLong_FromUnsignedLongLong(*$1))
%apply linnet_value *out { linnet_value *value };

%typemap(in, numinputs=0) linnet_message *message (linnet_message temp) {
  memset(&temp, 0, sizeof temp);
  $1 = &temp;
}
%typemap(argout) linnet_message *message {
  Py_XDECREF($result);
  if (($result = from_message($1)) == NULL) SWIG_fail;
}

%typemap(in, numinputs=0) linnet_sms *sms (linnet_sms temp) { $1 = &temp; }
%typemap(argout) linnet_sms *sms {
  Py_XDECREF($result);
  if (($result = from_sms($1)) == NULL) SWIG_fail;
}

/* (number, how many bytes it took) */
%typemap(in, numinputs=0) linnet_sms_number *center (linnet_sms_number temp) { $1 = &temp; }
%typemap(in, numinputs=0) size_t *used (size_t temp) { $1 = &temp; }
%typemap(argout) linnet_sms_number *center {
  Py_XDECREF($result);
  if (($result = from_number($1)) == NULL) SWIG_fail;
}
%typemap(argout) size_t *used {
  $result = Py_BuildValue("(Nn)", $result, (Py_ssize_t)*$1);
  if ($result == NULL) SWIG_fail;
}

%typemap(in, numinputs=0) linnet_datagram *out (linnet_datagram temp) { $1 = &temp; }
%typemap(out) bool next { $result = SWIG_Py_Void(); }
%typemap(argout) linnet_datagram *out {
  if (result) {
    Py_DECREF($result);
    $result = Py_BuildValue("(Ny#)", from_address(&$1->peer), (const char *)$1->data, (Py_ssize_t)$1->length);
    if ($result == NULL) SWIG_fail;
  }
}

%typemap(in, numinputs=0) (const void **bytes, size_t *bytes_length) (const void *data, size_t length) {
  $1 = ($1_ltype)&data;
  $2 = &length;
}
%typemap(argout) (const void **bytes, size_t *bytes_length) {
  Py_XDECREF($result);
  if (($result = PyBytes_FromStringAndSize((const char *)*$1, (Py_ssize_t)*$2)) == NULL) SWIG_fail;
}

/* ---- typemaps: into calls --------------------------------------------------------------------- */

%typemap(in) linnet_path { if (to_path($input, &$1) < 0) SWIG_fail; }

%typemap(in) const linnet_value *value (linnet_value temp, Py_buffer buffer = {0}) {
  if (to_value($input, &temp, &buffer) < 0) SWIG_fail;
  $1 = &temp;
}
%typemap(freearg) const linnet_value *value { if (buffer$argnum.obj != NULL) PyBuffer_Release(&buffer$argnum); }

%typemap(in) const linnet_address * (linnet_address temp) {
  if (to_address($input, &temp) < 0) SWIG_fail;
  $1 = &temp;
}
%typemap(in) const linnet_address *address_or_none (linnet_address temp) {
  if ($input != Py_None && to_address($input, &temp) < 0) SWIG_fail;
  $1 = $input == Py_None ? NULL : &temp;
}

%typemap(in) uint64_t {
  $1 = $input == Py_None ? LINNET_NEVER : PyLong_AsUnsignedLongLong($input);
  if (PyErr_Occurred()) SWIG_fail;
}

/* Unlike pybuffer.i, the view is held until the call is over. */
%typemap(in) (const void *data, size_t length) (Py_buffer view = {0}) {
  if (PyObject_GetBuffer($input, &view, PyBUF_SIMPLE) < 0) SWIG_fail;
  $1 = view.buf == NULL ? "" : view.buf;
  $2 = (size_t)view.len;
}
%typemap(freearg) (const void *data, size_t length) { if (view$argnum.obj != NULL) PyBuffer_Release(&view$argnum); }

/* None is no handle and no text, except where a name says so. */
%typemap(check) SWIGTYPE *, const char * {
  if ($1 == NULL) {
    PyErr_SetString(PyExc_TypeError, "$symname: argument $argnum must not be None");
    SWIG_fail;
  }
}
%typemap(check) linnet_model *model_or_none, const linnet_model *model_or_none, linnet_batch *keep_or_none,
                const linnet_batch *payload_or_none, linnet_transport *transport_or_none,
                const linnet_address *address_or_none "";
%typemap(check) const char *version_or_none, const char *units_or_none, const char *range_or_none,
                const char *text_or_none, const char *local_or_none "";

/* ---- the callbacks ---------------------------------------------------------------------------- */

%{
/* A handler is called with a Question; None or a status is its answer. */
static linnet_status ask(linnet_event *question, void *callable) {
  linnet_status status = LINNET_ERROR_HANDLER_FAILED;
  PyObject *handle = SWIG_NewPointerObj(linnet_event_ref(question), SWIGTYPE_p_linnet_event, SWIG_POINTER_OWN);
  PyObject *answer = NULL;
  Py_INCREF((PyObject *)callable); /* the handler may replace itself */
  if (handle == NULL) linnet_event_unref(question);
  if (handle != NULL) answer = PyObject_CallFunctionObjArgs((PyObject *)callable, handle, NULL);
  if (answer == Py_None) status = LINNET_OK;
  else if (answer != NULL) status = (linnet_status)PyLong_AsLong(answer);
  if (PyErr_Occurred()) {
    keep_exception((PyObject *)callable);
    status = LINNET_ERROR_HANDLER_FAILED;
  }
  Py_XDECREF(answer);
  Py_XDECREF(handle);
  Py_DECREF((PyObject *)callable);
  return status;
}

#ifdef LINNET_WITH_SIM
static void watch(void *callable, uint64_t now_ms, const linnet_address *from, const linnet_address *to,
                  const void *data, size_t length, bool lost) {
  PyObject *answer =
      PyObject_CallFunction((PyObject *)callable, "KNNy#N", (unsigned long long)now_ms, from_address(from),
                            from_address(to), (const char *)data, (Py_ssize_t)length, PyBool_FromLong(lost));
  if (answer == NULL) keep_exception((PyObject *)callable);
  Py_XDECREF(answer);
}
#endif

static void forget(void *callable) { Py_DECREF((PyObject *)callable); }
%}

/*
 * C holds the callable, so scripts pass one that holds their object weakly. It is released once, also when the call
 * fails. It is the last argument, so nothing can fail between here and the call. None takes a handler away.
 */
%define %callable(Type, name, function)
%typemap(in) (Type name, void *user, linnet_release release) {
  if ($input != Py_None && !PyCallable_Check($input)) {
    PyErr_SetString(PyExc_TypeError, "$symname: the handler must be callable");
    SWIG_fail;
  }
  $1 = $input == Py_None ? NULL : function;
  $2 = $input == Py_None ? NULL : hold($input);
  $3 = $input == Py_None ? NULL : forget;
}
%typemap(check) (Type name, void *user, linnet_release release) "";
%enddef
%callable(linnet_handler, handler, ask)
%callable(linnet_world_observer, observer, watch)

/* ---- calls that run handlers, calls that wait, calls that may give no handle ------------------- */

%define %runs_handlers(Method)
%exception Method {
  PyObject *outer = open_scope();
  $action
  if (close_scope(outer) < 0) SWIG_fail;
}
%enddef
%runs_handlers(linnet_loop::step)
%runs_handlers(linnet_driver::run)
%runs_handlers(linnet_world::run)
%runs_handlers(linnet_world::advance)

/* The driver touches nothing of the loop while it waits, so other threads may run. */
%exception linnet_driver::wait {
  Py_BEGIN_ALLOW_THREADS
  $action
  Py_END_ALLOW_THREADS
}

%define %raises_on_null(Method)
%exception Method {
  $action
  if (result == NULL) {
    raise_status(LINNET_ERROR_INVALID_ARGUMENT, LINNET_BINDINGS_LOOP(arg1));
    SWIG_fail;
  }
}
%enddef
%raises_on_null(linnet_transport::linnet_transport)
%raises_on_null(linnet_model::linnet_model)
%raises_on_null(linnet_object::linnet_object)
%raises_on_null(linnet_batch::linnet_batch)
%raises_on_null(linnet_client::linnet_client)
%raises_on_null(linnet_server::linnet_server)
%raises_on_null(linnet_driver::linnet_driver)
%raises_on_null(linnet_world::new_loop)
%exception linnet_loop::linnet_loop {
  $action
  if (result == NULL) {
    PyErr_Format(PyExc_ValueError, "a loop needs %d bytes of seed or more", LINNET_SEED_SIZE);
    SWIG_fail;
  }
}
%exception linnet_world::linnet_world {
  $action
  if (result == NULL) {
    PyErr_NoMemory();
    SWIG_fail;
  }
}

/* ---- what only Python has --------------------------------------------------------------------- */

%extend linnet_batch {
  /* [(path, value, type, time)] */
  PyObject *records() { return from_batch($self); }
}

%extend linnet_event {
  /* The facts of the question, as those of an event. */
  PyObject *fields() { return from_event($self); }
}

%inline %{
/* Link-format as [(target or None, path or None, [(name, value or None)])]; `root` as of the registration. */
PyObject *link_parse(const void *data, size_t length, const char *root) {
  PyObject *list = PyList_New(0);
  linnet_link link;
  size_t position = 0;
  linnet_status status = LINNET_OK;
  while (list != NULL && (status = linnet_link_next(data, length, &position, &link)) == LINNET_OK) {
    PyObject *item = from_one_link(&link, root);
    if (item == NULL || PyList_Append(list, item) < 0) Py_CLEAR(list);
    Py_XDECREF(item);
  }
  if (list != NULL && status != LINNET_ERROR_NOT_FOUND) {
    raise_status(status, NULL);
    Py_CLEAR(list);
  }
  return list;
}
%}
