/* SPDX-License-Identifier: Apache-2.0 */
/* ddf_none.c: stands in for ddf.c in a build without expat (LINNET_DDF). */
#include "model.h"

linnet_status linnet_model_read_ddf(linnet_model *model, const void *data, size_t length) {
  (void)data, (void)length;
  return linnet__fail(linnet_model_loop(model), LINNET_ERROR_UNAVAILABLE,
                      "linnet_model_read_ddf: this build reads no definition files (LINNET_DDF is off)");
}
