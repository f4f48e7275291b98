/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that travel inside the program: content/, migrations/, po/ and the browser's assets.
 *
 * The build packs them (tools/embed.py) into one read-only object and writes a table sorted by
 * name. Names are paths in the source tree ("content/controls.tsv", "migrations/0001_base.sql");
 * what the browser gets is under "static/" ("static/cairn.css", "static/icons.svg"). Everything
 * here is constant and lives as long as the program; nobody frees it. Safe from any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct embedded_file {
    const char *name;          /* path, unique, the sort key */
    const unsigned char *data; /* size bytes; one NUL follows, so a text can be read as a string */
    size_t size;
    const char *hash;        /* SHA-256 of data, 64 hex digits */
    const char *type;        /* media type for the Content-Type header */
    const unsigned char *gz; /* the same, gzip-compressed at build; NULL where that saves little */
    size_t gz_size;
    const char *url; /* "/static/<16 hex digits>/<file>" for "static/..." files, otherwise NULL */
};

/* The file of that exact name, or NULL. Binary search, no allocation. */
const struct embedded_file *embedded_find(const char *name);

/*
 * All files whose name starts with prefix, in order of name: sets *first to the first of them and
 * returns how many follow each other there (first[0] .. first[n-1]). Returns 0 and sets *first to
 * NULL when there is none. The prefix "" gives all files.
 */
size_t embedded_list(const char *prefix, const struct embedded_file **first);

/*
 * The address of an asset for a page: embedded_url("cairn.css") is "/static/<hash>/cairn.css". The
 * address changes with the content, so it may be cached for ever. An unknown name aborts: it is a
 * mistake in the program, which the first test of that page finds.
 */
const char *embedded_url(const char *asset);

/*
 * The asset behind a requested address as made by embedded_url, or NULL. An address with another
 * hash (a page of an older release) still finds the file; *current then tells false, and the answer
 * must not be cached as immutable. current may be NULL.
 */
const struct embedded_file *embedded_by_url(const char *url, bool *current);
