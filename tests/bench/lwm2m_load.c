/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lwm2m_load - neutral load generator for OMA LwM2M 1.0 over CoAP/UDP.
 *
 *   clients      N simulated LwM2M clients against a server under test
 *   server       minimal LwM2M server that pumps one client under test
 *   null_server  trivial stateless responder: upper bound for `clients`
 *   null_client  trivial responder that registers once: upper bound for `server`
 *   memory       RSS/PSS/CPU of a pid
 *
 * One file, libc only, Linux.  gcc -O2 -o lwm2m_load lwm2m_load.c
 * It shares no code with any LwM2M stack.  See README.md.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define VERSION "1.0"
#define BUFSZ 2048

/* ------------------------------------------------------------------ util */

static void die(const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  fprintf(stderr, "lwm2m_load: ");
  vfprintf(stderr, fmt, ap);
  fprintf(stderr, "\n");
  va_end(ap);
  exit(2);
}

static int g_verbose;
#define LOG(...)                    \
  do {                              \
    if (g_verbose) {                \
      fprintf(stderr, __VA_ARGS__); \
      fputc('\n', stderr);          \
    }                               \
  } while (0)

static inline uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

static uint64_t g_rng = 88172645463325252ull;
static inline uint32_t rnd(void) {
  g_rng ^= g_rng << 13;
  g_rng ^= g_rng >> 7;
  g_rng ^= g_rng << 17;
  return (uint32_t)(g_rng >> 16);
}

static void pin_cpu(int cpu) {
  cpu_set_t s;
  if (cpu < 0) return;
  CPU_ZERO(&s);
  CPU_SET((size_t)cpu, &s);
  if (sched_setaffinity(0, sizeof s, &s))
    fprintf(stderr, "lwm2m_load: cannot pin to cpu %d: %s\n", cpu, strerror(errno));
}

static volatile sig_atomic_t g_stop;
static void on_signal(int s) {
  (void)s;
  g_stop = 1;
}

static void install_signals(void) {
  struct sigaction sa;
  memset(&sa, 0, sizeof sa);
  sa.sa_handler = on_signal; /* no SA_RESTART: blocking calls must return */
  sigaction(SIGINT, &sa, NULL);
  sigaction(SIGTERM, &sa, NULL);
  sigaction(SIGALRM, &sa, NULL);
  signal(SIGPIPE, SIG_IGN);
}

/* ------------------------------------------------- histogram (log-linear) */

#define H_SUB 64 /* 64 sub-buckets per power of two: error below 1.6 % */
#define H_N (H_SUB * 50)
typedef struct {
  uint64_t n, max, min, sum;
  uint64_t b[H_N];
} hist_t;

static inline unsigned h_idx(uint64_t v) {
  if (v < 2 * H_SUB) return (unsigned)v;
  unsigned e = 63u - (unsigned)__builtin_clzll(v); /* >= 7 */
  unsigned sh = e - 6;
  return sh * H_SUB + (unsigned)(v >> sh);
}
static uint64_t h_val(unsigned i) {
  if (i < 2 * H_SUB) return i;
  unsigned sh = i / H_SUB - 1;
  uint64_t lo = (uint64_t)(i - sh * H_SUB) << sh;
  return lo + ((1ull << sh) >> 1);
}
static inline void h_add(hist_t *h, uint64_t v) {
  unsigned i = h_idx(v);
  if (i >= H_N) i = H_N - 1;
  h->b[i]++;
  h->n++;
  h->sum += v;
  if (v > h->max) h->max = v;
  if (h->n == 1 || v < h->min) h->min = v;
}
static uint64_t h_q(const hist_t *h, double q) {
  if (!h->n) return 0;
  uint64_t want = (uint64_t)(q * (double)h->n + 0.5), c = 0;
  if (want < 1) want = 1;
  for (unsigned i = 0; i < H_N; i++) {
    c += h->b[i];
    if (c >= want) {
      uint64_t v = h_val(i);
      return v > h->max ? h->max : v;
    }
  }
  return h->max;
}

/* ------------------------------------------------------- process figures */

typedef struct {
  int ok;
  long rss_kb, pss_kb, priv_kb;
  double cpu_s, utime_s, stime_s;
  int threads;
} proc_t;

static void proc_cpu(pid_t pid, proc_t *p) {
  char path[64], buf[1024];
  if (pid <= 0) return;
  snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  ssize_t n = read(fd, buf, sizeof buf - 1);
  close(fd);
  if (n <= 0) return;
  buf[n] = 0;
  char *s = strrchr(buf, ')');
  if (!s) return;
  s += 2;
  unsigned long ut = 0, st = 0;
  long thr = 0;
  /* fields from 3 (state): utime is 14, stime 15, num_threads 20 */
  if (sscanf(s, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %*d %*d %*d %*d %ld", &ut, &st, &thr) !=
      3)
    return;
  double hz = (double)sysconf(_SC_CLK_TCK);
  p->utime_s = (double)ut / hz;
  p->stime_s = (double)st / hz;
  p->cpu_s = p->utime_s + p->stime_s;
  p->threads = (int)thr;
  p->ok = 1;
  if (thr == 1) { /* same clock in ns instead of 10 ms ticks */
    snprintf(path, sizeof path, "/proc/%d/schedstat", (int)pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
      n = read(fd, buf, sizeof buf - 1);
      close(fd);
      if (n > 0) {
        buf[n] = 0;
        unsigned long long ns;
        if (sscanf(buf, "%llu", &ns) == 1 && ns > 0) p->cpu_s = (double)ns / 1e9;
      }
    }
  }
}

static void proc_mem(pid_t pid, proc_t *p) {
  char path[64], line[256];
  if (pid <= 0) return;
  snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
  FILE *f = fopen(path, "re");
  if (!f) return;
  long v;
  p->priv_kb = 0;
  while (fgets(line, sizeof line, f)) {
    if (sscanf(line, "Rss: %ld", &v) == 1)
      p->rss_kb = v;
    else if (sscanf(line, "Pss: %ld", &v) == 1)
      p->pss_kb = v;
    else if (sscanf(line, "Private_Clean: %ld", &v) == 1 || sscanf(line, "Private_Dirty: %ld", &v) == 1)
      p->priv_kb += v;
  }
  fclose(f);
  p->ok = 1;
}

static proc_t proc_all(pid_t pid) {
  proc_t p;
  memset(&p, 0, sizeof p);
  proc_cpu(pid, &p);
  proc_mem(pid, &p);
  return p;
}

/* CPU time the hypervisor took from this machine, all cores together */
static double host_steal(void) {
  char buf[512];
  unsigned long long v[8];
  int fd = open("/proc/stat", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  ssize_t n = read(fd, buf, sizeof buf - 1);
  close(fd);
  if (n <= 0) return 0;
  buf[n] = 0;
  if (sscanf(buf, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", v, v + 1, v + 2, v + 3, v + 4, v + 5, v + 6,
             v + 7) != 8)
    return 0;
  return (double)v[7] / (double)sysconf(_SC_CLK_TCK);
}

static double self_cpu(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* -------------------------------------------------------- system under test
 * started by us when a command follows `--`; killed by its pid, nothing else. */

typedef struct {
  pid_t pid;   /* figures are read from this pid */
  pid_t child; /* >0: ours to stop */
  int in_w;    /* write end of its stdin */
  int exited, status;
} sut_t;

static sut_t g_sut = {0, 0, -1, 0, 0};
static struct rlimit g_nofile; /* the limit we were started with: the SUT gets it back */

static void sut_start(char **argv, int cpu, const char *log) {
  int pfd[2];
  if (pipe2(pfd, O_CLOEXEC)) die("pipe: %s", strerror(errno));
  pid_t me = getpid();
  pid_t p = fork();
  if (p < 0) die("fork: %s", strerror(errno));
  if (p == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* never outlive the generator */
    if (getppid() != me) _exit(126);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    if (g_nofile.rlim_max) setrlimit(RLIMIT_NOFILE, &g_nofile);
    if (cpu >= 0)
      pin_cpu(cpu);
    else {
      cpu_set_t s;
      memset(&s, 0xff, sizeof s);
      sched_setaffinity(0, sizeof s, &s);
    }
    int o = open(log ? log : "/dev/null", O_WRONLY | O_CREAT | O_TRUNC, 0644);
    dup2(pfd[0], 0);
    if (o >= 0) {
      dup2(o, 1);
      dup2(o, 2);
    }
    execvp(argv[0], argv);
    fprintf(stderr, "exec %s: %s\n", argv[0], strerror(errno));
    _exit(127);
  }
  close(pfd[0]);
  g_sut.child = g_sut.pid = p;
  g_sut.in_w = pfd[1];
}

static int sut_dead(void) {
  if (g_sut.child <= 0) return 0;
  if (g_sut.exited) return 1;
  int st;
  if (waitpid(g_sut.child, &st, WNOHANG) == g_sut.child) {
    g_sut.exited = 1;
    g_sut.status = st;
    return 1;
  }
  return 0;
}

static void sut_stop(void (*idle)(double)) {
  if (g_sut.child <= 0) return;
  for (int i = 0; i < 40 && !sut_dead(); i++) {
    if (i == 0) kill(g_sut.child, SIGTERM);
    if (i == 10) kill(g_sut.child, SIGINT);
    if (i == 30) kill(g_sut.child, SIGKILL);
    if (idle) /* keep answering: it may want to deregister */
      idle(0.1);
    else
      usleep(100000);
  }
  if (g_sut.in_w >= 0) close(g_sut.in_w);
}

/* ------------------------------------------------------------------ CoAP */

enum { T_CON, T_NON, T_ACK, T_RST };
enum { M_GET = 1, M_POST = 2, M_PUT = 3, M_DELETE = 4 };
#define CODE(c, d) (((c) << 5) | (d))
enum { O_OBSERVE = 6, O_LOCATION_PATH = 8, O_URI_PATH = 11, O_CF = 12, O_URI_QUERY = 15, O_ACCEPT = 17 };

typedef struct {
  uint8_t *p;
  unsigned last;
} wr_t;

static inline void w_hdr(wr_t *w, uint8_t *buf, unsigned type, unsigned code, uint16_t mid, const void *tok,
                         unsigned tkl) {
  buf[0] = (uint8_t)(0x40 | type << 4 | tkl);
  buf[1] = (uint8_t)code;
  buf[2] = (uint8_t)(mid >> 8);
  buf[3] = (uint8_t)mid;
  memcpy(buf + 4, tok, tkl);
  w->p = buf + 4 + tkl;
  w->last = 0;
}
static inline void w_opt(wr_t *w, unsigned num, const void *v, unsigned len) {
  unsigned d = num - w->last;
  uint8_t *h = w->p++;
  uint8_t dn, ln;
  w->last = num;
  if (d < 13)
    dn = (uint8_t)d;
  else {
    dn = 13;
    *w->p++ = (uint8_t)(d - 13);
  }
  if (len < 13)
    ln = (uint8_t)len;
  else {
    ln = 13;
    *w->p++ = (uint8_t)(len - 13);
  }
  *h = (uint8_t)(dn << 4 | ln);
  memcpy(w->p, v, len);
  w->p += len;
}
static inline void w_uint(wr_t *w, unsigned num, unsigned v) {
  uint8_t b[3];
  unsigned n = 0;
  if (v > 0xffff) b[n++] = (uint8_t)(v >> 16);
  if (v > 0xff) b[n++] = (uint8_t)(v >> 8);
  if (v) b[n++] = (uint8_t)v;
  w_opt(w, num, b, n);
}
static void w_path(wr_t *w, const char *s) {
  while (*s == '/') s++;
  while (*s) {
    const char *e = strchrnul(s, '/');
    w_opt(w, O_URI_PATH, s, (unsigned)(e - s));
    s = *e ? e + 1 : e;
  }
}
static inline void w_payload(wr_t *w, const void *v, size_t n) {
  *w->p++ = 0xff;
  memcpy(w->p, v, n);
  w->p += n;
}

#define MAXSEG 8
typedef struct {
  uint8_t type, code, tkl;
  uint16_t mid;
  const uint8_t *tok;
  int32_t observe, cf, accept;
  unsigned npath, nloc, nq;
  struct {
    const uint8_t *p;
    unsigned n;
  } path[MAXSEG], loc[MAXSEG], q[MAXSEG];
  const uint8_t *pl;
  size_t pln;
} msg_t;

static int32_t rd_uint(const uint8_t *p, unsigned n) {
  uint32_t v = 0;
  while (n--) v = v << 8 | *p++;
  return (int32_t)(v & 0x7fffffff);
}

static int parse(const uint8_t *b, size_t n, msg_t *m) {
  if (n < 4 || b[0] >> 6 != 1) return -1;
  m->type = b[0] >> 4 & 3;
  m->tkl = b[0] & 15;
  m->code = b[1];
  m->mid = (uint16_t)(b[2] << 8 | b[3]);
  m->tok = b + 4;
  m->observe = m->cf = m->accept = -1;
  m->npath = m->nloc = m->nq = 0;
  m->pl = NULL;
  m->pln = 0;
  if (m->tkl > 8 || 4u + m->tkl > n) return -1;
  const uint8_t *p = b + 4 + m->tkl, *e = b + n;
  unsigned num = 0;
  while (p < e) {
    if (*p == 0xff) {
      m->pl = p + 1;
      m->pln = (size_t)(e - p - 1);
      return 0;
    }
    unsigned d = *p >> 4, l = *p & 15;
    p++;
    if (d == 15 || l == 15) return -1;
    if (d == 13) {
      if (p >= e) return -1;
      d = 13u + *p++;
    } else if (d == 14) {
      if (e - p < 2) return -1;
      d = 269u + (unsigned)(p[0] << 8 | p[1]);
      p += 2;
    }
    if (l == 13) {
      if (p >= e) return -1;
      l = 13u + *p++;
    } else if (l == 14) {
      if (e - p < 2) return -1;
      l = 269u + (unsigned)(p[0] << 8 | p[1]);
      p += 2;
    }
    if ((size_t)(e - p) < l) return -1;
    num += d;
    switch (num) {
      case O_OBSERVE:
        m->observe = rd_uint(p, l);
        break;
      case O_CF:
        m->cf = rd_uint(p, l);
        break;
      case O_ACCEPT:
        m->accept = rd_uint(p, l);
        break;
      case O_URI_PATH:
        if (m->npath < MAXSEG) {
          m->path[m->npath].p = p;
          m->path[m->npath++].n = l;
        }
        break;
      case O_LOCATION_PATH:
        if (m->nloc < MAXSEG) {
          m->loc[m->nloc].p = p;
          m->loc[m->nloc++].n = l;
        }
        break;
      case O_URI_QUERY:
        if (m->nq < MAXSEG) {
          m->q[m->nq].p = p;
          m->q[m->nq++].n = l;
        }
        break;
      default:
        break;
    }
    p += l;
  }
  return 0;
}

static int path_is(const msg_t *m, const char *s) {
  unsigned i = 0;
  while (*s == '/') s++;
  while (*s) {
    const char *e = strchrnul(s, '/');
    if (i >= m->npath || m->path[i].n != (unsigned)(e - s) || memcmp(m->path[i].p, s, m->path[i].n)) return 0;
    i++;
    s = *e ? e + 1 : e;
  }
  return i == m->npath;
}

static void parse_hostport(const char *s, struct sockaddr_in *a) {
  char h[64];
  const char *c = strrchr(s, ':');
  if (!c || (size_t)(c - s) >= sizeof h) die("bad host:port %s", s);
  memcpy(h, s, (size_t)(c - s));
  h[c - s] = 0;
  memset(a, 0, sizeof *a);
  a->sin_family = AF_INET;
  a->sin_port = htons((uint16_t)atoi(c + 1));
  if (!strcmp(h, "localhost")) strcpy(h, "127.0.0.1");
  if (inet_pton(AF_INET, h, &a->sin_addr) != 1) die("bad IPv4 address %s", h);
}

/* --------------------------------------------------------------- options */

typedef struct {
  const char *target; /* clients, null_client: server host:port */
  const char *bind;   /* server, null_server: listen address */
  int n;
  int windows[8], nwin;
  int reads;
  double dur, serve_s, hold_s, rate;
  double ack_timeout;
  int max_retrans;
  int cpu, sut_cpu, spin;
  int base_port;
  int pid;
  int ready_ms, settle_ms;
  const char *ep_prefix;
  const char *sut_log;
  const char *stdin_cmd;
  const char *tests;
  const char *obs_path, *write_path;
  int observes;
  const char *impl;
  long max_requests;
  double reg_timeout;
  int lifetime;
  int no_dereg, non, notify_flood, update_lt, nofork_warm;
  const char *label;
  int write_lo, write_n;
  int rounds, max_time;
} opt_t;

static opt_t O = {
    .target = "127.0.0.1:5683",
    .bind = "127.0.0.1:5683",
    .n = 100,
    .observes = 1,
    .windows = {0},
    .nwin = 0,
    .dur = 10,
    .ack_timeout = 2.0,
    .max_retrans = 4,
    .cpu = -1,
    .sut_cpu = -1,
    .ready_ms = 700,
    .settle_ms = 1000,
    .ep_prefix = "sim",
    .tests = "read_text,read_tlv,read_object,write_text",
    .obs_path = "/1/0/2",
    .write_path = "/1/0/2",
    .impl = "blocking",
    .reg_timeout = 60,
    .lifetime = 86400,
    .label = "",
    .write_lo = 10,
    .write_n = 50,
    .rounds = 1,
    .max_time = 1800,
};

/* ---------------------------------------------------------------- phases */

typedef struct {
  const char *name;
  uint64_t sent, ok, ok_in_window, fail, retrans, timeouts, stray, sockerr, unfinished;
  uint64_t codes[256];
  uint64_t t_start, t_end, t_last;
  hist_t *h;
  proc_t p0, p1;
  double g0, g1, st0, st1;
  uint64_t empty_ns; /* time in polls that found nothing */
  int stray_from;    /* the first stray datagram: peer port (server) or client index (clients) */
  unsigned stray_len;
  uint8_t stray_b[40];
} phase_t;

static void ph_stray(phase_t *ph, const uint8_t *b, size_t n, int from) {
  if (!ph->stray++) {
    ph->stray_from = from;
    ph->stray_len = (unsigned)n;
    memcpy(ph->stray_b, b, n < sizeof ph->stray_b ? n : sizeof ph->stray_b);
  }
}

static void ph_begin(phase_t *ph, const char *name) {
  hist_t *h = ph->h;
  memset(ph, 0, sizeof *ph);
  ph->h = h ? h : malloc(sizeof(hist_t));
  memset(ph->h, 0, sizeof(hist_t));
  ph->name = name;
  ph->p0.ok = 0;
  ph->st0 = host_steal();
  proc_cpu(g_sut.pid, &ph->p0);
  ph->g0 = self_cpu();
  ph->t_start = ph->t_last = now_ns();
}
static void ph_finish(phase_t *ph) {
  ph->g1 = self_cpu();
  if (!ph->t_end) ph->t_end = now_ns();
  proc_cpu(g_sut.pid, &ph->p1);
  ph->st1 = host_steal();
}

static void jstr(const char *s) {
  putchar('"');
  for (; *s; s++) {
    if (*s == '"' || *s == '\\') putchar('\\');
    if ((unsigned char)*s >= 0x20) putchar(*s);
  }
  putchar('"');
}

static void ph_json(const phase_t *ph, double elapsed, uint64_t count_for_rate) {
  uint64_t done = ph->ok + ph->fail;
  printf("\"ok\":%" PRIu64 ",\"fail\":%" PRIu64 ",\"retrans\":%" PRIu64 ",\"timeouts\":%" PRIu64
         ",\"stray\":%" PRIu64 ",\"sock_errors\":%" PRIu64 ",\"unfinished\":%" PRIu64,
         ph->ok, ph->fail, ph->retrans, ph->timeouts, ph->stray, ph->sockerr, ph->unfinished);
  printf(",\"codes\":{");
  int first = 1;
  for (int i = 0; i < 256; i++)
    if (ph->codes[i]) {
      printf("%s\"%d.%02d\":%" PRIu64, first ? "" : ",", i >> 5, i & 31, ph->codes[i]);
      first = 0;
    }
  printf("},\"elapsed_s\":%.6f,\"per_s\":%.1f", elapsed,
         elapsed > 0 ? (double)count_for_rate / elapsed : 0.0);
  const hist_t *h = ph->h;
  printf(
      ",\"lat_us\":{\"min\":%.1f,\"mean\":%.1f,\"p50\":%.1f,\"p90\":%.1f,\"p99\":%.1f,\"p999\":%.1f,\"max\":%"
      ".1f}",
      (double)h->min / 1e3, h->n ? (double)h->sum / (double)h->n / 1e3 : 0.0, (double)h_q(h, .5) / 1e3,
      (double)h_q(h, .9) / 1e3, (double)h_q(h, .99) / 1e3, (double)h_q(h, .999) / 1e3, (double)h->max / 1e3);
  double span = (double)(ph->t_end - ph->t_start) / 1e9;
  if (ph->p0.ok && ph->p1.ok) {
    double c = ph->p1.cpu_s - ph->p0.cpu_s;
    printf(
        ",\"sut_cpu_s\":%.4f,\"sut_user_s\":%.2f,\"sut_sys_s\":%.2f,\"sut_util\":%.3f,\"sut_cpu_s_per_100k\":"
        "%.4f",
        c, ph->p1.utime_s - ph->p0.utime_s, ph->p1.stime_s - ph->p0.stime_s, span > 0 ? c / span : 0.0,
        done ? c / (double)done * 1e5 : 0.0);
  }
  double g = ph->g1 - ph->g0;
  printf(",\"gen_cpu_s\":%.4f,\"gen_util\":%.3f,\"gen_cpu_s_per_100k\":%.4f", g, span > 0 ? g / span : 0.0,
         done ? g / (double)done * 1e5 : 0.0);
  printf(",\"host_steal_s\":%.2f", ph->st1 - ph->st0);
  if (ph->stray) {
    printf(",\"first_stray\":{\"from\":%d,\"len\":%u,\"hex\":\"", ph->stray_from, ph->stray_len);
    for (unsigned i = 0; i < ph->stray_len && i < sizeof ph->stray_b; i++) printf("%02x", ph->stray_b[i]);
    printf("\"}");
  }
  /* share of the phase in which the generator had work: CPU when it sleeps,
   * time outside empty polls when it spins */
  double busy = O.spin     ? 1.0 - (span > 0 ? (double)ph->empty_ns / 1e9 / span : 0.0)
                : span > 0 ? g / span
                           : 0.0;
  printf(",\"gen_busy\":%.3f", busy < 0 ? 0.0 : busy);
}

static void mem_json(const char *name, const proc_t *p) {
  printf("\"%s\":{\"rss_kb\":%ld,\"pss_kb\":%ld,\"private_kb\":%ld,\"threads\":%d}", name, p->rss_kb,
         p->pss_kb, p->priv_kb, p->threads);
}

/* =============================================================== clients */

enum { K_NONE, K_REG, K_UPD, K_DEL };

typedef struct {
  int fd;
  uint16_t mid, req_mid;
  uint8_t registered, kind, acked, retr;
  uint8_t loclen;
  uint8_t loc[47]; /* Uri-Path options, ready encoded (delta of the first is 11) */
  uint32_t tok;
  uint32_t infl; /* position in the in-flight array */
  uint64_t t0, deadline, rto;
} sim_t;

static struct {
  sim_t *c;
  int n, W, ep;
  uint32_t *infl, ninfl;
  uint32_t *idle, ih, it; /* ring of idle, registered clients */
  uint32_t tokseq;
  uint64_t gets, gets_ok, gets_other;
  phase_t ph;
} C;

static inline void idle_push(uint32_t i) { C.idle[C.it++ % (uint32_t)C.n] = i; }

static unsigned put_dec(char *p, unsigned v) {
  char t[12];
  unsigned n = 0, i;
  do {
    t[n++] = (char)('0' + v % 10);
    v /= 10;
  } while (v);
  for (i = 0; i < n; i++) p[i] = t[n - 1 - i];
  return n;
}

static size_t sim_build(const sim_t *s, uint32_t idx, uint8_t *b) {
  static const char links[] = "</1/0>,</3/0>,</3303/0>";
  static char lt[24];
  static unsigned ltn;
  wr_t w;
  if (!ltn) ltn = (unsigned)snprintf(lt, sizeof lt, "lt=%d", O.lifetime);
  unsigned code = s->kind == K_DEL ? M_DELETE : M_POST;
  w_hdr(&w, b, T_CON, code, s->req_mid, &s->tok, 4);
  if (s->kind == K_REG) {
    char q[80];
    unsigned n = 3;
    memcpy(q, "ep=", 3);
    size_t pl = strlen(O.ep_prefix);
    memcpy(q + n, O.ep_prefix, pl);
    n += (unsigned)pl;
    n += put_dec(q + n, idx);
    w_opt(&w, O_URI_PATH, "rd", 2);
    w_uint(&w, O_CF, 40);
    w_opt(&w, O_URI_QUERY, q, n);
    w_opt(&w, O_URI_QUERY, lt, ltn);
    w_opt(&w, O_URI_QUERY, "lwm2m=1.0", 9);
    w_opt(&w, O_URI_QUERY, "b=U", 3);
    w_payload(&w, links, sizeof links - 1);
  } else {
    memcpy(w.p, s->loc, s->loclen);
    w.p += s->loclen;
    w.last = O_URI_PATH;
    if (s->kind == K_UPD && O.update_lt) w_opt(&w, O_URI_QUERY, lt, ltn);
  }
  return (size_t)(w.p - b);
}

static void sim_tx(sim_t *s, uint32_t idx) {
  uint8_t b[256];
  size_t n = sim_build(s, idx, b);
  if (send(s->fd, b, n, MSG_DONTWAIT) < 0)
    C.ph.sockerr++; /* ECONNREFUSED / ENOBUFS: the retransmission repeats it */
}

static void sim_start(uint32_t i, int kind, uint64_t t0, uint64_t now) {
  sim_t *s = &C.c[i];
  s->kind = (uint8_t)kind;
  s->req_mid = s->mid++;
  s->tok = htonl(++C.tokseq);
  s->acked = s->retr = 0;
  s->t0 = t0;
  s->rto = (uint64_t)(O.ack_timeout * 1e9 * (1.0 + 0.5 * (rnd() & 0xffff) / 65536.0));
  s->deadline = now + s->rto;
  s->infl = C.ninfl;
  C.infl[C.ninfl++] = i;
  C.ph.sent++;
  sim_tx(s, i);
}

static void sim_done(uint32_t i, int ok, uint64_t now) {
  sim_t *s = &C.c[i];
  uint32_t last = C.infl[--C.ninfl];
  C.infl[s->infl] = last;
  C.c[last].infl = s->infl;
  s->kind = K_NONE;
  if (ok) {
    C.ph.ok++;
    if (!C.ph.t_end || now <= C.ph.t_end) C.ph.ok_in_window++;
    h_add(C.ph.h, now > s->t0 ? now - s->t0 : 0);
  } else
    C.ph.fail++;
  C.ph.t_last = now;
}

/* a request from the server under test */
static void sim_serve(sim_t *s, const msg_t *m) {
  uint8_t b[128];
  wr_t w;
  unsigned code;
  C.gets++;
  int is_get = m->code == M_GET;
  int hit = is_get && path_is(m, "/3/0/0");
  code = hit ? CODE(2, 5) : is_get ? CODE(4, 4) : CODE(2, 4);
  w_hdr(&w, b, m->type == T_CON ? T_ACK : T_NON, code, m->type == T_CON ? m->mid : s->mid++, m->tok, m->tkl);
  if (hit) {
    C.gets_ok++;
    if (m->observe == 0) w_uint(&w, O_OBSERVE, 1);
    w_uint(&w, O_CF, 0);
    w_payload(&w, "sim", 3);
  } else
    C.gets_other++;
  if (send(s->fd, b, (size_t)(w.p - b), MSG_DONTWAIT) < 0) C.ph.sockerr++;
}

static void sim_rx(uint32_t i, uint64_t now) {
  sim_t *s = &C.c[i];
  uint8_t b[BUFSZ];
  msg_t m;
  ssize_t n = recv(s->fd, b, sizeof b, MSG_DONTWAIT);
  if (n < 0) {
    if (errno != EAGAIN && errno != EINTR) C.ph.sockerr++;
    return;
  }
  if (parse(b, (size_t)n, &m)) {
    ph_stray(&C.ph, b, (size_t)n, (int)i);
    return;
  }
  if (m.code == 0) {
    if (s->kind && m.mid == s->req_mid) {
      if (m.type == T_ACK)
        s->acked = 1; /* separate response follows */
      else if (m.type == T_RST) {
        C.ph.codes[0]++;
        sim_done(i, 0, now);
      }
    } else if (m.type == T_CON) { /* ping */
      uint8_t r[4] = {0x70, 0, (uint8_t)(m.mid >> 8), (uint8_t)m.mid};
      if (send(s->fd, r, 4, MSG_DONTWAIT) < 0) C.ph.sockerr++;
    } else if (m.type != T_RST)
      ph_stray(&C.ph, b, (size_t)n, (int)i);
    return;
  }
  if (m.code < 32) {
    sim_serve(s, &m);
    return;
  }
  if (m.type == T_CON) {
    uint8_t r[4] = {0x60, 0, (uint8_t)(m.mid >> 8), (uint8_t)m.mid};
    if (send(s->fd, r, 4, MSG_DONTWAIT) < 0) C.ph.sockerr++;
  }
  if (!s->kind || m.tkl != 4 || memcmp(m.tok, &s->tok, 4) || (m.type == T_ACK && m.mid != s->req_mid)) {
    ph_stray(&C.ph, b, (size_t)n, (int)i);
    return;
  }
  C.ph.codes[m.code]++;
  int ok = 0, kind = s->kind;
  if (kind == K_REG && m.code == CODE(2, 1) && m.nloc > 0) {
    wr_t w = {s->loc, 0};
    unsigned need = 0;
    for (unsigned k = 0; k < m.nloc; k++) need += m.loc[k].n + 2;
    if (need <= sizeof s->loc) {
      for (unsigned k = 0; k < m.nloc; k++) w_opt(&w, O_URI_PATH, m.loc[k].p, m.loc[k].n);
      s->loclen = (uint8_t)(w.p - s->loc);
      s->registered = 1;
      ok = 1;
    }
  } else if (kind == K_UPD && m.code == CODE(2, 4))
    ok = 1;
  else if (kind == K_DEL && m.code == CODE(2, 2)) {
    ok = 1;
    s->registered = 0;
  }
  sim_done(i, ok, now);
  if (s->registered) idle_push(i);
}

static void sim_timers(uint64_t now) {
  for (uint32_t k = 0; k < C.ninfl;) {
    uint32_t i = C.infl[k];
    sim_t *s = &C.c[i];
    if (now < s->deadline) {
      k++;
      continue;
    }
    if (s->acked) { /* separate response: allow 30 s in all */
      if (now - s->t0 > 30000000000ull) {
        C.ph.timeouts++;
        sim_done(i, 0, now);
        if (s->registered) idle_push(i);
        continue;
      }
      s->deadline = now + 1000000000ull;
      k++;
      continue;
    }
    if (s->retr >= O.max_retrans) {
      C.ph.timeouts++;
      sim_done(i, 0, now);
      if (s->registered) idle_push(i);
      continue;
    }
    s->retr++;
    s->rto *= 2;
    s->deadline = now + s->rto;
    C.ph.retrans++;
    sim_tx(s, i);
    k++;
  }
}

static void sim_poll(int timeout_ms) {
  struct epoll_event ev[256];
  uint64_t t = O.spin ? now_ns() : 0;
  int k = epoll_wait(C.ep, ev, 256, O.spin ? 0 : timeout_ms);
  if (k <= 0) {
    if (O.spin) C.ph.empty_ns += now_ns() - t;
    return;
  }
  for (int j = 0; j < k; j++) sim_rx(ev[j].data.u32, now_ns());
}

static int sim_aborted(uint64_t now, uint64_t *chk) {
  if (g_stop) return 1;
  if (now - *chk > 100000000ull) {
    *chk = now;
    if (sut_dead()) return 1;
  }
  return 0;
}

/* one pass over all clients (register, deregister) */
static void run_pass(int kind, const char *name) {
  ph_begin(&C.ph, name);
  uint64_t now = C.ph.t_start, tim = now, chk = now, limit = now + 600000000000ull;
  uint32_t next = 0;
  while (1) {
    while (C.ninfl < (uint32_t)C.W && next < (uint32_t)C.n) {
      if (kind == K_DEL && !C.c[next].registered) {
        next++;
        continue;
      }
      uint64_t t = now_ns();
      sim_start(next++, kind, t, t);
    }
    if (!C.ninfl && next >= (uint32_t)C.n) break;
    sim_poll(10);
    now = now_ns();
    if (now - tim > 20000000ull) {
      tim = now;
      sim_timers(now);
    }
    if (now > limit || sim_aborted(now, &chk)) break;
  }
  C.ph.unfinished = C.ninfl + ((uint32_t)C.n - next);
  C.ph.t_end = C.ph.t_last;
  ph_finish(&C.ph);
}

static void drain(uint64_t limit_ns) {
  uint64_t now = now_ns(), end = now + limit_ns, tim = now, chk = now;
  while (C.ninfl && now < end && !sim_aborted(now, &chk)) {
    sim_poll(10);
    now = now_ns();
    if (now - tim > 20000000ull) {
      tim = now;
      sim_timers(now);
    }
  }
}

static void run_updates(double secs) {
  C.ih = C.it = 0;
  for (int i = 0; i < C.n; i++)
    if (C.c[i].registered) idle_push((uint32_t)i);
  ph_begin(&C.ph, "update");
  uint64_t now = C.ph.t_start, tim = now, chk = now, end = now + (uint64_t)(secs * 1e9);
  uint64_t k = 0;
  double gap = O.rate > 0 ? 1e9 / O.rate : 0;
  C.ph.t_end = end;
  while (now < end) {
    int due = 1;
    while (C.ninfl < (uint32_t)C.W && C.ih != C.it) {
      uint64_t t = now_ns(), intended = t;
      if (t >= end) break;
      if (gap > 0) {
        intended = C.ph.t_start + (uint64_t)(gap * (double)k);
        if (intended > t) {
          due = 0;
          break;
        }
        k++;
      }
      /* open loop (--rate): latency counts from the intended time */
      sim_start(C.idle[C.ih++ % (uint32_t)C.n], K_UPD, intended, t);
    }
    sim_poll(gap > 0 && !due ? 0 : 10);
    now = now_ns();
    if (now - tim > 20000000ull) {
      tim = now;
      sim_timers(now);
    }
    if (sim_aborted(now, &chk)) break;
  }
  drain(5000000000ull);
  C.ph.unfinished = C.ninfl;
  ph_finish(&C.ph);
}

static void run_serve(double secs) {
  ph_begin(&C.ph, "serve");
  C.gets = C.gets_ok = C.gets_other = 0;
  uint64_t now = C.ph.t_start, chk = now, end = now + (uint64_t)(secs * 1e9);
  uint64_t last_cmd = 0, seen = 0;
  unsigned idx = 0;
  int waiting = 0;
  C.ph.t_end = end;
  while (now < end && !sim_aborted(now, &chk)) {
    if (O.stdin_cmd && g_sut.in_w >= 0) {
      /* closed loop over the stdin of the server under test: one command,
       * wait for the request it causes, next one */
      if (waiting && C.gets > seen) {
        h_add(C.ph.h, now - last_cmd);
        C.ph.ok++;
        waiting = 0;
      }
      if (waiting && now - last_cmd > 2000000000ull) {
        C.ph.timeouts++;
        C.ph.fail++;
        waiting = 0;
      }
      if (!waiting) {
        char line[256];
        size_t o = 0;
        for (const char *s = O.stdin_cmd; *s && o < sizeof line - 16;) {
          if (!strncmp(s, "{i}", 3)) {
            o += put_dec(line + o, idx);
            s += 3;
          } else
            line[o++] = *s++;
        }
        line[o++] = '\n';
        idx = (idx + 1) % (unsigned)C.n;
        seen = C.gets;
        last_cmd = now_ns();
        if (write(g_sut.in_w, line, o) < 0) C.ph.sockerr++;
        C.ph.sent++;
        waiting = 1;
      }
    }
    sim_poll(10);
    now = now_ns();
  }
  if (!O.stdin_cmd) C.ph.ok = C.gets;
  ph_finish(&C.ph);
}

static void mode_clients(char **sut_argv) {
  struct sockaddr_in srv, me;
  struct rlimit rl = {0, 0};
  parse_hostport(O.target, &srv);
  getrlimit(RLIMIT_NOFILE, &rl);
  g_nofile = rl;
  if (rl.rlim_cur < (rlim_t)O.n + 64) {
    rl.rlim_cur = (rlim_t)O.n + 64;
    if (rl.rlim_cur > rl.rlim_max) rl.rlim_max = rl.rlim_cur;
    if (setrlimit(RLIMIT_NOFILE, &rl))
      die("cannot open %d sockets (hard limit %ld): %s", O.n, (long)g_nofile.rlim_max, strerror(errno));
  }
  C.n = O.n;
  C.W = O.nwin ? O.windows[0] : 64;
  if (C.W > C.n) C.W = C.n;
  if (sut_argv) {
    sut_start(sut_argv, O.sut_cpu, O.sut_log);
    usleep((useconds_t)O.ready_ms * 1000);
    if (sut_dead()) die("the server under test exited at once (status 0x%x)", g_sut.status);
  } else
    g_sut.pid = O.pid;
  pin_cpu(O.cpu);
  C.c = calloc((size_t)C.n, sizeof *C.c);
  C.infl = calloc((size_t)C.n, sizeof *C.infl);
  C.idle = calloc((size_t)C.n, sizeof *C.idle);
  C.ep = epoll_create1(EPOLL_CLOEXEC);
  for (int i = 0; i < C.n; i++) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) die("socket %d: %s", i, strerror(errno));
    memset(&me, 0, sizeof me);
    me.sin_family = AF_INET;
    me.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    me.sin_port = O.base_port ? htons((uint16_t)(O.base_port + i)) : 0;
    if (bind(fd, (struct sockaddr *)&me, sizeof me)) die("bind client %d: %s", i, strerror(errno));
    if (connect(fd, (struct sockaddr *)&srv, sizeof srv)) die("connect: %s", strerror(errno));
    struct epoll_event e = {.events = EPOLLIN, .data.u32 = (uint32_t)i};
    epoll_ctl(C.ep, EPOLL_CTL_ADD, fd, &e);
    C.c[i].fd = fd;
    C.c[i].mid = (uint16_t)rnd();
  }
  printf("{\"tool\":\"lwm2m_load\",\"version\":\"" VERSION "\",\"mode\":\"clients\",\"label\":");
  jstr(O.label);
  printf(",\"target\":");
  jstr(O.target);
  printf(",\"n\":%d,\"window\":%d,\"spin\":%d,\"rate\":%.1f", C.n, C.W, O.spin, O.rate);

  proc_t m0 = proc_all(g_sut.pid), m1, m2;
  for (int round = 0; round < O.rounds; round++) {
    C.ih = C.it = 0;
    run_pass(K_REG, "register");
    LOG("registered %" PRIu64 "/%d", C.ph.ok, C.n);
    printf(",\"%s\":{", round ? "register_again" : "register");
    ph_json(&C.ph, (double)(C.ph.t_last - C.ph.t_start) / 1e9, C.ph.ok);
    printf("}");
    uint64_t nreg = C.ph.ok;
    usleep(50000);
    if (!round) {
      m1 = proc_all(g_sut.pid);
    }
    if (nreg && O.dur > 0 && !g_stop && !sut_dead()) {
      run_updates(O.dur);
      printf(",\"%s\":{", round ? "update_again" : "update");
      ph_json(&C.ph, O.dur, C.ph.ok_in_window);
      printf("}");
    }
    if (nreg && O.serve_s > 0 && !g_stop && !sut_dead()) {
      run_serve(O.serve_s);
      printf(",\"serve\":{\"requests\":%" PRIu64 ",\"get_3_0_0\":%" PRIu64 ",\"other\":%" PRIu64 ",", C.gets,
             C.gets_ok, C.gets_other);
      ph_json(&C.ph, O.serve_s, C.gets);
      printf("}");
    }
    m2 = proc_all(g_sut.pid);
    if (nreg && !O.no_dereg && !g_stop && !sut_dead()) {
      run_pass(K_DEL, "deregister");
      printf(",\"%s\":{", round ? "deregister_again" : "deregister");
      ph_json(&C.ph, (double)(C.ph.t_last - C.ph.t_start) / 1e9, C.ph.ok);
      printf("}");
    }
    if (!round && m0.ok && nreg) {
      usleep(50000);
      proc_t m3 = proc_all(g_sut.pid);
      printf(",\"memory\":{");
      mem_json("before", &m0);
      printf(",");
      mem_json("registered", &m1);
      printf(",");
      mem_json("after_updates", &m2);
      printf(",");
      mem_json("deregistered", &m3);
      printf(",\"rss_bytes_per_client\":%.0f,\"pss_bytes_per_client\":%.0f}",
             (double)(m1.rss_kb - m0.rss_kb) * 1024.0 / (double)nreg,
             (double)(m1.pss_kb - m0.pss_kb) * 1024.0 / (double)nreg);
    }
  }
  printf(",\"sut_died\":%s,\"interrupted\":%s}\n", sut_dead() ? "true" : "false", g_stop ? "true" : "false");
  fflush(stdout);
}

/* ================================================================ server */

#define MAXW 256
typedef struct {
  int busy, acked, retr;
  uint16_t mid;
  uint8_t want; /* the only response code that counts as ok */
  uint32_t tok;
  uint64_t t0, deadline, rto;
  size_t len;
  uint8_t b[96];
} slot_t;

typedef struct {
  const char *name;
  int method;
  char path[64];
  int accept;  /* -1: no Accept */
  int observe; /* -1: none */
  int value;   /* PUT: payload is a changing integer */
} test_t;

static struct {
  int fd;
  struct sockaddr_in peer;
  int have_peer;
  char ep[128], lwm2m[16], links[512];
  int nreg, nupd, ndereg;
  slot_t s[MAXW];
  int W, nbusy;
  uint16_t mid;
  uint32_t tokseq, obs_tok, obs_first; /* the last observed, and the first as a number */
  int obs_on;
  uint64_t notif, notif_con, notif_non, notif_in_window;
  uint64_t reqs_in; /* requests from the client during a test */
  phase_t ph;
  int smp_set;
  unsigned smp_code;
  int smp_cf;
  size_t smp_len, len_min, len_max;
  uint8_t smp[160];
  struct mmsghdr out[MAXW + 64];
  struct iovec oiov[MAXW + 64];
  uint8_t small[64][64];
  unsigned nout, nsmall;
} S;

static void srv_flush(void) {
  unsigned o = 0;
  while (o < S.nout) {
    int k;
    if (S.nout - o == 1)
      k = sendmsg(S.fd, &S.out[o].msg_hdr, 0) < 0 ? -1 : 1;
    else
      k = sendmmsg(S.fd, S.out + o, S.nout - o, 0);
    if (k < 0) {
      S.ph.sockerr++;
      k = 1;
    }
    o += (unsigned)k;
  }
  S.nout = S.nsmall = 0;
}

static void srv_queue(const void *b, size_t n, const struct sockaddr_in *to) {
  if (S.nout >= MAXW + 60) srv_flush();
  S.oiov[S.nout].iov_base = (void *)(uintptr_t)b;
  S.oiov[S.nout].iov_len = n;
  memset(&S.out[S.nout].msg_hdr, 0, sizeof(struct msghdr));
  S.out[S.nout].msg_hdr.msg_name = (void *)(uintptr_t)to;
  S.out[S.nout].msg_hdr.msg_namelen = sizeof *to;
  S.out[S.nout].msg_hdr.msg_iov = &S.oiov[S.nout];
  S.out[S.nout].msg_hdr.msg_iovlen = 1;
  S.nout++;
}

static void srv_small(const void *b, size_t n, const struct sockaddr_in *to) {
  if (S.nsmall >= 64 || S.nout >= MAXW + 60) srv_flush();
  memcpy(S.small[S.nsmall], b, n);
  srv_queue(S.small[S.nsmall], n, to);
  S.nsmall++;
}

static void srv_request_in(const msg_t *m, const struct sockaddr_in *from) {
  uint8_t b[64];
  wr_t w;
  unsigned code = CODE(4, 4);
  int loc = 0;
  S.reqs_in++;
  if (m->npath >= 1 && m->path[0].n == 2 && !memcmp(m->path[0].p, "rd", 2)) {
    if (m->code == M_POST && m->npath == 1) {
      S.peer = *from;
      S.have_peer = 1;
      S.nreg++;
      for (unsigned i = 0; i < m->nq; i++) {
        unsigned n = m->q[i].n;
        if (n > 3 && !memcmp(m->q[i].p, "ep=", 3))
          snprintf(S.ep, sizeof S.ep, "%.*s", (int)n - 3, (const char *)m->q[i].p + 3);
        else if (n > 6 && !memcmp(m->q[i].p, "lwm2m=", 6))
          snprintf(S.lwm2m, sizeof S.lwm2m, "%.*s", (int)n - 6, (const char *)m->q[i].p + 6);
      }
      snprintf(S.links, sizeof S.links, "%.*s", (int)m->pln, m->pl ? (const char *)m->pl : "");
      code = CODE(2, 1);
      loc = 1;
    } else if (m->code == M_POST) {
      S.nupd++;
      code = CODE(2, 4);
    } else if (m->code == M_DELETE) {
      S.ndereg++;
      code = CODE(2, 2);
    }
  }
  w_hdr(&w, b, m->type == T_CON ? T_ACK : T_NON, code, m->type == T_CON ? m->mid : S.mid++, m->tok, m->tkl);
  if (loc) {
    w_opt(&w, O_LOCATION_PATH, "rd", 2);
    w_opt(&w, O_LOCATION_PATH, "1", 1);
  }
  srv_small(b, (size_t)(w.p - b), from);
}

static void slot_done(slot_t *s, int ok, uint64_t now) {
  s->busy = 0;
  S.nbusy--;
  if (ok) {
    S.ph.ok++;
    if (now <= S.ph.t_end) S.ph.ok_in_window++;
    h_add(S.ph.h, now - s->t0);
  } else
    S.ph.fail++;
  S.ph.t_last = now;
}

static void srv_msg(const uint8_t *b, size_t n, const struct sockaddr_in *from, uint64_t now) {
  msg_t m;
  if (parse(b, n, &m)) {
    ph_stray(&S.ph, b, n, ntohs(from->sin_port));
    return;
  }
  if (m.code == 0) {
    for (int i = 0; i < S.W; i++)
      if (S.s[i].busy && S.s[i].mid == m.mid) {
        if (m.type == T_ACK)
          S.s[i].acked = 1;
        else if (m.type == T_RST) {
          S.ph.codes[0]++;
          slot_done(&S.s[i], 0, now);
        }
        return;
      }
    if (m.type == T_CON) {
      uint8_t r[4] = {0x70, 0, b[2], b[3]};
      srv_small(r, 4, from);
    } else
      ph_stray(&S.ph, b, n, ntohs(from->sin_port));
    return;
  }
  if (m.code < 32) {
    srv_request_in(&m, from);
    return;
  }
  if (m.type == T_CON) {
    uint8_t r[4] = {0x60, 0, b[2], b[3]};
    srv_small(r, 4, from);
  }
  if (m.tkl != 4) {
    ph_stray(&S.ph, b, n, ntohs(from->sin_port));
    return;
  }
  uint32_t tok;
  memcpy(&tok, m.tok, 4);
  unsigned si = ntohl(tok) & (MAXW - 1);
  if (S.obs_on && ntohl(tok) >= S.obs_first && m.observe >= 0 && m.type != T_ACK) {
    S.notif++;
    if (m.type == T_CON)
      S.notif_con++;
    else
      S.notif_non++;
    if (now <= S.ph.t_end) S.notif_in_window++;
    return;
  }
  if (si >= (unsigned)S.W || !S.s[si].busy || S.s[si].tok != tok ||
      (m.type == T_ACK && m.mid != S.s[si].mid)) {
    ph_stray(&S.ph, b, n, ntohs(from->sin_port));
    return;
  }
  S.ph.codes[m.code]++;
  if (!S.smp_set) {
    S.smp_set = 1;
    S.smp_code = m.code;
    S.smp_cf = m.cf;
    S.smp_len = m.pln;
    S.len_min = S.len_max = m.pln;
    if (m.pln) memcpy(S.smp, m.pl, m.pln < sizeof S.smp ? m.pln : sizeof S.smp);
  }
  if (m.pln < S.len_min) S.len_min = m.pln;
  if (m.pln > S.len_max) S.len_max = m.pln;
  if (S.obs_tok == tok) S.obs_on = m.code >> 5 == 2 && m.observe >= 0;
  slot_done(&S.s[si], m.code == S.s[si].want, now);
}

static int srv_rx(void) {
  static uint8_t buf[64][BUFSZ];
  static struct mmsghdr mh[64];
  static struct iovec iov[64];
  static struct sockaddr_in from[64];
  static int init;
  if (!init) {
    init = 1;
    for (int i = 0; i < 64; i++) {
      iov[i].iov_base = buf[i];
      iov[i].iov_len = BUFSZ;
      mh[i].msg_hdr.msg_iov = &iov[i];
      mh[i].msg_hdr.msg_iovlen = 1;
      mh[i].msg_hdr.msg_name = &from[i];
    }
  }
  for (int i = 0; i < 64; i++) mh[i].msg_hdr.msg_namelen = sizeof from[i];
  int vlen = S.W > 1 || S.obs_on ? 64 : 2, k;
  k = recvmmsg(S.fd, mh, (unsigned)vlen, MSG_DONTWAIT, NULL);
  if (k <= 0) return 0;
  uint64_t now = now_ns();
  for (int i = 0; i < k; i++) srv_msg(buf[i], mh[i].msg_len, &from[i], now);
  return k;
}

static void srv_wait(int timeout_ms) {
  uint64_t t = O.spin ? now_ns() : 0;
  if (srv_rx()) /* something is already there */
    return;
  if (O.spin) {
    S.ph.empty_ns += now_ns() - t;
    return;
  }
  struct pollfd p = {.fd = S.fd, .events = POLLIN};
  if (poll(&p, 1, timeout_ms) > 0) srv_rx();
}

static void srv_timers(uint64_t now) {
  for (int i = 0; i < S.W; i++) {
    slot_t *s = &S.s[i];
    if (!s->busy || now < s->deadline) continue;
    if (s->acked) {
      if (now - s->t0 > 30000000000ull) {
        S.ph.timeouts++;
        slot_done(s, 0, now);
      } else
        s->deadline = now + 1000000000ull;
    } else if (O.non || s->retr >= O.max_retrans) {
      S.ph.timeouts++;
      slot_done(s, 0, now);
    } else {
      s->retr++;
      s->rto *= 2;
      s->deadline = now + s->rto;
      S.ph.retrans++;
      srv_queue(s->b, s->len, &S.peer);
    }
  }
}

static void srv_start(int si, const test_t *t, uint64_t now) {
  slot_t *s = &S.s[si];
  wr_t w;
  s->busy = 1;
  S.nbusy++;
  s->acked = s->retr = 0;
  s->mid = S.mid++;
  s->want = t->method == M_PUT ? CODE(2, 4) : CODE(2, 5);
  s->tok = htonl((++S.tokseq << 8) | (uint32_t)si);
  if (t->observe == 0) S.obs_tok = s->tok;
  w_hdr(&w, s->b, O.non ? T_NON : T_CON, (unsigned)t->method, s->mid, &s->tok, 4);
  if (t->observe >= 0) w_uint(&w, O_OBSERVE, (unsigned)t->observe);
  w_path(&w, t->path);
  if (t->method == M_PUT) {
    char v[16];
    unsigned n = put_dec(v, (unsigned)O.write_lo + (unsigned)(S.ph.sent % (unsigned)O.write_n));
    w_uint(&w, O_CF, 0);
    w_payload(&w, v, n);
  } else if (t->accept >= 0)
    w_uint(&w, O_ACCEPT, (unsigned)t->accept);
  s->len = (size_t)(w.p - s->b);
  s->t0 = now;
  s->rto = (uint64_t)(O.ack_timeout * 1e9 * (1.0 + 0.5 * (rnd() & 0xffff) / 65536.0));
  s->deadline = now + s->rto;
  S.ph.sent++;
  srv_queue(s->b, s->len, &S.peer);
}

static void srv_idle(double secs) {
  uint64_t end = now_ns() + (uint64_t)(secs * 1e9);
  int spin = O.spin;
  O.spin = 0;
  while (now_ns() < end && !sut_dead()) {
    srv_wait(10);
    srv_flush();
  }
  O.spin = spin;
}

/* closed loop of test t for secs; with obs the observation runs in parallel */
static void srv_loop(const test_t *t, int W, double secs, int pump, long max_req) {
  uint64_t now = now_ns(), tim = now, chk = now, end = now + (uint64_t)(secs * 1e9);
  S.W = W;
  S.ph.t_end = end;
  long sent = 0;
  int early = 0;
  while (now < end) {
    if (pump) {
      for (int i = 0; i < W; i++)
        if (!S.s[i].busy && (!max_req || sent < max_req)) {
          srv_start(i, t, now_ns());
          sent++;
        }
      if (max_req && sent >= max_req && !S.nbusy) {
        early = 1;
        break;
      }
    }
    srv_flush();
    srv_wait(10);
    now = now_ns();
    if (now - tim > 20000000ull) {
      tim = now;
      srv_timers(now);
    }
    if (g_stop) break;
    if (now - chk > 100000000ull) {
      chk = now;
      if (sut_dead()) break;
    }
  }
  if (early) S.ph.t_end = now_ns();
  srv_flush();
  end = now_ns() + 5000000000ull;
  while (S.nbusy && now_ns() < end && !g_stop && !sut_dead()) {
    srv_wait(10);
    srv_flush();
    now = now_ns();
    if (now - tim > 20000000ull) {
      tim = now;
      srv_timers(now);
    }
  }
  S.ph.unfinished = (uint64_t)S.nbusy;
  for (int i = 0; i < MAXW; i++) S.s[i].busy = 0;
  S.nbusy = 0;
}

/* notifications caused through the stdin of the client under test: one
 * command, wait for its notification, next one */
static void srv_stdin_loop(double secs) {
  uint64_t now = now_ns(), end = now + (uint64_t)(secs * 1e9), last = 0, seen = 0;
  unsigned v = 0;
  int waiting = 0;
  S.ph.t_end = end;
  while (now < end && !g_stop && !sut_dead()) {
    if (waiting && S.notif > seen) {
      h_add(S.ph.h, now - last);
      S.ph.ok++;
      S.ph.ok_in_window++;
      waiting = 0;
    } else if (waiting && now - last > 2000000000ull) {
      S.ph.timeouts++;
      S.ph.fail++;
      waiting = 0;
    }
    if (!waiting) {
      char line[256];
      size_t o = 0;
      for (const char *c = O.stdin_cmd; *c && o < sizeof line - 16;) {
        if (!strncmp(c, "{v}", 3)) {
          o += put_dec(line + o, (unsigned)O.write_lo + v % (unsigned)O.write_n);
          c += 3;
        } else
          line[o++] = *c++;
      }
      line[o++] = '\n';
      v++;
      seen = S.notif;
      last = now_ns();
      if (write(g_sut.in_w, line, o) < 0) S.ph.sockerr++;
      S.ph.sent++;
      waiting = 1;
    }
    srv_wait(10);
    srv_flush();
    now = now_ns();
  }
}

static int one_shot(const test_t *t) {
  uint64_t ok0 = S.ph.ok;
  srv_loop(t, 1, 10, 1, 1);
  return S.ph.ok > ok0;
}

/* "/3303/%/5700": the index takes the place of the percent sign. */
static void observed_path(char *path, size_t size, int index) {
  const char *mark = strchr(O.obs_path, '%');
  if (mark == NULL)
    snprintf(path, size, "%s", O.obs_path);
  else
    snprintf(path, size, "%.*s%d%s", (int)(mark - O.obs_path), O.obs_path, index, mark + 1);
}

static void sample_json(void) {
  printf(
      ",\"sample\":{\"code\":\"%u.%02u\",\"content_format\":%d,\"payload_len\":%zu,\"len_min\":%zu,\"len_"
      "max\":%zu,\"payload_hex\":\"",
      S.smp_code >> 5, S.smp_code & 31, S.smp_cf, S.smp_len, S.len_min, S.len_max);
  for (size_t i = 0; i < S.smp_len && i < 48; i++) printf("%02x", S.smp[i]);
  printf("%s\"}", S.smp_len > 48 ? "..." : "");
}

static int find_test(const char *name, test_t *t) {
  memset(t, 0, sizeof *t);
  t->name = name;
  t->accept = t->observe = -1;
  t->method = M_GET;
  if (!strcmp(name, "read_text")) {
    strcpy(t->path, "/3/0/0");
    t->accept = 0;
  } else if (!strcmp(name, "read_tlv")) {
    strcpy(t->path, "/3/0");
    t->accept = 11542;
  } else if (!strcmp(name, "read_json")) {
    strcpy(t->path, "/3/0");
    t->accept = 11543;
  } else if (!strcmp(name, "read_object")) {
    strcpy(t->path, "/3");
  } else if (!strcmp(name, "discover")) {
    strcpy(t->path, "/3");
    t->accept = 40;
  } else if (!strcmp(name, "write_text")) {
    t->method = M_PUT;
    snprintf(t->path, sizeof t->path, "%s", O.write_path);
  } else if (!strcmp(name, "observe")) {
    snprintf(t->path, sizeof t->path, "%s", O.obs_path);
    t->observe = 0;
  } else if (!strcmp(name, "observe_write") || !strcmp(name, "observe_stdin")) {
    snprintf(t->path, sizeof t->path, "%s", O.obs_path);
    t->observe = 0;
  } else if (!strncmp(name, "get:", 4)) { /* get:/path[:accept] */
    const char *c = strchr(name + 4, ':');
    snprintf(t->path, sizeof t->path, "%.*s", c ? (int)(c - name - 4) : (int)strlen(name + 4), name + 4);
    if (c) t->accept = atoi(c + 1);
  } else
    return -1;
  return 0;
}

static void mode_server(char **sut_argv) {
  struct sockaddr_in me;
  int one = 1, big = 4 << 20;
  char *all = strdup(O.tests), *asv = NULL;
  for (char *nm = strtok_r(all, ",", &asv); nm; nm = strtok_r(NULL, ",", &asv)) {
    test_t t;
    if (find_test(nm, &t)) die("unknown test %s", nm);
  }
  free(all);
  parse_hostport(O.bind, &me);
  S.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  setsockopt(S.fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (setsockopt(S.fd, SOL_SOCKET, SO_RCVBUFFORCE, &big, sizeof big))
    setsockopt(S.fd, SOL_SOCKET, SO_RCVBUF, &big, sizeof big);
  if (bind(S.fd, (struct sockaddr *)&me, sizeof me)) die("bind %s: %s", O.bind, strerror(errno));
  S.mid = (uint16_t)rnd();
  S.W = 1;
  if (!O.nwin) {
    O.windows[0] = 1;
    O.windows[1] = 16;
    O.nwin = 2;
  }
  if (sut_argv)
    sut_start(sut_argv, O.sut_cpu, O.sut_log);
  else
    g_sut.pid = O.pid;
  pin_cpu(O.cpu);
  ph_begin(&S.ph, "wait");
  uint64_t t0 = now_ns(), end = t0 + (uint64_t)(O.reg_timeout * 1e9);
  while (!S.have_peer && now_ns() < end && !g_stop && !sut_dead()) srv_idle(0.02);
  printf("{\"tool\":\"lwm2m_load\",\"version\":\"" VERSION "\",\"mode\":\"server\",\"label\":");
  jstr(O.label);
  printf(",\"bind\":");
  jstr(O.bind);
  if (!S.have_peer) {
    printf(",\"error\":\"no client registered\",\"sut_died\":%s}\n", sut_dead() ? "true" : "false");
    return;
  }
  double t_reg = (double)(now_ns() - t0) / 1e9;
  srv_idle(O.settle_ms / 1000.0);
  printf(",\"client\":{\"ep\":");
  jstr(S.ep);
  printf(",\"lwm2m\":");
  jstr(S.lwm2m);
  printf(",\"links\":");
  jstr(S.links);
  printf(",\"port\":%d,\"registered_after_s\":%.3f}", ntohs(S.peer.sin_port), t_reg);
  printf(",\"spin\":%d,\"con\":%s,\"memory_idle\":{", O.spin, O.non ? "false" : "true");
  proc_t m = proc_all(g_sut.pid);
  mem_json("idle", &m);
  printf("},\"tests\":[");
  int first = 1;
  for (int wi = 0; wi < O.nwin; wi++) {
    char *list = strdup(O.tests), *sv = NULL;
    for (char *nm = strtok_r(list, ",", &sv); nm; nm = strtok_r(NULL, ",", &sv)) {
      test_t t;
      int W = O.windows[wi];
      if (W > MAXW) W = MAXW;
      find_test(nm, &t);
      if (g_stop || sut_dead()) break;
      LOG("test %s window %d", nm, W);
      ph_begin(&S.ph, nm);
      S.smp_set = 0;
      S.notif = S.notif_con = S.notif_non = S.notif_in_window = S.reqs_in = 0;
      int nreg0 = S.nreg, nupd0 = S.nupd;
      if (t.observe == 0) {
        int ok = 1;
        S.obs_first = (S.tokseq + 1) << 8;
        for (int i = 0; i < O.observes && ok; i++) {
          observed_path(t.path, sizeof t.path, i);
          ok = one_shot(&t) && S.obs_on;
        }
        test_t wt;
        find_test("write_text", &wt);
        ph_begin(&S.ph, nm);
        S.notif = S.notif_con = S.notif_non = S.notif_in_window = 0;
        if (ok && !strcmp(nm, "observe_stdin")) {
          if (O.stdin_cmd && g_sut.in_w >= 0) srv_stdin_loop(O.dur);
        } else if (ok)
          srv_loop(&wt, W, O.dur, !strcmp(nm, "observe_write"), O.max_requests);
        ph_finish(&S.ph);
        double el = (double)(S.ph.t_end - S.ph.t_start) / 1e9;
        printf(
            "%s{\"test\":\"%s\",\"path\":\"%s\",\"window\":%d,\"observe_accepted\":%s,\"notifications\":"
            "%" PRIu64 ",\"notifications_per_s\":%.1f,\"notif_con\":%" PRIu64 ",\"notif_non\":%" PRIu64 ",",
            first ? "" : ",", nm, t.path, W, ok ? "true" : "false", S.notif,
            ok ? (double)S.notif_in_window / el : 0.0, S.notif_con, S.notif_non);
        if (S.ph.p0.ok && S.ph.p1.ok && S.notif)
          printf("\"sut_cpu_s_per_100k_notif\":%.4f,",
                 (S.ph.p1.cpu_s - S.ph.p0.cpu_s) / (double)S.notif * 1e5);
        ph_json(&S.ph, el, S.ph.ok_in_window);
        if (S.smp_set) sample_json();
        S.obs_on = 0;
        t.observe = 1; /* cancel */
        for (int i = 0; i < O.observes; i++) {
          observed_path(t.path, sizeof t.path, i);
          one_shot(&t);
        }
      } else {
        srv_loop(&t, W, O.dur, 1, O.max_requests);
        ph_finish(&S.ph);
        double el = (double)(S.ph.t_end - S.ph.t_start) / 1e9;
        printf("%s{\"test\":\"%s\",\"path\":\"%s\",\"accept\":%d,\"window\":%d,", first ? "" : ",", nm,
               t.path, t.accept, W);
        ph_json(&S.ph, el, S.ph.ok_in_window);
        if (S.smp_set) sample_json();
      }
      printf(",\"client_registers\":%d,\"client_updates\":%d}", S.nreg - nreg0, S.nupd - nupd0);
      first = 0;
      fflush(stdout);
      srv_idle(0.3);
    }
    free(list);
  }
  m = proc_all(g_sut.pid);
  printf("],\"memory_after\":{");
  mem_json("after", &m);
  printf("},\"sut_died\":%s,\"interrupted\":%s}\n", sut_dead() ? "true" : "false", g_stop ? "true" : "false");
  fflush(stdout);
}

/* ===================================================== null_server/client */

static const uint8_t tlv_sample[] = /* 100-odd bytes, a Device instance */
    "\xc8\x00\x14Open Mobile Alliance\xc8\x01\x16Lightweight M2M Client\xc8\x02\x09"
    "345000123\xc3\x03"
    "1.0"
    "\x86\x06\x41\x00\x01\x41\x01\x05\x88\x07\x08\x42\x00\x0e\xd8\x42\x01\x13\x88\xc1\x09\x64\xc1\x0a\x0f";

/* one request in, one response out; stateless */
static size_t null_reply(const uint8_t *b, size_t n, uint8_t *r, int *obs) {
  if (n < 4 || b[0] >> 6 != 1 || b[1] == 0 || b[1] >= 32) return 0;
  unsigned tkl = b[0] & 15, type = b[0] >> 4 & 3;
  wr_t w;
  if (4 + tkl > n) return 0;
  uint16_t mid = (uint16_t)(b[2] << 8 | b[3]);
  const uint8_t *p = b + 4 + tkl, *e = b + n;
  if (b[1] == M_GET || b[1] == M_PUT) { /* as a client */
    msg_t m;
    if (parse(b, n, &m)) return 0;
    w_hdr(&w, r, type == T_CON ? T_ACK : T_NON, b[1] == M_GET ? CODE(2, 5) : CODE(2, 4), mid, b + 4, tkl);
    if (b[1] == M_GET) {
      if (m.observe == 0) {
        w_uint(&w, O_OBSERVE, 1);
        if (obs) (*obs)++;
      }
      if (m.npath < 3) {
        w_uint(&w, O_CF, 11542);
        w_payload(&w, tlv_sample, sizeof tlv_sample - 1);
      } else {
        w_uint(&w, O_CF, 0);
        w_payload(&w, "Open Mobile Alliance", 20);
      }
    }
    return (size_t)(w.p - r);
  }
  int first = e - p >= 3 && p[0] == 0xb2 && p[1] == 'r' && p[2] == 'd';
  int more = first && e - p > 3 && p[3] >> 4 == 0;
  unsigned code = b[1] == M_DELETE ? CODE(2, 2) : more ? CODE(2, 4) : CODE(2, 1);
  w_hdr(&w, r, type == T_CON ? T_ACK : T_NON, code, mid, b + 4, tkl);
  if (code == CODE(2, 1)) {
    w_opt(&w, O_LOCATION_PATH, "rd", 2);
    w_opt(&w, O_LOCATION_PATH, "1", 1);
  }
  return (size_t)(w.p - r);
}

/* Tells of as many values as one core can send, a value for each observation in turn, and remembers these by
 * their tokens. With an epoll instance it looks between the turns if something has arrived. */
static uint64_t null_flood(int fd, int ep, uint8_t tokens[][9], int observes, const struct sockaddr_in *to) {
  uint64_t end = now_ns() + (uint64_t)(O.dur * 1e9), seq = 2, cnt = 0;
  int values = ep >= 0 ? observes : 64;
  struct epoll_event ev;
  uint8_t nb[64];
  while (now_ns() < end && !g_stop) {
    if (ep >= 0 && epoll_wait(ep, &ev, 1, 0) > 0) break;
    for (int i = 0; i < values; i++) {
      const uint8_t *token = tokens[i % observes];
      wr_t w;
      w_hdr(&w, nb, T_NON, CODE(2, 5), (uint16_t)seq, token + 1, token[0]);
      w_uint(&w, O_OBSERVE, (unsigned)(seq++ & 0xffffff));
      w_uint(&w, O_CF, 0);
      w_payload(&w, "12345", 5);
      if (sendto(fd, nb, (size_t)(w.p - nb), 0, (const struct sockaddr *)to, sizeof *to) > 0) cnt++;
    }
  }
  return cnt;
}

static void null_loop(int fd) {
  enum { OBSERVES = 64 };
  static uint8_t tokens[OBSERVES][9]; /* length and bytes */
  uint64_t cnt = 0;
  int obs = 0;
  if (O.observes < 1 || O.observes > OBSERVES) die("--observes 1 to %d", OBSERVES);
  if (!strcmp(O.impl, "blocking")) {
    uint8_t b[BUFSZ], r[256];
    struct sockaddr_in from;
    while (!g_stop) {
      socklen_t fl = sizeof from;
      ssize_t n = recvfrom(fd, b, sizeof b, 0, (struct sockaddr *)&from, &fl);
      if (n < 0) continue;
      int former = obs;
      size_t k = null_reply(b, (size_t)n, r, &obs);
      if (k && sendto(fd, r, k, 0, (struct sockaddr *)&from, fl) > 0) cnt++;
      if (O.notify_flood && obs > former) memcpy(tokens[former] + 1, r + 4, tokens[former][0] = r[0] & 15);
      if (O.notify_flood && obs == O.observes) {
        cnt += null_flood(fd, -1, tokens, obs, &from);
        obs = 0;
      }
    }
  } else if (!strcmp(O.impl, "mmsg")) {
    enum { V = 64 };
    static uint8_t b[V][BUFSZ], r[V][256];
    static struct mmsghdr in[V], out[V];
    static struct iovec ii[V], oi[V];
    static struct sockaddr_in from[V];
    for (int i = 0; i < V; i++) {
      ii[i].iov_base = b[i];
      ii[i].iov_len = BUFSZ;
      in[i].msg_hdr.msg_iov = &ii[i];
      in[i].msg_hdr.msg_iovlen = out[i].msg_hdr.msg_iovlen = 1;
      in[i].msg_hdr.msg_name = &from[i];
      out[i].msg_hdr.msg_iov = &oi[i];
    }
    while (!g_stop) {
      for (int i = 0; i < V; i++) in[i].msg_hdr.msg_namelen = sizeof from[i];
      int k = recvmmsg(fd, in, V, MSG_WAITFORONE, NULL);
      if (k <= 0) continue;
      unsigned o = 0;
      for (int i = 0; i < k; i++) {
        size_t l = null_reply(b[i], in[i].msg_len, r[o], &obs);
        if (!l) continue;
        oi[o].iov_base = r[o];
        oi[o].iov_len = l;
        out[o].msg_hdr.msg_name = &from[i];
        out[o].msg_hdr.msg_namelen = in[i].msg_hdr.msg_namelen;
        o++;
      }
      for (unsigned s = 0; s < o;) {
        int x = sendmmsg(fd, out + s, o - s, 0);
        s += x > 0 ? (unsigned)x : 1;
      }
      cnt += o;
    }
  } else if (!strcmp(O.impl, "epoll") || !strcmp(O.impl, "epoll1")) {
    /* the shape of an event loop: epoll_wait, then drain (epoll) or read
     * one datagram (epoll1), answer with sendto */
    int drain_all = !strcmp(O.impl, "epoll");
    uint8_t b[BUFSZ], r[256];
    struct sockaddr_in from;
    int ep = epoll_create1(0);
    struct epoll_event e = {.events = EPOLLIN};
    epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
    while (!g_stop) {
      struct epoll_event ev;
      if (epoll_wait(ep, &ev, 1, 1000) <= 0) continue;
      do {
        socklen_t fl = sizeof from;
        int former = obs;
        ssize_t n = recvfrom(fd, b, sizeof b, MSG_DONTWAIT, (struct sockaddr *)&from, &fl);
        if (n < 0) break;
        size_t k = null_reply(b, (size_t)n, r, &obs);
        if (k && sendto(fd, r, k, 0, (struct sockaddr *)&from, fl) > 0) cnt++;
        if (O.notify_flood && obs > former) memcpy(tokens[former] + 1, r + 4, tokens[former][0] = r[0] & 15);
        if (O.notify_flood && obs == O.observes) {
          cnt += null_flood(fd, ep, tokens, obs, &from);
          obs = 0;
        }
      } while (drain_all);
    }
  } else
    die("--impl blocking|mmsg|epoll|epoll1");
  fprintf(stderr, "null: answered %" PRIu64 "\n", cnt);
}

/* A server that reads: answers as null_loop does, remembers who registered, and when nobody has registered
 * for a while keeps O.reads GET /3/0/0 on their way, to one after the other. */
static void null_read_loop(int fd) {
  enum { QUIET_MS = 300 };
  struct sockaddr_in *peers = NULL, from;
  size_t npeers = 0, room = 0, next = 0;
  int inflight = 0, ep = epoll_create1(0);
  uint64_t last_reg = 0, answered = 0;
  uint16_t mid = 1;
  uint8_t b[BUFSZ], r[256];
  struct epoll_event e = {.events = EPOLLIN}, ev;
  epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
  while (!g_stop) {
    (void)epoll_wait(ep, &ev, 1, 50);
    for (;;) {
      socklen_t fl = sizeof from;
      ssize_t n = recvfrom(fd, b, sizeof b, MSG_DONTWAIT, (struct sockaddr *)&from, &fl);
      if (n < 4) break;
      if (b[1] >= 32) { /* a response */
        inflight--;
        answered++;
        continue;
      }
      size_t k = null_reply(b, (size_t)n, r, NULL);
      if (k && r[1] == CODE(2, 1)) {
        if (npeers == room) {
          room = room ? 2 * room : 1024;
          peers = realloc(peers, room * sizeof *peers);
          if (!peers) die("no memory");
        }
        peers[npeers++] = from;
        last_reg = now_ns();
      }
      if (k && sendto(fd, r, k, 0, (struct sockaddr *)&from, fl) < 0) continue;
    }
    if (!npeers || (next == 0 && now_ns() - last_reg < QUIET_MS * 1000000ull)) continue;
    for (; inflight < O.reads; inflight++) {
      wr_t w;
      uint8_t tok[4] = {1, 2, (uint8_t)(next >> 8), (uint8_t)next};
      w_hdr(&w, r, T_CON, M_GET, mid++, tok, sizeof tok);
      w_opt(&w, O_URI_PATH, "3", 1);
      w_opt(&w, O_URI_PATH, "0", 1);
      w_opt(&w, O_URI_PATH, "0", 1);
      w_uint(&w, O_ACCEPT, 0);
      const struct sockaddr_in *to = &peers[next++ % npeers];
      if (sendto(fd, r, (size_t)(w.p - r), 0, (const struct sockaddr *)to, sizeof *to) < 0) break;
    }
  }
  fprintf(stderr, "null: read %" PRIu64 "\n", answered);
  free(peers);
}

static void mode_null_server(void) {
  struct sockaddr_in me;
  int big = 4 << 20;
  parse_hostport(O.bind, &me);
  pin_cpu(O.cpu);
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &big, sizeof big))
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &big, sizeof big);
  if (bind(fd, (struct sockaddr *)&me, sizeof me)) die("bind %s: %s", O.bind, strerror(errno));
  if (O.reads > 0)
    null_read_loop(fd);
  else
    null_loop(fd);
}

static void mode_null_client(void) {
  struct sockaddr_in srv, me;
  parse_hostport(O.target, &srv);
  pin_cpu(O.cpu);
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  memset(&me, 0, sizeof me);
  me.sin_family = AF_INET;
  me.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(fd, (struct sockaddr *)&me, sizeof me)) die("bind: %s", strerror(errno));
  uint8_t b[256];
  sim_t s;
  memset(&s, 0, sizeof s);
  s.kind = K_REG;
  s.tok = 0x01020304;
  s.req_mid = 1;
  O.ep_prefix = "null";
  size_t n = sim_build(&s, 0, b);
  struct timeval tv = {1, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
  for (int i = 0; i < 30 && !g_stop; i++) {
    uint8_t r[256];
    if (sendto(fd, b, n, 0, (struct sockaddr *)&srv, sizeof srv) < 0) die("sendto: %s", strerror(errno));
    if (recv(fd, r, sizeof r, 0) > 0 && r[1] == CODE(2, 1)) {
      null_loop(fd);
      return;
    }
  }
  die("not registered");
}

static void mode_memory(void) {
  if (O.pid <= 0) die("memory needs --pid");
  proc_t p = proc_all(O.pid);
  if (!p.ok) die("cannot read /proc/%d", O.pid);
  printf(
      "{\"tool\":\"lwm2m_load\",\"mode\":\"memory\",\"pid\":%d,\"rss_kb\":%ld,\"pss_kb\":%ld,\"private_kb\":%"
      "ld,"
      "\"threads\":%d,\"cpu_s\":%.4f,\"user_s\":%.2f,\"sys_s\":%.2f}\n",
      O.pid, p.rss_kb, p.pss_kb, p.priv_kb, p.threads, p.cpu_s, p.utime_s, p.stime_s);
}

/* ------------------------------------------------------------------ main */

static void usage(void) {
  fprintf(
      stderr,
      "usage: lwm2m_load MODE [options] [-- command of the system under test]\n"
      "modes: clients | server | null_server | null_client | memory\n"
      "common\n"
      "  --cpu K            pin the generator to cpu K        --sut-cpu K  pin the command after --\n"
      "  --pid P            read CPU and memory of P (a command after -- sets it)\n"
      "  --sut-log FILE     its stdout+stderr (default /dev/null; its stdin is an open pipe)\n"
      "  --spin             busy-poll instead of sleeping     --label TEXT    --verbose\n"
      "  --max-time S       (1800) stop whatever happens\n"
      "  --ack-timeout S    (2.0)  --max-retransmit N (4)     CON timers of RFC 7252\n"
      "clients\n"
      "  --target H:P (127.0.0.1:5683)  --n N (100)  --window W (64)  --duration S of updates (10)\n"
      "  --rate R           updates open loop at R/s; latency counts from the intended time\n"
      "  --serve S          phase 3: S seconds of only answering GET /3/0/0 from the server\n"
      "  --stdin-cmd CMD    in phase 3 write CMD to the stdin of the command after --, {i} = 0..N-1\n"
      "  --update-lt        put lt= into Updates              --rounds N (1) repeat all phases\n"
      "  --lifetime S (86400) --ep-prefix T (sim) --base-port P (ephemeral) --no-dereg --ready-ms N (700)\n"
      "server\n"
      "  --bind H:P (127.0.0.1:5683)  --window W,W.. (1,16)  --duration S per test (10)\n"
      "  --tests T,T..      read_text read_tlv read_json read_object discover write_text observe\n"
      "                     observe_write observe_stdin get:/path[:accept]\n"
      "  --stdin-cmd CMD    for observe_stdin: written to the stdin of the command after --,\n"
      "                     {v} = a changing value; one line per notification\n"
      "  --observes N       so many, of a path like /3303/%%/5700; with --notify-flood: values a turn\n"
      "  --observe-path P (/1/0/2) --write-path P (/1/0/2) --write-values LO,COUNT (10,50)\n"
      "  --max-requests N   end a test after N requests (message ids repeat after 65536)\n"
      "  --non              NON instead of CON    --reg-timeout S (60) --settle-ms N (1000)\n"
      "null_server --bind H:P [--reads W: reads those that registered, W at a time], null_client --target "
      "H:P\n"
      "  --impl blocking|mmsg|epoll|epoll1        --notify-flood (null_client)\n");
  exit(2);
}

int main(int argc, char **argv) {
  if (argc < 2) usage();
  const char *mode = argv[1];
  char **sut = NULL;
  g_rng ^= now_ns() * 0x9E3779B97F4A7C15ull;
  if (!g_rng) g_rng = 1;
  for (int i = 2; i < argc; i++) {
    const char *a = argv[i];
    if (!strcmp(a, "--")) {
      if (i + 1 < argc) sut = argv + i + 1;
      break;
    }
#define FLAG(nm, var)   \
  if (!strcmp(a, nm)) { \
    var = 1;            \
    continue;           \
  }
    FLAG("--spin", O.spin)
    FLAG("--verbose", g_verbose)
    FLAG("--no-dereg", O.no_dereg)
    FLAG("--non", O.non)
    FLAG("--notify-flood", O.notify_flood)
    FLAG("--update-lt", O.update_lt)
    if (i + 1 >= argc) usage();
    const char *v = argv[++i];
    if (!strcmp(a, "--target"))
      O.target = v;
    else if (!strcmp(a, "--bind"))
      O.bind = v;
    else if (!strcmp(a, "--n"))
      O.n = atoi(v);
    else if (!strcmp(a, "--window")) {
      char *d = strdup(v), *sv = NULL;
      O.nwin = 0;
      for (char *x = strtok_r(d, ",", &sv); x && O.nwin < 8; x = strtok_r(NULL, ",", &sv))
        O.windows[O.nwin++] = atoi(x) > 0 ? atoi(x) : 1;
      free(d);
    } else if (!strcmp(a, "--duration"))
      O.dur = atof(v);
    else if (!strcmp(a, "--rate"))
      O.rate = atof(v);
    else if (!strcmp(a, "--reads"))
      O.reads = atoi(v);
    else if (!strcmp(a, "--serve"))
      O.serve_s = atof(v);
    else if (!strcmp(a, "--stdin-cmd"))
      O.stdin_cmd = v;
    else if (!strcmp(a, "--ack-timeout"))
      O.ack_timeout = atof(v);
    else if (!strcmp(a, "--max-retransmit"))
      O.max_retrans = atoi(v);
    else if (!strcmp(a, "--cpu"))
      O.cpu = atoi(v);
    else if (!strcmp(a, "--sut-cpu"))
      O.sut_cpu = atoi(v);
    else if (!strcmp(a, "--base-port"))
      O.base_port = atoi(v);
    else if (!strcmp(a, "--pid"))
      O.pid = atoi(v);
    else if (!strcmp(a, "--ready-ms"))
      O.ready_ms = atoi(v);
    else if (!strcmp(a, "--settle-ms"))
      O.settle_ms = atoi(v);
    else if (!strcmp(a, "--ep-prefix"))
      O.ep_prefix = v;
    else if (!strcmp(a, "--sut-log"))
      O.sut_log = v;
    else if (!strcmp(a, "--tests"))
      O.tests = v;
    else if (!strcmp(a, "--observe-path"))
      O.obs_path = v;
    else if (!strcmp(a, "--observes"))
      O.observes = atoi(v);
    else if (!strcmp(a, "--write-path"))
      O.write_path = v;
    else if (!strcmp(a, "--write-values")) {
      if (sscanf(v, "%d,%d", &O.write_lo, &O.write_n) != 2 || O.write_n < 1) usage();
    } else if (!strcmp(a, "--impl"))
      O.impl = v;
    else if (!strcmp(a, "--max-requests"))
      O.max_requests = atol(v);
    else if (!strcmp(a, "--reg-timeout"))
      O.reg_timeout = atof(v);
    else if (!strcmp(a, "--lifetime"))
      O.lifetime = atoi(v);
    else if (!strcmp(a, "--rounds"))
      O.rounds = atoi(v);
    else if (!strcmp(a, "--max-time"))
      O.max_time = atoi(v);
    else if (!strcmp(a, "--label"))
      O.label = v;
    else
      usage();
  }
  if (O.n < 1 || strlen(O.ep_prefix) > 48 || strlen(O.obs_path) > 40 || strlen(O.write_path) > 40) usage();
  install_signals();
  alarm((unsigned)O.max_time);
  if (!strcmp(mode, "clients"))
    mode_clients(sut);
  else if (!strcmp(mode, "server"))
    mode_server(sut);
  else if (!strcmp(mode, "null_server"))
    mode_null_server();
  else if (!strcmp(mode, "null_client"))
    mode_null_client();
  else if (!strcmp(mode, "memory"))
    mode_memory();
  else
    usage();
  sut_stop(!strcmp(mode, "server") ? srv_idle : NULL);
  return 0;
}
