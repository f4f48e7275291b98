/* SPDX-License-Identifier: Apache-2.0 */
/* Which files make up the content (embedded ones, and those of the operator's folder), and finding
 * tables and texts by name. Reading a table is in content_table.c, conditions in
 * content_condition.c, the copy in the store in content_store.c. */
#include "core/content.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/crypt.h"
#include "base/embedded.h"
#include "base/text.h"
#include "base/words.h"
#include "core/content_table.h"

#define PREFIX "content/"
#define FILE_MAX ((off_t)16 * 1024 * 1024)
#define DEPTH_MAX 4
#define PLACES_MAX 20000

struct place {
    const char *name;  /* "catalogue/threats.tsv" */
    const char *shown; /* for messages */
    const char *data;  /* NUL-terminated */
    size_t size;
    const char *hash;
};

struct content {
    struct arena *arena;
    struct place *places; /* sorted by name */
    const char **names;   /* of the places */
    size_t nplaces, room;
    struct content_table **tables; /* sorted by name */
    size_t ntables;
    const char *version;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct place *)a)->name, ((const struct place *)b)->name);
}

static int by_table_name(const void *a, const void *b)
{
    return strcmp((*(struct content_table *const *)a)->name,
                  (*(struct content_table *const *)b)->name);
}

/* Adds a file, or replaces the one of that name. */
static void put(struct content *c, const struct place *p)
{
    for (size_t i = 0; i < c->nplaces; i++) {
        if (strcmp(c->places[i].name, p->name) == 0) {
            c->places[i] = *p;
            return;
        }
    }
    if (c->nplaces == c->room) {
        size_t room = c->room ? c->room * 2 : 128;
        struct place *bigger = NEW_ARRAY(c->arena, struct place, room);

        if (c->nplaces)
            memcpy(bigger, c->places, c->nplaces * sizeof(*bigger));
        c->places = bigger;
        c->room = room;
    }
    c->places[c->nplaces++] = *p;
}

static void take_embedded(struct content *c)
{
    const struct embedded_file *file;
    size_t n = embedded_list(PREFIX, &file);

    for (size_t i = 0; i < n; i++)
        put(c, &(struct place){.name = file[i].name + strlen(PREFIX),
                               .shown = file[i].name,
                               .data = (const char *)file[i].data,
                               .size = file[i].size,
                               .hash = file[i].hash});
}

/* --- the operator's folder --- */

static struct err *cannot_read(const char *path)
{
    int why = errno;

    return err_new(ERR_BAD, "The content file %.250s cannot be read: %s.", path, strerror(why));
}

static struct err *take_file(struct content *c, const char *path, const char *name, off_t size)
{
    unsigned char digest[DIGEST_SIZE];
    char *data;
    size_t got;
    FILE *f;

    if (size > FILE_MAX)
        return err_new(ERR_BAD, "The content file %.250s is larger than %lld MB.", path,
                       (i64)FILE_MAX / 1024 / 1024);
    f = fopen(path, "re");
    if (!f)
        return cannot_read(path);
    data = arena_alloc(c->arena, (size_t)size + 1);
    got = fread(data, 1, (size_t)size, f);
    if (ferror(f)) {
        struct err *e = cannot_read(path);

        fclose(f);
        return e;
    }
    fclose(f);
    crypt_sha256(data, got, digest);
    put(c, &(struct place){.name = arena_str(c->arena, name),
                           .shown = arena_str(c->arena, path),
                           .data = data,
                           .size = got,
                           .hash = crypt_hex(c->arena, digest, sizeof(digest))});
    return NULL;
}

static struct err *take_folder(struct content *c, const char *folder, const char *below, int depth);

static struct err *take_entry(struct content *c, const char *folder, const char *name, int depth)
{
    const char *slash = strrchr(name, '/');
    const char *path = arena_printf(c->arena, "%s/%s", folder, slash ? slash + 1 : name);
    struct stat st;

    if (stat(path, &st) != 0)
        return cannot_read(path);
    if (S_ISDIR(st.st_mode))
        return take_folder(c, path, arena_printf(c->arena, "%s/", name), depth + 1);
    return S_ISREG(st.st_mode) ? take_file(c, path, name, st.st_size) : NULL;
}

/* Files of editors (".x", "x~") are not content. */
static bool is_content(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);

    return entry->d_name[0] != '.' && entry->d_name[n - 1] != '~';
}

static struct err *take_folder(struct content *c, const char *folder, const char *below, int depth)
{
    struct dirent *entry;
    struct err *e = NULL;
    DIR *dir;

    if (depth > DEPTH_MAX)
        return err_new(ERR_BAD, "The content folder %.250s is nested too deep.", folder);
    dir = opendir(folder);
    if (!dir)
        return cannot_read(folder);
    while (!e && (entry = readdir(dir))) {
        if (!is_content(entry))
            continue;
        if (c->nplaces >= PLACES_MAX)
            e = err_new(ERR_BAD, "The content folder %.250s has too many files.", folder);
        else
            e = take_entry(c, folder, arena_printf(c->arena, "%s%s", below, entry->d_name), depth);
    }
    closedir(dir);
    return e;
}

/* --- loading --- */

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);

    return n >= m && strcmp(text + n - m, end) == 0;
}

static struct err *read_tables(struct content *c)
{
    c->tables = NEW_ARRAY(c->arena, struct content_table *, c->nplaces + 1);
    for (size_t i = 0; i < c->nplaces; i++) {
        const struct place *p = &c->places[i];
        const char *slash = strrchr(p->name, '/');
        const char *base = slash ? slash + 1 : p->name;
        struct content_table *t;

        if (!ends_with(p->name, ".tsv"))
            continue;
        TRY(content_table_read(c->arena, p->shown, p->data, p->size, &t));
        t->name = arena_strn(c->arena, base, strlen(base) - strlen(".tsv"));
        for (size_t k = 0; k < c->ntables; k++)
            if (strcmp(c->tables[k]->name, t->name) == 0)
                return err_new(ERR_BAD, "%s and %s have the same name. Rename one of them.",
                               c->tables[k]->path, t->path);
        c->tables[c->ntables++] = t;
    }
    qsort(c->tables, c->ntables, sizeof(*c->tables), by_table_name);
    return NULL;
}

static struct err *check_conditions(const struct content *c)
{
    static const char *const columns[] = {"if", "used_if"};
    const struct content_table *profile = content_table(c, "profile");

    for (size_t i = 0; i < c->ntables; i++) {
        const struct content_table *t = c->tables[i];

        for (size_t k = 0; k < COUNT_OF(columns); k++) {
            for (size_t row = 0; content_has_column(t, columns[k]) && row < t->nrows; row++) {
                const char *wrong =
                    content_condition_wrong(c->arena, content_cell(t, row, columns[k]), profile);

                if (wrong)
                    return err_new(ERR_BAD, "%s:%zu: Column \"%s\": %s", t->path, content_line(row),
                                   columns[k], wrong);
            }
        }
    }
    return NULL;
}

static void make_version(struct content *c)
{
    unsigned char out[DIGEST_SIZE];
    struct digest *d = digest_new(c->arena);

    for (size_t i = 0; i < c->nplaces; i++) {
        if (strcmp(c->places[i].name, "README.md") == 0)
            continue;
        digest_add(d, c->places[i].name, strlen(c->places[i].name) + 1);
        digest_add(d, c->places[i].hash, strlen(c->places[i].hash) + 1);
    }
    digest_end(d, out);
    c->version = crypt_hex(c->arena, out, 8);
}

struct err *content_load(struct arena *a, const char *override_dir, struct content **out)
{
    struct content *c = NEW(a, struct content);

    c->arena = a;
    take_embedded(c);
    if (override_dir && *override_dir)
        TRY(take_folder(c, override_dir, "", 0));
    if (c->nplaces)
        qsort(c->places, c->nplaces, sizeof(*c->places), by_name);
    c->names = NEW_ARRAY(a, const char *, c->nplaces + 1);
    for (size_t i = 0; i < c->nplaces; i++)
        c->names[i] = c->places[i].name;
    TRY(read_tables(c));
    TRY(check_conditions(c));
    make_version(c);
    *out = c;
    return NULL;
}

/* --- questions --- */

const char *content_version(const struct content *c)
{
    return c->version;
}

size_t content_tables(const struct content *c, struct content_table *const **out)
{
    *out = c->tables;
    return c->ntables;
}

const struct content_table *content_table(const struct content *c, const char *name)
{
    size_t low = 0, high = c->ntables;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(c->tables[middle]->name, name);

        if (order == 0)
            return c->tables[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const char *content_words(const struct content_table *t, size_t row, const char *column)
{
    return tr(content_cell(t, row, column));
}

const char *content_label(const struct content *c, const char *table, const char *code)
{
    const struct content_table *t = content_table(c, table);
    i64 row = content_row(t, code);
    const char *label = row >= 0 ? content_row_label(t, (size_t)row) : NULL;

    return label && *label ? tr(label) : code;
}

/* The first place whose name does not come before `name`. */
static size_t lower_bound(const struct content *c, const char *name)
{
    size_t low = 0, high = c->nplaces;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(c->places[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const char *content_text(const struct content *c, const char *name, size_t *size)
{
    size_t i = lower_bound(c, name);

    if (size)
        *size = 0;
    if (i == c->nplaces || strcmp(c->places[i].name, name) != 0)
        return NULL;
    if (size)
        *size = c->places[i].size;
    return c->places[i].data;
}

size_t content_list(const struct content *c, const char *prefix, const char *const **out)
{
    size_t start = lower_bound(c, prefix), end = start;

    while (end < c->nplaces && text_starts(c->places[end].name, prefix))
        end++;
    *out = c->names + start;
    return end - start;
}
