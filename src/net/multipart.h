/* SPDX-License-Identifier: Apache-2.0 */
/* A reader for multipart/form-data bodies that arrive in pieces: fields go to the arena, files to
 * temporary files that are deleted with the arena. Memory is one window of 64 KiB plus the fields,
 * whatever the size of the files. Strict: exactly what browsers and curl send; no preamble, nested
 * parts, or transfer encodings. */
#pragma once

#include "net/request.h"

struct multipart;

/* What errno says about a file that could not be stored: 507 when the disk is full. */
struct err *disk_err(const char *what);

/* A reader for a body with this Content-Type; NULL when the type has no usable boundary.
 * `field_limit` bounds the bytes of all fields that are not files. */
struct multipart *multipart_new(struct arena *a, const char *content_type, const char *temp_dir,
                                size_t field_limit);
/* Reads the next bytes. ERR_BAD, ERR_LIMIT, or ERR_FAULT when the disk refuses. */
struct err *multipart_feed(struct multipart *m, const void *data, size_t size) MUST_CHECK;
/* The body is over: checks that it is whole and gives fields and files to the request. */
struct err *multipart_end(struct multipart *m, struct request *r) MUST_CHECK;
