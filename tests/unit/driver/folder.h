/* SPDX-License-Identifier: Apache-2.0 */
/* folder.h: a folder of a test's own, gone after it. The file that includes it defines _GNU_SOURCE (mkdtemp).
 */
#ifndef LINNET_TEST_FOLDER_H
#define LINNET_TEST_FOLDER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

static char folder[64];

static void make_folder(void) {
  strcpy(folder, "/tmp/linnet-test-XXXXXX");
  CHECK(mkdtemp(folder) != NULL);
}

static void remove_folder(void) {
  char command[128];
  snprintf(command, sizeof command, "rm -r %s", folder);
  CHECK_EQUAL(system(command), 0);
}

#endif
