/* SPDX-License-Identifier: Apache-2.0 */
/* Workbooks and libraries of controls are read in a child process of the same binary (`cairn
 * convert xlsx`, `cairn convert library`) that has given up
 * everything first: no files, no network, no new rights, a short list of system calls (anything
 * else ends it), 256 MB and 10 seconds. It says typed rows through a pipe; this side believes none
 * of them unchecked (core/convert_pipe.h), and ends the child in any case. */
#pragma once

#include <stdio.h>

#include "base/err.h"
#include "core/convert_pipe.h"

#define CONVERT_FILE_MOST ((size_t)64 << 20) /* bytes of a workbook as it is sent */
#define CONVERT_OUT_MOST ((u64)512 << 20)    /* bytes of rows that are taken from the child */
#define CONVERT_MEMORY ((u64)256 << 20)      /* address space of the child */
#define CONVERT_CPU 10                       /* seconds of processor time */
#define CONVERT_WALL 30                      /* seconds until the child is ended */

struct convert_told {
    struct convert_sheet *sheets;
    size_t nsheets, chosen;
    struct convert_range *merges; /* the first CONVERT_MERGES */
    size_t nmerges;
    bool *hidden;   /* by column, CONVERT_COLUMNS of them */
    size_t columns; /* 1 + the last column in which something stands */
    i64 rows, hidden_rows;
    struct convert_end end;
};

/* Reads one sheet of the workbook `file` (a regular file, from its start): its rows go to `rows` as
 * ROW frames that pipe_read_row takes. `sheet` is a number from 1 or a name; NULL or "" = the
 * first visible sheet with something in it. More than `most` rows are refused (ERR_LIMIT). ERR_BAD
 * and ERR_LIMIT say what is wrong with the workbook; `name` is what the sender calls it. */
struct convert_ask {
    const char *name, *sheet;
    i64 most;
    bool library; /* of controls, YAML or JSON (core/convert_library.h): read as a workbook */
};
struct err *convert_xlsx(struct arena *a, FILE *file, const struct convert_ask *ask, FILE *rows,
                         struct convert_told *out) MUST_CHECK;

/* Draws page `page` (from 1) of the PDF in the regular file `file` as PNG into `out`, in a child
 * that can do nothing else (convert_pdf.c). ERR_MISSING when there is no such page, ERR_INVALID
 * when it cannot be drawn. */
struct err *convert_pdf_page(int file, i64 page, int out) MUST_CHECK;
/* True when this machine can: poppler-utils is installed and the kernel has Landlock. */
bool convert_pdf_there(void);
bool convert_pdf_child(int argc, char **argv); /* part of convert_child */

/* The child: to be called first thing in main(). False when these are not its words; otherwise it
 * does not come back. */
bool convert_child(int argc, char **argv);
