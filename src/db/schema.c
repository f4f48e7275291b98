/* SPDX-License-Identifier: Apache-2.0 */
/* What a migration text means: statements end with `;` at the end of a line, `--` starts a
 * comment, five tokens differ per engine, `-- only: sqlite` (or postgresql) limits the next
 * statement to one engine, `-- class: x` says what kind of table the next one is. */
#include "db/engine.h"

#include <ctype.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/embedded.h"
#include "base/text.h"

struct splitter {
    struct arena *a;
    enum db_engine engine;
    const char *p;
    struct buf out;
    bool skip; /* `-- only:` names the other engine */
    char **list;
    size_t count, room;
};

static bool word_at(const char *p, const char *word)
{
    size_t n = strlen(word);

    return strncasecmp(p, word, n) == 0 && !isalnum((unsigned char)p[n]) && p[n] != '_';
}

static void comment(struct splitter *s)
{
    size_t n = strcspn(s->p, "\n");
    const char *only = s->p + 2 + strspn(s->p + 2, " ");

    if (word_at(only, "only:")) {
        only += 5 + strspn(only + 5, " ");
        s->skip = !word_at(only, s->engine == DB_SQLITE ? "sqlite" : "postgresql");
    }
    s->p += n;
}

static void quoted(struct splitter *s)
{
    size_t n = 1 + strcspn(s->p + 1, "'");

    n += s->p[n] == '\'';
    buf_add(&s->out, s->p, n);
    s->p += n;
}

/* The column in front of a token: "body @json" is about body. */
static char *column_before(struct splitter *s)
{
    const char *start = s->out.data, *end = start + s->out.size, *p;

    while (end > start && isspace((unsigned char)end[-1]))
        end--;
    for (p = end; p > start && (isalnum((unsigned char)p[-1]) || p[-1] == '_' || p[-1] == '"');)
        p--;
    return arena_strn(s->a, p, (size_t)(end - p));
}

/* A run of @strict and @norowid after the closing bracket. */
static void table_options(struct splitter *s)
{
    bool strict = false, norowid = false;

    for (;;) {
        if (word_at(s->p, "@strict")) {
            strict = true;
            s->p += strlen("@strict");
        } else if (word_at(s->p, "@norowid")) {
            norowid = true;
            s->p += strlen("@norowid");
        } else if (isspace((unsigned char)*s->p) || *s->p == ',') {
            s->p++;
        } else {
            break;
        }
    }
    if (s->engine == DB_SQLITE)
        buf_printf(&s->out, "%s%s%s", strict ? "STRICT" : "", strict && norowid ? ", " : "",
                   norowid ? "WITHOUT ROWID" : "");
}

static void token(struct splitter *s)
{
    bool lite = s->engine == DB_SQLITE;

    if (word_at(s->p, "@strict") || word_at(s->p, "@norowid")) {
        table_options(s);
    } else if (word_at(s->p, "@int")) {
        buf_str(&s->out, lite ? "INTEGER" : "BIGINT");
        s->p += strlen("@int");
    } else if (word_at(s->p, "@blob")) {
        buf_str(&s->out, lite ? "BLOB" : "BYTEA");
        s->p += strlen("@blob");
    } else if (word_at(s->p, "@json")) {
        if (lite)
            buf_printf(&s->out, "TEXT CHECK (json_valid(%s))", column_before(s));
        else
            buf_str(&s->out, "JSONB");
        s->p += strlen("@json");
    } else {
        buf_char(&s->out, *s->p++);
    }
}

static void statement_end(struct splitter *s)
{
    char *text = text_trim(s->a, s->out.data);

    if (!s->skip && !text_empty(text)) {
        if (s->count == s->room) {
            char **more = NEW_ARRAY(s->a, char *, s->room * 2 + 16);

            if (s->count)
                memcpy(more, s->list, s->count * sizeof(*more));
            s->list = more;
            s->room = s->room * 2 + 16;
        }
        s->list[s->count++] = text;
    }
    s->skip = false;
    buf_init(&s->out, s->a, 1024);
}

static bool ends_line(const char *p)
{
    p += strspn(p, " \t\r");
    return *p == '\n' || *p == '\0' || (p[0] == '-' && p[1] == '-');
}

size_t migration_split(struct arena *a, enum db_engine engine, const char *text, char ***out)
{
    struct splitter s = {.a = a, .engine = engine, .p = text};

    buf_init(&s.out, a, 1024);
    while (*s.p) {
        if (s.p[0] == '-' && s.p[1] == '-') {
            comment(&s);
        } else if (*s.p == '\'') {
            quoted(&s);
        } else if (*s.p == '@') {
            token(&s);
        } else if (*s.p == ';' && ends_line(s.p + 1)) {
            s.p++;
            statement_end(&s);
        } else {
            buf_char(&s.out, *s.p++);
        }
    }
    statement_end(&s);
    *out = s.list;
    return s.count;
}

struct tables {
    struct arena *a;
    struct db_table *list;
    size_t count, room;
};

static struct db_table *table_find(struct tables *t, const char *name)
{
    for (size_t i = 0; i < t->count; i++)
        if (strcmp(t->list[i].name, name) == 0)
            return &t->list[i];
    return NULL;
}

static void table_add(struct tables *t, const char *name, const char *class)
{
    if (t->count == t->room) {
        struct db_table *more = NEW_ARRAY(t->a, struct db_table, t->room * 2 + 64);

        if (t->count)
            memcpy(more, t->list, t->count * sizeof(*more));
        t->list = more;
        t->room = t->room * 2 + 64;
    }
    t->list[t->count++] = (struct db_table){.name = name, .class = class};
}

/* Skips `word` and the white space after it. */
static bool take(const char **p, const char *word)
{
    if (!word_at(*p, word))
        return false;
    *p += strlen(word);
    *p += strspn(*p, " \t\r\n");
    return true;
}

static char *take_name(struct arena *a, const char **p)
{
    size_t n = 0;
    char *name;

    while (isalnum((unsigned char)(*p)[n]) || (*p)[n] == '_')
        n++;
    name = arena_strn(a, *p, n);
    *p += n;
    *p += strspn(*p, " \t\r\n");
    return name;
}

static void table_line(struct tables *t, const char *line, char **class, bool *only)
{
    const char *p = line;
    struct db_table *found;

    if (take(&p, "create") && take(&p, "table")) {
        if (take(&p, "if") && take(&p, "not"))
            take(&p, "exists");
        if (!*only)
            table_add(t, take_name(t->a, &p), *class ? *class : "system");
        *class = NULL;
    } else if ((p = line, take(&p, "drop") && take(&p, "table"))) {
        found = table_find(t, take_name(t->a, &p));
        if (found)
            *found = t->list[--t->count];
    } else if ((p = line, take(&p, "alter") && take(&p, "table"))) {
        found = table_find(t, take_name(t->a, &p));
        if (found && take(&p, "rename") && take(&p, "to"))
            found->name = take_name(t->a, &p);
    }
}

static void table_text(struct tables *t, const char *text)
{
    char *class = NULL;
    bool only = false;

    for (const char *p = text; *p; p += strcspn(p, "\n"), p += *p == '\n') {
        const char *q = p + strspn(p, " \t");

        if (strncmp(q, "--", 2) == 0) {
            q += 2 + strspn(q + 2, " ");
            if (take(&q, "class:"))
                class = take_name(t->a, &q);
            else if (take(&q, "only:"))
                only = true;
            continue;
        }
        table_line(t, q, &class, &only);
        if (memchr(p, ';', strcspn(p, "\n")))
            only = false;
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct db_table *)a)->name, ((const struct db_table *)b)->name);
}

size_t tables_parse(struct arena *a, const struct migration *list, size_t n, struct db_table **out)
{
    struct tables t = {.a = a};

    table_add(&t, "schema_migration", "system");
    for (size_t i = 0; i < n; i++)
        table_text(&t, list[i].text);
    qsort(t.list, t.count, sizeof(*t.list), by_name);
    *out = t.list;
    return t.count;
}

/* Read once, kept as long as the program runs. */
static struct {
    pthread_once_t once;
    struct arena *arena;
    struct migration *list;
    size_t count;
    struct db_table *tables;
    size_t table_count;
} embedded = {.once = PTHREAD_ONCE_INIT};

static void forget(void)
{
    arena_free(embedded.arena);
}

static void load(void)
{
    static const char folder[] = "migrations/";
    const struct embedded_file *file;
    size_t n = embedded_list(folder, &file);

    embedded.arena = arena_new(0);
    embedded.list = NEW_ARRAY(embedded.arena, struct migration, n + 1);
    for (size_t i = 0; i < n; i++) {
        const char *name = file[i].name + strlen(folder), *dot = strrchr(name, '.');
        struct migration *m = &embedded.list[embedded.count];

        if (!dot || strcmp(dot, ".sql") != 0)
            continue;
        m->n = (int)strtol(name, NULL, 10);
        m->name = arena_strn(embedded.arena, name, (size_t)(dot - name));
        m->text = (const char *)file[i].data;
        if (m->n <= (embedded.count ? m[-1].n : 0))
            BUG("two migrations have one number: %s", name);
        embedded.count++;
    }
    embedded.table_count =
        tables_parse(embedded.arena, embedded.list, embedded.count, &embedded.tables);
    atexit(forget);
}

size_t migrations_embedded(const struct migration **out)
{
    pthread_once(&embedded.once, load);
    *out = embedded.list;
    return embedded.count;
}

size_t db_tables(const struct db_table **out)
{
    pthread_once(&embedded.once, load);
    *out = embedded.tables;
    return embedded.table_count;
}
