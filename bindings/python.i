/* SPDX-License-Identifier: Apache-2.0 */
/* python.i: how C and Python values meet. One typemap for each C type, none for a function. */

%begin %{
#define PY_SSIZE_T_CLEAN
%}

%include "python_values.i"

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

%apply (const void *data, size_t length) {
  (const void *identity, size_t identity_length), (const void *key, size_t key_length),
  (const void *certificate, size_t certificate_length), (const void *server, size_t server_length),
  (const void *own, size_t own_length)
};

%typemap(in) (const void *header, size_t header_length) = (const void *data, size_t length);
%typemap(freearg) (const void *header, size_t header_length) = (const void *data, size_t length);

/* None is no handle and no text, except where a name says so. */
%typemap(check) SWIGTYPE *, const char * {
  if ($1 == NULL) {
    PyErr_SetString(PyExc_TypeError, "$symname: argument $argnum must not be None");
    SWIG_fail;
  }
}
%typemap(check) linnet_model *model_or_none, const linnet_model *model_or_none, linnet_batch *keep_or_none,
                const linnet_batch *payload_or_none, linnet_transport *transport_or_none,
                linnet_configuration *configuration_or_none, const linnet_address *address_or_none,
                linnet_credentials *credentials_or_none "";
%typemap(check) const char *version_or_none, const char *units_or_none, const char *range_or_none,
                const char *text_or_none, const char *local_or_none, const char *name_or_none "";

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

static void store(void *callable) {
  PyObject *answer;
  Py_INCREF((PyObject *)callable); /* the keeper may replace itself */
  answer = PyObject_CallFunctionObjArgs((PyObject *)callable, NULL);
  if (answer == NULL) keep_exception((PyObject *)callable);
  Py_XDECREF(answer);
  Py_DECREF((PyObject *)callable);
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
%callable(linnet_world_keeper, keeper, store)

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
%raises_on_null(linnet_bootstrap::linnet_bootstrap)
%raises_on_null(linnet_configuration::linnet_configuration)
%raises_on_null(linnet_driver::linnet_driver)
%raises_on_null(linnet_modem::linnet_modem)
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
/* A TPDU of its facts; the header without its own length. */
PyObject *sms_build(int kind, const char *number, unsigned coding, unsigned protocol, bool report,
                    unsigned reference, uint32_t validity_s, unsigned status, int64_t center_time,
                    const void *header, size_t header_length, const void *data, size_t length) {
  linnet_sms sms;
  uint8_t pdu[LINNET_SMS_PDU_SIZE];
  size_t size;
  memset(&sms, 0, sizeof sms);
  sms.kind = (linnet_sms_kind)kind;
  sms.coding = (uint8_t)coding;
  sms.protocol = (uint8_t)protocol;
  sms.report = report;
  sms.reference = (uint8_t)reference;
  sms.status = (uint8_t)status;
  sms.validity = validity_s > 0 ? LINNET_SMS_VALIDITY_RELATIVE : LINNET_SMS_VALIDITY_NONE;
  sms.validity_s = validity_s;
  sms.center_time.unix_s = sms.discharge_time.unix_s = center_time;
  sms.length = (uint8_t)length;
  linnet_status result = length > sizeof sms.data ? LINNET_ERROR_TOO_LARGE : LINNET_OK;
  if (result == LINNET_OK) memcpy(sms.data, data, length);
  if (result == LINNET_OK) result = linnet_sms_number_parse(&sms.number, number);
  if (result == LINNET_OK) result = linnet_sms_set_header(&sms, header, header_length);
  if (result == LINNET_OK) result = linnet_sms_write(&sms, pdu, &size);
  if (result == LINNET_OK) return PyBytes_FromStringAndSize((const char *)pdu, (Py_ssize_t)size);
  raise_status(result, NULL);
  return NULL;
}
%}

#ifdef LINNET_WITH_SERVER
%inline %{
/* The records of a server as [(name, record, or None if it is gone)]. */
PyObject *change_list(const void *data, size_t length) {
  PyObject *list = PyList_New(0);
  linnet_change change;
  size_t position = 0;
  linnet_status status = LINNET_OK;
  while (list != NULL && (status = linnet_change_next(data, length, &position, &change)) == LINNET_OK) {
    Py_ssize_t record_length = change.deleted ? 0 : (Py_ssize_t)change.record_length;
    PyObject *item = Py_BuildValue("(s#y#)", change.name, (Py_ssize_t)change.name_length,
                                   change.deleted ? NULL : change.record, record_length);
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
#endif

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
