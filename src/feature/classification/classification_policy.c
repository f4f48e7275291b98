/* SPDX-License-Identifier: Apache-2.0 */
/* A whole scheme in memory: read from the records, frozen as canonical text, read back from it. The
 * frozen text names media by code and levels by name, so that it is the same for all readers. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/content.h"
#include "feature/classification/classification_part.h"

/* --- from the records --- */

/* "Restricted (Our classification)" of levels that are said to be equal, in both directions. */
static struct err *read_equal(struct web *w, struct policy_level *l)
{
    struct rows *r;
    struct buf b;

    TRY(db_query(w->db, &r,
                 "select c.name, s.title from classification c"
                 " join scheme s on s.org_id = c.org_id and s.id = c.scheme"
                 " where c.org_id = $1 and s.state <> 'retired' and (c.id in"
                 " (select e.target from classification_equal e where e.org_id = $1"
                 " and e.record = $2) or c.id in (select e.record from classification_equal e"
                 " where e.org_id = $1 and e.target = $2)) order by s.number, c.rank, c.id",
                 num(w->org), num(l->id)));
    buf_init(&b, w->arena, 64);
    while (row_next(r))
        buf_printf(&b, "%s%s (%s)", b.size ? ", " : "", row_text(r, 0), row_text(r, 1));
    l->equal = b.data;
    return NULL;
}

static struct err *read_levels(struct web *w, struct policy *p)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select id, number, rank, name, tone, tier, meaning, access, confidential,"
                 " printed, lowest, highest from classification where org_id = $1 and scheme = $2"
                 " order by rank, id",
                 num(w->org), num(p->id)));
    p->levels = NEW_ARRAY(w->arena, struct policy_level, row_count(r) + 1);
    while (row_next(r))
        p->levels[p->nlevels++] = (struct policy_level){.id = row_num(r, 0),
                                                        .number = row_num(r, 1),
                                                        .rank = row_num(r, 2),
                                                        .name = row_text(r, 3),
                                                        .tone = row_text(r, 4),
                                                        .tier = row_text(r, 5),
                                                        .meaning = row_text(r, 6),
                                                        .access = row_text(r, 7),
                                                        .confidential = row_num(r, 8),
                                                        .printed = row_num(r, 9),
                                                        .lowest = row_num(r, 10),
                                                        .highest = row_num(r, 11)};
    for (size_t i = 0; i < p->nlevels; i++)
        TRY(read_equal(w, &p->levels[i]));
    return NULL;
}

static struct err *read_forms(struct web *w, struct policy *p)
{
    struct rows *r;

    TRY(db_query(w->db, &r, "select id, name from medium where org_id = $1 order by name, id",
                 num(w->org)));
    p->forms = NEW_ARRAY(w->arena, struct policy_form, CLASS_MEDIA + row_count(r));
    for (size_t i = 0; i < CLASS_MEDIA; i++)
        p->forms[p->nforms++] =
            (struct policy_form){.code = class_media[i].code, .label = tr(class_media[i].label)};
    while (row_next(r))
        p->forms[p->nforms++] =
            (struct policy_form){.code = "own", .own = row_num(r, 0), .label = row_text(r, 1)};
    return NULL;
}

static size_t form_at(const struct policy *p, const char *code, i64 own)
{
    size_t i = 0;

    while (i < p->nforms && !(text_equal(p->forms[i].code, code) && p->forms[i].own == own))
        i++;
    return i;
}

static struct err *read_markings(struct web *w, struct policy *p)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select medium, own_medium, place, rule, who, number from marking"
                 " where org_id = $1 and scheme = $2 order by id",
                 num(w->org), num(p->id)));
    while (row_next(r)) {
        size_t i = form_at(p, row_text(r, 0), row_num(r, 1));

        if (i == p->nforms || p->forms[i].place)
            continue;
        p->forms[i].place = row_text(r, 2);
        p->forms[i].rule = row_text(r, 3);
        p->forms[i].who = row_text(r, 4);
        p->forms[i].marking = row_num(r, 5);
    }
    return NULL;
}

static size_t level_at(const struct policy *p, i64 id)
{
    size_t i = 0;

    while (i < p->nlevels && p->levels[i].id != id)
        i++;
    return i;
}

static struct err *read_cells(struct web *w, struct policy *p)
{
    struct rows *r;

    p->cells = NEW_ARRAY(w->arena, struct policy_cell, p->nlevels * p->nforms + 1);
    TRY(db_query(w->db, &r,
                 "select h.level, h.medium, h.own_medium, h.id, h.number, h.version, h.making,"
                 " h.storing, h.inside, h.outside, h.copying, h.printing, h.carrying, h.disposing"
                 " from handling h join classification c on c.org_id = h.org_id and c.id = h.level"
                 " where h.org_id = $1 and c.scheme = $2 order by h.id",
                 num(w->org), num(p->id)));
    while (row_next(r)) {
        size_t l = level_at(p, row_num(r, 0)), f = form_at(p, row_text(r, 1), row_num(r, 2));
        struct policy_cell *c = policy_cell(p, l, f);

        if (!c || c->id)
            continue;
        c->id = row_num(r, 3);
        c->number = row_num(r, 4);
        c->version = row_num(r, 5);
        for (size_t i = 0; i < HANDLING_ACTIONS; i++)
            c->text[i] = row_str(r, 6 + i);
    }
    return NULL;
}

struct err *policy_load(struct web *w, const struct scheme *s, struct policy *out)
{
    *out = (struct policy){.id = s->id,
                           .number = s->number,
                           .title = s->title,
                           .kind = s->kind,
                           .partner = s->partner ? s->partner : "",
                           .purpose = s->purpose ? s->purpose : "",
                           .duty = s->duty ? s->duty : "",
                           .release = s->release ? s->release : "",
                           .labelling = s->labelling,
                           .review_months = s->review_months};
    TRY(read_levels(w, out));
    TRY(read_forms(w, out));
    TRY(read_markings(w, out));
    return read_cells(w, out);
}

/* --- questions --- */

struct policy_cell *policy_cell(const struct policy *p, size_t level, size_t form)
{
    return level < p->nlevels && form < p->nforms ? &p->cells[level * p->nforms + form] : NULL;
}

bool policy_said(const struct policy *p, size_t level, size_t form)
{
    const struct policy_cell *c = policy_cell(p, level, form);

    if (text_equal(p->forms[form].code, "verbal"))
        return !text_empty(c->text[0]);
    return !text_empty(c->text[1]) && !text_empty(c->text[HANDLING_ACTIONS - 1]);
}

void policy_complete(const struct policy *p, size_t *said, size_t *all)
{
    *said = 0;
    *all = p->nlevels * p->nforms;
    for (size_t l = 0; l < p->nlevels; l++)
        for (size_t f = 0; f < p->nforms; f++)
            *said += policy_said(p, l, f);
}

const char *policy_suggested(struct web *w, const char *tier, const char *medium, size_t action)
{
    const struct content_table *t = content_table(w->app->content, "handling_rules");
    i64 row = content_row(t, arena_printf(w->arena, "%s/%s", tier, medium));

    return row < 0 || !*content_cell(t, (size_t)row, class_actions[action].name)
               ? ""
               : content_words(t, (size_t)row, class_actions[action].name);
}

/* --- frozen --- */

static void put(json_t *o, const char *name, const char *text)
{
    if (!text_empty(text))
        json_object_set_new(o, name, json_string(text));
}

static json_t *level_json(const struct policy_level *l)
{
    json_t *o = json_object();

    put(o, "name", l->name);
    put(o, "tone", l->tone);
    put(o, "meaning", l->meaning);
    put(o, "access", l->access);
    put(o, "equal", l->equal);
    json_object_set_new(o, "rank", json_integer(l->rank));
    json_object_set_new(o, "confidential", json_boolean(l->confidential));
    json_object_set_new(o, "printed", json_boolean(l->printed));
    json_object_set_new(o, "lowest", json_integer(l->lowest));
    json_object_set_new(o, "highest", json_integer(l->highest));
    return o;
}

/* One form with its labelling rule and what holds for each level. */
static json_t *form_json(const struct policy *p, size_t f)
{
    const struct policy_form *form = &p->forms[f];
    json_t *o = json_object(), *rules = json_array();

    put(o, "medium", form->code);
    if (form->own)
        put(o, "name", form->label);
    put(o, "place", form->place);
    put(o, "rule", form->rule);
    put(o, "who", form->who);
    for (size_t l = 0; l < p->nlevels; l++) {
        const struct policy_cell *c = policy_cell(p, l, f);
        json_t *one = json_object();

        for (size_t i = 0; i < HANDLING_ACTIONS; i++)
            put(one, class_actions[i].name, c->text[i]);
        json_array_append_new(rules, one);
    }
    json_object_set_new(o, "levels", rules);
    return o;
}

const char *policy_freeze(struct web *w, const struct policy *p)
{
    json_t *o = json_own(w->arena, json_object());
    json_t *levels = json_array(), *forms = json_array();

    put(o, "title", p->title);
    put(o, "kind", p->kind);
    put(o, "partner", p->partner);
    put(o, "purpose", p->purpose);
    put(o, "duty", p->duty);
    put(o, "release", p->release);
    json_object_set_new(o, "number", json_integer(p->number));
    json_object_set_new(o, "labelling", json_boolean(p->labelling));
    json_object_set_new(o, "review_months", json_integer(p->review_months));
    for (size_t i = 0; i < p->nlevels; i++)
        json_array_append_new(levels, level_json(&p->levels[i]));
    for (size_t i = 0; i < p->nforms; i++)
        json_array_append_new(forms, form_json(p, i));
    json_object_set_new(o, "levels", levels);
    json_object_set_new(o, "forms", forms);
    return json_sorted(w->arena, o);
}

static const char *text_of(const json_t *o, const char *name)
{
    const char *text = json_string_value(json_object_get(o, name));

    return text ? text : "";
}

static i64 num_of(const json_t *o, const char *name)
{
    return json_integer_value(json_object_get(o, name));
}

static void thaw_level(const json_t *o, struct policy_level *l)
{
    *l = (struct policy_level){.rank = num_of(o, "rank"),
                               .name = text_of(o, "name"),
                               .tone = text_of(o, "tone"),
                               .tier = "",
                               .meaning = text_of(o, "meaning"),
                               .access = text_of(o, "access"),
                               .equal = text_of(o, "equal"),
                               .confidential = json_is_true(json_object_get(o, "confidential")),
                               .printed = json_is_true(json_object_get(o, "printed")),
                               .lowest = num_of(o, "lowest"),
                               .highest = num_of(o, "highest")};
}

static void thaw_form(struct policy *p, size_t f, const json_t *o)
{
    struct policy_form *form = &p->forms[f];
    const struct choice *known = choice_find(class_media, text_of(o, "medium"));
    const json_t *rules = json_object_get(o, "levels");

    *form = (struct policy_form){.code = text_of(o, "medium"),
                                 .label = known ? tr(known->label) : "",
                                 .place = json_string_value(json_object_get(o, "place")),
                                 .rule = text_of(o, "rule"),
                                 .who = text_of(o, "who")};
    if (*text_of(o, "name"))
        form->label = text_of(o, "name");
    for (size_t l = 0; l < p->nlevels; l++)
        for (size_t i = 0; i < HANDLING_ACTIONS; i++)
            policy_cell(p, l, f)->text[i] =
                json_string_value(json_object_get(json_array_get(rules, l), class_actions[i].name));
}

struct err *policy_thaw(struct web *w, const char *body, struct policy *out)
{
    const json_t *levels, *forms;
    json_t *o;

    TRY(json_parse(w->arena, body, strlen(body), &o));
    levels = json_object_get(o, "levels");
    forms = json_object_get(o, "forms");
    *out = (struct policy){.number = num_of(o, "number"),
                           .title = text_of(o, "title"),
                           .kind = text_of(o, "kind"),
                           .partner = text_of(o, "partner"),
                           .purpose = text_of(o, "purpose"),
                           .duty = text_of(o, "duty"),
                           .release = text_of(o, "release"),
                           .labelling = json_is_true(json_object_get(o, "labelling")),
                           .review_months = num_of(o, "review_months"),
                           .nlevels = json_array_size(levels),
                           .nforms = json_array_size(forms)};
    out->levels = NEW_ARRAY(w->arena, struct policy_level, out->nlevels + 1);
    out->forms = NEW_ARRAY(w->arena, struct policy_form, out->nforms + 1);
    out->cells = NEW_ARRAY(w->arena, struct policy_cell, out->nlevels * out->nforms + 1);
    for (size_t i = 0; i < out->nlevels; i++)
        thaw_level(json_array_get(levels, i), &out->levels[i]);
    for (size_t i = 0; i < out->nforms; i++)
        thaw_form(out, i, json_array_get(forms, i));
    return NULL;
}

struct err *classification_freeze(struct web *w, i64 scheme, const char **body)
{
    struct policy p;
    struct scheme s;

    TRY(entity_load(w, &scheme_entity, scheme, &s));
    TRY(policy_load(w, &s, &p));
    *body = policy_freeze(w, &p);
    return NULL;
}
