/* SPDX-License-Identifier: Apache-2.0 */
/* Inside core/convert* only: libraries of controls as rows, in the sandboxed child. Known are
 * libraries of CISO Assistant (YAML) and catalogues of OSCAL (JSON, YAML). What a library says is
 * laid out as two sheets: "Controls" (code, title, chapter, asks, controlset, maps_to) and "Set"
 * (title, source, edition, language, reference, description, terms). Rows of controls are numbered
 * by the line of the file on which the control begins. */
#pragma once

#include "core/convert_yaml.h"

/* A control as it goes to the sheet. */
struct library_row {
    u64 line;
    const char *code, *title, *chapter, *asks, *maps_to;
};
struct library {
    struct arena *arena;
    const char *title, *source, *edition, *language, *reference, *description, *terms;
    struct library_row *rows;
    size_t count, room;
    bool only_maps; /* the controls are here already: nothing is said but what they answer */
    size_t visits;  /* nodes that were looked at: an alias may show one node many times */
};
#define LIBRARY_VISITS 400000
#define LIBRARY_ROWS 50000

/* 0 = read; WHY_NOT_LIBRARY when it is another kind of file. */
enum convert_why library_ciso(const struct node *root, struct library *out);
enum convert_why library_oscal(const struct node *root, struct library *out);
/* 0, or WHY_TOO_LARGE. */
enum convert_why library_add(struct library *l, const struct library_row *row);
/* "urn:x:framework:cis-v8" -> "cis-v8". */
const char *library_tail(const char *urn);
/* The text as a code: capitals, and "-" for what a code may not hold; at most `most` bytes. */
const char *library_code(struct arena *a, const char *text, size_t most);
/* At most `most` bytes of a text, cut at a word, with "…". */
const char *library_cut(struct arena *a, const char *text, size_t most);

/* Reads the library in `data` and sends frames as convert_workbook does. */
void convert_library(struct arena *a, struct bytes data, const char *sheet,
                     void (*send)(void *ctx, const char *data, size_t size), void *ctx);
