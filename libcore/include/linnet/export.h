/* SPDX-License-Identifier: Apache-2.0 */
/* export.h: which symbols the library shows. */
#ifndef LINNET_EXPORT_H
#define LINNET_EXPORT_H

#if defined(__GNUC__)
#define LINNET_API __attribute__((visibility("default")))
#else
#define LINNET_API
#endif

#endif
