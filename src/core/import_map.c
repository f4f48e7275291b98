/* SPDX-License-Identifier: Apache-2.0 */
/* Columns of a file and fields of an entity: what belongs to what. */
#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "core/entity_sql.h"
#include "core/import_part.h"

/* What people call things: a folded column name and the field that may be meant. */
static const char *const others[][2] = {
    {"mail",             "email"      },
    {"email address",    "email"      },
    {"e mail",           "email"      },
    {"e mail address",   "email"      },
    {"department",       "unit"       },
    {"dept",             "unit"       },
    {"division",         "unit"       },
    {"team",             "unit"       },
    {"name",             "title"      },
    {"title",            "name"       },
    {"asset",            "title"      },
    {"asset name",       "title"      },
    {"asset",            "name"       },
    {"asset name",       "name"       },
    {"full name",        "name"       },
    {"display name",     "name"       },
    {"risk",             "title"      },
    {"kind",             "type"       },
    {"category",         "type"       },
    {"class",            "type"       },
    {"asset type",       "type"       },
    {"responsible",      "owner"      },
    {"asset owner",      "owner"      },
    {"risk owner",       "owner"      },
    {"details",          "description"},
    {"desc",             "description"},
    {"summary",          "description"},
    {"comment",          "note"       },
    {"comments",         "note"       },
    {"notes",            "note"       },
    {"remark",           "note"       },
    {"remarks",          "note"       },
    {"site",             "location"   },
    {"place",            "location"   },
    {"status",           "state"      },
    {"state",            "status"     },
    {"probability",      "likelihood" },
    {"consequence",      "impact"     },
    {"severity",         "impact"     },
    {"position",         "job"        },
    {"role",             "job"        },
    {"function",         "job"        },
    {"telephone",        "phone"      },
    {"asset id",         "external_id"},
    {"inventory number", "external_id"},
    {"ci",               "external_id"},
    {"due date",         "due"        },
    {"deadline",         "due"        },
    {"manager",          "head"       },
    {"lead",             "head"       },
};

/* "E-Mail Address" and "e_mail_address" -> "e mail address". */
static const char *words(struct arena *a, const char *name)
{
    char *folded = text_fold(a, name);

    for (char *p = folded; *p; p++)
        if ((unsigned char)*p < 0x80 && !isalnum((unsigned char)*p))
            *p = ' ';
    return text_fold(a, text_trim(a, folded));
}

/* Without spaces too: "jobtitle" is "job_title". */
static bool same(struct arena *a, const char *left, const char *right)
{
    const char *x = words(a, left), *y = words(a, right);

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

bool import_may_fill(const struct field *f)
{
    return !f->internal && !f->derived && !f->secret && f->kind != FIELD_TIME;
}

static bool taken(const struct column *c, size_t n, const struct field *f)
{
    for (size_t i = 0; i < n; i++)
        if (c[i].use == COLUMN_FIELD && c[i].field == f)
            return true;
    return false;
}

static bool number_taken(const struct column *c, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (c[i].use == COLUMN_NUMBER)
            return true;
    return false;
}

static bool is_title_of(struct arena *a, const struct entity *e, const char *name)
{
    for (size_t i = 0; i < e->nfields; i++) {
        const struct field *f = &e->fields[i];

        if (f->kind != FIELD_REF && f->kind != FIELD_REFS)
            continue;
        if (same(a, name, arena_printf(a, "%s title", f->name)) ||
            same(a, name, arena_printf(a, "%s (title)", f->label)))
            return true;
    }
    return false;
}

static void use_field(struct column *c, const struct field *f)
{
    c->field = f;
    c->use = import_may_fill(f) ? COLUMN_FIELD : COLUMN_SET;
    if (c->use == COLUMN_SET)
        c->note = "is set by the program";
}

/* Rounds: 0 name, 1 label, 2 what else it may be called. */
static bool fits(struct arena *a, const struct field *f, const char *name, int round)
{
    if (round == 0)
        return same(a, f->name, name);
    if (round == 1)
        return same(a, f->label, name);
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (text_equal(others[i][1], f->name) && same(a, others[i][0], name))
            return true;
    return false;
}

static void guess_field(struct arena *a, const struct entity *e, struct column *columns, size_t n,
                        struct column *c)
{
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < e->nfields; i++) {
            const struct field *f = &e->fields[i];

            if (f->secret || taken(columns, n, f) || !fits(a, f, c->name, round))
                continue;
            use_field(c, f);
            return;
        }
    }
}

static void guess_one(struct arena *a, const struct entity *e, struct column *columns, size_t n,
                      struct column *c)
{
    if (!number_taken(columns, n) && !entity_field(e, "number") &&
        (same(a, c->name, "number") || same(a, c->name, "no") || same(a, c->name, "nr") ||
         same(a, c->name, arena_printf(a, "%s number", e->label)))) {
        c->use = COLUMN_NUMBER;
        return;
    }
    guess_field(a, e, columns, n, c);
    if (c->use != COLUMN_UNKNOWN)
        return;
    if (is_title_of(a, e, c->name)) {
        c->use = COLUMN_SET;
        c->note = "repeats what another column refers to";
    } else if (same(a, c->name, "id") || same(a, c->name, "version")) {
        c->use = COLUMN_SET;
        c->note = "is set by the program";
    }
}

void import_guess(struct arena *a, const struct entity *e, const struct source *s,
                  struct column *out)
{
    struct arena *own = arena_new(0);

    (void)a;
    for (size_t i = 0; i < s->ncolumns; i++)
        out[i] = (struct column){.name = s->columns[i]};
    /* Exact names first, so that "title" is not taken by a column "name" before it. */
    for (size_t i = 0; i < s->ncolumns; i++) {
        const struct field *f = entity_field(e, s->columns[i]);

        if (f && !f->secret)
            use_field(&out[i], f);
    }
    for (size_t i = 0; i < s->ncolumns; i++)
        if (out[i].use == COLUMN_UNKNOWN)
            guess_one(own, e, out, s->ncolumns, &out[i]);
    arena_free(own);
}

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
    buf_str(&b, "number");
    for (size_t i = 0; i < e->nfields; i++)
        if (import_may_fill(&e->fields[i]))
            buf_printf(&b, ", %s", e->fields[i].name);
    return b.data;
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
                           "Both “%.60s” and “%.60s” are said to be %s. Leave one of them "
                           "out.",
                           other->name, c->name, f ? f->label : "the number");
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
        if (same(a, columns[i].name, map->name))
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
    if (!f || !import_may_fill(f))
        return err_new(ERR_BAD, "“%.60s” cannot be filled by an import. Use one of: %.250s.",
                       map->value, field_names(a, e));
    return take(columns, n, c, COLUMN_FIELD, f);
}
