/* SPDX-License-Identifier: Apache-2.0 */
/* decode.c: a whole payload into a batch, all or nothing, each path once (FMT-13, FMT-23, TYP-01, DM-25). */
#include <string.h>

#include "codec_internal.h"

/* ---- duplicates: needed only where the paths do not ascend by themselves ------------------------- */

typedef struct key {
  linnet_path path;
  double time_s;
  size_t index;
} key;

static int compare(const key *a, const key *b) {
  int order = linnet_path_compare(a->path, b->path);
  if (order != 0) return order;
  if (a->time_s != b->time_s) return a->time_s < b->time_s ? -1 : 1;
  return a->index < b->index ? -1 : a->index > b->index;
}

static void swap(key *a, key *b) {
  key former = *a;
  *a = *b;
  *b = former;
}

static void sift_down(key *keys, size_t at, size_t count) {
  for (size_t child = 2 * at + 1; child < count; at = child, child = 2 * at + 1) {
    if (child + 1 < count && compare(&keys[child], &keys[child + 1]) < 0) child++;
    if (compare(&keys[at], &keys[child]) >= 0) return;
    swap(&keys[at], &keys[child]);
  }
}

/* Heap sort: n log n whatever a peer sends, and no memory. */
static void sort(key *keys, size_t count) {
  for (size_t at = count / 2; at-- > 0;) sift_down(keys, at, count);
  for (size_t end = count; end > 1; end--) {
    swap(&keys[0], &keys[end - 1]);
    sift_down(keys, 0, end - 1);
  }
}

/*
 * In order, the same path stands side by side (in JSON it may come back with another time, FMT-24), and a
 * path right before the first one below it.
 */
static bool repeats(const key *a, const key *b) {
  if (linnet_path_equal(a->path, b->path)) return a->time_s == b->time_s;
  return linnet_path_within(b->path, a->path);
}

/* Two TLV containers of one id: what shares the first `depth` ids did not stand together in the payload. */
static bool scattered(const key *keys, size_t count, uint8_t depth) {
  for (size_t first = 0, after; first < count; first = after) {
    linnet_path common = keys[first].path;
    size_t least = keys[first].index, most = least;
    if (common.depth > depth) common.depth = depth;
    for (after = first + 1; after < count && linnet_path_within(keys[after].path, common); after++) {
      if (keys[after].index < least) least = keys[after].index;
      if (keys[after].index > most) most = keys[after].index;
    }
    if (most - least != after - first - 1) return true;
  }
  return false;
}

static linnet_status check_duplicates(const linnet_batch *batch, size_t from, linnet_format format,
                                      linnet_path base) {
  linnet_loop *loop = linnet_batch_loop(batch);
  size_t count = linnet_batch_count(batch) - from;
  if (count > SIZE_MAX / sizeof(key)) return LINNET_ERROR_NO_MEMORY;
  key *keys = linnet__new(loop, count * sizeof *keys);
  if (keys == NULL) return linnet__codec_fail(loop, LINNET_ERROR_NO_MEMORY, &base, "out of memory");
  for (size_t i = 0; i < count; i++) {
    linnet_record record;
    linnet_batch_record(batch, from + i, &record);
    keys[i] = (key){record.path, record.time_s, i};
  }
  sort(keys, count);
  bool twice = false;
  for (size_t i = 1; i < count && !twice; i++) twice = repeats(&keys[i - 1], &keys[i]);
  if (format == LINNET_FORMAT_TLV) twice = twice || scattered(keys, count, 2) || scattered(keys, count, 3);
  linnet__free(loop, keys, count * sizeof *keys);
  return twice ? linnet__codec_fail(loop, LINNET_ERROR_MALFORMED, &base, "the same id twice") : LINNET_OK;
}

/* ---- decoding ------------------------------------------------------------------------------------ */

/* Which failures of a record leave only that record out. */
typedef bool (*tolerance)(linnet_status status);

static bool tolerate_nothing(linnet_status status) {
  (void)status;
  return false;
}

static bool tolerate_records(linnet_status status) {
  return status == LINNET_ERROR_WRONG_TYPE || status == LINNET_ERROR_NOT_FOUND;
}

static linnet_status read_all(linnet__reader *reader, linnet_batch *batch, tolerance tolerated,
                              bool *ascending) {
  linnet_record record;
  linnet_path last = linnet_path_root();
  linnet_status left_out = LINNET_OK;
  *ascending = true;
  for (bool first = true;;) {
    switch (linnet__reader_next(reader, &record)) {
      case LINNET__READING_END:
        /* A payload of which nothing is left says nothing. */
        return first ? left_out : LINNET_OK;
      case LINNET__READING_FAILED:
        if (!tolerated(reader->status)) return reader->status;
        left_out = reader->status;
        break;
      default: {
        linnet_status status = linnet_batch_add_record(batch, &record);
        if (status != LINNET_OK) return status;
        /* A path right below the one before it is a repetition, too. */
        if (!first && (linnet_path_compare(last, record.path) >= 0 || linnet_path_within(record.path, last)))
          *ascending = false;
        first = false;
        last = record.path;
      }
    }
  }
}

static linnet_status decode(linnet_batch *batch, linnet_format format, linnet_path base, const void *data,
                            size_t length, linnet__schema schema, tolerance tolerated) {
  linnet_loop *loop = linnet_batch_loop(batch);
  size_t before = linnet_batch_count(batch);
  linnet__buffer scratch;
  linnet__reader reader;
  bool ascending;
  /* Room for a base name and one string, resolved and decoded: each is shorter than the payload. */
  linnet__buffer_init(&scratch, loop, length < SIZE_MAX / 4 ? 3 * length : SIZE_MAX);
  linnet__reader_begin(&reader, format, base, data, length, schema, &scratch, loop);
  linnet_status status = read_all(&reader, batch, tolerated, &ascending);
  if (status == LINNET_OK && !ascending) status = check_duplicates(batch, before, format, base);
  linnet__buffer_free(&scratch);
  if (status != LINNET_OK) linnet__batch_truncate(batch, before);
  /* FMT-22: what lies outside the target is a fault of the payload. */
  return status == LINNET_ERROR_NOT_FOUND ? LINNET_ERROR_MALFORMED : status;
}

linnet_status linnet__decode(linnet_batch *batch, linnet_format format, linnet_path base, const void *data,
                             size_t length, linnet__schema schema) {
  return decode(batch, format, base, data, length, schema, tolerate_nothing);
}

linnet_status linnet__decode_response(linnet_batch *batch, linnet_format format, linnet_path base,
                                      const void *data, size_t length, linnet__schema schema) {
  return decode(batch, format, base, data, length, schema, tolerate_records);
}
