/* SPDX-License-Identifier: Apache-2.0 */
/* One HTTP request and its answer, parsed and bounded: what net hands to core and gets back. All
 * memory is in the request's arena. Text is valid UTF-8 (otherwise net has answered 400 already),
 * names within query, form and cookies are unique unless the form field is repeated on purpose
 * (check boxes: names that end in "[]"). */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

enum http_method {
    METHOD_GET,
    METHOD_HEAD,
    METHOD_POST,
    METHOD_PATCH,
    METHOD_DELETE,
    METHOD_OTHER
};

struct pair {
    const char *name, *value;
};

struct pairs {
    struct pair *list;
    size_t count;
};

/* A file of a multipart form, on disk until the arena ends. */
struct upload {
    const char *name;     /* of the form field */
    const char *filename; /* as the sender says; data, never a path */
    const char *path;     /* temporary file, deleted with the arena */
    size_t size;
};

/* Where core wants a body of raw bytes (type application/partial-upload) to go: net writes it there
 * as it arrives, so what has come before a connection broke is there. The descriptor is core's. */
struct sink {
    int fd;
    u64 offset; /* of the next byte */
    u64 room;   /* bytes that may still come */
};

struct response {
    int status;           /* 0 = nothing answered yet */
    const char *type;     /* Content-Type with charset */
    struct pairs headers; /* further headers; see response_header */
    struct bytes body;    /* in the arena, or static when body_static */
    bool body_static;     /* body outlives the process' requests (embedded files) */
    const char *file;     /* instead of body: send this file (and delete it when file_temporary) */
    bool file_temporary;
    bool file_part; /* of the file only `file_size` bytes from `file_offset` on */
    i64 file_offset, file_size;
    bool close; /* close the connection afterwards */
};

struct request {
    struct arena *arena;
    const char *id; /* request id: 16 hex digits, printed in errors and the log */
    enum http_method method;
    const char *method_text;
    const char *path;   /* decoded, starts with "/", no "//", no dot segments */
    const char *target; /* path and query as sent, for links back */
    struct pairs query;
    struct pairs form; /* urlencoded or multipart fields */
    struct pairs cookies;
    struct pairs headers; /* as received */
    struct upload *uploads;
    size_t nuploads;
    struct sink *sink;     /* set by core at the headers, or NULL */
    struct bytes body;     /* other bodies (JSON), whole */
    const char *body_type; /* media type without parameters, lower case; NULL without a body */
    const char *peer;      /* client address as text: the peer's, or a trusted proxy's word */
    bool https;            /* by our own TLS or a trusted proxy's word */
    i64 started;           /* clock_ticks at the first byte */
    struct response response;
    void *core; /* core's own state */
    void *net;  /* net's own state */
};

/* The first value of a name, or NULL. Header names compare without case. */
const char *pairs_get(const struct pairs *p, const char *name);
const char *request_header(const struct request *r, const char *name);
/* The body of a refusal to a script, application/problem+json (RFC 9457), with the request's id.
 * The caller owns it. */
json_t *request_problem(const struct request *r, int status, const char *name, const char *detail);
/* Adds a header to the answer; CR, LF and NUL in the value are refused (BUG in debug, dropped). */
void response_header(struct request *r, const char *name, const char *value);
