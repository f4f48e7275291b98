/* SPDX-License-Identifier: Apache-2.0 */
/* Files that people give, kept by their content: a file is its SHA-256, stored once per
 * organisation and never shared between organisations (decisions.md 13). The bytes lie in DIR/blobs
 * (the default), in the database or in S3 (app_config.files); the row `stored_file` says that they
 * belong to something. Order: bytes first, row after, in the transaction of the record that names
 * them.
 * Bytes without a row are removed when they are older than a day. */
#pragma once

#include "core/web.h"

struct blob {
    const char *hash; /* SHA-256, 64 hex digits */
    i64 size;
};

/* What may be stored; 0 = the usual (blob_limits). */
struct blob_limits {
    i64 upload;       /* bytes of one file or one form */
    i64 bytes, files; /* of an organisation, in all */
    i64 person_bytes; /* of a person in a day */
    i64 person_files;
};
struct blob_limits blob_limits(const struct app *app);

struct blob_store; /* where the bytes lie */
/* Reads app->config.files; called by app_open. ERR_BAD says what is wrong with it. */
struct err *blob_open_store(struct app *app) MUST_CHECK;

/* --- storing --- */
/* Refuses `bytes` and `files` more than organisation, person and disk have room for (413, 429,
 * 507), and counts them to the person's day: committed at once, whatever becomes of the request. In
 * `prepare`, or in a write transaction. */
struct err *blob_reserve(struct web *w, i64 bytes, i64 files) MUST_CHECK;
/* The same as far as the head of a request tells, without counting: for ROUTE_FILES. */
struct err *blob_head(struct web *w) MUST_CHECK;
/* Stores the bytes of a file durably for w->org. The file itself stays and is the caller's; it must
 * not be written to afterwards. ERR_INVALID for an empty one. Slow: in `prepare`, a job or a
 * command, never on the writer. */
struct err *blob_put(struct web *w, const char *path, struct blob *out) MUST_CHECK;
/* In the write transaction of the record that names the file: from now on it is kept. */
struct err *blob_keep(struct web *w, const struct blob *b) MUST_CHECK;
/* Removes the bytes for good and leaves the row, marked: what was there stays provable, what it was
 * does not stay readable. In a write transaction; logged as "file.erased" with the reason. */
struct err *blob_erase(struct web *w, const char *hash, const char *reason) MUST_CHECK;
/* Removes what was stored for nothing: a job. */
struct err *blob_collect(struct web *w) MUST_CHECK;
/* Removes the bytes of what was erased in the last days: a job; again and again does no harm. */
struct err *blob_drop_erased(struct web *w) MUST_CHECK;

/* --- reading --- */
/* A local file that holds the bytes: `offset` is where those from `from` on begin. ERR_MISSING when
 * they were erased; ERR_FAULT when they are lost. A temporary file goes with the arena, unless it
 * is handed on to the answer. */
struct blob_file {
    const char *path;
    i64 offset;
    bool temporary;
};
struct err *blob_read(struct web *w, const struct blob *b, i64 from, i64 size,
                      struct blob_file *out) MUST_CHECK;
/* Up to `room` bytes of the beginning, in w->arena. */
struct err *blob_peek(struct web *w, const struct blob *b, size_t room, struct bytes *out)
    MUST_CHECK;
/* A new empty file on the same disk, deleted with the arena; the caller closes it. */
struct err *blob_temporary(struct web *w, const char **path, int *fd) MUST_CHECK;
/* What of a kept file is known: size, and whether it was erased (may be NULL). ERR_MISSING when
 * there is none of that hash. */
struct err *blob_find(struct web *w, const char *hash, struct blob *out, bool *erased) MUST_CHECK;
/* The file as the answer, whole or the part that a Range header asks for; 304 when the client has
 * it. `type` is what blob_type found. `show` answers for display inside a page: only kinds that
 * blob_shown allows; everything else goes out as a download named `filename`. Either way under a
 * sandbox that lets nothing run. */
struct err *blob_answer(struct web *w, const struct blob *b, const char *type, const char *filename,
                        bool show) MUST_CHECK;

/* --- kinds of content (core/blob_type.c) --- */
/* The media type by content ("application/pdf"); never an error: what is not known is
 * "application/octet-stream". */
const char *blob_type(struct arena *a, const char *path);
/* True for pictures that a browser may show inside a page. */
bool blob_shown(const char *type);
/* The larger side of a picture in pixels as its first bytes say; 0 = they do not. */
i64 blob_pixels(struct arena *a, struct bytes head);
/* What is odd about a name: "The name ends in .pdf, but the content is a program." NULL = nothing.
 */
const char *blob_odd_name(struct arena *a, const char *filename, const char *type);
