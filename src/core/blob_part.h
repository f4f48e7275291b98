/* SPDX-License-Identifier: Apache-2.0 */
/* Inside core/blob only: where bytes lie. */
#pragma once

#include "core/app.h"
#include "core/blob.h"

#define BLOB_KEPT DAY            /* bytes without a row stay so long */
#define BLOB_ROW_MOST (16 << 20) /* bytes of a file in the database */

/* One file of one organisation. */
struct blob_id {
    i64 org;
    const char *hash;
    i64 size;
};

struct blob_store {
    /* Stores the file at `path`, whose hash and size are known; again when it is there already. */
    struct err *(*put)(struct web *w, const struct blob_id *id, const char *path);
    /* ERR_MISSING when there are no such bytes. */
    struct err *(*get)(struct web *w, const struct blob_id *id, i64 from, i64 size,
                       struct blob_file *out);
    struct err *(*drop)(struct web *w, const struct blob_id *id);
    /* Removes bytes older than BLOB_KEPT that no row names. */
    struct err *(*collect)(struct web *w);
    /* S3 */
    const char *url, *region, *key, *secret;
};
extern const struct blob_store blob_folder, blob_rows, blob_s3;

/* "https://host/bucket?region=..." of "s3:..." into `out`; the key comes from the environment. */
struct err *blob_s3_config(struct arena *a, const char *text, struct blob_store *out) MUST_CHECK;
/* The store of w->app. */
const struct blob_store *blob_store_of(const struct web *w);
/* True when the row says that this file belongs to something. */
struct err *blob_named(struct web *w, i64 org, const char *hash, bool *out) MUST_CHECK;
/* SHA-256 and size of what is in an open file from its beginning. */
struct err *blob_digest(struct arena *a, int fd, char hex[65], i64 *size) MUST_CHECK;
/* Copies all of one open file to another. */
bool blob_copy(int from, int to);
