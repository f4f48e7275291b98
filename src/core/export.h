/* SPDX-License-Identifier: Apache-2.0 */
/* Exports of lists: CSV, JSON, XLSX and PDF of exactly the rows that the list shows; a PDF has its
 * columns, the others all fields or, with fields=shown, its columns. An export stops when its
 * client has gone.
 * The route `GET /:plural/export` of core/api serves every entity; a feature need not add one. */
#pragma once

#include <stdio.h>

#include "core/list.h"

/* Taking whole lists out: "export.run", needed besides the right to read. */
extern const struct permission export_run_right;

/* GET: the list as asked for (filters and sort of core/list.h), as a file to download;
 * `format=csv|json|xlsx|pdf`, CSV without one. Refuses other formats (ERR_BAD). */
struct err *export_page(struct web *w, const struct entity *e) MUST_CHECK;

enum export_format { EXPORT_CSV, EXPORT_JSON, EXPORT_XLSX, EXPORT_PDF };
/* False when the name is none of csv, json, xlsx and pdf. */
bool export_format_find(const char *name, enum export_format *out);
/* Writes the list to `out`. Needs the right to read and export.run. The memory used does not grow
 * with the list. Failed writes show in ferror(out), which the caller checks. */
struct err *export_write(struct web *w, const struct list_query *q, enum export_format format,
                         FILE *out) MUST_CHECK;
/* The name of a file to download: "risks-2026-11-29-confidential.csv" from its stem and extension,
 * with the level that documents carry; sets the header "Classification" to it. A data file has no
 * place for a label inside that programs would not take for data. */
struct err *export_name(struct web *w, const char *stem, const char *extension, const char **out)
    MUST_CHECK;
/* A new empty file of mode 0600 in the folder `name` of the data directory (or, when that cannot be
 * written to, of the system's folder for temporary files). Yesterday's files are removed by the job
 * "transfer". The caller closes it. */
struct err *transfer_file(struct web *w, const char *name, const char **path, FILE **out)
    MUST_CHECK;
/* Removes files of the folder that are older than a day. */
void transfer_clean(struct arena *a, const char *dir, const char *name);

struct cli;
/* `cairn export KIND [--format csv|json|xlsx|pdf] [--output FILE] [NAME=VALUE]...` */
int export_command(struct cli *c);
