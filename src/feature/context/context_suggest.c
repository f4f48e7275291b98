/* SPDX-License-Identifier: Apache-2.0 */
/* Suggested parties and requirements: which fit the profile, accepting and dismissing them. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/content.h"
#include "feature/context/context.h"
#include "feature/organisation/organisation.h"

#define SEED_PARTY "party:" /* requirement.seed of a party's typical expectation: "party:CODE" */

static const struct content_table *table(struct web *w, const char *name)
{
    return content_table(w->app->content, name);
}

/* --- what is proposed --- */

/* Marks the rows whose codes the query gives. */
static void settle(const struct content_table *t, struct rows *r, bool *settled)
{
    while (row_next(r)) {
        i64 row = content_row(t, row_text(r, 0));

        if (row >= 0)
            settled[row] = true;
    }
}

static struct err *fitting(struct web *w, const struct content_table *t, struct rows *there,
                           void (*add)(const struct content_table *t, size_t row,
                                       struct context_suggestion *out),
                           struct context_suggestions *out)
{
    bool *settled = NEW_ARRAY(w->arena, bool, content_rows(t) + 1);
    struct profile_answers *answers;

    *out = (struct context_suggestions){
        .list = NEW_ARRAY(w->arena, struct context_suggestion, content_rows(t) + 1)};
    settle(t, there, settled);
    TRY(profile_load(w, &answers));
    for (size_t i = 0; i < content_rows(t); i++) {
        bool open = false;

        if (content_holds(content_cell(t, i, "if"), profile_answer, answers, &open)) {
            if (!settled[i])
                add(t, i, &out->list[out->count++]);
        } else if (open) {
            out->open = true;
        }
    }
    return NULL;
}

static void add_party(const struct content_table *t, size_t row, struct context_suggestion *out)
{
    *out = (struct context_suggestion){.code = content_cell(t, row, "code"),
                                       .title = content_words(t, row, "name"),
                                       .why = content_words(t, row, "why"),
                                       .needs = content_cell(t, row, "typical_requirements"),
                                       .core = text_equal(content_cell(t, row, "core"), "yes")};
}

struct err *party_suggest(struct web *w, struct context_suggestions *out)
{
    struct rows *r;

    TRY(db_query(w->db, &r, "select distinct type from party where org_id = $1", num(w->org)));
    return fitting(w, table(w, "party_types"), r, add_party, out);
}

static void add_law(const struct content_table *t, size_t row, struct context_suggestion *out)
{
    *out = (struct context_suggestion){.code = content_cell(t, row, "code"),
                                       .title = content_words(t, row, "title"),
                                       .why = content_words(t, row, "summary"),
                                       .kind = content_cell(t, row, "kind"),
                                       .jurisdiction = content_cell(t, row, "jurisdiction"),
                                       .source = content_cell(t, row, "articles"),
                                       .controls = content_cell(t, row, "controls")};
}

struct err *requirement_suggest(struct web *w, struct context_suggestions *out)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select seed from requirement where org_id = $1 and seed is not null"
                 " union select key from dismissal where org_id = $1 and subject = 'requirement'",
                 num(w->org)));
    return fitting(w, table(w, "laws"), r, add_law, out);
}

/* --- parties --- */

static struct err *row_of(const struct content_table *t, const char *code, size_t *row)
{
    i64 found = code && *code ? content_row(t, code) : -1;

    if (found < 0)
        return err_new(ERR_BAD, "There is no suggestion “%.60s”. Load the page again.",
                       code ? code : "");
    *row = (size_t)found;
    return NULL;
}

static struct err *is_there(struct web *w, const char *type, bool *out)
{
    struct rows *r;

    TRY(db_query(w->db, &r, "select id from party where org_id = $1 and type = $2 limit 1",
                 num(w->org), str(type)));
    *out = row_next(r);
    return NULL;
}

static struct err *add_needs(struct web *w, const struct party *p, const char *needs,
                             struct issues *out)
{
    char **parts;
    size_t n = text_split(w->arena, needs, ';', &parts);

    for (size_t i = 0; i < n; i++) {
        struct requirement q = {.title = tr(text_trim(w->arena, parts[i])),
                                .kind = "expectation",
                                .party = p->id,
                                .addressed = "open",
                                .status = "open",
                                .seed = arena_printf(w->arena, SEED_PARTY "%s", p->type)};

        TRY(entity_write(w, &requirement_entity, &q, NULL, out));
    }
    return NULL;
}

static bool is_inside(const char *type)
{
    return text_equal(type, "employees") || text_equal(type, "owners");
}

struct err *party_accept(struct web *w, const char *code, bool with, struct issues *out)
{
    const struct content_table *t = table(w, "party_types");
    struct party p = {.state = "active", .type = code, .external = !is_inside(code)};
    bool there;
    size_t row;

    TRY(row_of(t, code, &row));
    TRY(is_there(w, code, &there));
    if (there)
        return NULL;
    p.name = content_words(t, row, "name");
    TRY(entity_write(w, &party_entity, &p, NULL, out));
    if (with && !out->count)
        TRY(add_needs(w, &p, content_cell(t, row, "typical_requirements"), out));
    return NULL;
}

/* Issues of a record become issues of the suggestion's reason. */
static void add_issues(struct web *w, const char *code, const struct issues *found,
                       struct issues *out)
{
    for (size_t i = 0; i < found->count; i++)
        issue(out, arena_printf(w->arena, "reason.%s", code), "%s", found->list[i].text);
}

struct err *party_dismiss(struct web *w, const char *code, const char *reason, struct issues *out)
{
    const struct content_table *t = table(w, "party_types");
    struct issues found = {.arena = w->arena};
    struct party p = {
        .state = "not-relevant", .type = code, .why_not = reason, .external = !is_inside(code)};
    bool there;
    size_t row;

    TRY(row_of(t, code, &row));
    TRY(is_there(w, code, &there));
    if (there)
        return NULL;
    p.name = content_words(t, row, "name");
    TRY(entity_write(w, &party_entity, &p, NULL, &found));
    add_issues(w, code, &found, out);
    return NULL;
}

/* --- requirements --- */

/* The ids of the controls with these codes; codes that are gone are left out. */
static struct err *control_ids(struct web *w, const char *codes, struct ids *out)
{
    char **parts;
    size_t n = text_split(w->arena, codes, ';', &parts);
    i64 *list = NEW_ARRAY(w->arena, i64, n + 1);
    struct rows *r;

    *out = (struct ids){list, 0};
    for (size_t i = 0; i < n; i++) {
        TRY(db_query(w->db, &r, "select id from control where org_id = $1 and code = $2",
                     num(w->org), str(parts[i])));
        if (row_next(r))
            list[out->count++] = row_num(r, 0);
    }
    return NULL;
}

static struct err *is_settled(struct web *w, const char *code, bool *out)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select id from requirement where org_id = $1 and seed = $2 union all"
                 " select id from dismissal where org_id = $1 and subject = 'requirement'"
                 " and key = $2",
                 num(w->org), str(code)));
    *out = row_next(r);
    return NULL;
}

struct err *requirement_accept(struct web *w, const char *code, struct issues *out)
{
    const struct content_table *t = table(w, "laws");
    struct requirement q = {.addressed = "yes", .status = "open", .seed = code};
    struct issues found = {.arena = w->arena};
    bool settled;
    size_t row;

    TRY(row_of(t, code, &row));
    TRY(is_settled(w, code, &settled));
    if (settled)
        return NULL;
    q.title = content_words(t, row, "title");
    q.kind = content_cell(t, row, "kind");
    q.source = content_cell(t, row, "articles");
    q.jurisdiction = content_cell(t, row, "jurisdiction");
    q.summary = content_words(t, row, "summary");
    TRY(control_ids(w, content_cell(t, row, "controls"), &q.controls));
    TRY(entity_write(w, &requirement_entity, &q, NULL, &found));
    add_issues(w, code, &found, out);
    return NULL;
}

struct err *requirement_dismiss(struct web *w, const char *code, const char *reason,
                                struct issues *out)
{
    const struct content_table *t = table(w, "laws");
    const struct entity *e = feature_entity("dismissal");
    struct issues found = {.arena = w->arena};
    bool settled;
    void *record;
    size_t row;

    if (!e)
        return err_new(ERR_FAULT, "Suggestions cannot be dismissed in this program.");
    TRY(row_of(t, code, &row));
    TRY(is_settled(w, code, &settled));
    if (settled)
        return NULL;
    record = arena_alloc(w->arena, e->size);
    field_set_str(entity_field(e, "title"), record, content_words(t, row, "title"));
    field_set_str(entity_field(e, "subject"), record, "requirement");
    field_set_str(entity_field(e, "key"), record, code);
    field_set_str(entity_field(e, "reason"), record,
                  text_empty(reason) ? NULL : text_trim(w->arena, reason));
    TRY(entity_write(w, e, record, NULL, &found));
    add_issues(w, code, &found, out);
    return NULL;
}
