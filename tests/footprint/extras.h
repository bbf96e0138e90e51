/* SPDX-License-Identifier: Apache-2.0 */
/* extras.h: what a program has besides the smallest client: nothing.c, bootstrap.c, everything.c. */
#ifndef LINNET_TESTS_FOOTPRINT_EXTRAS_H
#define LINNET_TESTS_FOOTPRINT_EXTRAS_H

#include <linnet/linnet.h>

linnet_status add_extras(linnet_client *client);

#endif
