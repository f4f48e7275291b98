/* SPDX-License-Identifier: Apache-2.0 */
/* Uploads that survive a broken connection, modelled on the IETF's draft "Resumable Uploads for
 * HTTP" and on tus: POST /uploads says name and size; PATCH /uploads/:id brings bytes from
 * Upload-Offset on, in as many requests as it takes; HEAD or GET tells how far it got; DELETE gives
 * it up. The bytes lie in DIR/uploads, and how many there are is the size of that file, so nothing
 * has to be written down while they come. Whatever names the finished upload takes it with
 * upload_take. An upload belongs to the account that began it and ends after a day. */
#pragma once

#include "core/blob.h"

struct upload_state {
    i64 id, size, offset;
    const char *filename;
    const char *path; /* of the bytes so far */
};

/* --- handlers, for pages and for the API alike --- */
/* POST, as form or JSON: `filename`, `size`. 201 with the address in Location. */
struct err *upload_create(struct web *w) MUST_CHECK;
/* Before the body of a PATCH: says where the bytes go. For ROUTE_RAW. */
struct err *upload_head(struct web *w) MUST_CHECK;
/* PATCH: the bytes are there; 204 with the new Upload-Offset. */
struct err *upload_bytes(struct web *w) MUST_CHECK;
/* GET and HEAD: {"id", "filename", "size", "offset", "complete"} and Upload-Offset. */
struct err *upload_show(struct web *w) MUST_CHECK;
/* DELETE. */
struct err *upload_cancel(struct web *w) MUST_CHECK;

/* --- for whatever stores the file --- */
/* The upload `id` as text, which must be whole and nobody may still be writing; in `prepare`. Its
 * file stays where it is until upload_done. ERR_INVALID when it is not whole. */
struct err *upload_take(struct web *w, const char *id, struct upload_state *out) MUST_CHECK;
/* Forgets it; in the write transaction of what the file has become. */
struct err *upload_done(struct web *w, i64 id) MUST_CHECK;
/* Removes uploads older than a day: a job. */
struct err *upload_clean(struct web *w) MUST_CHECK;
