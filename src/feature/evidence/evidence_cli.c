/* SPDX-License-Identifier: Apache-2.0 */
/* cairn evidence add, cairn evidence get. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "base/words.h"
#include "core/command.h"
#include "core/export.h"
#include "feature/evidence/evidence_part.h"

#define CHUNK 65536

struct adding {
    struct cli *c;
    struct taken_file file;
    struct ids about;
    struct evidence e;
    struct issues issues;
};

static void remove_file(void *path)
{
    unlink(path);
}

/* The caller's file as one of our own: it may be a pipe, and the server may not see it. */
static struct err *bring(struct cli *c, struct web *w, const char *path, struct taken_file *out)
{
    const char *slash = strrchr(path, '/'), *own;
    char chunk[CHUNK];
    FILE *in, *to;
    bool good = true;
    size_t n;

    TRY(cli_file(c, path, false, &in));
    TRY(transfer_file(w, "uploads", &own, &to));
    arena_defer(w->arena, remove_file, arena_str(w->arena, own));
    while (good && (n = fread(chunk, 1, sizeof(chunk), in)) > 0)
        good = fwrite(chunk, 1, n, to) == n;
    good = !ferror(in) && good;
    if (fclose(to) || !good)
        return err_new(ERR_BAD, "“%.200s” could not be read, or the disk is full.", path);
    return evidence_take_path(w, own, slash ? slash + 1 : path, out);
}

static struct err *read_records(struct cli *c, struct web *w, struct ids *out)
{
    const char *text;
    const struct entity *e;
    size_t n = 0;
    i64 *list;

    while (cli_option_nth(c, "record", n))
        n++;
    list = NEW_ARRAY(w->arena, i64, n + 1);
    for (size_t i = 0; i < n; i++) {
        text = cli_option_nth(c, "record", i);
        TRY(record_find(w, text, &e, &list[out->count++]));
    }
    out->id = list;
    return NULL;
}

static struct err *write_evidence(struct web *w, void *ctx)
{
    struct adding *a = ctx;
    struct input list[4];
    struct inputs in = {list, 0};
    static const char *const names[] = {"title", "valid-until", "collected", "owner"};
    static const char *const columns[] = {"title", "valid_until", "collected", "owner"};

    a->e = (struct evidence){.about = a->about};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (cli_option(a->c, names[i]))
            list[in.count++] = (struct input){columns[i], cli_option(a->c, names[i])};
    TRY(entity_apply(w, &evidence_entity, &a->e, in, true, &a->issues));
    evidence_defaults(w, &a->e, &a->file);
    evidence_put(&a->e, &a->file);
    if (!a->issues.count)
        TRY(entity_write(w, &evidence_entity, &a->e, NULL, &a->issues));
    if (a->issues.count)
        return err_new(ERR_INVALID, "%s", a->issues.list[0].text);
    return evidence_kept(w, &a->file);
}

static struct err *add_one(struct cli *c, struct web *w, const char *path)
{
    struct adding a = {.c = c, .issues = {.arena = w->arena}};

    TRY(read_records(c, w, &a.about));
    TRY(bring(c, w, path, &a.file));
    TRY(app_write(w, write_evidence, &a));
    fprintf(c->out, "EV-%lld %s (%s, SHA-256 %s)\n", a.e.number, a.e.title,
            evidence_size(w->arena, a.e.file_size), a.e.file_hash);
    return NULL;
}

static int add_run(struct cli *c)
{
    struct web *w;
    struct err *failed = cli_open(c, true, true, &w);

    for (size_t i = 0; !failed && cli_argument(c, i); i++)
        failed = add_one(c, w, cli_argument(c, i));
    return failed ? cli_fail(c, failed) : 0;
}

static struct err *find_version(struct cli *c, struct web *w, struct file_version *out)
{
    const char *asked = cli_option(c, "version");
    struct file_version *list;
    struct evidence e;
    size_t count;
    i64 n;

    TRY(evidence_called(w, cli_argument(c, 0), &e));
    n = e.file_version;
    if (asked && !text_i64(asked, &n))
        return err_new(ERR_BAD, "--version “%.20s” is no number.", asked);
    TRY(evidence_versions(w, e.id, &list, &count));
    for (size_t i = 0; i < count; i++)
        if (list[i].number == n) {
            *out = list[i];
            return NULL;
        }
    return err_new(ERR_MISSING, "EV-%lld has no such file.", e.number);
}

/* The name that the file came with is somebody's word: nothing is overwritten by it, and it does
 * not become a hidden file. */
static struct err *own_name(struct cli *c, const char *name, const char **out)
{
    *out = name[0] == '.' ? arena_printf(c->arena, "_%s", name) : name;
    if (access(cli_path(c, *out), F_OK))
        return NULL;
    return err_new(ERR_CLASH, "“%.200s” is there already and is not overwritten. Say --output.",
                   *out);
}

static struct err *get(struct cli *c, struct web *w)
{
    const char *output = cli_option(c, "output");
    struct file_version v = {0};
    struct blob_file f;
    struct blob b;
    char chunk[CHUNK];
    FILE *in, *out;
    bool good = true;
    size_t n;

    TRY(find_version(c, w, &v));
    b = (struct blob){v.hash, v.size};
    TRY(blob_read(w, &b, 0, b.size, &f));
    if (!output)
        TRY(own_name(c, v.name, &output));
    TRY(cli_file(c, output, true, &out));
    in = fopen(f.path, "re");
    while (in && good && (n = fread(chunk, 1, sizeof(chunk), in)) > 0)
        good = fwrite(chunk, 1, n, out) == n;
    good = good && in && !ferror(in);
    if (in)
        fclose(in);
    return good ? NULL : err_new(ERR_BAD, "The file could not be read or written.");
}

static int get_run(struct cli *c)
{
    struct web *w;
    struct err *failed = cli_open(c, false, true, &w);

    if (!failed)
        failed = get(c, w);
    return failed ? cli_fail(c, failed) : 0;
}

/* clang-format off */
const struct command evidence_commands[] = {
    {"evidence add",
     "[--record NUMBER]... [--title TEXT] [--valid-until DATE] [--collected DATE] [--owner NUMBER]"
     " FILE...",
     "Stores files as evidence, each as a piece of its own, and prints its number and SHA-256. "
     "--record names what it shows something about, like R-42 or AS-7; several may be given.",
     add_run},
    {"evidence get", "NUMBER [--version NUMBER] [--output FILE]",
     "Writes the file of a piece of evidence, like EV-3, under its own name into the current "
     "directory, or to FILE (“-” is standard output). --version takes an older one.",
     get_run},
    {0},
};
/* clang-format on */
