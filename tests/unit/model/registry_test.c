/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every file of the OMA registry, if there is a copy of it: $LINNET_REGISTRY, or a folder beside the project.
 * Its definition files, those of version_history and the list of reusable resources included, hold 752
 * objects and 8,147 resources.
 */
#include <dirent.h>

#include "model_fixture.h"

static memory left;
static size_t files, objects, resources;
static linnet_model *everything;

static void read_one(const char *name) {
  size_t length;
  char *data = read_file(name, &length);
  CHECK(data != NULL);
  linnet_loop *loop = loop_with(&left);
  linnet_model *model = linnet_model_new(loop);
  linnet_status status = linnet_model_read_ddf(model, data, length);
  if (status != LINNET_OK) fprintf(stderr, "%s: %s\n", name, linnet_error_text(loop));
  CHECK_EQUAL(status, LINNET_OK);
  for (size_t i = 0; i < linnet_model_count(model); i++) {
    const linnet_definition *definition = linnet_model_at(model, i);
    if (definition->id < 8 && definition == &linnet__core_objects[definition->id]) continue;
    objects++;
    resources += linnet_definition_count(definition);
  }
  linnet_model_unref(model);
  linnet_loop_unref(loop);
  CHECK_EQUAL(linnet_model_read_ddf(everything, data, length), LINNET_OK);
  free(data);
  files++;
}

static bool read_folder(const char *folder) {
  DIR *directory = opendir(folder);
  if (directory == NULL) return false;
  for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
    const char *dot = strrchr(entry->d_name, '.');
    char name[2048];
    if (dot == NULL || strcmp(dot, ".xml") != 0) continue;
    snprintf(name, sizeof name, "%s/%s", folder, entry->d_name);
    read_one(name);
  }
  closedir(directory);
  return true;
}

/* The tables of objects 0 to 7 hold the facts of the registry's 1.0 files; ranges and units may say more. */
static void agrees_with_the_constant_tables(void) {
  for (uint16_t id = 0; id < 8; id++) {
    const linnet_definition *ours = &linnet__core_objects[id];
    const linnet_definition *theirs = linnet_model_find_version(everything, id, "1.0");
    CHECK(ours != theirs);
    CHECK_EQUAL(ours->multiple, theirs->multiple);
    CHECK_EQUAL(ours->mandatory, theirs->mandatory);
    CHECK_EQUAL(ours->count, theirs->count);
    for (size_t i = 0; i < ours->count; i++) {
      CHECK_EQUAL(ours->resources[i].id, theirs->resources[i].id);
      CHECK_EQUAL(ours->resources[i].type, theirs->resources[i].type);
      CHECK_EQUAL(ours->resources[i].operations, theirs->resources[i].operations);
      CHECK_EQUAL(ours->resources[i].multiple, theirs->resources[i].multiple);
      CHECK_EQUAL(ours->resources[i].mandatory, theirs->resources[i].mandatory);
    }
  }
}

static void reads_every_file_of_the_registry(void) {
  static memory plenty;
  char folder[1024], history[1100];
  const char *given = getenv("LINNET_REGISTRY");
  snprintf(folder, sizeof folder, "%s", given != NULL ? given : LINNET_SOURCE_DIR "/../shared/registry");
  snprintf(history, sizeof history, "%s/version_history", folder);
  linnet_loop *loop = loop_with(&plenty);
  everything = linnet_model_new(loop);
  if (linnet_model_read_ddf(everything, "<LWM2M/>", 8) == LINNET_ERROR_UNAVAILABLE) {
    printf("skipped: this build reads no definition files\n");
  } else if (!read_folder(folder) || !read_folder(history)) {
    printf("skipped: no registry at %s\n", folder);
  } else {
    printf("%zu files: %zu objects, %zu resources; %zu different ones\n", files, objects, resources,
           linnet_model_count(everything));
    CHECK_EQUAL(objects, 752);
    CHECK_EQUAL(resources, 8147);
    agrees_with_the_constant_tables();
  }
  linnet_model_unref(everything);
  linnet_loop_unref(loop);
}

int main(void) { return RUN(reads_every_file_of_the_registry); }
