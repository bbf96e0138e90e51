/* SPDX-License-Identifier: Apache-2.0 */
/* session_none.c: in place of session.c in a build without DTLS: there are no sessions to speak of (coap.h).
 */
#include "coap.h"

void linnet__coap_report_session(linnet_loop *loop, uint64_t source, const linnet__peer *peer,
                                 const linnet__session_news *news) {
  (void)loop, (void)source, (void)peer, (void)news;
}
