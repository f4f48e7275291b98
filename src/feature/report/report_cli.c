/* SPDX-License-Identifier: Apache-2.0 */
/* cairn report. */
#include <stdio.h>
#include <unistd.h>

#include "base/text.h"
#include "base/words.h"
#include "core/command.h"
#include "core/language.h"
#include "feature/report/report_part.h"

struct order {
    struct cli *c;
    const char *name;
    struct report_file file;
};

static struct err *make(struct web *w, void *ctx)
{
    struct order *o = ctx;
    struct report r;

    TRY(report_find(w, o->name, &r));
    TRY(report_asked(&r, cli_option(o->c, "format"), cli_option(o->c, "for")));
    return report_make(&r, &o->file);
}

static struct err *write_out(struct order *o, FILE *out)
{
    char chunk[65536];
    bool good = true;
    FILE *in;
    size_t n;

    if (!o->file.path) {
        good = fwrite(o->file.bytes.data, 1, o->file.bytes.size, out) == o->file.bytes.size;
    } else {
        in = fopen(o->file.path, "rb");
        good = in != NULL;
        while (good && (n = fread(chunk, 1, sizeof(chunk), in)) > 0)
            good = fwrite(chunk, 1, n, out) == n;
        if (in)
            fclose(in);
    }
    return good ? NULL : err_new(ERR_FAULT, "The report could not be written.");
}

static int list(struct cli *c)
{
    for (const struct report_kind *k = report_kinds; k->name; k++)
        fprintf(c->out, "%-18s %s\n", k->register_ ? "register-KIND" : k->name, k->title);
    return 0;
}

static struct err *run(struct cli *c, struct web *w, const char *output)
{
    struct order o = {.c = c, .name = cli_argument(c, 0)};
    struct err *failed;
    FILE *out;

    TRY(app_read(w, make, &o));
    failed = cli_file(c, output ? output : "-", true, &out);
    if (!failed)
        failed = write_out(&o, out);
    if (o.file.path)
        unlink(o.file.path);
    if (!failed && output)
        fprintf(c->err, "%s\n", output);
    return failed;
}

int report_command(struct cli *c)
{
    const char *output = cli_option(c, "output"), *language = cli_option(c, "language");
    const struct words *kept;
    struct err *failed;
    struct web *w;

    if (!cli_argument(c, 0))
        return list(c);
    if (!output && isatty(fileno(c->out)))
        return cli_usage(c, "A report is no text for a terminal. Say where it goes: --output "
                            "report.pdf");
    failed = cli_open(c, false, true, &w);
    if (failed)
        return cli_fail(c, failed);
    if (language && !choice_find(language_choices, language)) /* known once the store is open */
        return cli_usage(c, "There is no language “%s”.", language);
    if (language)
        w->language = language;
    kept = words_use(language ? language_words(language) : NULL);
    failed = run(c, w, output);
    words_use(kept);
    return failed ? cli_fail(c, failed) : 0;
}
