/* SPDX-License-Identifier: Apache-2.0 */
/* arguments_test.c: the argument list of Execute (DM-51, DM-52). */
#include "show.h"

static void good_lists(void) {
  static const char *const good[] = {"",          "5",    "2='10.3'",       "7,0='https://www.oma.org'",
                                     "0,1,2,3,4", "0=''", "0='!#&([]~,=;'", "0,1,2,3,4,5,6,7,8,9"};
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
    CHECK_EQUAL(linnet__arguments_check(good[i], strlen(good[i])), LINNET_OK);
  CHECK_EQUAL(linnet__arguments_check(NULL, 0), LINNET_OK);
}

static void bad_lists(void) {
  static const char *const bad[] = {"10",
                                    "0=x",
                                    "0,",
                                    ",0",
                                    "0, 1",
                                    "0=\"x\"",
                                    "0='a",
                                    "0='",
                                    "0=",
                                    "a",
                                    " 0",
                                    "0 ",
                                    "0='a b'",
                                    "0='\\'",
                                    "0='\"'",
                                    "0='\x7F'",
                                    "0,0",
                                    "1,0,1='x'",
                                    "0,1,2,3,4,5,6,7,8,9,0",
                                    "0='a''b'",
                                    "0;1",
                                    "0='a'1",
                                    "0='\xC3\xA9'"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    CHECK_EQUAL(linnet__arguments_check(bad[i], strlen(bad[i])), LINNET_ERROR_MALFORMED);
  CHECK_EQUAL(linnet__arguments_check("0='a\0b'", 7), LINNET_ERROR_MALFORMED);
}

static void one_by_one(void) {
  static const char text[] = "7,0='https://x',3=''";
  size_t position = 0;
  linnet__argument argument;
  CHECK_EQUAL(linnet__argument_next(text, strlen(text), &position, &argument), LINNET_OK);
  CHECK(argument.digit == 7 && argument.value == NULL && argument.length == 0);
  CHECK_EQUAL(linnet__argument_next(text, strlen(text), &position, &argument), LINNET_OK);
  CHECK_EQUAL(argument.digit, 0);
  CHECK_BYTES(argument.value, argument.length, "https://x", 9);
  CHECK_EQUAL(linnet__argument_next(text, strlen(text), &position, &argument), LINNET_OK);
  CHECK(argument.digit == 3 && argument.value != NULL && argument.length == 0);
  CHECK_EQUAL(linnet__argument_next(text, strlen(text), &position, &argument), LINNET_ERROR_NOT_FOUND);
}

int main(void) { return RUN(good_lists, bad_lists, one_by_one); }
