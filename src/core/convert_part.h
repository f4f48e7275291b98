/* SPDX-License-Identifier: Apache-2.0 */
/* Inside core/convert* only: the reader of workbooks, as it runs in the sandboxed child. Nothing
 * here opens a file, asks the clock or trusts a size: bytes in, frames out. */
#pragma once

#include <libxml/xmlreader.h>
#include <zip.h>

#include "core/convert_pipe.h"

#define PARTS_MOST 4000
#define PART_MOST ((u64)512 << 20)  /* bytes of one part, unpacked */
#define TOTAL_MOST ((u64)768 << 20) /* of all parts that are read */
#define RATIO_FROM ((u64)8 << 20)   /* a small part may be packed as well as it likes */
#define RATIO_MOST 200
#define STRINGS_MOST ((size_t)96 << 20)

/* The archive (convert_zip.c). */
struct unzip {
    struct arena *arena;
    zip_t *zip;
    u64 size;  /* of the file */
    u64 total; /* bytes unpacked so far */
    enum convert_why why;
};
/* Opens what `data` holds and looks at every entry's name and sizes; 0 = good. */
enum convert_why unzip_open(struct arena *a, const unsigned char *data, size_t size,
                            struct unzip *out);
void unzip_close(struct unzip *z);
bool unzip_has(const struct unzip *z, const char *name);
/* A part as a stream of XML nodes. What goes wrong while reading is in z->why. NULL when there is
 * no such part, or it is refused. Close with part_close, which tells why it ended. */
struct part;
struct part *part_open(struct unzip *z, const char *name);
/* The next node; false at the end. */
bool part_next(struct part *p);
xmlTextReaderPtr part_reader(struct part *p);
enum convert_why part_close(struct part *p);
/* True at the start of an element of that local name. */
bool part_starts(struct part *p, const char *name);
bool part_ends(struct part *p, const char *name);
/* An attribute as text in the arena, or NULL. */
const char *part_attribute(struct part *p, struct arena *a, const char *name);
bool part_flag(struct part *p, const char *name); /* "1" or "true" */

/* --- dates (convert_date.c) --- */
/* True when a number format of a workbook shows a date or a time. */
bool format_is_date(const char *code);
/* True for the built-in ones. */
bool format_number_is_date(i64 id);
/* The text of a serial number: "2026-03-01", "2026-03-01 14:05:09" or "14:05:09"; NULL when it is
 * no day: before the epoch, after 9999, or the 29 February 1900 that Excel invented. */
const char *serial_text(struct arena *a, double serial, bool epoch1904);

/* --- the workbook (convert_xlsx.c) --- */
struct strings {
    struct buf text;
    size_t *start; /* nstrings + 1 */
    size_t count, room;
};
struct workbook {
    struct arena *arena;
    struct unzip zip;
    struct convert_sheet sheets[CONVERT_SHEETS];
    const char *part[CONVERT_SHEETS]; /* name of the sheet's part, or NULL: a chart */
    size_t nsheets;
    bool epoch1904;
    bool *dates; /* by style: shown as a date */
    size_t ndates;
    struct strings strings;
    void (*send)(void *ctx, const char *data, size_t size);
    void *ctx;
};
/* Reads the workbook in `data` and sends frames: SHEETS, then the rows of the sheet (`sheet` is its
 * number from 1 or its name; NULL or "" = the first visible one that has rows), then END; or REFUSE
 * at any time. */
void convert_workbook(struct arena *a, struct bytes data, const char *sheet,
                      void (*send)(void *ctx, const char *data, size_t size), void *ctx);

/* --- a sheet (convert_sheet.c) --- */
struct sheet_told {
    struct convert_end end;
    u64 rows;
};
/* Sends the rows, hidden columns and merged ranges of a part; 0 = good. `number` says which row a
 * refusal is about. */
enum convert_why sheet_send(struct workbook *b, const char *part, struct sheet_told *told,
                            u64 *number);
