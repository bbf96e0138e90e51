/* SPDX-License-Identifier: Apache-2.0 */
/* json_test.c: JSON (11543) at its edges (digest 7.2): names, members, numbers, times, escapes. */
#include <math.h>

#include "show.h"

#define JSON(base, text, expected) check_json(linnet__decode, __LINE__, base, text, expected)
#define RESPONSE(base, text, expected) check_json(linnet__decode_response, __LINE__, base, text, expected)

/* In these tests ' stands for ", of which C would need too many backslashes. */
static size_t unquote(const char *text, char *json) {
  size_t length = strlen(text);
  for (size_t i = 0; i <= length; i++) json[i] = text[i] == '\'' ? '"' : text[i];
  return length;
}

static void check_json(show_decode *decode, int line, const char *base, const char *text,
                       const char *expected) {
  char json[2048];
  size_t length = unquote(text, json);
  const char *shown = show(decode, LINNET_FORMAT_JSON, base, json, length);
  if (strcmp(shown, expected) == 0) return;
  fprintf(stderr, "json_test.c:%d: is \"%s\", not \"%s\"\n", line, shown, expected);
  exit(1);
}

static void joins_bn_and_n(void) { /* FMT-20 */
  JSON("/9/0", "{'bn':'/9/0/','e':[{'n':'1','v':5},{'n':'11/3','v':6}]}",
       "/9/0/1=Integer 5; /9/0/11/3=Integer 6");
  JSON("/9/0", "{'bn':'/9/0/1','e':[{'v':5}]}", "/9/0/1=Integer 5");
  JSON("/9/0", "{'bn':'/9/0/1/','e':[{'v':5}]}", "/9/0/1=Integer 5");
  JSON("/9/0", "{'bn':'/9/0','e':[{'n':'1','v':5}]}", "/9/0/1=Integer 5");
  JSON("/9/0", "{'bn':'/9/0','e':[{'n':'/1','v':5}]}", "/9/0/1=Integer 5");
  JSON("/9/0", "{'bn':'/9/','e':[{'n':'0/1','v':5}]}", "/9/0/1=Integer 5");
  JSON("/9/0", "{'bn':'/','e':[{'n':'9/0/1','v':5}]}", "/9/0/1=Integer 5");
  JSON("/9/0/1", "{'bn':'/9/0/1','e':[{'v':5}]}", "/9/0/1=Integer 5");
  JSON("/9/0/11", "{'bn':'/9/0/11','e':[{'n':'0','v':5}]}", "/9/0/11/0=Integer 5");
  JSON("/9/0", "{'bn':'\\/9\\u002f0/','e':[{'n':'\\u0031','v':5}]}", "/9/0/1=Integer 5");
}

static void reads_names_without_bn(void) { /* FMT-21 */
  JSON("/9/0", "{'e':[{'n':'/9/0/1','v':5}]}", "/9/0/1=Integer 5");
  JSON("/9/0", "{'bn':'','e':[{'n':'1','v':5},{'n':'9/0/3','bv':true}]}",
       "/9/0/1=Integer 5; /9/0/3=Boolean 1");
  JSON("/9/0", "{'e':[{'n':'11/2','v':5}]}", "/9/0/11/2=Integer 5");
  JSON("/9/0/1", "{'e':[{'v':5}]}", "/9/0/1=Integer 5");
  JSON("/9/0", "{'e':[{'v':5}]}", "malformed");
}

static void bn_and_bt_may_come_last(void) {
  JSON("/9/0", "{'e':[{'n':'1','v':5,'t':-5}],'bt':100,'bn':'/9/0/'}", "/9/0/1=Integer 5 at 95");
  JSON("/9/0", " { \"bt\" : 1e2 , 'e' :\t[ { 't' : 1 , 'v' : 5 ,\r\n 'n' : '1' } ] , 'bn' : '/9/0/' } ",
       "/9/0/1=Integer 5 at 101");
}

static void refuses_names_that_are_no_paths(void) { /* MOD-06 */
  JSON("/9/0", "{'bn':'/9/0/','e':[{'n':'01','v':5}]}", "malformed");
  JSON("/9/0", "{'bn':'/9/0/','e':[{'n':'65536','v':5}]}", "malformed");
  JSON("/9/0", "{'bn':'/9/0/','e':[{'n':'-1','v':5}]}", "malformed");
  JSON("/9/0", "{'bn':'/9/0/','e':[{'n':'1//2','v':5}]}", "malformed");
  JSON("/9/0", "{'bn':'/9/0/','e':[{'n':'1/2/3','v':5}]}", "malformed");
  JSON("/9/0", "{'bn':'/9/0/','e':[{'n':'1\\u0000','v':5}]}", "malformed");
  JSON("/9/0", "{'bn':'/9/0/','e':[{'n':'','v':5}]}", "malformed");
  JSON("/9/0", "{'bn':'/9/0/','e':[{'n':'11/65535','v':5}]}", "malformed");
  JSON("/9", "{'bn':'/9/','e':[{'n':'65535/1','v':5}]}", "malformed");
  JSON("/9/0", "{'bn':'0000000000000000000000000000000000000000000000','e':[{'n':'1','v':5}]}", "malformed");
}

static void entries_outside_the_target(void) { /* FMT-22, FMT-23 */
  const char *text =
      "{'bn':'/','e':[{'n':'9/0/1','v':5},{'n':'66/1/2','ov':'1:2'},{'n':'9/0/3','bv':false}]}";
  JSON("/9/0", text, "malformed");
  RESPONSE("/9/0", text, "/9/0/1=Integer 5; /9/0/3=Boolean 0");
  JSON("/9/0/1", "{'bn':'/9/0/','e':[{'n':'3','bv':true}]}", "malformed");
  RESPONSE("/9/0/1", "{'bn':'/9/0/','e':[{'n':'3','bv':true}]}", "malformed");
}

static void reads_a_create(void) { /* FMT-25 */
  JSON("/9", "{'bn':'/9/4/','e':[{'n':'1','v':5},{'n':'11/0','v':5}]}",
       "/9/4/1=Integer 5; /9/4/11/0=Integer 5");
  JSON("/9", "{'bn':'/9/','e':[{'n':'1','v':5},{'n':'0','sv':''}]}",
       "/9/65535/1=Integer 5; /9/65535/0=String ");
  JSON("/9", "{'bn':'/9/','e':[{'n':'1','v':5},{'n':'0/0','sv':''}]}", "malformed");
}

static void reads_a_target_without_values(void) { /* FMT-26, DM-23 */
  JSON("/9/0", "{'bn':'/9/0/','e':[]}", "");
  JSON("/9", "{'bn':'/9/','e':[]}", "");
  JSON("/9", "{'bn':'/9/4/','e':[]}", "/9/4=None ");
  JSON("/9/0/11", "{'bn':'/9/0/11/','e':[]}", "/9/0/11=Multiple ");
  JSON("/9/0/1", "{'bn':'/9/0/1','e':[]}", "malformed");
  JSON("/9/0", "{'bn':'/8/0/','e':[]}", "malformed");
  JSON("/9/0", "{'bn':'what','e':[]}", "malformed");
  JSON("/9/0", "{'e':[]}", "");
}

static void numbers(void) { /* FMT-22, TYP-03 */
  JSON("/9/0", "{'e':[{'n':'1','v':9223372036854775807}]}", "/9/0/1=Integer 9223372036854775807");
  JSON("/9/0", "{'e':[{'n':'1','v':-9223372036854775808}]}", "/9/0/1=Integer -9223372036854775808");
  JSON("/9/0", "{'e':[{'n':'1','v':9223372036854775808}]}", "wrong-type");
  JSON("/9/0", "{'e':[{'n':'1','v':9223372036854775808.0}]}", "wrong-type");
  JSON("/9/0", "{'e':[{'n':'1','v':5.0},{'n':'5','v':1e3}]}", "/9/0/1=Integer 5; /9/0/5=Time 1000");
  JSON("/9/0", "{'e':[{'n':'1','v':5.5}]}", "wrong-type");
  JSON("/9/0", "{'e':[{'n':'2','v':-43.5723},{'n':'12/0','v':7}]}",
       "/9/0/2=Float -43.5723; /9/0/12/0=Float 7");
  JSON("/9/0", "{'e':[{'n':'2','v':1E-3}]}", "/9/0/2=Float 0.001");
  JSON("/9/0", "{'e':[{'n':'2','v':1e400}]}", "wrong-type");
  JSON("/9/0", "{'e':[{'n':'2','v':NaN}]}", "malformed");
  JSON("/9/0", "{'e':[{'n':'2','v':+1}]}", "malformed");
  JSON("/9/0", "{'e':[{'n':'2','v':.5}]}", "malformed");
  JSON("/9/0", "{'e':[{'n':'2','v':5.}]}", "malformed");
  JSON("/9/0", "{'e':[{'n':'2','v':1e}]}", "malformed");
  JSON("/9/0", "{'e':[{'n':'2','v':-}]}", "malformed");
  JSON("/9/0", "{'e':[{'n':'2','v':00}]}", "malformed");
  JSON("/9/0", "{'e':[{'n':'2','v':0x1}]}", "malformed");
}

static void unknown_resources_have_the_natural_type(void) {
  JSON("/9/0",
       "{'e':[{'n':'90','v':5},{'n':'91','v':5.5},{'n':'92','bv':true},{'n':'93','sv':'x'},{'n':'94','ov':'3:"
       "0'}]}",
       "/9/0/90=Integer 5; /9/0/91=Float 5.5; /9/0/92=Boolean 1; /9/0/93=String x; /9/0/94=Objlnk 3:0");
  JSON("/9/0", "{'e':[{'n':'90','v':9223372036854775808},{'n':'7','v':1.0}]}",
       "/9/0/90=Float 9223372036854776000; /9/0/7=Float 1");
}

static void strings_links_and_opaques(void) { /* TYP-05, TYP-07, AMB-19, AMB-20 */
  JSON("/9/0", "{'e':[{'n':'0','sv':'a\\u00e9\\ud83d\\ude00\\n\\t\\\\\\/\\u0022'}]}",
       "/9/0/0=String a\xC3\xA9\xF0\x9F\x98\x80\n\t\\/\"");
  JSON("/9/0", "{'e':[{'n':'0','sv':'\\ud83d'}]}", "malformed");
  JSON("/9/0", "{'e':[{'n':'0','sv':'\\ude00\\ud83d'}]}", "malformed");
  JSON("/9/0", "{'e':[{'n':'0','sv':'\\ud83dx'}]}", "malformed");
  JSON("/9/0", "{'e':[{'n':'0','sv':'\\x41'}]}", "malformed");
  JSON("/9/0", "{'e':[{'n':'0','sv':'\\u12g4'}]}", "malformed");
  JSON("/9/0", "{'e':[{'n':'0','sv':'a\nb'}]}", "malformed");
  JSON("/9/0", "{'e':[{'n':'0','sv':'\xFF'}]}", "malformed");
  JSON("/9/0",
       "{'e':[{'n':'6','ov':'FFFF:FFFF'},{'n':'16/0','ov':'65535:65535'},{'n':'16/1','ov':'3\\u003a0'}]}",
       "/9/0/6=Objlnk 65535:65535; /9/0/16/0=Objlnk 65535:65535; /9/0/16/1=Objlnk 3:0");
  JSON("/9/0", "{'e':[{'n':'6','sv':'3:0'}]}", "/9/0/6=Objlnk 3:0"); /* as some clients write it */
  JSON("/9/0", "{'e':[{'n':'6','sv':'three'}]}", "wrong-type");
  JSON("/9/0", "{'e':[{'n':'6','ov':'FFFF:0'}]}", "wrong-type");
  JSON("/9/0", "{'e':[{'n':'6','ov':'66:65536'}]}", "wrong-type");
  JSON("/9/0", "{'e':[{'n':'4','sv':'AQIDBAU='},{'n':'14/0','sv':'\\/\\/\\/\\/'},{'n':'14/1','sv':''}]}",
       "/9/0/4=Opaque AQIDBAU=; /9/0/14/0=Opaque ////; /9/0/14/1=Opaque ");
  JSON("/9/0", "{'e':[{'n':'4','sv':'AQID*'}]}", "wrong-type");
}

static void values_must_suit_their_type(void) { /* DM-28 */
  JSON("/9/0", "{'e':[{'n':'1','sv':'5'}]}", "wrong-type");
  JSON("/9/0", "{'e':[{'n':'1','bv':true}]}", "wrong-type");
  JSON("/9/0", "{'e':[{'n':'3','v':1}]}", "wrong-type");
  JSON("/9/0", "{'e':[{'n':'1/0','v':1}]}", "wrong-type"); /* single */
  JSON("/9/0", "{'e':[{'n':'11','v':1}]}", "wrong-type");  /* multiple */
  RESPONSE("/9/0", "{'e':[{'n':'1','sv':'5'},{'n':'3','bv':true},{'n':'11','v':1}]}", "/9/0/3=Boolean 1");
}

static void members(void) {
  JSON("/9/0", "{'e':[{'n':'1'}]}", "malformed");
  JSON("/9/0", "{'e':[{'n':'1','v':5,'v':5}]}", "malformed");
  JSON("/9/0", "{'e':[{'n':'1','v':5,'bv':true}]}", "malformed");
  JSON("/9/0", "{'e':[{'n':'1','n':'1','v':5}]}", "malformed");
  JSON("/9/0", "{'e':[{'n':1,'v':5}]}", "malformed");
  JSON("/9/0", "{'e':[{'n':'1','v':'5'}]}", "malformed");
  JSON("/9/0", "{'e':[{'n':'1','v':null}]}", "malformed");
  JSON("/9/0", "{'e':[{'n':'3','bv':1}]}", "malformed");
  JSON("/9/0", "{'e':[{'n':'1','v':5,'t':'1'}]}", "malformed");
  JSON("/9/0", "{'e':[5]}", "malformed");
  JSON("/9/0", "{'e':{'n':'1','v':5}}", "malformed");
  JSON("/9/0", "{'e':[],'e':[]}", "malformed");
  JSON("/9/0", "{'bn':'/9/0/','bn':'/9/0/','e':[]}", "malformed");
  JSON("/9/0", "{'bn':5,'e':[]}", "malformed");
  JSON("/9/0", "{'bt':'5','e':[]}", "malformed");
  JSON("/9/0",
       "{'x':[{},{'a':[1,2,{'b':null}]}],'e':[{'y':{'n':'7'},'n':'1','zz':[[]],'v':5}],'longer name':1}",
       "/9/0/1=Integer 5");
  JSON("/9/0", "{'\\u0065':[{'\\u006e':'1','\\u0076':5}]}", "/9/0/1=Integer 5");
}

static void form(void) { /* RFC 8259 */
  static const char *const bad[] = {"",
                                    " ",
                                    "{",
                                    "}",
                                    "[]",
                                    "5",
                                    "null",
                                    "{}",
                                    "{'e'}",
                                    "{'e':}",
                                    "{'e':[}",
                                    "{'e':[]",
                                    "{'e':[]}}",
                                    "{'e':[]} x",
                                    "{'e':[],}",
                                    "{,'e':[]}",
                                    "{'e':[{'n':'1','v':5},]}",
                                    "{'e':[{'n':'1','v':5}{'n':'3','bv':true}]}",
                                    "{'e':[{'n':'1','v':5,}]}",
                                    "{'e':[{'n':'1' 'v':5}]}",
                                    "{'e':[{'n''1','v':5}]}",
                                    "{'e':[{n:'1','v':5}]}",
                                    "{'e':[],'x':tru}",
                                    "{'e':[],'x':nul}",
                                    "{'e':[],'x':True}",
                                    "{'e':[],'x':[1,]}",
                                    "{'e':[],'x':[1 2]}",
                                    "{'e':[],'x':{'a':1,}}",
                                    "{'e':[],'x':{'a'}}",
                                    "{'e':[],'x':{1:1}}",
                                    "{'e':[],'x':[}",
                                    "{'e':[],'x':{]}",
                                    "{'e':[],'x':[1}}",
                                    "{'e':[],'x':{'a':1]}",
                                    "{'e':[],'x':'",
                                    "{'e':[],'x':'\\",
                                    "{'e':[],'x':'\\u12",
                                    "{'e':[],'x':\v1}",
                                    "{'e':[{'n':'1','v':5}",
                                    "{'e':[{'n':'1','v':5}]",
                                    "\xEF\xBB\xBF{'e':[]}",
                                    "{'e':[]}\f"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) JSON("/9/0", bad[i], "malformed");
  JSON("/9/0", "{'e':[],'x':[],'y':{},'z':[[],{}],'w':[{'a':[{}]},-0.5e+7,true,false,null,'\\b\\f\\r']}", "");
}

static void nesting_is_bounded(void) {
  char text[2048];
  for (size_t depth = 1; depth <= 400; depth++) {
    size_t length = 0;
    memcpy(text, "{\"e\":[],\"x\":", 12);
    length = 12;
    for (size_t i = 0; i < depth; i++) text[length++] = '[';
    for (size_t i = 0; i < depth; i++) text[length++] = ']';
    text[length++] = '}';
    CHECK_TEXT(show(linnet__decode, LINNET_FORMAT_JSON, "/9/0", text, length),
               depth <= 32 ? "" : "malformed");
  }
}

static void times(void) { /* FMT-24 */
  JSON("/9/0/2", "{'bn':'/9/0/2','e':[{'v':1,'t':-5},{'v':2,'t':-30}],'bt':100}",
       "/9/0/2=Float 1 at 95; /9/0/2=Float 2 at 70");
  JSON("/9/0/2", "{'bn':'/9/0/2','e':[{'v':1,'t':-5.5}]}", "/9/0/2=Float 1 at -5.5");
  JSON("/9/0/2", "{'bn':'/9/0/2','e':[{'v':1,'t':-5}],'bt':5}", "/9/0/2=Float 1");
  JSON("/9/0/2", "{'bn':'/9/0/2','e':[{'v':1,'t':1e308}],'bt':1e308}", "malformed");
  JSON("/9/0/2", "{'bn':'/9/0/2','e':[{'v':1}],'bt':1e309}", "malformed");
}

static void refuses_a_path_twice(void) { /* FMT-13 */
  JSON("/9/0", "{'e':[{'n':'1','v':5},{'n':'1','v':5}]}", "malformed");
  JSON("/9/0", "{'e':[{'n':'1','v':5},{'n':'3','bv':true},{'n':'1','v':5}]}", "malformed");
  JSON("/9/0", "{'e':[{'n':'90','v':5},{'n':'90/0','v':5}]}", "malformed");
  JSON("/9/0", "{'e':[{'n':'90/0','v':5},{'n':'3','bv':true},{'n':'90','v':5}]}", "malformed");
  JSON("/9/0", "{'e':[{'n':'2','v':5,'t':1},{'n':'2','v':5,'t':2},{'n':'2','v':5,'t':1}]}", "malformed");
  JSON("/9/0", "{'e':[{'n':'11/0','v':5},{'n':'3','bv':true},{'n':'11/1','v':5}]}",
       "/9/0/11/0=Integer 5; /9/0/3=Boolean 1; /9/0/11/1=Integer 5");
}

/* ---- writing ------------------------------------------------------------------------------------- */

static linnet_record record(const char *path, linnet_value value, double time_s) {
  linnet_record result = {show_path(path), value, time_s};
  return result;
}

#define WRITES(base, text, ...)                                             \
  check_written(__LINE__, base, text, (const linnet_record[]){__VA_ARGS__}, \
                sizeof((const linnet_record[]){__VA_ARGS__}) / sizeof(linnet_record))

static void check_written(int line, const char *base, const char *text, const linnet_record *records,
                          size_t count) {
  char expected[1024];
  size_t length;
  unquote(text, expected);
  const char *written = show_written(LINNET_FORMAT_JSON, base, records, count, &length);
  if (strcmp(written, expected) == 0) return;
  fprintf(stderr, "json_test.c:%d: is \"%s\", not \"%s\"\n", line, written, expected);
  exit(1);
}

static void writes_each_type(void) { /* digest 1.3 */
  WRITES("/9/0",
         "{'bn':'/9/0/','e':[{'n':'0','sv':'a\\u0000\\u001f\\'\\\\/"
         "\xC3\xA9'},{'n':'1','v':-9223372036854775808},"
         "{'n':'2','v':0.00000000006667},{'n':'3','bv':false},{'n':'4','sv':'AQIDBAU='},{'n':'5','v':1},"
         "{'n':'6','ov':'65535:65535'},{'n':'11/0','v':1},{'n':'11/300','v':2}]}",
         record("/9/0/0", linnet_value_string_n("a\0\x1F\"\\/\xC3\xA9", 8), 0),
         record("/9/0/1", linnet_value_integer(INT64_MIN), 0),
         record("/9/0/2", linnet_value_float(6.667e-11), 0), record("/9/0/3", linnet_value_boolean(false), 0),
         record("/9/0/4", linnet_value_opaque("\1\2\3\4\5", 5), 0), record("/9/0/5", linnet_value_time(1), 0),
         record("/9/0/6", linnet_value_objlnk(65535, 65535), 0),
         record("/9/0/11/0", linnet_value_integer(1), 0), record("/9/0/11/300", linnet_value_integer(2), 0));
}

static void writes_bn_for_each_base(void) { /* FMT-20, FMT-26 */
  linnet_value none_yet = {.type = LINNET_TYPE_MULTIPLE};
  WRITES("/9/0/1", "{'bn':'/9/0/1','e':[{'v':5}]}", record("/9/0/1", linnet_value_integer(5), 0));
  WRITES("/9/0/11", "{'bn':'/9/0/11/','e':[{'n':'2','v':5}]}",
         record("/9/0/11/2", linnet_value_integer(5), 0));
  WRITES("/9/0/11", "{'bn':'/9/0/11/','e':[]}", record("/9/0/11", none_yet, 0));
  WRITES("/9", "{'bn':'/9/','e':[{'n':'0/1','v':5}]}", record("/9/0/1", linnet_value_integer(5), 0));
  WRITES("/", "{'bn':'/','e':[{'n':'9/0/1','v':5}]}", record("/9/0/1", linnet_value_integer(5), 0));
  WRITES("/9/0", "{'bn':'/9/0/','e':[]}", record("/9/0", linnet_value_none(), 0));
  WRITES("/9", "{'bn':'/9/4/','e':[]}", record("/9/4", linnet_value_none(), 0));
  WRITES("/9", "unsupported-format", record("/9/65535/1", linnet_value_integer(5), 0)); /* FMT-25 */
  WRITES("/9/0", "wrong-type", record("/9/0/2", linnet_value_float((double)NAN), 0));
}

static void writes_times(void) { /* FMT-24 */
  WRITES("/9/0/2", "{'bn':'/9/0/2','e':[{'v':1,'t':0.5},{'v':2,'t':-10},{'v':3,'t':-100}],'bt':100}",
         record("/9/0/2", linnet_value_float(1), 100.5), record("/9/0/2", linnet_value_float(2), 90),
         record("/9/0/2", linnet_value_float(3), 0));
  WRITES("/9/0/2", "{'bn':'/9/0/2','e':[{'v':1,'t':-5}]}", record("/9/0/2", linnet_value_float(1), -5));
}

int main(void) {
  return RUN(joins_bn_and_n, reads_names_without_bn, bn_and_bt_may_come_last, refuses_names_that_are_no_paths,
             entries_outside_the_target, reads_a_create, reads_a_target_without_values, numbers,
             unknown_resources_have_the_natural_type, strings_links_and_opaques, values_must_suit_their_type,
             members, form, nesting_is_bounded, times, refuses_a_path_twice, writes_each_type,
             writes_bn_for_each_base, writes_times);
}
