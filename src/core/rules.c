/* SPDX-License-Identifier: Apache-2.0 */
/* Reading rule files: header lines, then the statements. */
#include "core/rules.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/content.h"
#include "core/rules_part.h"

const char *severity_code(enum severity s)
{
    return s == SEVERITY_MAJ ? "MAJ" : s == SEVERITY_MIN ? "MIN" : "OFI";
}

const char *severity_word(enum severity s)
{
    return s == SEVERITY_MAJ ? "major" : s == SEVERITY_MIN ? "minor" : "to improve";
}

const char *rule_status_code(enum rule_status s)
{
    static const char *const codes[] = {"pass", "fail", "not-applicable", "error"};

    return codes[s];
}

const char *rule_list_name(i64 list)
{
    static const char *const names[] = {"wanted-controls", "used-controls", "stale-statements",
                                        "unsettled-controls"};

    return list >= 0 && list < RULE_LISTS ? names[list] : NULL;
}

/* --- header --- */

struct reading {
    struct arena *arena;
    const char *file;
    int line;
    struct rule *rule;
};

static struct err *wrong(const struct reading *r, const char *what)
{
    return err_new(ERR_BAD, "%s:%d: %s", r->file, r->line, what);
}

static struct err *read_number(const struct reading *r, const char *value, i64 least, i64 most,
                               i64 *out)
{
    if (text_i64(value, out) && *out >= least && *out <= most)
        return NULL;
    return err_new(ERR_BAD, "%s:%d: “%s” is not a number from %lld to %lld.", r->file, r->line,
                   value, least, most);
}

static struct err *read_severity(const struct reading *r, const char *value)
{
    for (enum severity s = SEVERITY_OFI; s <= SEVERITY_MAJ; s++)
        if (text_equal(value, severity_code(s))) {
            r->rule->severity = s;
            return NULL;
        }
    return wrong(r, "the severity is MAJ, MIN or OFI.");
}

static struct err *read_list(const struct reading *r, const char *name, struct rule_param *p)
{
    p->kind = RULE_LIST;
    for (i64 i = 0; rule_list_name(i); i++)
        if (text_equal(name, rule_list_name(i))) {
            p->value = i;
            r->rule->nparams++;
            return NULL;
        }
    return err_new(ERR_BAD, "%s:%d: there is no list “%s”.", r->file, r->line, name);
}

/* "shared = 12; text", "since = 12 months ago; text" or "used = list used-controls; text". */
static struct err *read_param(const struct reading *r, const char *value)
{
    struct rule_param *p = &r->rule->params[r->rule->nparams];
    char *copy = arena_str(r->arena, value), *about = strchr(copy, ';'), *equal = strchr(copy, '=');
    char **parts;
    size_t n;

    if (r->rule->nparams == RULE_PARAMS)
        return wrong(r, "a rule has at most six parameters.");
    if (!about || !equal || equal > about)
        return wrong(r, "write a parameter as: name = 12; what it means "
                        "(or: name = 12 months ago; ...).");
    *about = *equal = '\0';
    p->about = text_trim(r->arena, about + 1);
    p->name = text_trim(r->arena, copy);
    n = text_split(r->arena, text_trim(r->arena, equal + 1), ' ', &parts);
    if (n == 2 && text_equal(parts[0], "list"))
        return read_list(r, parts[1], p);
    if (n == 1)
        p->kind = RULE_NUMBER;
    else if (n == 3 && text_equal(parts[1], "months") && text_equal(parts[2], "ago"))
        p->kind = RULE_MONTHS;
    else if (n == 3 && text_equal(parts[1], "days") && text_equal(parts[2], "ago"))
        p->kind = RULE_DAYS;
    else
        return wrong(r, "a parameter is a number, “N months ago”, “N days ago” or “list NAME”.");
    TRY(read_number(r, parts[0], 0, 100000, &p->value));
    r->rule->nparams++;
    return NULL;
}

/* "Add interested parties | /parties". */
static struct err *read_fix(const struct reading *r, const char *value)
{
    char **parts;

    if (text_split(r->arena, value, '|', &parts) != 2 || parts[1][0] != '/')
        return wrong(r, "write the fix as: what to do | /address");
    r->rule->fix = parts[0];
    r->rule->fix_path = parts[1];
    return NULL;
}

static struct err *read_head(const struct reading *r, const char *name, const char *value)
{
    i64 n;

    if (text_equal(name, "id"))
        r->rule->id = value;
    else if (text_equal(name, "clause"))
        r->rule->clause = value;
    else if (text_equal(name, "title"))
        r->rule->title = value;
    else if (text_equal(name, "why"))
        r->rule->why = value;
    else if (text_equal(name, "severity"))
        return read_severity(r, value);
    else if (text_equal(name, "param"))
        return read_param(r, value);
    else if (text_equal(name, "fix"))
        return read_fix(r, value);
    else if (text_equal(name, "minimum"))
        return read_number(r, value, 0, 1000000, &r->rule->minimum);
    else if (text_equal(name, "escalate_at"))
        return read_number(r, value, 1, 99, &r->rule->escalate_at);
    else if (text_equal(name, "from")) {
        TRY(read_number(r, value, 1, RULE_STEPS, &n));
        r->rule->from = (int)n;
    } else if (!text_equal(name, "SPDX-License-Identifier"))
        return err_new(ERR_BAD, "%s:%d: there is no header line “%s”.", r->file, r->line, name);
    return NULL;
}

static struct err *check_head(const struct reading *r)
{
    const struct rule *rule = r->rule;
    const char *base = strrchr(r->file, '/');
    size_t n = rule->id ? strlen(rule->id) : 0;

    if (!rule->id || !rule->clause || !rule->title || !rule->why || !rule->fix || !rule->from)
        return wrong(r, "the header needs id, clause, severity, from, title, why and fix.");
    base = base ? base + 1 : r->file;
    if (strncmp(base, rule->id, n) != 0 || strcmp(base + n, ".sql") != 0)
        return wrong(r, "the id must be the name of the file.");
    return NULL;
}

/* --- the file --- */

/* Ends the line and returns the next one, NULL at the end. */
static char *cut_line(char *line)
{
    char *end = strchr(line, '\n');

    if (!end)
        return NULL;
    *end = '\0';
    return end[1] ? end + 1 : NULL;
}

/* Text of a statement without the semicolon at its end. */
static const char *statement(struct arena *a, const char *text)
{
    char *s = text_trim(a, text);
    size_t n = strlen(s);

    if (n && s[n - 1] == ';')
        s[n - 1] = '\0';
    return s;
}

static struct err *lint(struct reading *r, const char *sql, int line)
{
    struct rule_text t = {
        .file = r->file, .sql = sql, .line = line, .params = 3 + (int)r->rule->nparams};

    if (!*sql)
        return err_new(ERR_BAD, "%s:%d: a statement is missing here.", r->file, line);
    return rule_lint(r->arena, &t);
}

/* Splits the file: header, then after the marks `-- population` and `-- offenders` a statement. */
static struct err *read_parts(struct reading *r, const char *text, struct buf part[2], int start[2])
{
    char *line = arena_str(r->arena, text), *next;
    int current = -1;

    for (r->line = 1; line; line = next, r->line++) {
        next = cut_line(line);
        if (text_equal(line, "-- population") || text_equal(line, "-- offenders")) {
            current = line[3] == 'o';
            start[current] = r->line + 1;
        } else if (current >= 0) {
            buf_printf(&part[current], "%s\n", line);
        } else if (text_starts(line, "-- ") && strchr(line, ':')) {
            char *colon = strchr(line, ':');

            *colon = '\0';
            TRY(read_head(r, text_trim(r->arena, line + 3), text_trim(r->arena, colon + 1)));
        } else if (*line) {
            return wrong(r, "before `-- population` only lines like `-- title: ...` are allowed.");
        }
    }
    return NULL;
}

struct err *rule_parse(struct arena *a, const char *file, const char *text, struct rule *out)
{
    struct reading r = {.arena = a, .file = file, .rule = out};
    struct buf part[2];
    int start[2] = {0, 0};

    *out = (struct rule){.file = file};
    buf_init(&part[0], a, 256);
    buf_init(&part[1], a, 512);
    TRY(read_parts(&r, text, part, start));
    r.line = 1;
    TRY(check_head(&r));
    if (!start[0] || !start[1])
        return wrong(&r, "the file needs the marks `-- population` and `-- offenders`.");
    out->population = statement(a, part[0].data);
    out->offenders = statement(a, part[1].data);
    TRY(lint(&r, out->population, start[0]));
    TRY(lint(&r, out->offenders, start[1]));
    /* One pass gives the first ones and the exact number. */
    out->counted = arena_printf(a,
                                "select o.kind, o.id, o.because, count(*) over () from (\n%s\n) o"
                                " order by o.kind, o.id limit %d",
                                out->offenders, RULE_LISTED);
    out->among = arena_printf(a,
                              "select count(*) from (\n%s\n) o where o.kind = $%zu and o.id in"
                              " (select cast(value as bigint) from json_each($%zu))",
                              out->offenders, out->nparams + 4, out->nparams + 5);
    return NULL;
}

struct err *reach_parse(struct arena *a, const char *file, const char *text, const char **out)
{
    struct rule none = {0};
    struct reading r = {.arena = a, .file = file, .rule = &none};

    *out = statement(a, text);
    return lint(&r, *out, 1);
}

static int by_id(const void *x, const void *y)
{
    return strcmp(((const struct rule *)x)->id, ((const struct rule *)y)->id);
}

static struct err *load_rules(struct app *app, struct rules *rules)
{
    struct arena *a = app->arena;
    const char *const *names;
    size_t n = content_list(app->content, "rules/", &names);
    struct rule *list = NEW_ARRAY(a, struct rule, n + 1);

    for (size_t i = 0; i < n; i++)
        TRY(rule_parse(a, arena_printf(a, "content/%s", names[i]),
                       content_text(app->content, names[i], NULL), &list[i]));
    qsort(list, n, sizeof(*list), by_id);
    rules->list = list;
    rules->count = n;
    return NULL;
}

static struct err *load_reach(struct app *app, struct rules *rules)
{
    struct arena *a = app->arena;
    const char *const *names;
    size_t n = content_list(app->content, "reach/", &names);

    for (size_t i = 0; i < n; i++) {
        const char *file = arena_printf(a, "content/%s", names[i]);
        char *stem = arena_strn(a, names[i] + strlen("reach/"), 2);
        i64 step;

        if (!text_i64(stem, &step) || step < 1 || step > RULE_STEPS ||
            strlen(names[i]) != strlen("reach/01.sql"))
            return err_new(ERR_BAD, "%s:1: the file is named after its step: 01.sql to %d.sql.",
                           file, RULE_STEPS);
        TRY(reach_parse(a, file, content_text(app->content, names[i], NULL), &rules->reach[step]));
    }
    return NULL;
}

struct err *rules_load(struct app *app)
{
    struct rules *rules = NEW(app->arena, struct rules);

    TRY(load_rules(app, rules));
    TRY(load_reach(app, rules));
    app->rules = rules;
    return NULL;
}

const struct rule *rule_find(const struct rules *rules, const char *id)
{
    for (size_t i = 0; i < rules->count; i++)
        if (text_equal(rules->list[i].id, id))
            return &rules->list[i];
    return NULL;
}
