/* SPDX-License-Identifier: Apache-2.0 */
/* The only door to other machines: HTTP requests to addresses that people name (webhooks), and mail
 * through the server that the operator names. Blocking; for threads of the job queue. */
#pragma once

#include "base/arena.h"
#include "base/err.h"

struct sockaddr;

/* --- HTTP, to where a person says ---
 *
 * A person's address must not reach what only this machine can reach (trust.md check 69): http and
 * https only, no user in the address, the ports 80, 443, 8080 and 8443, and every address that the
 * name resolves to must be a public one. The connection goes to an address that was checked,
 * whatever the name resolves to a moment later; the socket's address is checked once more. No
 * redirect is followed, no proxy of the environment is used, certificates are verified, the answer
 * and the time are bounded. `inside` (the operator's word, for tests and own networks) lifts the
 * rules for addresses and ports. */
struct outbound {
    const char *url;
    const char *const *headers; /* "Name: value", ended by NULL; or NULL */
    struct bytes body;          /* posted; its type is among the headers */
    bool inside;
    int seconds;             /* for all of it; 0 = 10 */
    const char *ca_file;     /* instead of the system's authorities; or NULL */
    bool (*stop)(void *ctx); /* asked now and then: true ends the request; or NULL */
    void *ctx;
};
struct outbound_answer {
    int status;
    const char *text; /* the first 1,000 characters, made printable */
    i64 took;         /* microseconds */
};
/* Posts. ERR_INVALID: the address is refused, waiting does not mend it. ERR_BUSY: the other side
 * cannot be reached, does not answer in time or has no good certificate. Any HTTP status is a
 * success here. */
struct err *outbound_post(struct arena *a, const struct outbound *o, struct outbound_answer *out)
    MUST_CHECK;
/* Only looks at the address as text, for a form: ERR_INVALID with what is wrong. Names are not
 * resolved; numbers are judged. */
struct err *outbound_check(struct arena *a, const char *url, bool inside) MUST_CHECK;
/* True for an address of the public internet. */
bool outbound_public(const struct sockaddr *address);

/* --- mail --- */
struct smtp_config {
    const char *url;      /* smtp://[user@]host[:port] or smtps://...; NULL = no mail */
    const char *password; /* for the user, or NULL */
    const char *from;     /* "cairn@example.com" or "Cairn <cairn@example.com>" */
    const char *ca_file;  /* PEM, instead of the system's authorities; or NULL */
};
/* ERR_BAD with what is wrong with the settings. Plain text is for loopback only. */
struct err *smtp_check(struct arena *a, const struct smtp_config *config) MUST_CHECK;

struct mail {
    const char *to_name, *to; /* the name may be anything, the address is checked */
    const char *subject, *text, *html;
    const char *message_id;          /* "<123@host>" */
    const char *references;          /* "<1@host>" or NULL */
    const char *list_id, *list_name; /* "notices.acme.example.com"; name or NULL */
    const char *settings_url;        /* List-Unsubscribe */
    i64 at;                          /* Date, microseconds UTC */
    /* Called just before the last byte leaves: until then the server cannot have accepted the mail,
     * from then on it may have. An error gives up before that byte. May be NULL. */
    struct err *(*before_end)(void *ctx);
    /* Asked now and then: true gives up, but while the server's answer to the last byte is awaited
     * only after ten more seconds. May be NULL. */
    bool (*stop)(void *ctx);
    void *ctx;
};

/* A connection that is kept for several mails. One thread at a time. */
struct smtp;
struct smtp *smtp_open(const struct smtp_config *config); /* connects at the first mail */
void smtp_close(struct smtp *s);                          /* NULL is allowed */
const struct smtp_config *smtp_config_of(const struct smtp *s);
/* Hands a mail over. ERR_INVALID: the server refuses this mail for good (5xx), or the address is
 * none. ERR_BUSY: try later. `*unsure` is true when the server may have accepted it all the same:
 * it had all bytes, but its answer did not arrive. */
struct err *smtp_send(struct smtp *s, const struct mail *m, bool *unsure) MUST_CHECK;

/* A header's value out of any text: printable ASCII as it is, the rest as encoded words (RFC 2047),
 * folded; never a line end of the text's own. */
char *mail_words(struct arena *a, const char *text);
/* True for an address that may stand in an envelope: ASCII, one @, nothing that ends or splits it.
 */
bool mail_address(const char *text);
