/* SPDX-License-Identifier: Apache-2.0 */
/* bootstrap.c: a client that may be given its servers by a bootstrap-server. */
#include "extras.h"

linnet_status add_extras(linnet_client *client) { return linnet_client_allow_bootstrap(client); }
