/* SPDX-License-Identifier: Apache-2.0 */
/* The list of erasures beside the database, and erasing again after a restore. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "core/app.h"
#include "feature/erasure/erasure_part.h"

#define FILE_MOST ((size_t)64 * 1024 * 1024)

static struct err *no_access(const char *path, const char *what)
{
    return err_new(ERR_FAULT, "“%.200s” cannot be %s: %s.", path, what, strerror(errno));
}

/* The whole text of the file; "" when there is none. */
static struct err *read_all(struct arena *a, const char *path, const char **out)
{
    FILE *f = fopen(path, "re");
    struct buf b;
    char chunk[8192];
    size_t n;

    buf_init(&b, a, 256);
    *out = "";
    if (!f)
        return errno == ENOENT ? NULL : no_access(path, "read");
    while (b.size < FILE_MOST && (n = fread(chunk, 1, sizeof(chunk), f)) > 0)
        buf_add(&b, chunk, n);
    n = (size_t)ferror(f);
    fclose(f);
    *out = b.size ? b.data : "";
    return n ? no_access(path, "read") : NULL;
}

/* True when `text` has the line. */
static bool has_line(const char *text, const char *line)
{
    size_t n = strlen(line);

    for (const char *at = strstr(text, line); at; at = strstr(at + 1, line))
        if ((at == text || at[-1] == '\n') && at[n] == '\n')
            return true;
    return false;
}

static struct err *append(const char *path, const char *lines)
{
    int fd;
    size_t n = strlen(lines);
    bool good;

    if (!n)
        return NULL;
    fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return no_access(path, "written");
    good = write(fd, lines, n) == (ssize_t)n && fsync(fd) == 0;
    close(fd);
    return good ? NULL : no_access(path, "written");
}

struct err *erasure_sync(struct web *w)
{
    const char *path = arena_printf(w->arena, "%s/%s", w->app->config.dir, ERASURE_FILE), *text;
    struct rows *r;
    struct buf more;

    /* every organisation */
    TRY(db_query(w->db, &r,
                 "select e.parts from erasure e where e.org_id > $1 and e.state = 'done'"
                 " and e.parts is not null order by e.org_id, e.number",
                 num(0)));
    TRY(read_all(w->arena, path, &text));
    buf_init(&more, w->arena, 256);
    while (row_next(r))
        if (!has_line(text, row_text(r, 0)))
            buf_printf(&more, "%s\n", row_text(r, 0));
    return append(path, more.data);
}

struct err *erasure_merge(struct arena *a, const char *from, const char *into)
{
    const char *text, *known;
    char **lines;
    struct buf more;
    size_t n;

    TRY(read_all(a, from, &text));
    TRY(read_all(a, into, &known));
    buf_init(&more, a, 256);
    n = text_split(a, text, '\n', &lines);
    for (size_t i = 0; i < n; i++)
        if (*lines[i] && !has_line(known, lines[i]))
            buf_printf(&more, "%s\n", lines[i]);
    return append(into, more.data);
}

/* --- again --- */

struct again {
    struct erasing what;
    size_t count;
};

static struct err *run_again(struct web *w, void *ctx)
{
    struct again *x = ctx;

    return erasing_apply(w, &x->what, &x->count, NULL);
}

static bool number_of(const json_t *o, const char *key, i64 *out)
{
    const char *text = json_string_value(json_object_get(o, key));

    *out = 0;
    return text && text_i64(text, out);
}

static struct err *org_exists(struct web *w, i64 org, bool *there)
{
    struct rows *r;

    TRY(db_query(w->db, &r, "select 1 from audit_frontier where org_id = $1", num(org)));
    *there = row_next(r);
    return NULL;
}

/* A record that the backup does not know has nothing to erase. */
static struct err *is_there(struct web *w, const struct erasing *what, bool *there)
{
    void *record = arena_alloc(w->arena, what->entity->size);
    struct err *failed = entity_load(w, what->entity, what->record, record);

    *there = !failed;
    return failed && failed->code != ERR_MISSING ? failed : NULL;
}

static struct err *line_again(struct web *w, const char *line, size_t *done)
{
    struct again x = {.count = 0};
    struct web inside = *w;
    const char *kind, *by;
    json_t *o;
    bool there;
    i64 org;

    if (json_parse(w->arena, line, strlen(line), &o))
        return err_new(ERR_BAD, "A line of the list of erasures cannot be read: %.100s", line);
    kind = json_string_value(json_object_get(o, "kind"));
    by = json_string_value(json_object_get(o, "by"));
    x.what.entity = kind ? feature_entity(kind) : NULL;
    x.what.basis = json_string_value(json_object_get(o, "basis"));
    number_of(o, "account", &x.what.account);
    if (!x.what.entity || !by || !x.what.basis || !number_of(o, "record", &x.what.record) ||
        !number_of(o, "org", &org))
        return err_new(ERR_BAD, "A line of the list of erasures cannot be read: %.100s", line);
    x.what.by = arena_printf(w->arena, "%s, again after a restore", by);
    TRY(org_exists(w, org, &there));
    if (!there)
        return NULL;
    TRY(web_enter_org(&inside, org));
    TRY(is_there(&inside, &x.what, &there));
    if (there)
        TRY(app_write(&inside, run_again, &x));
    *done += x.count > 0;
    return NULL;
}

struct err *erasure_again(struct web *w, const char *file, size_t *done)
{
    const char *text;
    char **lines;
    size_t n;

    *done = 0;
    TRY(read_all(w->arena, file, &text));
    n = text_split(w->arena, text, '\n', &lines);
    for (size_t i = 0; i < n; i++)
        if (*lines[i])
            TRY(line_again(w, lines[i], done));
    return NULL;
}
