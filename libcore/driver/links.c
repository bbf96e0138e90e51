/* SPDX-License-Identifier: Apache-2.0 */
/* links.c: interfaces, their addresses, routers and bearers (system.h; objects.md /4; getifaddrs(3),
 * proc(5)).
 */
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "system.h"

enum { WLAN = 21, BLUETOOTH = 22, IEEE_802_15_4 = 23, ETHERNET = 41 };
/* ARPHRD_ of if_arp.h */
enum { TYPE_ETHERNET = 1, TYPE_IEEE802154 = 804, TYPE_IEEE802154_MONITOR = 805 };

#define ROUTES 32

/* A default route. */
typedef struct route {
  char interface[IF_NAMESIZE];
  unsigned long metric;
} route;

/* ---- bearers ------------------------------------------------------------------------------------- */

/* -1: none that /4/0/0 could name. */
static int bearer_of(const char *root, const char *interface) {
  static const struct {
    const char *type;
    int bearer;
  } types[] = {{"wlan", WLAN}, {"bluetooth", BLUETOOTH}, {"wwan", -1}};
  char path[128], text[LINNET__TEXT_SIZE];
  int64_t type = -1;
  snprintf(path, sizeof path, "/sys/class/net/%s/uevent", interface);
  if (linnet__system_entry(root, path, "DEVTYPE=", text))
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
      if (strcmp(text, types[i].type) == 0) return types[i].bearer;
  snprintf(path, sizeof path, "/sys/class/net/%s/type", interface);
  linnet__system_number(root, path, &type);
  if (type == TYPE_ETHERNET) return ETHERNET;
  return type == TYPE_IEEE802154 || type == TYPE_IEEE802154_MONITOR ? IEEE_802_15_4 : -1;
}

static void add_bearer(linnet__links *links, int bearer) {
  if (bearer < 0 || links->bearer_count == LINNET__BEARERS) return;
  for (size_t i = 0; i < links->bearer_count; i++)
    if (links->bearers[i] == bearer) return;
  links->bearers[links->bearer_count++] = bearer;
}

/* ---- routers ------------------------------------------------------------------------------------- */

static void add_router(linnet__links *links, int family, const void *address) {
  if (links->router_count == LINNET__ROUTERS) return;
  char *text = links->routers[links->router_count];
  if (inet_ntop(family, address, text, sizeof links->routers[0]) == NULL) return;
  for (size_t i = 0; i < links->router_count; i++)
    if (strcmp(links->routers[i], text) == 0) return;
  links->router_count++;
}

static FILE *open_table(const char *root, const char *path) {
  char text[512];
  snprintf(text, sizeof text, "%s%s", root, path);
  return fopen(text, "re");
}

static void consider(route *best, const char *interface, unsigned long metric) {
  if (best->interface[0] != 0 && best->metric <= metric) return;
  snprintf(best->interface, sizeof best->interface, "%s", interface);
  best->metric = metric;
}

/* Columns of a table, cut apart. */
typedef struct columns {
  char line[256];
  char *words[16];
  size_t count;
} columns;

/* The next line; false at the end. */
static bool read_columns(FILE *file, columns *c) {
  char *rest = c->line, *word;
  c->count = 0;
  if (fgets(c->line, sizeof c->line, file) == NULL) return false;
  while (c->count < sizeof c->words / sizeof c->words[0] && (word = strtok_r(rest, " \t\n", &rest)) != NULL)
    c->words[c->count++] = word;
  return true;
}

static bool is_interface(const char *word) { return strlen(word) < IF_NAMESIZE; }

/* "Iface Destination Gateway Flags RefCnt Use Metric Mask ...": addresses are hexadecimal numbers in the
 * order of the machine. */
static void read_routes_4(const char *root, linnet__links *links, route *best) {
  columns c;
  FILE *file = open_table(root, "/proc/net/route");
  if (file == NULL) return;
  for (unsigned i = 0; i < ROUTES && read_columns(file, &c); i++) {
    if (c.count < 8 || !is_interface(c.words[0])) continue;
    if (strcmp(c.words[1], "00000000") != 0 || strcmp(c.words[7], "00000000") != 0) continue;
    struct in_addr gateway = {(in_addr_t)strtoul(c.words[2], NULL, 16)};
    if (gateway.s_addr != 0) add_router(links, AF_INET, &gateway);
    consider(best, c.words[0], strtoul(c.words[6], NULL, 10));
  }
  fclose(file);
}

static bool read_address_6(const char *digits, uint8_t bytes[16]) {
  if (strlen(digits) != 32 || strspn(digits, "0123456789abcdefABCDEF") != 32) return false;
  for (size_t i = 0; i < 16; i++) {
    const char pair[3] = {digits[2 * i], digits[2 * i + 1], 0};
    bytes[i] = (uint8_t)strtoul(pair, NULL, 16);
  }
  return true;
}

/* Destination, its length, source, its length, next hop, metric, references, uses, flags, interface. */
static void read_routes_6(const char *root, linnet__links *links, route *best) {
  static const char everything[] = "00000000000000000000000000000000";
  columns c;
  FILE *file = open_table(root, "/proc/net/ipv6_route");
  if (file == NULL) return;
  for (unsigned i = 0; i < ROUTES && read_columns(file, &c); i++) {
    uint8_t gateway[16];
    if (c.count < 10 || !is_interface(c.words[9])) continue;
    if (strcmp(c.words[0], everything) != 0 || strcmp(c.words[1], "00") != 0) continue;
    if (strcmp(c.words[4], everything) == 0 || !read_address_6(c.words[4], gateway)) continue;
    add_router(links, AF_INET6, gateway);
    consider(best, c.words[9], strtoul(c.words[5], NULL, 16));
  }
  fclose(file);
}

/* ---- addresses ----------------------------------------------------------------------------------- */

/* False: it says nothing about how the machine is reached. */
static bool is_worth_telling(const struct ifaddrs *item) {
  const unsigned up = IFF_UP | IFF_RUNNING;
  if ((item->ifa_flags & up) != up || (item->ifa_flags & IFF_LOOPBACK) != 0) return false;
  if (item->ifa_addr == NULL) return false;
  if (item->ifa_addr->sa_family == AF_INET) return true;
  if (item->ifa_addr->sa_family != AF_INET6) return false;
  const struct sockaddr_in6 *address = (const void *)item->ifa_addr;
  return !IN6_IS_ADDR_LINKLOCAL(&address->sin6_addr);
}

static void add_address(linnet__links *links, const struct sockaddr *address) {
  if (links->address_count == LINNET__ADDRESSES) return;
  const void *bytes = address->sa_family == AF_INET
                          ? (const void *)&((const struct sockaddr_in *)(const void *)address)->sin_addr
                          : (const void *)&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
  char *text = links->addresses[links->address_count];
  if (inet_ntop(address->sa_family, bytes, text, sizeof links->addresses[0]) != NULL) links->address_count++;
}

static void read_addresses(const char *root, linnet__links *links, route *best) {
  struct ifaddrs *first = NULL;
  if (getifaddrs(&first) != 0) return;
  for (const struct ifaddrs *item = first; item != NULL; item = item->ifa_next) {
    if (!is_worth_telling(item)) continue;
    add_address(links, item->ifa_addr);
    add_bearer(links, bearer_of(root, item->ifa_name));
    consider(best, item->ifa_name, ULONG_MAX);
  }
  freeifaddrs(first);
}

/* ---- signal -------------------------------------------------------------------------------------- */

/* "wlan0: 0000   54.  -56.  -256 ..." */
static void read_signal(const char *root, const char *interface, linnet__links *links) {
  size_t length = strlen(interface);
  columns c;
  FILE *file = open_table(root, "/proc/net/wireless");
  if (file == NULL) return;
  while (read_columns(file, &c)) {
    if (c.count < 4 || strncmp(c.words[0], interface, length) != 0 || strcmp(c.words[0] + length, ":") != 0)
      continue;
    long quality = strtol(c.words[2], NULL, 10), level = strtol(c.words[3], NULL, 10);
    if (quality >= 0 && quality < 256) links->quality = (int)quality;
    if (level > 63 && level < 256) level -= 256; /* older drivers give a byte */
    if (level < 0 && level > -256) links->signal = (int)level;
    break;
  }
  fclose(file);
}

void linnet__links_read(const char *root, linnet__links *links) {
  route best = {"", 0}, best_6 = {"", 0};
  memset(links, 0, sizeof *links);
  links->quality = -1;
  read_routes_4(root, links, &best);
  read_routes_6(root, links, &best_6);
  if (best.interface[0] == 0) best = best_6;
  links->bearer = best.interface[0] != 0 ? bearer_of(root, best.interface) : -1;
  add_bearer(links, links->bearer);
  read_addresses(root, links, &best);
  if (links->bearer < 0) links->bearer = links->bearer_count > 0 ? links->bearers[0] : ETHERNET;
  add_bearer(links, links->bearer);
  if (best.interface[0] != 0) read_signal(root, best.interface, links);
}
