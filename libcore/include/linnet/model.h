/* SPDX-License-Identifier: Apache-2.0 */
/* model.h: what objects and resources there are: definitions, built in, read from files, or declared. */
#ifndef LINNET_MODEL_H
#define LINNET_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linnet/export.h>
#include <linnet/loop.h>
#include <linnet/operation.h>
#include <linnet/value.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A registry of definitions. Belongs to the thread of its loop. */
typedef struct linnet_model linnet_model;
/** The definition of one object; lives as long as its model. */
typedef struct linnet_definition linnet_definition;
/** The definition of one resource; lives until a resource of its object is added or described. */
typedef struct linnet_resource_definition linnet_resource_definition;

typedef enum linnet_multiplicity { LINNET_SINGLE = 0, LINNET_MULTIPLE = 1 } linnet_multiplicity;

typedef enum linnet_presence { LINNET_OPTIONAL = 0, LINNET_MANDATORY = 1 } linnet_presence;

/** Objects 0 to 7 in their 1.0 versions (constant tables), and room for more. One reference; NULL: no memory.
 */
LINNET_API linnet_model *linnet_model_new(linnet_loop *loop);
LINNET_API linnet_model *linnet_model_ref(linnet_model *model);
LINNET_API void linnet_model_unref(linnet_model *model);
LINNET_API linnet_loop *linnet_model_loop(const linnet_model *model);

/**
 * Adds every object of an OMNA object definition file (DDF XML). All or nothing: MALFORMED with a text that
 * names line and element. The same id and version again replaces the definition for later look-ups.
 * LINNET_ERROR_UNAVAILABLE in a build without expat. At most 4 MiB of XML, 4096 objects and 4096 resources of
 * an object (TOO_LARGE). Types of later versions become the nearest of 1.0 (Unsigned Integer an Integer,
 * Corelnk a String); entity declarations are refused. The registry's list of reusable resources becomes the
 * definition of LINNET_ID_NONE, of which there are no objects; its index and its list of units define
 * nothing.
 */
LINNET_API linnet_status linnet_model_read_ddf(linnet_model *model, const void *data, size_t length);

/**
 * Declares an object. `name` is copied. `version` is "1.0" or such; NULL is "1.0".
 * LINNET_ERROR_EXISTS: this id and version is there; LINNET_ERROR_INVALID_ARGUMENT: id 65535, bad version.
 */
LINNET_API linnet_status linnet_model_add_object(linnet_model *model, uint16_t object, const char *name,
                                                 const char *version, linnet_multiplicity instances);

/**
 * Declares a resource of an object declared before. `operations` is a sum of LINNET_OPERATION_READ, _WRITE
 * and _EXECUTE; a sum of 0 is a resource that only bootstrap touches. LINNET_TYPE_NONE on a readable resource
 * takes the type of whatever value it is given. Executables are single and of LINNET_TYPE_NONE (MOD-07). The
 * object is that of linnet_model_find. LINNET_ERROR_NOT_ALLOWED: one of the constant tables;
 * LINNET_ERROR_WRONG_STATE: there is a linnet_object of it, and its definition is fixed as long as there is.
 */
LINNET_API linnet_status linnet_model_add_resource(linnet_model *model, uint16_t object, uint16_t resource,
                                                   const char *name, linnet_type type, unsigned operations,
                                                   linnet_multiplicity instances, linnet_presence presence);

/**
 * Units ("Cel") and range of a declared resource; fails like linnet_model_add_resource. Either may be NULL:
 * unchanged. Ranges that linnet can read: "0..100", "0-100", "-40..85.5", "1..", "0,1,4", "0..3, 99"; for
 * strings and opaques the same of their length in bytes ("0..255 bytes", "32 bytes": at most), for strings
 * also words ("U,UQ,S"); "" is any value.
 */
LINNET_API linnet_status linnet_model_describe_resource(linnet_model *model, uint16_t object,
                                                        uint16_t resource, const char *units,
                                                        const char *range);

/** How many definitions; several versions of an object count each. */
LINNET_API size_t linnet_model_count(const linnet_model *model);
/** By index, ordered by id, then version. NULL beyond the end. */
LINNET_API const linnet_definition *linnet_model_at(const linnet_model *model, size_t index);
/** The version added last. NULL: unknown. */
LINNET_API const linnet_definition *linnet_model_find(const linnet_model *model, uint16_t object);
LINNET_API const linnet_definition *linnet_model_find_version(const linnet_model *model, uint16_t object,
                                                              const char *version);
/** The definition of the resource a path of depth 3 or 4 names. NULL: unknown. */
LINNET_API const linnet_resource_definition *linnet_model_resource(const linnet_model *model,
                                                                   linnet_path path);
/**
 * Finds a path by names: "/Device/0/Manufacturer", "3/0/manufacturer", "/3/0/0": ids and names mix, case and
 * blanks do not matter, nor does punctuation ("supported_binding_and_modes") or "LwM2M" in front of a name.
 * INVALID_ARGUMENT: not a path; NOT_FOUND: a name that the model does not know.
 */
LINNET_API linnet_status linnet_model_path(const linnet_model *model, const char *text, linnet_path *path);

LINNET_API uint16_t linnet_definition_id(const linnet_definition *definition);
LINNET_API const char *linnet_definition_name(const linnet_definition *definition);
LINNET_API const char *linnet_definition_version(const linnet_definition *definition);
LINNET_API linnet_multiplicity linnet_definition_instances(const linnet_definition *definition);
LINNET_API linnet_presence linnet_definition_presence(const linnet_definition *definition);
LINNET_API size_t linnet_definition_count(const linnet_definition *definition);
/** Ordered by id. NULL beyond the end. */
LINNET_API const linnet_resource_definition *linnet_definition_at(const linnet_definition *definition,
                                                                  size_t index);
LINNET_API const linnet_resource_definition *linnet_definition_find(const linnet_definition *definition,
                                                                    uint16_t resource);

LINNET_API uint16_t linnet_resource_definition_id(const linnet_resource_definition *resource);
LINNET_API const char *linnet_resource_definition_name(const linnet_resource_definition *resource);
LINNET_API linnet_type linnet_resource_definition_type(const linnet_resource_definition *resource);
/** A sum of LINNET_OPERATION_READ, _WRITE, _EXECUTE. */
LINNET_API unsigned linnet_resource_definition_operations(const linnet_resource_definition *resource);
LINNET_API linnet_multiplicity
linnet_resource_definition_instances(const linnet_resource_definition *resource);
LINNET_API linnet_presence linnet_resource_definition_presence(const linnet_resource_definition *resource);
LINNET_API const char *linnet_resource_definition_units(const linnet_resource_definition *resource);
/** As the definition file writes it; "" if any value will do. */
LINNET_API const char *linnet_resource_definition_range(const linnet_resource_definition *resource);

/**
 * Coerces a value to the resource's type and checks its range (TYP-06; string and opaque lengths, too).
 * WRONG_TYPE, OUT_OF_RANGE. A range that linnet cannot read (free text in definition files) allows
 * everything.
 */
LINNET_API linnet_status linnet_resource_definition_check(const linnet_resource_definition *resource,
                                                          linnet_value *value);

#ifdef __cplusplus
}
#endif

#endif
