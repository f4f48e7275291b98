/* SPDX-License-Identifier: Apache-2.0 */
/* Columns of a file and fields of an entity: what belongs to what. What is certain (name, label,
 * another word for it) is matched; what only looks alike is proposed and waits for a person. */
#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/content.h"
#include "core/entity_sql.h"
#include "core/import_part.h"

bool import_may_fill(const struct field *f)
{
    return !f->internal && !f->derived && !f->secret && f->kind != FIELD_TIME;
}

bool import_possible(const struct entity *e)
{
    for (size_t i = 0; e->write && !e->no_api && !e->site && i < e->nfields; i++)
        if (import_may_fill(&e->fields[i]))
            return true;
    return false;
}

/* --- words --- */

const char *import_words(struct arena *a, const char *name)
{
    char *folded = text_fold(a, name);

    for (char *p = folded; *p; p++)
        if ((unsigned char)*p < 0x80 && !isalnum((unsigned char)*p))
            *p = ' ';
    return text_fold(a, text_trim(a, folded));
}

/* The same letters, spaces aside. */
static bool same_letters(const char *x, const char *y)
{
    for (;;) {
        while (*x == ' ')
            x++;
        while (*y == ' ')
            y++;
        if (*x != *y)
            return false;
        if (!*x)
            return true;
        x++;
        y++;
    }
}

bool import_same_words(struct arena *a, const char *left, const char *right)
{
    return same_letters(import_words(a, left), import_words(a, right));
}

size_t import_distance(const char *left, const char *right, size_t most)
{
    size_t n = strlen(left), m = strlen(right), row[64], diagonal;

    if (n > 60 || m > 60 || (n > m ? n - m : m - n) > most)
        return most + 1;
    for (size_t k = 0; k <= m; k++)
        row[k] = k;
    for (size_t i = 1; i <= n; i++) {
        diagonal = row[0];
        row[0] = i;
        for (size_t k = 1; k <= m; k++) {
            size_t change = diagonal + (left[i - 1] != right[k - 1]);
            size_t least = row[k] < row[k - 1] ? row[k] + 1 : row[k - 1] + 1;

            diagonal = row[k];
            row[k] = change < least ? change : least;
        }
    }
    return row[m];
}

static const struct content_table *synonyms(const struct web *w)
{
    return w->app && w->app->content ? content_table(w->app->content, "import_synonyms") : NULL;
}

size_t import_synonyms(const struct web *w, struct arena *a, struct synonym **out)
{
    const struct content_table *t = synonyms(w);
    size_t n = 0, room = 64;

    *out = NEW_ARRAY(a, struct synonym, room);
    for (size_t i = 0; t && i < content_rows(t); i++) {
        char **words;
        size_t count = text_split(a, content_cell(t, i, "words"), ';', &words);

        if (n + count > room) {
            struct synonym *more = NEW_ARRAY(a, struct synonym, room = (n + count) * 2);

            memcpy(more, *out, n * sizeof(*more));
            *out = more;
        }
        for (size_t k = 0; k < count; k++)
            (*out)[n++] = (struct synonym){content_cell(t, i, "use"),
                                           import_words(a, content_cell(t, i, "means")),
                                           import_words(a, words[k])};
    }
    return n;
}

/* What a field may be called, folded once for a whole guess. */
struct names {
    const char **list; /* name, label, label in the reader's language, then the other words */
    size_t count;
};
#define SURE_NAMES 3

struct guessing {
    struct web *w;
    struct arena *arena;
    const struct entity *entity;
    struct names *fields; /* by field */
    struct names number, key;
    struct synonym *synonyms;
    size_t nsynonyms;
    struct column *columns;
    size_t n;
};

static struct names names_of(struct guessing *g, const char *name, const char *label)
{
    const char *means = import_words(g->arena, name);
    struct names n = {.list = NEW_ARRAY(g->arena, const char *, g->nsynonyms + SURE_NAMES)};

    n.list[n.count++] = means;
    n.list[n.count++] = import_words(g->arena, label);
    n.list[n.count++] = import_words(g->arena, tr(label));
    for (size_t i = 0; i < g->nsynonyms; i++)
        if (text_equal(g->synonyms[i].use, "column") && text_equal(g->synonyms[i].means, means))
            n.list[n.count++] = g->synonyms[i].word;
    return n;
}

static void begin(struct guessing *g, struct web *w, const struct entity *e, struct arena *a)
{
    *g = (struct guessing){.w = w, .arena = a, .entity = e};
    g->nsynonyms = import_synonyms(w, a, &g->synonyms);
    g->fields = NEW_ARRAY(g->arena, struct names, e->nfields);
    for (size_t i = 0; i < e->nfields; i++)
        g->fields[i] = names_of(g, e->fields[i].name, e->fields[i].label);
    g->number = names_of(g, "number", arena_printf(g->arena, "%s number", e->label));
    g->key = names_of(g, "key", "Key in the other program");
}

void *import_knows(struct web *w, const struct entity *e)
{
    struct guessing *g = NEW(w->arena, struct guessing);

    begin(g, w, e, w->arena);
    return g;
}

static bool is_called(const struct names *n, const char *words, size_t from, size_t to)
{
    for (size_t i = from; i < n->count && i < to; i++)
        if (same_letters(n->list[i], words))
            return true;
    return false;
}

bool import_known(void *ctx, const char *heading)
{
    const struct guessing *g = ctx;
    const char *words;
    bool found;

    if (strlen(heading) > 100)
        return false;
    words = import_words(g->arena, heading);
    found = is_called(&g->number, words, 0, SIZE_MAX) || is_called(&g->key, words, 0, SIZE_MAX);
    for (size_t i = 0; i < g->entity->nfields && !found; i++)
        found = !g->entity->fields[i].secret && is_called(&g->fields[i], words, 0, SIZE_MAX);
    return found;
}

/* --- certain matches --- */

static bool used(const struct guessing *g, enum column_use use, const struct field *f)
{
    for (size_t i = 0; i < g->n; i++)
        if (g->columns[i].use == use && g->columns[i].field == f)
            return true;
    return false;
}

static void set_note(struct column *c, const char *note)
{
    c->use = COLUMN_SET;
    c->note = note;
}

static void use_field(struct column *c, const struct field *f)
{
    c->field = f;
    c->use = COLUMN_FIELD;
    if (!import_may_fill(f))
        set_note(c, tr("is set by the program"));
}

/* Rounds: 0 name, 1 label, 2 other words. */
static void guess_field(struct guessing *g, struct column *c, const char *words)
{
    static const size_t from[] = {0, 1, SURE_NAMES}, to[] = {1, SURE_NAMES, SIZE_MAX};

    for (size_t round = 0; round < COUNT_OF(from); round++) {
        for (size_t i = 0; i < g->entity->nfields; i++) {
            const struct field *f = &g->entity->fields[i];

            if (f->secret || used(g, COLUMN_FIELD, f) ||
                !is_called(&g->fields[i], words, from[round], to[round]))
                continue;
            if (round == 2 && !import_may_fill(f))
                continue;
            use_field(c, f);
            return;
        }
    }
}

static bool is_title_of(struct guessing *g, const char *words)
{
    for (size_t i = 0; i < g->entity->nfields; i++) {
        const struct field *f = &g->entity->fields[i];
        bool reference = f->kind == FIELD_REF || f->kind == FIELD_REFS || f->kind == FIELD_RECORD;

        for (size_t k = 0; reference && k < SURE_NAMES; k++)
            if (same_letters(words, arena_printf(g->arena, "%s title", g->fields[i].list[k])))
                return true;
    }
    return false;
}

/* What else a column may be: the number, a key, or what an export added. */
static void guess_special(struct guessing *g, struct column *c, const char *words)
{
    if (!entity_field(g->entity, "number") && !used(g, COLUMN_NUMBER, NULL) &&
        is_called(&g->number, words, 0, SIZE_MAX))
        c->use = COLUMN_NUMBER;
    else if (is_title_of(g, words))
        set_note(c, tr("repeats what another column refers to"));
    else if (same_letters(words, "version"))
        set_note(c, tr("is set by the program"));
    else if (same_letters(words, "problem") ||
             same_letters(words, import_words(g->arena, tr("Problem"))))
        set_note(c, tr("tells what was wrong with the row last time"));
    else if (!entity_field(g->entity, "key") && !used(g, COLUMN_KEY, NULL) &&
             is_called(&g->key, words, 0, SIZE_MAX))
        c->use = COLUMN_KEY;
}

/* "id" beside a number is our own; alone it is the key of another program. */
static void guess_id(struct guessing *g)
{
    for (size_t i = 0; i < g->n; i++) {
        struct column *c = &g->columns[i];

        if (c->use != COLUMN_UNKNOWN || !same_letters(import_words(g->arena, c->name), "id"))
            continue;
        if (used(g, COLUMN_NUMBER, NULL))
            set_note(c, tr("is set by the program"));
        else if (!used(g, COLUMN_KEY, NULL))
            c->use = COLUMN_KEY;
    }
}

/* --- what only looks alike --- */

/* True when all words of `part` stand in `whole`. */
static bool has_words(const char *whole, const char *part)
{
    size_t n = strcspn(part, " ");

    for (; *part; part += n + (part[n] == ' '), n = strcspn(part, " ")) {
        const char *at = whole;

        for (;;) {
            size_t m = strcspn(at, " ");

            if (m == n && !strncmp(at, part, n))
                break;
            if (!at[m])
                return false;
            at += m + 1;
        }
    }
    return true;
}

static size_t likeness(const struct names *n, const char *words)
{
    size_t best = 0;

    for (size_t i = 0; i < n->count; i++) {
        size_t length = strlen(n->list[i]), score = 0;
        size_t most = length / 5,
               apart = length >= 5 ? import_distance(n->list[i], words, most) : most + 1;

        if (length >= 3 && has_words(words, n->list[i]))
            score = 50 + length;
        else if (apart <= most)
            score = 100 - apart * 10;
        if (i >= SURE_NAMES && score)
            score -= 5;
        if (score > best)
            best = score;
    }
    return best;
}

static void propose(struct guessing *g, struct column *c)
{
    const char *words = import_words(g->arena, c->name);
    size_t best = 0;
    bool tie = false;

    for (size_t i = 0; i < g->entity->nfields; i++) {
        const struct field *f = &g->entity->fields[i];
        size_t score =
            !import_may_fill(f) || used(g, COLUMN_FIELD, f) ? 0 : likeness(&g->fields[i], words);

        tie = score && score == best ? true : score > best ? false : tie;
        if (score > best) {
            best = score;
            c->field = f;
        }
    }
    if (tie)
        c->field = NULL;
}

/* Each field is proposed once. */
static void drop_second_proposals(struct guessing *g)
{
    for (size_t i = 0; i < g->n; i++)
        for (size_t k = 0; k < i && g->columns[i].use == COLUMN_UNKNOWN; k++)
            if (g->columns[k].use == COLUMN_UNKNOWN && g->columns[k].field &&
                g->columns[k].field == g->columns[i].field)
                g->columns[i].field = NULL;
}

void import_guess(struct web *w, const struct entity *e, const struct source *s, struct column *out)
{
    struct guessing g;

    begin(&g, w, e, arena_new(0));
    g.columns = out;
    g.n = s->ncolumns;
    for (size_t i = 0; i < g.n; i++)
        out[i] = (struct column){.name = s->columns[i]};
    /* Exact names first, so that "title" is not taken by a column "name" before it. */
    for (size_t i = 0; i < g.n; i++) {
        const struct field *f = entity_field(e, s->columns[i]);

        if (f && !f->secret)
            use_field(&out[i], f);
    }
    for (size_t i = 0; i < g.n; i++) {
        const char *words = import_words(g.arena, out[i].name);

        if (out[i].use == COLUMN_UNKNOWN)
            guess_field(&g, &out[i], words);
        if (out[i].use == COLUMN_UNKNOWN)
            guess_special(&g, &out[i], words);
    }
    guess_id(&g);
    for (size_t i = 0; i < g.n; i++) {
        if (out[i].use == COLUMN_UNKNOWN && !s->facts[i].filled)
            out[i].use = COLUMN_IGNORED; /* there is nothing to decide about */
        if (out[i].use == COLUMN_UNKNOWN)
            propose(&g, &out[i]);
    }
    drop_second_proposals(&g);
    arena_free(g.arena);
}

/* --- what somebody says --- */

static const char *column_names(struct arena *a, const struct column *c, size_t n)
{
    struct buf b;

    buf_init(&b, a, 200);
    for (size_t i = 0; i < n; i++)
        buf_printf(&b, "%s%s", i ? ", " : "", c[i].name);
    return b.data;
}

static const char *field_names(struct arena *a, const struct entity *e)
{
    struct buf b;

    buf_init(&b, a, 200);
    buf_str(&b, "number, key");
    for (size_t i = 0; i < e->nfields; i++)
        if (import_may_fill(&e->fields[i]))
            buf_printf(&b, ", %s", e->fields[i].name);
    return b.data;
}

static const char *use_label(enum column_use use, const struct field *f)
{
    return use == COLUMN_NUMBER ? tr("the number of the record")
           : use == COLUMN_KEY  ? tr("the key in the other program")
                                : tr(f->label);
}

/* What was only guessed gives way; what somebody said does not. */
static struct err *take(struct column *columns, size_t n, struct column *c, enum column_use use,
                        const struct field *f)
{
    for (size_t i = 0; i < n; i++) {
        struct column *other = &columns[i];

        if (other == c || other->use != use || other->field != f)
            continue;
        if (other->told)
            return err_new(ERR_BAD,
                           "Both “%.60s” and “%.60s” are said to be %s. Leave one of them out.",
                           other->name, c->name, use_label(use, f));
        other->use = COLUMN_UNKNOWN;
        other->field = NULL;
    }
    c->use = use;
    c->field = f;
    return NULL;
}

struct err *import_assign(struct arena *a, const struct entity *e, struct column *columns, size_t n,
                          const struct pair *map)
{
    struct column *c = NULL;
    const struct field *f;

    for (size_t i = 0; i < n; i++)
        if (text_equal(columns[i].name, map->name))
            c = &columns[i];
    for (size_t i = 0; i < n && !c; i++)
        if (import_same_words(a, columns[i].name, map->name))
            c = &columns[i];
    if (!c)
        return err_new(ERR_BAD, "The file has no column “%.60s”. It has: %.250s.", map->name,
                       column_names(a, columns, n));
    *c = (struct column){.name = c->name, .told = true};
    if (text_equal(map->value, "-") || text_equal(map->value, "ignore")) {
        c->use = COLUMN_IGNORED;
        return NULL;
    }
    f = entity_field(e, map->value);
    if (!f && text_equal(map->value, "number"))
        return take(columns, n, c, COLUMN_NUMBER, NULL);
    if (!f && text_equal(map->value, "key"))
        return take(columns, n, c, COLUMN_KEY, NULL);
    if (!f || !import_may_fill(f))
        return err_new(ERR_BAD, "“%.60s” cannot be filled by an import. Use one of: %.250s.",
                       map->value, field_names(a, e));
    return take(columns, n, c, COLUMN_FIELD, f);
}
