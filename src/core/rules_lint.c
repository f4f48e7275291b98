/* SPDX-License-Identifier: Apache-2.0 */
/* What a rule file may contain. The connection can only read anyway; this look at the words makes
 * sure that no rule reads another organisation's rows or anything about accounts, and that it means
 * the same on both engines. */
#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/rules_part.h"

struct word {
    const char *text; /* lower case; an operator is one character */
    int line;
    bool name; /* letters: a name or a key word */
};
struct words {
    struct word *list;
    size_t count;
};

static const char *const forbidden[] = {"insert",       "update",       "delete",
                                        "drop",         "alter",        "create",
                                        "attach",       "pragma",       "vacuum",
                                        "now",          "like",         "ilike",
                                        "collate",      "lateral",      "datetime",
                                        "strftime",     "julianday",    "random",
                                        "current_date", "current_time", "current_timestamp",
                                        "to_char",      "date_trunc",   "extract",
                                        "returning",    "truncate",     "grant",
                                        "set",          "group_concat", "ifnull",
                                        "greatest",     "least",        "copy",
                                        "call",         "execute"};

/* Besides records, facts and reference tables. */
static const char *const scratch_allowed[] = {"record", "audit_event"};
static const char *const never_allowed[] = {"account",       "account_history", "token",
                                            "token_history", "audit_entry",     "audit_actor",
                                            "audit_payload", "audit_checkpoint"};

static bool listed(const char *const *list, size_t n, const char *word)
{
    for (size_t i = 0; i < n; i++)
        if (text_equal(list[i], word))
            return true;
    return false;
}

static struct err *wrong(const struct rule_text *t, int line, const char *what)
{
    return err_new(ERR_BAD, "%s:%d: %s", t->file, line, what);
}

/* Length of the next word at `p`. */
static size_t word_size(const char *p)
{
    size_t n = 0;

    if (*p == '\'') {
        n = 1 + strcspn(p + 1, "'");
        return n + (p[n] == '\'');
    }
    while (isalnum((unsigned char)p[n]) || p[n] == '_' || (n == 0 && p[n] == '$'))
        n++;
    return n ? n : 1;
}

static const char *lower(struct arena *a, const char *text, size_t n)
{
    char *copy = arena_strn(a, text, n);

    for (char *c = copy; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    return copy;
}

static struct words split(struct arena *a, const struct rule_text *t)
{
    struct words w = {.list = NEW_ARRAY(a, struct word, strlen(t->sql) + 1)};
    int line = t->line;

    for (const char *p = t->sql; *p;) {
        size_t n;

        if (isspace((unsigned char)*p)) {
            line += *p++ == '\n';
            continue;
        }
        if (p[0] == '-' && p[1] == '-') {
            p += strcspn(p, "\n");
            continue;
        }
        n = word_size(p);
        w.list[w.count] =
            (struct word){.line = line, .name = isalpha((unsigned char)*p) || *p == '_'};
        w.list[w.count].text = *p == '\'' ? "''" : lower(a, p, n);
        for (size_t i = 0; i < n; i++)
            line += p[i] == '\n';
        w.count++;
        p += n;
    }
    return w;
}

static const char *at(const struct words *w, size_t i)
{
    return i < w->count ? w->list[i].text : "";
}

static const struct db_table *table_of(const char *name)
{
    const struct db_table *tables;
    size_t n = db_tables(&tables);

    for (size_t i = 0; i < n; i++)
        if (text_equal(tables[i].name, name))
            return &tables[i];
    return NULL;
}

static struct err *check_word(const struct rule_text *t, const struct words *w, size_t i)
{
    const struct word *word = &w->list[i];
    i64 n;

    if (strchr(";\\\"?`", word->text[0]) && word->text[0])
        return wrong(t, word->line, "a rule is one SELECT without ; \\ \" ? or `.");
    if (text_equal(word->text, ":") && text_equal(at(w, i + 1), ":"))
        return wrong(t, word->line, "write CAST(x AS type) instead of ::.");
    if (text_equal(word->text, "*") &&
        (text_equal(at(w, i - 1), "select") || text_equal(at(w, i - 1), ".")))
        return wrong(t, word->line, "name the columns instead of *.");
    if (word->text[0] == '$' && (!text_i64(word->text + 1, &n) || n < 1 || n > t->params))
        return err_new(ERR_BAD,
                       "%s:%d: %s is not declared. $1 is the organisation, $2 today, $3 "
                       "the instant, $4 the first `-- param:`.",
                       t->file, word->line, word->text);
    if (word->name && !text_equal(at(w, i - 1), ".") &&
        listed(forbidden, COUNT_OF(forbidden), word->text))
        return err_new(ERR_BAD, "%s:%d: a rule may not use “%s”.", t->file, word->line, word->text);
    return NULL;
}

static bool is_keyword(const char *word)
{
    static const char *const words[] = {"where",  "join",      "on",     "left",  "group", "order",
                                        "union",  "inner",     "limit",  "cross", "as",    "having",
                                        "except", "intersect", "window", "using", "all"};

    return listed(words, COUNT_OF(words), word);
}

/* One mention of a tenant table: the alias must be bound to $1, directly or over another one. */
struct mention {
    const char *alias, *table;
    int line;
    bool bound;
};
struct mentions {
    struct mention list[64];
    size_t count;
};

static struct err *add_mention(const struct rule_text *t, const struct words *w, size_t i,
                               struct mentions *m)
{
    const struct db_table *table = table_of(at(w, i));
    size_t next = i + 1;

    if (listed(never_allowed, COUNT_OF(never_allowed), table->name) ||
        text_equal(table->class, "system") ||
        (text_equal(table->class, "scratch") &&
         !listed(scratch_allowed, COUNT_OF(scratch_allowed), table->name)))
        return err_new(ERR_BAD, "%s:%d: a rule may not read the table “%s”.", t->file,
                       w->list[i].line, table->name);
    if (text_equal(table->class, "reference"))
        return NULL;
    if (m->count == COUNT_OF(m->list))
        return wrong(t, w->list[i].line, "too many tables for one rule.");
    if (text_equal(at(w, next), "as"))
        next++;
    m->list[m->count++] = (struct mention){
        .table = table->name,
        .alias = next < w->count && w->list[next].name && !is_keyword(at(w, next)) ? at(w, next)
                                                                                   : table->name,
        .line = w->list[i].line,
    };
    return NULL;
}

/* A name after FROM or JOIN that is no table must be a WITH name or json_each. */
static bool is_source(const struct words *w, const char *name)
{
    if (text_equal(name, "json_each"))
        return true;
    for (size_t i = 1; i + 1 < w->count; i++)
        if (text_equal(w->list[i].text, name) &&
            (text_equal(at(w, i - 1), "with") || text_equal(at(w, i - 1), ",") ||
             text_equal(at(w, i - 1), "recursive")) &&
            (text_equal(at(w, i + 1), "as") || text_equal(at(w, i + 1), "(")))
            return true;
    return false;
}

static struct err *find_mentions(const struct rule_text *t, const struct words *w,
                                 struct mentions *m)
{
    for (size_t i = 0; i < w->count; i++) {
        bool source =
            i > 0 && (text_equal(at(w, i - 1), "from") || text_equal(at(w, i - 1), "join"));

        if (!w->list[i].name || text_equal(at(w, i - 1), ".") || text_equal(at(w, i + 1), "."))
            continue;
        if (source && text_equal(at(w, i), "select"))
            return wrong(t, w->list[i].line, "a subselect needs brackets.");
        if (!table_of(at(w, i))) {
            if (source && !is_source(w, at(w, i)))
                return err_new(ERR_BAD, "%s:%d: there is no table “%s”.", t->file, w->list[i].line,
                               at(w, i));
            continue;
        }
        if (source)
            TRY(add_mention(t, w, i, m));
        else if (!text_equal(at(w, i - 1), "as"))
            return err_new(ERR_BAD,
                           "%s:%d: “%s” names a table here. Join tables with JOIN, and write "
                           "columns of that name with their table: t.%s.",
                           t->file, w->list[i].line, at(w, i), at(w, i));
    }
    return NULL;
}

/* The next mention of the alias that is not bound yet. */
static bool bind_alias(struct mentions *m, const char *alias)
{
    for (size_t i = 0; i < m->count; i++)
        if (!m->list[i].bound && text_equal(m->list[i].alias, alias)) {
            m->list[i].bound = true;
            return true;
        }
    return false;
}

static bool has_bound(const struct mentions *m, const char *alias)
{
    for (size_t i = 0; i < m->count; i++)
        if (m->list[i].bound && text_equal(m->list[i].alias, alias))
            return true;
    return false;
}

/* At "x.org_id = y": x and y ("$1" or the alias of another org_id); false when it is no such place.
 * Bare org_id stands for the only table of its statement. */
static bool equality(const struct words *w, size_t i, const char **x, const char **y)
{
    if (!text_equal(at(w, i), "org_id") || !text_equal(at(w, i + 1), "="))
        return false;
    *x = i > 1 && text_equal(at(w, i - 1), ".") ? at(w, i - 2) : "";
    if (text_equal(at(w, i + 2), "$1"))
        *y = "$1";
    else if (text_equal(at(w, i + 3), ".") && text_equal(at(w, i + 4), "org_id"))
        *y = at(w, i + 2);
    else
        return false;
    return true;
}

/* The table that a bare org_id means: the nearest mention before it. */
static const char *nearest(const struct mentions *m, int line)
{
    const char *found = "";

    for (size_t i = 0; i < m->count; i++)
        if (!m->list[i].bound && m->list[i].line <= line)
            found = m->list[i].alias;
    return found;
}

/* One round over all equalities: those with $1 first, then those between two tables, where the
 * left one is taken to join the right one. */
static bool bind_round(const struct words *w, struct mentions *m, bool *used, bool direct)
{
    bool more = false;

    for (size_t i = 0; i < w->count; i++) {
        const char *x, *y;

        if (used[i] || !equality(w, i, &x, &y) || text_equal(y, "$1") != direct)
            continue;
        if (!*x)
            x = nearest(m, w->list[i].line);
        if (direct || has_bound(m, y))
            used[i] = bind_alias(m, x);
        else if (has_bound(m, x))
            used[i] = bind_alias(m, y);
        more = more || used[i];
    }
    return more;
}

static void bind_all(struct arena *a, const struct words *w, struct mentions *m)
{
    bool *used = NEW_ARRAY(a, bool, w->count + 1);

    bind_round(w, m, used, true);
    while (bind_round(w, m, used, false))
        continue;
}

struct err *rule_lint(struct arena *a, const struct rule_text *t)
{
    struct words w = split(a, t);
    struct mentions m = {.count = 0};

    if (w.count > 4000)
        return wrong(t, t->line, "the statement is too long.");
    if (!text_equal(at(&w, 0), "select") && !text_equal(at(&w, 0), "with"))
        return wrong(t, t->line, "the statement must start with SELECT or WITH.");
    if (strstr(t->sql, "/*"))
        return wrong(t, t->line, "comments start with --.");
    for (size_t i = 0; i < w.count; i++)
        TRY(check_word(t, &w, i));
    TRY(find_mentions(t, &w, &m));
    bind_all(a, &w, &m);
    for (size_t i = 0; i < m.count; i++)
        if (!m.list[i].bound)
            return err_new(ERR_BAD,
                           "%s:%d: org_id = $1 is missing for the table “%s”, so the rule would "
                           "read other organisations.",
                           t->file, m.list[i].line, m.list[i].table);
    return NULL;
}
