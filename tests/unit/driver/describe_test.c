/* SPDX-License-Identifier: Apache-2.0 */
/* describe_test.c: what a client on Linux tells of the machine (driver.h; objects.md /3, /4). */
#define _GNU_SOURCE /* mkdtemp */
#include <linnet/linnet.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "driver/system.h"
#include "folder.h"

/* A file of the made-up machine, with its folders. */
static void put(const char *path, const char *text) {
  char name[256];
  snprintf(name, sizeof name, "%s%s", folder, path);
  for (char *at = name + strlen(folder) + 1; (at = strchr(at, '/')) != NULL; at++) {
    *at = 0;
    mkdir(name, 0700);
    *at = '/';
  }
  FILE *file = fopen(name, "w");
  CHECK(file != NULL);
  fputs(text, file);
  fclose(file);
}

typedef struct party {
  linnet_loop *loop;
  linnet_driver *driver;
  linnet_client *client;
} party;

static void begin(party *p) {
  make_folder();
  p->loop = linnet_loop_new("0123456789abcdef", 16);
  p->driver = linnet_driver_new(p->loop);
  p->client = linnet_client_new(p->loop, "node", NULL);
  CHECK(p->client != NULL && p->driver != NULL);
}

static void end(party *p) {
  linnet_client_close(p->client);
  linnet_client_unref(p->client);
  linnet_driver_unref(p->driver);
  linnet_loop_unref(p->loop);
  remove_folder();
}

static linnet_status look(const party *p, const char *path, linnet_value *value) {
  linnet_path parsed;
  CHECK_EQUAL(linnet_path_parse(&parsed, path), LINNET_OK);
  return linnet_client_get(p->client, parsed, value);
}

static void expect_number(const party *p, const char *path, int64_t number) {
  linnet_value value;
  CHECK_EQUAL(look(p, path, &value), LINNET_OK);
  CHECK_EQUAL(value.as.integer, number);
}

static void expect_text(const party *p, const char *path, const char *text) {
  linnet_value value;
  char copy[256] = "";
  CHECK_EQUAL(look(p, path, &value), LINNET_OK);
  memcpy(copy, value.as.bytes.data, value.as.bytes.length);
  CHECK_TEXT(copy, text);
}

static void expect_none(const party *p, const char *path) {
  linnet_value value;
  CHECK_EQUAL(look(p, path, &value), LINNET_ERROR_NOT_FOUND);
}

/* Past the second in which the system is not looked at again. */
static void refresh_after(party *p, uint64_t after_ms) {
  const linnet__described *described = (const linnet__described *)p->driver->parts;
  linnet__parts_act(p->driver, LINNET__BEFORE_STEP, described->seen_ms + after_ms);
}

static void refresh(party *p) { refresh_after(p, 1000); }

static void put_memory(const char *available) {
  char text[200];
  snprintf(text, sizeof text, "MemTotal:         524288 kB\nMemFree:  1000 kB\nMemAvailable:   %s kB\n",
           available);
  put("/proc/meminfo", text);
}

static void tells_what_the_machine_is(void) {
  party p;
  begin(&p);
  put_memory("4096");
  put("/proc/sys/kernel/osrelease", "6.1.0-18-arm64\n");
  put("/etc/os-release", "NAME=\"Debian\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n");
  put("/etc/timezone", "Europe/Vienna\n");
  put("/sys/class/dmi/id/sys_vendor", "ACME Ltd.\n");
  put("/sys/class/dmi/id/product_name", "To Be Filled By O.E.M.\n");
  put("/proc/device-tree/model", "Raspberry Pi 4 Model B Rev 1.2");
  CHECK_EQUAL(linnet__describe(p.driver, p.client, folder), LINNET_OK);
  CHECK_EQUAL(linnet__describe(p.driver, p.client, folder), LINNET_ERROR_EXISTS);
  expect_text(&p, "/3/0/0", "ACME Ltd.");
  expect_text(&p, "/3/0/1", "Raspberry Pi 4 Model B Rev 1.2");
  expect_none(&p, "/3/0/2");
  expect_text(&p, "/3/0/3", "6.1.0-18-arm64");
  expect_number(&p, "/3/0/10", 4096);
  expect_text(&p, "/3/0/15", "Europe/Vienna");
  expect_text(&p, "/3/0/19", "Debian GNU/Linux 12 (bookworm)");
  expect_number(&p, "/3/0/21", 524288);
  expect_none(&p, "/3/0/6/0");
  expect_none(&p, "/3/0/9");
  linnet_value offset;
  CHECK_EQUAL(look(&p, "/3/0/14", &offset), LINNET_OK);
  CHECK_EQUAL(offset.as.bytes.length, 6); /* "+02:00" */
  CHECK(linnet_object_has(linnet_client_object(p.client, 3), linnet_path_resource(3, 0, 12)));
  end(&p);
}

static void follows_what_moves(void) {
  party p;
  begin(&p);
  put_memory("4096");
  CHECK_EQUAL(linnet__describe(p.driver, p.client, folder), LINNET_OK);
  put_memory("2048");
  expect_number(&p, "/3/0/10", 4096);
  refresh_after(&p, 999);
  expect_number(&p, "/3/0/10", 4096);
  refresh(&p);
  expect_number(&p, "/3/0/10", 2048);
  end(&p);
}

/* An UTC offset that a server wrote stays until the system's own changes. */
static void keeps_what_others_set(void) {
  party p;
  begin(&p);
  put_memory("4096");
  put("/proc/sys/kernel/osrelease", "6.1.0\n");
  linnet_value version = linnet_value_string("1.0"), memory = linnet_value_integer(15);
  linnet_value level = linnet_value_integer(50), offset = linnet_value_string("+11:00");
  CHECK_EQUAL(linnet_client_set(p.client, linnet_path_resource(3, 0, 3), &version), LINNET_OK);
  CHECK_EQUAL(linnet_client_set(p.client, linnet_path_resource(3, 0, 10), &memory), LINNET_OK);
  CHECK_EQUAL(linnet_client_set(p.client, linnet_path_resource(3, 0, 9), &level), LINNET_OK);
  put("/sys/class/power_supply/AC/type", "Mains\n");
  put("/sys/class/power_supply/AC/online", "1\n");
  CHECK_EQUAL(linnet__describe(p.driver, p.client, folder), LINNET_OK);
  CHECK_EQUAL(linnet_client_set(p.client, linnet_path_resource(3, 0, 14), &offset), LINNET_OK);
  refresh(&p);
  expect_text(&p, "/3/0/3", "1.0");
  expect_number(&p, "/3/0/10", 15);
  expect_number(&p, "/3/0/9", 50);
  expect_none(&p, "/3/0/6/0");
  expect_text(&p, "/3/0/14", "+11:00");
  expect_number(&p, "/3/0/21", 524288);
  end(&p);
}

static void tells_of_power(void) {
  party p;
  begin(&p);
  put("/sys/class/power_supply/BAT0/type", "Battery\n");
  put("/sys/class/power_supply/BAT0/status", "Discharging\n");
  put("/sys/class/power_supply/BAT0/capacity", "87\n");
  put("/sys/class/power_supply/BAT0/voltage_now", "12345678\n");
  put("/sys/class/power_supply/BAT0/current_now", "1250000\n");
  put("/sys/class/power_supply/AC/type", "Mains\n");
  put("/sys/class/power_supply/AC/online", "1\n");
  put("/sys/class/power_supply/hidpp_battery_0/type", "Battery\n");
  put("/sys/class/power_supply/hidpp_battery_0/scope", "Device\n");
  put("/sys/class/power_supply/ucsi/type", "USB\n");
  put("/sys/class/power_supply/ucsi/online", "0\n");
  CHECK_EQUAL(linnet__describe(p.driver, p.client, folder), LINNET_OK);
  expect_number(&p, "/3/0/6/0", 6); /* AC comes first */
  expect_number(&p, "/3/0/6/1", 1);
  expect_none(&p, "/3/0/6/2");
  expect_number(&p, "/3/0/7/1", 12345);
  expect_number(&p, "/3/0/8/1", 1250);
  expect_number(&p, "/3/0/7/0", 0);
  expect_number(&p, "/3/0/9", 87);
  expect_number(&p, "/3/0/20", 0);
  put("/sys/class/power_supply/AC/online", "0\n");
  put("/sys/class/power_supply/BAT0/capacity", "3\n");
  put("/sys/class/power_supply/BAT0/capacity_level", "Low\n");
  refresh(&p);
  expect_number(&p, "/3/0/6/0", 1);
  expect_none(&p, "/3/0/6/1");
  expect_none(&p, "/3/0/8/1");
  expect_number(&p, "/3/0/9", 3);
  expect_number(&p, "/3/0/20", 4);
  put("/sys/class/power_supply/BAT0/present", "0\n");
  refresh(&p);
  expect_number(&p, "/3/0/20", 5);
  end(&p);
}

static void tells_of_links(void) {
  party p;
  begin(&p);
  put("/proc/net/route",
      "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
      "eth0\t00000000\t0100A8C0\t0003\t0\t0\t200\t00000000\t0\t0\t0\n"
      "wlan0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
      "eth0\t0000A8C0\t00000000\t0001\t0\t0\t200\t00FFFFFF\t0\t0\t0\n");
  put("/proc/net/ipv6_route",
      "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
      "fe800000000000000000000000000001 00000064 00000001 00000000 00000003    wlan0\n"
      "20010db8000000000000000000000000 40 00000000000000000000000000000000 00 "
      "00000000000000000000000000000000 00000100 00000001 00000000 00000001    wlan0\n");
  put("/proc/net/wireless",
      "Inter-| sta-|   Quality        |   Discarded packets               | Missed | WE\n"
      " face | tus | link level noise |  nwid  crypt   frag  retry   misc | beacon | 22\n"
      " wlan0: 0000   54.  -56.  -256        0      0      0      0    174        0\n");
  put("/sys/class/net/wlan0/uevent", "DEVTYPE=wlan\nINTERFACE=wlan0\n");
  put("/sys/class/net/wlan0/type", "1\n");
  CHECK_EQUAL(linnet__describe(p.driver, p.client, folder), LINNET_OK);
  expect_number(&p, "/4/0/0", 21);
  expect_number(&p, "/4/0/1/0", 21);
  expect_number(&p, "/4/0/2", -56);
  expect_number(&p, "/4/0/3", 54);
  /* In network order, whatever the machine. */
  const uint32_t one = 1;
  bool little = *(const uint8_t *)&one == 1;
  expect_text(&p, "/4/0/5/0", little ? "192.168.0.1" : "1.0.168.192");
  expect_text(&p, "/4/0/5/2", "fe80::1");
  put("/proc/net/route",
      "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n");
  put("/proc/net/ipv6_route", "");
  put("/sys/class/net/wlan0/uevent", "INTERFACE=wlan0\n");
  refresh(&p);
  expect_none(&p, "/4/0/5/0");
  CHECK(linnet_object_has(linnet_client_object(p.client, 4), linnet_path_resource(4, 0, 5)));
  end(&p);
}

static void leaves_an_object_4_of_the_application_alone(void) {
  party p;
  begin(&p);
  linnet_object *object = linnet_object_new(linnet_client_model(p.client), 4);
  CHECK_EQUAL(linnet_client_add_object(p.client, object), LINNET_OK);
  linnet_object_unref(object);
  CHECK_EQUAL(linnet__describe(p.driver, p.client, folder), LINNET_OK);
  refresh(&p);
  CHECK_EQUAL(linnet_object_instance_count(object), 0);
  end(&p);
}

/* Files that hold anything else than they should. */
static void bears_nonsense(void) {
  static const char *const nonsense[] = {"",
                                         "\n",
                                         "x",
                                         "-",
                                         "99999999999999999999999999",
                                         "\xFF\xFE\n",
                                         "wlan0: 0000",
                                         "a b c d e f g h i j k l m n o p q r s t u v\n"};
  static const char *const paths[] = {"/proc/meminfo",
                                      "/etc/os-release",
                                      "/etc/timezone",
                                      "/proc/net/route",
                                      "/proc/net/ipv6_route",
                                      "/proc/net/wireless",
                                      "/proc/sys/kernel/osrelease",
                                      "/sys/class/dmi/id/sys_vendor",
                                      "/sys/class/power_supply/BAT0/capacity",
                                      "/sys/class/power_supply/BAT0/type"};
  for (size_t i = 0; i < sizeof nonsense / sizeof nonsense[0]; i++) {
    party p;
    begin(&p);
    for (size_t k = 0; k < sizeof paths / sizeof paths[0]; k++) put(paths[k], nonsense[i]);
    put("/sys/class/power_supply/BAT1/type", "Battery\n");
    put("/sys/class/power_supply/BAT1/capacity", nonsense[i]);
    CHECK_EQUAL(linnet__describe(p.driver, p.client, folder), LINNET_OK);
    refresh(&p);
    expect_number(&p, "/3/0/9", 0);
    end(&p);
  }
}

/* The real machine, whatever it is, and a client that closes. */
static void describes_this_machine(void) {
  party p;
  begin(&p);
  CHECK_EQUAL(linnet_driver_describe(p.driver, p.client), LINNET_OK);
  linnet_value value;
  CHECK_EQUAL(look(&p, "/3/0/21", &value), LINNET_OK);
  CHECK(value.as.integer > 1000);
  CHECK_EQUAL(look(&p, "/4/0/0", &value), LINNET_OK);
  CHECK_EQUAL(linnet_driver_run(p.driver), LINNET_OK);
  linnet_client_close(p.client);
  refresh(&p);
  CHECK(p.driver->parts == NULL);
  linnet_client *other = linnet_client_new(p.loop, "other", NULL);
  CHECK_EQUAL(linnet_driver_describe(p.driver, other), LINNET_OK);
  linnet_client_unref(other); /* the driver lets go of it */
  linnet_driver_close(p.driver);
  CHECK_EQUAL(linnet_driver_describe(p.driver, p.client), LINNET_ERROR_CLOSED);
  end(&p);
}

int main(void) {
  return RUN(tells_what_the_machine_is, follows_what_moves, keeps_what_others_set, tells_of_power,
             tells_of_links, leaves_an_object_4_of_the_application_alone, bears_nonsense,
             describes_this_machine);
}
