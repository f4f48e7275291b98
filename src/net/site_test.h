/* SPDX-License-Identifier: Apache-2.0 */
/* For tests of the server: a site is a real server on a free port with a small core behind it,
 * which knows a few paths: /later... answers (and goes on) from another thread, /deny... refuses at
 * the head, /never not at all, /file sends temp_dir/out, /unchanged is a 304; everything else says
 * what it saw. Spoken to through raw sockets. All of it fails the test on its own errors. */
#pragma once

#include <stdatomic.h>

#include "net/server.h"
#include "test.h"

#define HOST "Host: localhost\r\n"
#define LAST "Connection: close\r\n\r\n"

struct site {
    struct server *server;
    struct server_config config;
    _Atomic int heads, requests, seconds, finished; /* calls; requests for /second */
    struct request *_Atomic held;
    char temp_dir[32];
};

/* A site with this configuration; NULL fields are filled in. */
struct site *site_open(const struct server_config *config);
/* Stops the server; also proves that no temporary file was left behind. */
void site_close(struct site *s);
/* What the core answers: the request as it saw it. */
void site_describe(struct request *r);
/* A connected socket. */
int site_dial(const struct site *s);
/* Sends all; false when the peer has gone. */
bool say(int fd, const void *data, size_t size);
/* What arrives until the peer closes, or nothing comes for `patience` ms. The caller frees it. */
char *hear(int fd, int patience, bool *closed);
/* Sends and returns everything the server says until it closes, which it must. Caller frees. */
char *talk_bytes(const struct site *s, const char *text, size_t size);
char *talk(const struct site *s, const char *text);
/* How many answers `text` holds. */
int answers_in(const char *text);
/* The answer to `text` has this status line, it is the only one, and the server closes. */
void expect(const struct site *s, const char *text, const char *status);
