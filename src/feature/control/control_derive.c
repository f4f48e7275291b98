/* SPDX-License-Identifier: Apache-2.0 */
/* What follows from the profile and the catalogue: proposals, what is in use, order; and the seed.
 */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "feature/control/control_part.h"
#include "feature/organisation/organisation.h"

#define OWN_POSITION 1000 /* own controls come after those of Annex A */

const struct content_table *control_table(const struct web *w)
{
    return content_table(w->app->content, "controls");
}

i64 control_row(const struct web *w, const char *code)
{
    return code && *code ? content_row(control_table(w), code) : -1;
}

const char *control_hint(const struct web *w, const char *code)
{
    i64 row = control_row(w, code);

    return row < 0 ? "" : content_cell(control_table(w), (size_t)row, "exclusion_hint");
}

/* --- proposals --- */

/* The answer to a question as people read it. */
static const char *answer_text(struct web *w, struct profile_answers *answers, const char *key)
{
    const struct field *f = entity_field(&profile_entity, key);
    const char *text = profile_answer(answers, key);
    const struct choice *c;

    if (!f || text_empty(text))
        return arena_printf(w->arena, "%s: not answered", f ? f->label : key);
    c = f->kind == FIELD_CHOICE ? choice_find(f->choices, text) : NULL;
    return arena_printf(w->arena, "%s: %s", f->label, c ? c->label : text);
}

/* The answers that a condition looks at: "Cloud services: Some services; Own servers: No". */
static const char *answers_text(struct web *w, struct profile_answers *answers,
                                const char *condition)
{
    char **terms;
    size_t n = text_split(w->arena, condition, ',', &terms);
    struct buf b;

    buf_init(&b, w->arena, 80);
    for (size_t i = 0; i < n; i++) {
        terms[i][strcspn(terms[i], "=!<>")] = '\0';
        buf_printf(&b, "%s%s", i ? "; " : "", answer_text(w, answers, terms[i]));
    }
    return b.data;
}

static void propose_use(struct web *w, struct profile_answers *answers, size_t row,
                        struct control_proposal *out)
{
    const struct content_table *t = control_table(w);

    if (out->in_use) {
        out->because = arena_printf(w->arena, N_("Your profile says “%s”."), out->in_use_because);
        out->reasoned = true;
    } else if (*content_cell(t, row, "if")) {
        out->because = arena_printf(w->arena, N_("Your profile says “%s”."),
                                    answers_text(w, answers, content_cell(t, row, "if")));
        out->reasoned = out->wanted = true;
    } else if (text_equal(content_cell(t, row, "baseline"), "yes")) {
        out->because =
            N_("Part of the baseline: every organisation does this, whatever its risks say.");
        out->reasoned = true;
    } else if (text_equal(content_cell(t, row, "excludable"), "no")) {
        out->because = N_("It belongs to running the management system and is never left out.");
        out->reasoned = true;
    } else if (text_equal(content_cell(t, row, "excludable"), "rare")) {
        out->because = N_("There is hardly ever a good reason to leave it out.");
    } else {
        out->because = N_("Nothing in the profile speaks against it. Look whether a risk or a duty "
                          "needs it.");
    }
}

/* Both the condition and what shows the use must fail, and neither because of an open question. */
static void propose_row(struct web *w, struct profile_answers *answers, size_t row,
                        struct control_proposal *out)
{
    const char *wanted = content_cell(control_table(w), row, "if");
    const char *used = content_cell(control_table(w), row, "used_if");
    bool open = false, use_open = false;
    bool holds = content_holds(wanted, profile_answer, answers, &open);

    out->in_use = *used && content_holds(used, profile_answer, answers, &use_open);
    if (out->in_use)
        out->in_use_because = answers_text(w, answers, used);
    if (holds || out->in_use) {
        out->proposed = "yes";
        propose_use(w, answers, row, out);
    } else if (open || (*used && use_open)) {
        out->because = arena_printf(w->arena, N_("It depends on the profile: “%s”."),
                                    answers_text(w, answers, open ? wanted : used));
    } else {
        out->proposed = "no";
        out->because =
            arena_printf(w->arena, N_("Your profile says “%s”."), answers_text(w, answers, wanted));
        out->reasoned = true;
    }
}

void control_propose(struct web *w, struct profile_answers *answers, const char *code,
                     struct control_proposal *out)
{
    i64 row = control_row(w, code);

    *out = (struct control_proposal){.position = row < 0 ? OWN_POSITION : row + 1};
    if (row >= 0) {
        propose_row(w, answers, (size_t)row, out);
    } else {
        out->proposed = "yes";
        out->because = N_("You added this control yourself.");
    }
}

static void add_code(struct buf *b, const char *code)
{
    buf_printf(b, "%c\"%s\"", b->size ? ',' : '[', code);
}

/* By row of Annex A: an own control in use answers it. */
static struct err *load_answered(struct web *w, bool *answered)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select c.maps_to from control c where c.org_id = $1 and " CONTROL_HOLDS
                 " = 'yes' and c.theme = 'own' and c.maps_to is not null limit 20000",
                 num(w->org)));
    while (row_next(r)) {
        struct control_mappings m;

        control_map_read(w, row_text(r, 0), &m, NULL);
        for (size_t i = 0; i < m.count; i++)
            answered[control_row(w, m.list[i].code)] = true;
    }
    return NULL;
}

struct err *control_lists(struct web *w, const char **wanted, const char **used)
{
    const struct content_table *t = control_table(w);
    bool *answered = NEW_ARRAY(w->arena, bool, content_rows(t) + 1);
    struct profile_answers *answers;
    struct control_proposal p;
    struct buf want, use;

    TRY(profile_load(w, &answers));
    TRY(load_answered(w, answered));
    buf_init(&want, w->arena, 512);
    buf_init(&use, w->arena, 512);
    for (size_t i = 0; i < content_rows(t); i++) {
        const char *code = content_cell(t, i, "code");

        control_propose(w, answers, code, &p);
        if (p.wanted)
            add_code(&want, code);
        if (p.in_use || answered[i])
            add_code(&use, code);
    }
    *wanted = want.size ? arena_printf(w->arena, "%s]", want.data) : "[]";
    *used = use.size ? arena_printf(w->arena, "%s]", use.data) : "[]";
    return NULL;
}

/* --- derived fields --- */

/* Annex A is as it is; of an own control the code is unique and points to Annex A codes. */
static struct err *check_code(struct web *w, const struct control *c, struct issues *out)
{
    struct rows *r;

    if (c->id)
        return NULL;
    TRY(db_query(w->db, &r, "select number from control where org_id = $1 and code = $2",
                 num(w->org), str(c->code)));
    if (row_next(r))
        issue(out, "code", "There is a control “%s” already. Choose another code.", c->code);
    return NULL;
}

static void check_annex(struct web *w, const struct control *c, i64 row, struct issues *out)
{
    if (row >= 0 && !text_equal(c->title, content_cell(control_table(w), (size_t)row, "title")))
        issue(out, "title", "The title of a control of Annex A is that of the standard.");
    if (!text_empty(c->maps_to) || !text_empty(c->framework) || c->controlset)
        issue(out,
              !text_empty(c->maps_to) ? "maps_to"
              : c->controlset         ? "controlset"
                                      : "framework",
              "This is a control of Annex A itself. Leave the field empty.");
}

static void check_mapping(struct web *w, struct control *c, struct issues *out)
{
    struct control_mappings m;

    control_map_read(w, c->maps_to, &m, out);
    c->maps_to = control_map_text(w, &m);
}

/* A control of a set says so by its name too, as who reads the statement knows it. */
static struct err *name_framework(struct web *w, struct control *c)
{
    struct rows *r;

    if (!c->controlset)
        return NULL;
    TRY(db_query(w->db, &r, "select title, edition from controlset where org_id = $1 and id = $2",
                 num(w->org), num(c->controlset)));
    if (!row_next(r))
        return NULL;
    c->framework = strstr(row_text(r, 0), row_text(r, 1))
                       ? row_text(r, 0)
                       : arena_printf(w->arena, "%s %s", row_text(r, 0), row_text(r, 1));
    if (text_length(c->framework) > 200)
        c->framework = row_text(r, 0);
    return NULL;
}

static const char * or (const char *text, const char *otherwise)
{
    return text_empty(text) ? otherwise : text;
}

/* What the program sets and what is left empty by the input. */
static struct err *complete(struct web *w, struct control *c, struct issues *out)
{
    i64 row = control_row(w, c->code);

    if (text_empty(c->origin) && w->writable) {
        if (row >= 0)
            issue(out, "code", "“%s” is a control of Annex A, which is in the statement already.",
                  c->code);
        else
            TRY(check_code(w, c, out));
        c->origin = "own";
        c->theme = "own";
    }
    c->applicable = or (c->applicable, "open");
    c->status = or (c->status, "not-started");
    c->name = arena_printf(w->arena, "%s %s", c->code, c->title);
    if (!w->writable)
        return NULL;
    if (text_equal(c->origin, "own")) {
        check_mapping(w, c, out);
        TRY(name_framework(w, c));
    } else {
        check_annex(w, c, row, out);
    }
    if (text_equal(c->applicable, "no")) {
        const char *wrong =
            control_unjustified(w->arena, c->justification, control_hint(w, c->code));

        if (wrong)
            issue(out, "justification", "%s", wrong);
    }
    return control_decided(w, c);
}

struct err *control_derive(struct web *w, void *record, struct issues *out)
{
    struct control *c = record;
    struct profile_answers *answers;
    struct control_proposal p;

    TRY(complete(w, c, out));
    TRY(profile_load(w, &answers));
    control_propose(w, answers, c->code, &p);
    c->position = p.position;
    c->proposed = p.proposed;
    c->proposed_because = p.because;
    c->in_use = p.in_use;
    c->in_use_because = p.in_use_because;
    return NULL;
}

struct err *control_refresh(struct web *w)
{
    struct profile_answers *answers;
    struct control_proposal p;
    struct rows *r;

    TRY(profile_load(w, &answers));
    TRY(db_query(w->db, &r,
                 "select id, code, proposed, proposed_because, in_use, in_use_because, position"
                 " from control where org_id = $1 order by id",
                 num(w->org)));
    while (row_next(r)) {
        control_propose(w, answers, row_text(r, 1), &p);
        if (text_equal(p.proposed, row_str(r, 2)) && text_equal(p.because, row_str(r, 3)) &&
            p.in_use == row_num(r, 4) && text_equal(p.in_use_because, row_str(r, 5)) &&
            p.position == row_num(r, 6))
            continue;
        TRY(db_exec(w->db,
                    "update control set proposed = $3, proposed_because = $4, in_use = $5,"
                    " in_use_because = $6, position = $7 where org_id = $1 and id = $2",
                    num(w->org), num(row_num(r, 0)), str(p.proposed), str(p.because), num(p.in_use),
                    str(p.in_use_because), num(p.position)));
    }
    return NULL;
}

/* --- the seed --- */

struct err *control_seed(struct web *w)
{
    const struct content_table *t = control_table(w);

    for (size_t i = 0; i < content_rows(t); i++) {
        struct issues issues = {.arena = w->arena};
        struct control c = {.code = content_cell(t, i, "code"),
                            .title = content_cell(t, i, "title"),
                            .theme = content_cell(t, i, "theme"),
                            .origin = "annex-a",
                            .applicable = "open",
                            .status = "not-started",
                            .baseline = text_equal(content_cell(t, i, "baseline"), "yes")};

        TRY(entity_write(w, &control_entity, &c, NULL, &issues));
        if (issues.count)
            return err_new(ERR_FAULT, "The control %s of the catalogue is not usable: %s", c.code,
                           issues.list[0].text);
    }
    return NULL;
}
