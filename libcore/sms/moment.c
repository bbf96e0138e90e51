/* SPDX-License-Identifier: Apache-2.0 */
/* moment.c: time stamps of service centres, and how long a message may wait there (3GPP TS 23.040, 9.2.3.11
 * and 9.2.3.12). */
#include <string.h>

#include "sms.h"

#define STAMP_SIZE 7
#define MINUTE_S 60
#define HOUR_S 3600
#define DAY_S 86400
/* Years have two digits; the first short message was sent in 1992. */
#define FIRST_YEAR 1990
#define ZONE_MINUTES 15
#define ZONES_MAX 79

/* The first octet of an enhanced validity. */
#define MORE_INDICATORS 0x80
#define SINGLE_SHOT 0x40
#define FORMAT_MASK 0x07
#define FORMAT_RELATIVE 1
#define FORMAT_SECONDS 2
#define FORMAT_CLOCK 3

enum { YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, ZONE };

/* ---- dates --------------------------------------------------------------------------------------- */

/* Days from 1970-01-01 to a date of the Gregorian calendar; years begin in March, so that leap days end them.
 */
static int64_t days_of(int year, int month, int day) {
  if (month <= 2) year--;
  int64_t era = year / 400, year_of_era = year % 400;
  int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static void date_of(int64_t days, int *year, int *month, int *day) {
  int64_t shifted = days + 719468, era = shifted / 146097, of_era = shifted % 146097;
  int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  int64_t day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int64_t from_march = (5 * day_of_year + 2) / 153;
  *day = (int)(day_of_year - (153 * from_march + 2) / 5 + 1);
  *month = (int)(from_march < 10 ? from_march + 3 : from_march - 9);
  *year = (int)(era * 400 + year_of_era + (*month <= 2));
}

/* Two decimal digits, the lower half octet first; -1: no digits. */
static int swapped(uint8_t octet) {
  int high = octet & 0xf, low = octet >> 4;
  return high > 9 || low > 9 ? -1 : high * 10 + low;
}

static uint8_t swap(int number) { return (uint8_t)(number / 10 | (number % 10) << 4); }

/* False: no date. Bit 3 is the sign of the zone. */
static bool read_stamp(const uint8_t octets[STAMP_SIZE], linnet_sms_time *time) {
  int parts[STAMP_SIZE];
  for (int i = 0; i < ZONE; i++) parts[i] = swapped(octets[i]);
  parts[ZONE] = swapped(octets[ZONE] & 0xf7);
  for (int i = 0; i < STAMP_SIZE; i++)
    if (parts[i] < 0) return false;
  if (parts[MONTH] < 1 || parts[MONTH] > 12 || parts[DAY] < 1 || parts[DAY] > 31 || parts[HOUR] > 23 ||
      parts[MINUTE] > 59 || parts[SECOND] > 59 || parts[ZONE] > ZONES_MAX)
    return false;
  int year = parts[YEAR] + (parts[YEAR] < FIRST_YEAR % 100 ? 2000 : 1900);
  int zone = parts[ZONE] * ZONE_MINUTES;
  int clock_s = parts[HOUR] * HOUR_S + parts[MINUTE] * MINUTE_S + parts[SECOND];
  time->zone_minutes = (int16_t)((octets[ZONE] & 8) != 0 ? -zone : zone);
  clock_s -= time->zone_minutes * MINUTE_S;
  time->unix_s = days_of(year, parts[MONTH], parts[DAY]) * DAY_S + clock_s;
  return true;
}

/* A message is worth more than its date: what is none counts as not told. */
linnet_status linnet__sms_read_time(linnet__cursor *cursor, linnet_sms_time *time) {
  const uint8_t *octets = linnet__cursor_take(cursor, STAMP_SIZE);
  memset(time, 0, sizeof *time);
  if (octets == NULL) return LINNET_ERROR_MALFORMED;
  if (!read_stamp(octets, time)) memset(time, 0, sizeof *time);
  return LINNET_OK;
}

linnet_status linnet__sms_write_time(linnet__buffer *out, const linnet_sms_time *time) {
  uint8_t octets[STAMP_SIZE] = {0};
  int year, month, day, zone = time->zone_minutes / ZONE_MINUTES;
  int ahead_s = zone * ZONE_MINUTES * MINUTE_S;
  if (time->unix_s == 0) return linnet__buffer_append(out, octets, sizeof octets);
  int64_t first_s = days_of(FIRST_YEAR, 1, 1) * DAY_S, end_s = days_of(FIRST_YEAR + 100, 1, 1) * DAY_S;
  if (zone < -ZONES_MAX || zone > ZONES_MAX || time->unix_s < first_s - ahead_s ||
      time->unix_s >= end_s - ahead_s)
    return LINNET_ERROR_INVALID_ARGUMENT;
  int64_t local_s = time->unix_s + ahead_s;
  date_of(local_s / DAY_S, &year, &month, &day);
  int second = (int)(local_s % DAY_S);
  octets[YEAR] = swap(year % 100);
  octets[MONTH] = swap(month);
  octets[DAY] = swap(day);
  octets[HOUR] = swap(second / HOUR_S);
  octets[MINUTE] = swap(second % HOUR_S / MINUTE_S);
  octets[SECOND] = swap(second % MINUTE_S);
  octets[ZONE] = swap(zone < 0 ? -zone : zone);
  if (zone < 0) octets[ZONE] |= 8;
  return linnet__buffer_append(out, octets, sizeof octets);
}

/* ---- validity ------------------------------------------------------------------------------------ */

/* Steps of 5 min up to 12 h, of 30 min up to a day, of a day up to 30, of a week up to 63. */
static uint32_t relative_seconds(unsigned octet) {
  if (octet <= 143) return (octet + 1) * 5 * MINUTE_S;
  if (octet <= 167) return 12 * HOUR_S + (octet - 143) * 30 * MINUTE_S;
  if (octet <= 196) return (octet - 166) * DAY_S;
  return (octet - 192) * 7 * DAY_S;
}

/* The shortest that is long enough, or the longest. */
static uint8_t relative_octet(uint32_t seconds) {
  unsigned octet = 0;
  while (octet < UINT8_MAX && relative_seconds(octet) < seconds) octet++;
  return (uint8_t)octet;
}

/* Hours, minutes and seconds in half octets. */
static bool read_clock(const uint8_t octets[3], uint32_t *seconds) {
  int hours = swapped(octets[0]), minutes = swapped(octets[1]), rest = swapped(octets[2]);
  if (hours < 0 || minutes < 0 || minutes > 59 || rest < 0 || rest > 59) return false;
  *seconds = (uint32_t)(hours * HOUR_S + minutes * MINUTE_S + rest);
  return true;
}

/* 9.2.3.12.3. Formats that are reserved, and a second octet of indicators, say nothing. */
static linnet_status read_enhanced(const uint8_t octets[STAMP_SIZE], linnet_sms *sms) {
  uint8_t indicator = octets[0];
  bool known = true;
  sms->single_shot = (indicator & SINGLE_SHOT) != 0;
  switch (indicator & (MORE_INDICATORS | FORMAT_MASK)) {
    case FORMAT_RELATIVE:
      sms->validity_s = relative_seconds(octets[1]);
      break;
    case FORMAT_SECONDS:
      sms->validity_s = octets[1];
      break;
    case FORMAT_CLOCK:
      known = read_clock(octets + 1, &sms->validity_s);
      break;
    default:
      break;
  }
  return known ? LINNET_OK : LINNET_ERROR_MALFORMED;
}

linnet_status linnet__sms_read_validity(linnet__cursor *cursor, linnet_sms *sms) {
  const uint8_t *octets;
  uint8_t octet;
  switch (sms->validity) {
    case LINNET_SMS_VALIDITY_RELATIVE:
      if (!linnet__cursor_byte(cursor, &octet)) return LINNET_ERROR_MALFORMED;
      sms->validity_s = relative_seconds(octet);
      return LINNET_OK;
    case LINNET_SMS_VALIDITY_ABSOLUTE:
      return linnet__sms_read_time(cursor, &sms->validity_until);
    case LINNET_SMS_VALIDITY_ENHANCED:
      octets = linnet__cursor_take(cursor, STAMP_SIZE);
      return octets != NULL ? read_enhanced(octets, sms) : LINNET_ERROR_MALFORMED;
    default:
      return LINNET_OK;
  }
}

static linnet_status write_enhanced(linnet__buffer *out, const linnet_sms *sms) {
  uint8_t octets[STAMP_SIZE] = {0};
  uint32_t seconds = sms->validity_s;
  if (sms->single_shot) octets[0] = SINGLE_SHOT;
  if (seconds > 0 && seconds <= UINT8_MAX) {
    octets[0] |= FORMAT_SECONDS;
    octets[1] = (uint8_t)seconds;
  } else if (seconds > 0 && seconds < 100 * HOUR_S) {
    octets[0] |= FORMAT_CLOCK;
    octets[1] = swap((int)(seconds / HOUR_S));
    octets[2] = swap((int)(seconds % HOUR_S / MINUTE_S));
    octets[3] = swap((int)(seconds % MINUTE_S));
  } else if (seconds > 0) {
    octets[0] |= FORMAT_RELATIVE;
    octets[1] = relative_octet(seconds);
  }
  return linnet__buffer_append(out, octets, sizeof octets);
}

linnet_status linnet__sms_write_validity(linnet__buffer *out, const linnet_sms *sms) {
  switch (sms->validity) {
    case LINNET_SMS_VALIDITY_RELATIVE:
      return linnet__buffer_append_byte(out, relative_octet(sms->validity_s));
    case LINNET_SMS_VALIDITY_ABSOLUTE:
      return linnet__sms_write_time(out, &sms->validity_until);
    case LINNET_SMS_VALIDITY_ENHANCED:
      return write_enhanced(out, sms);
    default:
      return LINNET_OK;
  }
}
