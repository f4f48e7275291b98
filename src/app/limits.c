/* SPDX-License-Identifier: Apache-2.0 */
/* Options of cairn serve about sizes and files: how much may come in, and what looks at it. */
#include <string.h>

#include "app/parts.h"
#include "base/text.h"
#include "core/scan.h"

#define KIB 1024LL
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)
#define TIB (1024 * GIB)
#define SLACK MIB /* fields and boundaries of a form besides its files */

struct bound {
    const char *option;
    i64 least, most;
};

/* Bytes with an optional K, M, G or T behind the number; `*out` stays when the option is absent. */
static struct err *read_size(struct cli *c, const struct bound *b, i64 *out)
{
    static const char units[] = "KMGT";
    const char *text = cli_option(c, b->option), *letter;
    size_t size;
    i64 n, unit = 1;

    if (!text)
        return NULL;
    size = strlen(text);
    letter = size > 1 ? strchr(units, text[size - 1]) : NULL;
    for (const char *u = units; letter && u <= letter; u++)
        unit *= 1024;
    if (!text_i64(arena_strn(c->arena, text, size - (letter != NULL)), &n) || n < 1 ||
        n > b->most / unit || n * unit < b->least)
        return err_new(ERR_BAD,
                       "--%s “%.40s” is not a size between %lldK and %lldM. Write a number with K, "
                       "M, G or T behind it.",
                       b->option, text, b->least / KIB, b->most / MIB);
    *out = n * unit;
    return NULL;
}

static struct err *read_count(struct cli *c, const char *option, i64 *out)
{
    const char *text = cli_option(c, option);

    if (text && (!text_i64(text, out) || *out < 1))
        return err_new(ERR_BAD, "--%s “%.40s” is not a number from 1 on.", option, text);
    return NULL;
}

static struct err *read_scanner(struct cli *c)
{
    c->config.scanner = cli_option(c, "clamd");
    c->config.scanner_optional = cli_flag(c, "clamd-optional");
    if (c->config.scanner)
        return scan_check(c->config.scanner);
    if (c->config.scanner_optional)
        return err_new(ERR_BAD, "--clamd-optional says what happens when --clamd does not answer. "
                                "Give both.");
    return NULL;
}

struct err *read_limits(struct cli *c, struct server_config *s)
{
    static const struct bound body = {"body-limit", 16 * KIB, GIB};
    static const struct bound upload = {"upload-limit", 16 * KIB, 64 * GIB};
    static const struct bound org = {"quota", MIB, 1024 * TIB};
    static const struct bound person = {"quota-person", MIB, 1024 * TIB};
    struct blob_limits *l = &c->config.limits;
    i64 bytes = 0;

    TRY(read_size(c, &body, &bytes));
    s->body_limit = (size_t)bytes;
    TRY(read_size(c, &upload, &l->upload));
    TRY(read_size(c, &org, &l->bytes));
    TRY(read_size(c, &person, &l->person_bytes));
    TRY(read_count(c, "quota-files", &l->files));
    TRY(read_count(c, "quota-person-files", &l->person_files));
    s->upload_limit = (size_t)((l->upload ? l->upload : GIB) + SLACK);
    return read_scanner(c);
}
