/*
 * The floor: what the kernel alone costs. One thread, epoll, no checks, no features: it turns a POST into
 * a WebSocket frame, or into one for each client, and a WebSocket frame into a POST to a kept connection.
 * Nothing that does more can cost less, so every other figure is read as a multiple of this one.
 *
 *   floor PORT BACKEND_PORT ECHO      listens on 127.0.0.1; ECHO 1 sends the backend's answer back
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER = 16384, CLIENTS = 65536, FDS = 131072, BACKENDS = 256 };

typedef enum { HTTP, CLIENT, BACKEND } Kind;
typedef struct {
  int fd, number, asker, used;
  Kind kind;
  char *rest; /* of an element that has not come whole; nothing while it is idle */
} Connection;

static Connection *connections[FDS];
static int clients[CLIENTS], highest, idle[BACKENDS], idleCount, openBackends, poll_fd, backendPort, echoes;
typedef struct Waiting { struct Waiting *next; int asker, length; char bytes[]; } Waiting;
static Waiting *firstWaiting, **lastWaiting = &firstWaiting;

static void die(const char *what) { perror(what); exit(1); }

static void sendAll(int fd, const char *bytes, int length) {
  while (length > 0) {
    ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) continue;
    if (sent < 0) return;
    bytes += sent;
    length -= sent;
  }
}

static Connection *adopt(int fd, Kind kind) {
  int one = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  Connection *c = malloc(sizeof *c);
  c->fd = fd, c->kind = kind, c->used = 0, c->rest = NULL, c->number = c->asker = -1;
  connections[fd] = c;
  if (fd > highest) highest = fd;
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  if (epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &event) < 0) die("epoll_ctl");
  return c;
}

static void drop(Connection *c) {
  if (c->kind == BACKEND) openBackends--;
  connections[c->fd] = NULL;
  close(c->fd);
  free(c->rest);
  free(c);
}

/* SHA-1 of at most 64 + 55 bytes (RFC 3174): a handshake's key and the GUID are 60. */
static void sha1(const uint8_t *text, int length, uint8_t digest[20]) {
  uint32_t h[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0}, w[80];
  uint8_t block[128] = {0};
  memcpy(block, text, length);
  block[length] = 0x80;
  int blocks = length < 56 ? 1 : 2, last = blocks * 64;
  block[last - 1] = length * 8, block[last - 2] = length * 8 >> 8;
  for (int b = 0; b < blocks; b++) {
    for (int i = 0; i < 16; i++) {
      uint8_t *p = block + b * 64 + i * 4;
      w[i] = (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
    }
    for (int i = 16; i < 80; i++) {
      uint32_t x = w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16];
      w[i] = x << 1 | x >> 31;
    }
    uint32_t a = h[0], bb = h[1], c = h[2], d = h[3], e = h[4];
    for (int i = 0; i < 80; i++) {
      uint32_t f, k;
      if (i < 20) f = (bb & c) | (~bb & d), k = 0x5a827999;
      else if (i < 40) f = bb ^ c ^ d, k = 0x6ed9eba1;
      else if (i < 60) f = (bb & c) | (bb & d) | (c & d), k = 0x8f1bbcdc;
      else f = bb ^ c ^ d, k = 0xca62c1d6;
      uint32_t t = (a << 5 | a >> 27) + f + e + k + w[i];
      e = d, d = c, c = bb << 30 | bb >> 2, bb = a, a = t;
    }
    h[0] += a, h[1] += bb, h[2] += c, h[3] += d, h[4] += e;
  }
  for (int i = 0; i < 20; i++) digest[i] = h[i / 4] >> (24 - i % 4 * 8);
}

static void upgrade(Connection *c, char *key) {
  static const char *digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  char text[64], accept[29], answer[256];
  uint8_t d[21] = {0};
  memcpy(text, key, 24);
  memcpy(text + 24, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", 36);
  sha1((uint8_t *)text, 60, d);
  for (int i = 0, o = 0; i < 21; i += 3) {
    uint32_t n = d[i] << 16 | d[i + 1] << 8 | d[i + 2];
    for (int s = 18; s >= 0; s -= 6) accept[o++] = digits[n >> s & 63];
  }
  accept[27] = '=', accept[28] = 0;
  int length = snprintf(answer, sizeof answer,
                        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                        "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", accept);
  sendAll(c->fd, answer, length);
  c->kind = CLIENT;
}

static int frame(char *to, const char *payload, int length) {
  int head = length < 126 ? 2 : 4;
  to[0] = (char)0x81;
  to[1] = length < 126 ? length : 126;
  if (head == 4) to[2] = length >> 8, to[3] = length;
  memcpy(to + head, payload, length);
  return head + length;
}

static void ask(Connection *backend, int asker, const char *request, int length) {
  backend->asker = asker;
  sendAll(backend->fd, request, length);
}

static void message(Connection *c, const char *payload, int length) {
  char request[BUFFER];
  int size = snprintf(request, sizeof request,
                      "POST /ws/message HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nconnectionId: %d\r\n"
                      "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n",
                      backendPort, c->number, length);
  memcpy(request + size, payload, length);
  size += length;
  if (idleCount > 0) return ask(connections[idle[--idleCount]], c->fd, request, size);
  if (openBackends < BACKENDS) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(backendPort),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0) die("connect");
    openBackends++;
    return ask(adopt(fd, BACKEND), c->fd, request, size);
  }
  Waiting *w = malloc(sizeof *w + size);
  w->next = NULL, w->asker = c->fd, w->length = size;
  memcpy(w->bytes, request, size);
  *lastWaiting = w, lastWaiting = &w->next;
}

static void answered(Connection *backend, const char *body, int length) {
  Connection *asker = connections[backend->asker];
  if (echoes && asker) {
    char out[BUFFER];
    sendAll(asker->fd, out, frame(out, body, length));
  }
  if (firstWaiting) {
    Waiting *w = firstWaiting;
    if (!(firstWaiting = w->next)) lastWaiting = &firstWaiting;
    ask(backend, w->asker, w->bytes, w->length);
    free(w);
  } else {
    idle[idleCount++] = backend->fd;
  }
}

/* Handles one element at the start of the bytes; how many it had, or 0 when it is not complete. */
static int http(Connection *c, char *bytes, int length) {
  char *end = memmem(bytes, length, "\r\n\r\n", 4);
  if (!end) return 0;
  *end = 0;
  char *key = strcasestr(bytes, "\r\nsec-websocket-key: ");
  if (key) {
    char *number = strrchr(strtok(bytes + 4, " ?"), '/');
    c->number = number ? atoi(number + 1) : 0;
    clients[c->number] = c->fd;
    upgrade(c, key + 21);
    return end + 4 - bytes;
  }
  char *field = strcasestr(bytes, "\r\ncontent-length: ");
  int size = field ? atoi(field + 18) : 0, head = end + 4 - bytes;
  if (length < head + size) { *end = '\r'; return 0; }
  if (c->kind == BACKEND) { answered(c, end + 4, size); return head + size; }
  char out[BUFFER], *number = strrchr(strtok(bytes + 5, " ?"), '/');
  int made = frame(out, end + 4, size);
  if (number && !strcmp(number, "/all")) {
    for (int fd = 0; fd <= highest; fd++)
      if (connections[fd] && connections[fd]->kind == CLIENT) sendAll(fd, out, made);
  } else {
    sendAll(clients[number ? atoi(number + 1) : 0], out, made);
  }
  static const char ok[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  sendAll(c->fd, ok, sizeof ok - 1);
  return head + size;
}

static int frames(Connection *c, char *bytes, int length) {
  if (length < 6) return 0;
  int size = bytes[1] & 127, head = size == 126 ? 8 : 6;
  if (length < head) return 0;
  if (size == 126) size = (uint8_t)bytes[2] << 8 | (uint8_t)bytes[3];
  if (length < head + size) return 0;
  char *mask = bytes + head - 4, *payload = bytes + head;
  for (int i = 0; i < size; i++) payload[i] ^= mask[i & 3];
  if ((bytes[0] & 15) == 1) message(c, payload, size);
  return head + size;
}

static void readFrom(Connection *c) {
  static char bytes[BUFFER];
  if (c->used > 0) memcpy(bytes, c->rest, c->used);
  ssize_t got = recv(c->fd, bytes + c->used, BUFFER - c->used - 1, 0);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) return drop(c);
  c->used += got;
  int at = 0, took;
  do {
    bytes[c->used] = 0;
    took = c->kind == CLIENT ? frames(c, bytes + at, c->used - at) : http(c, bytes + at, c->used - at);
    at += took;
  } while (took > 0 && at < c->used);
  c->used -= at;
  free(c->rest);
  c->rest = c->used > 0 ? malloc(c->used) : NULL;
  if (c->used > 0) memcpy(c->rest, bytes + at, c->used);
}

int main(int argc, char **argv) {
  if (argc != 4) return fprintf(stderr, "floor PORT BACKEND_PORT ECHO\n"), 2;
  backendPort = atoi(argv[2]), echoes = atoi(argv[3]);
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1])),
                           .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listener, (struct sockaddr *)&at, sizeof at) < 0) die("bind");
  if (listen(listener, 4096) < 0) die("listen");
  fcntl(listener, F_SETFL, O_NONBLOCK);
  poll_fd = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, events[256];
  epoll_ctl(poll_fd, EPOLL_CTL_ADD, listener, &event);
  socklen_t length = sizeof at;
  getsockname(listener, (struct sockaddr *)&at, &length);
  printf("ready on %d\n", ntohs(at.sin_port));
  fflush(stdout);
  for (;;) {
    int count = epoll_wait(poll_fd, events, 256, -1);
    for (int i = 0; i < count; i++) {
      int fd = events[i].data.fd;
      if (fd == listener) {
        for (int new; (new = accept(listener, NULL, NULL)) >= 0;) adopt(new, HTTP);
      } else if (connections[fd]) {
        readFrom(connections[fd]);
      }
    }
  }
}
