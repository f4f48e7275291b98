/* SPDX-License-Identifier: Apache-2.0 */
/* The level of an asset: suggested from its confidentiality, confirmed by its owner (S2-13). Who
 * may confirm for others needs a right. A level that somebody else entered is a proposal. */
#include "base/json.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/list.h"
#include "core/page.h"
#include "feature/asset/asset_part.h"
#include "feature/classification/classification.h"

#define AT_ONCE 50

static i64 confidentiality(const struct asset *a)
{
    return a->value_c ? a->value_c : a->c;
}

/* --- what a write does to the confirmation --- */

struct before {
    i64 level;
    bool there;
};

static struct err *read_before(struct web *w, i64 id, struct before *out)
{
    struct rows *r;

    *out = (struct before){0};
    if (!id)
        return NULL;
    TRY(db_query(w->db, &r, "select classification from asset where org_id = $1 and id = $2",
                 num(w->org), num(id)));
    out->there = row_next(r);
    out->level = out->there ? row_num(r, 0) : 0;
    return NULL;
}

/* A level below the suggested one of the same scheme needs a reason. */
static struct err *check_lower(struct web *w, const struct asset *a, struct issues *out)
{
    const struct class_level *given, *suggested;
    struct class_levels l;

    TRY(classification_levels(w, &l));
    given = classification_level(&l, a->classification);
    if (!given)
        return NULL; /* of a scheme that is retired */
    suggested = classification_suggested(&l, given->scheme, confidentiality(a));
    if (suggested && suggested->rank > given->rank && text_empty(a->classification_reason))
        issue(out, "classification_reason",
              "Its confidentiality suggests “%s”. Say why “%s” is enough.", suggested->name,
              given->name);
    return NULL;
}

struct err *asset_classified(struct web *w, struct asset *a, struct issues *out)
{
    struct before b;

    if (!w->writable || (!a->classification && !a->classified_by && text_empty(a->classified_on)))
        return NULL;
    TRY(read_before(w, a->id, &b));
    if (a->id && !b.there)
        return NULL; /* it comes back from the removed ones as it was */
    if (a->classification &&
        (a->confirms || (a->owner && a->owner == w->person && a->classification != b.level))) {
        a->classified_by = w->person;
        a->classified_on = w->today;
    } else if (a->classification != b.level) {
        a->classified_by = 0;
        a->classified_on = NULL;
    }
    return a->classification && (a->confirms || a->classification != b.level)
               ? check_lower(w, a, out)
               : NULL;
}

/* --- the page --- */

struct sheet {
    struct class_levels levels;
    struct asset *assets;
    size_t count;
    const char *next;
    bool others; /* may confirm for everybody */
    struct issues issues;
};

/* Live assets whose level is missing or only proposed, or (`?all=1`) all. */
static struct err *read_sheet(struct web *w, struct sheet *s)
{
    struct list_query q = {.entity = &asset_entity, .limit = AT_ONCE};
    struct list_result r;
    bool all = text_equal(web_query(w, "all"), "1");

    s->others = web_may(w, &asset_classify);
    TRY(classification_levels(w, &s->levels));
    q.after = web_query(w, "after");
    q.sort = entity_field(&asset_entity, "name");
    q.extra = all ? (s->others ? "t.state not in " ASSET_OUT
                               : "t.state not in " ASSET_OUT " and t.owner = @1")
                  : (s->others ? "t.state not in " ASSET_OUT " and t.classified_on is null"
                               : "t.state not in " ASSET_OUT " and t.classified_on is null"
                                 " and t.owner = @1");
    q.extra_vals[0] = num(w->person);
    q.nextra = s->others ? 0 : 1;
    TRY(list_run(w, &q, false, &r));
    s->assets = r.records;
    s->count = r.count;
    s->next = r.next;
    return NULL;
}

static const char *sent(struct web *w, const char *name, i64 id)
{
    return web_form(w, arena_printf(w->arena, "%s.%lld", name, id));
}

/* The level that stands in the row's choice: sent, its own, or the suggested one. */
static const struct class_level *chosen(struct web *w, const struct sheet *s, const struct asset *a)
{
    const char *text = sent(w, "level", a->id);
    i64 id;

    if (text && text_i64(text, &id))
        return classification_level(&s->levels, id);
    return a->classification ? classification_level(&s->levels, a->classification)
                             : classification_suggested(&s->levels, 0, confidentiality(a));
}

/* Ends the group that is open, and begins the one of a scheme. */
static void draw_scheme(struct web *w, bool open, const char *title)
{
    if (open)
        html(w->html, "</optgroup>");
    if (title)
        html(w->html, "<optgroup label='%s'>", title);
}

static void draw_levels(struct web *w, const struct sheet *s, const struct asset *a)
{
    const struct class_level *now = chosen(w, s, a);
    i64 scheme = 0;

    html(w->html,
         "<select class='form-select form-select-sm' name='level.%lld' aria-label='{Level of %s}'>"
         "<option value=''>—</option>",
         a->id, a->name);
    for (size_t i = s->levels.count; i-- > 0;) {
        const struct class_level *l = &s->levels.list[i];

        if (l->scheme != scheme)
            draw_scheme(w, scheme != 0, l->scheme_title);
        scheme = l->scheme;
        html(w->html, "<option value='%lld'%s>%s</option>", l->id, l == now ? " selected" : "",
             l->name);
    }
    draw_scheme(w, scheme != 0, NULL);
    html(w->html, "</select>");
}

static void draw_row(struct web *w, const struct sheet *s, const struct asset *a)
{
    const char *wrong = issue_of(&s->issues, arena_printf(w->arena, "reason.%lld", a->id));
    const char *reason = sent(w, "reason", a->id);
    const struct class_level *suggested =
        classification_suggested(&s->levels, 0, confidentiality(a));

    html(w->html,
         "<tr><td class='pick'><input class='form-check-input' type='checkbox' name='pick[]' "
         "value='%lld' aria-label='A-%lld'%s></td><td class='list-main'><a href='%s'>"
         "<span class='record-number'>A-%lld</span> %s</a>",
         a->id, a->number,
         (!s->issues.count && suggested && !a->classified_on && a->owner == w->person) || wrong
             ? " checked"
             : "",
         web_record_url(w, &asset_entity, a->number), a->number, a->name);
    if (a->classified_on)
        html(w->html, "<div class='list-sub'>{confirmed on %s}</div>",
             words_date(w->arena, a->classified_on));
    html(w->html, "</td><td data-label='{Confidentiality}'>");
    asset_value_chip(w, confidentiality(a));
    html(w->html, "</td><td data-label='{Suggested}'>");
    classification_chip(w, suggested);
    html(w->html, "</td><td data-label='{Level}'>");
    draw_levels(w, s, a);
    html(w->html,
         "</td><td data-label='{Reason for a lower level}'><input class='form-control "
         "form-control-sm%s' id='f-reason.%lld' name='reason.%lld' maxlength='2000' "
         "aria-label='{Reason for %s}' "
         "value='%s'>",
         wrong ? " is-invalid" : "", a->id, a->id, a->name,
         reason                     ? reason
         : a->classification_reason ? a->classification_reason
                                    : "");
    if (wrong)
        html(w->html, "<div class='field-error'>%s</div>", wrong);
    html(w->html, "</td></tr>");
}

static void draw_table(struct web *w, const struct sheet *s)
{
    form_begin(w, web_url(w, "/assets/classify"), 0);
    html(w->html,
         "<section class='card'><table class='table list'><caption "
         "class='visually-hidden'>{Assets to classify}</caption><thead><tr><th scope='col'>"
         "<span class='visually-hidden'>{Chosen}</span></th><th scope='col'>{Asset}</th>"
         "<th scope='col'>{Confidentiality}</th><th scope='col'>{Suggested}</th>"
         "<th scope='col'>{Level}</th><th scope='col'>{Reason for a lower level}</th></tr>"
         "</thead><tbody>");
    for (size_t i = 0; i < s->count; i++)
        draw_row(w, s, &s->assets[i]);
    html(w->html, "</tbody></table></section><div class='form-actions mt-3'><button class='btn "
                  "btn-primary'>{Confirm the ticked ones}</button>");
    if (s->next)
        html(w->html, "<a class='btn' href='%s'>{Next}</a>",
             web_url(w, "/assets/classify?after=%s%s", text_url(w->arena, s->next),
                     text_equal(web_query(w, "all"), "1") ? "&all=1" : ""));
    html(w->html, "</div></form>");
}

static struct err *draw_sheet(struct web *w, const struct sheet *s)
{
    page_begin(w, "Assets", "Classify assets");
    page_help(w,
              "The owner of information says how sensitive it is. The value for confidentiality "
              "suggests a level; who takes a lower one says why. What you confirm is recorded with "
              "your name and the day.",
              "A.5.12");
    if (!text_equal(web_query(w, "all"), "1"))
        page_action(w, "default", web_url(w, "/assets/classify?all=1"), "Confirmed ones too");
    page_body(w);
    form_issues(w, &s->issues);
    if (!s->levels.count)
        page_empty(w, "There is no classification scheme yet, so there are no levels to choose.",
                   page_offers(w, arena_printf(w->arena, "/o/%s/schemes/presets", w->slug))
                       ? web_url(w, "/schemes/presets")
                       : NULL,
                   "Take a proposal");
    else if (!s->count)
        page_empty(w,
                   s->others ? "Every asset has a confirmed level."
                             : "Nothing waits for you: the assets that you own have a confirmed "
                               "level.",
                   NULL, NULL);
    else
        draw_table(w, s);
    page_end(w);
    return NULL;
}

struct err *asset_classify_page(struct web *w)
{
    struct sheet s = {.issues = {.arena = w->arena}};

    if (w->asof)
        return err_new(ERR_BAD, "What waits for a confirmation is a question of today.");
    TRY(read_sheet(w, &s));
    return draw_sheet(w, &s);
}

/* --- confirming --- */

/* The asset, when this person may confirm its level. */
static struct err *load_theirs(struct web *w, const struct sheet *s, i64 id, struct asset *a)
{
    TRY(entity_load(w, &asset_entity, id, a));
    if (!s->others && (!a->owner || a->owner != w->person))
        return err_new(ERR_DENIED, "A-%lld is not yours. Its owner confirms its level.", a->number);
    return NULL;
}

/* The asset with what was sent for it. */
static struct err *take_row(struct web *w, struct sheet *s, i64 id, struct asset *a)
{
    const char *reason = sent(w, "reason", id);
    const struct class_level *level;

    TRY(load_theirs(w, s, id, a));
    level = chosen(w, s, a);
    if (reason)
        a->classification_reason = text_empty(reason) ? NULL : text_trim(w->arena, reason);
    if (!level) {
        issue(&s->issues, arena_printf(w->arena, "reason.%lld", id), "Choose a level for A-%lld.",
              a->number);
        return NULL;
    }
    a->classification = level->id;
    a->confirms = true;
    return NULL;
}

static struct err *check_row(struct web *w, struct sheet *s, const struct asset *a)
{
    struct issues found = {.arena = w->arena};

    if (!a->confirms)
        return NULL;
    TRY(check_lower(w, a, &found));
    if (text_length(a->classification_reason ? a->classification_reason : "") > 2000)
        issue(&found, "", "The reason is longer than 2000 characters. Say it shorter.");
    if (found.count)
        issue(&s->issues, arena_printf(w->arena, "reason.%lld", a->id), "%s", found.list[0].text);
    return NULL;
}

struct err *asset_write_lent(struct web *w, struct asset *a)
{
    struct issues issues = {.arena = w->arena};

    TRY(entity_write_lent(w, &asset_entity, a, w->reason, &issues));
    if (!issues.count)
        return NULL;
    return err_new(ERR_INVALID, "A-%lld: %s", a->number, issues.list[0].text);
}

struct err *asset_classify_post(struct web *w)
{
    struct sheet s = {.issues = {.arena = w->arena}, .others = web_may(w, &asset_classify)};
    struct asset *rows = NEW_ARRAY(w->arena, struct asset, AT_ONCE);
    size_t n = 0;

    TRY(classification_levels(w, &s.levels));
    for (size_t i = 0; i < w->req->form.count; i++) {
        const struct pair *p = &w->req->form.list[i];
        i64 id;

        if (!text_equal(p->name, "pick[]") || !text_i64(p->value, &id))
            continue;
        if (n == AT_ONCE)
            return err_new(ERR_INVALID, "Confirm %d assets at once at most.", AT_ONCE);
        TRY(take_row(w, &s, id, &rows[n]));
        TRY(check_row(w, &s, &rows[n++]));
    }
    if (!n)
        issue(&s.issues, "", "Tick the assets whose level you confirm.");
    if (s.issues.count) {
        TRY(read_sheet(w, &s));
        web_status(w, 422);
        return draw_sheet(w, &s);
    }
    for (size_t i = 0; i < n; i++)
        TRY(asset_write_lent(w, &rows[i]));
    web_redirect(w, web_url(w, "/assets/classify?m=saved"));
    return NULL;
}

/* --- API --- */

struct confirmation {
    const char *level, *reason; /* NULL = not sent */
    i64 version;                /* 0 = any */
};

static struct err *read_confirmation(struct web *w, struct confirmation *out)
{
    const struct request *r = w->req;
    json_t *root, *value;
    const char *name;

    *out = (struct confirmation){.level = NULL};
    if (!r->body.size)
        return NULL;
    TRY(json_parse(w->arena, (const char *)r->body.data, r->body.size, &root));
    if (!json_is_object(root))
        return err_new(ERR_BAD, "Send a JSON object, like {\"level\": \"CL-2\"}.");
    json_object_foreach(root, name, value)
    {
        if (text_equal(name, "level") && json_is_string(value))
            out->level = json_string_value(value);
        else if (text_equal(name, "reason") && (json_is_string(value) || json_is_null(value)))
            out->reason = json_is_null(value) ? "" : json_string_value(value);
        else if (text_equal(name, "version") && json_is_integer(value))
            out->version = json_integer_value(value);
        else
            return err_new(ERR_INVALID,
                           "“%.40s” is not understood here. Send “level” and “reason” as text and "
                           "“version” as a number.",
                           name);
    }
    return NULL;
}

/* By id, number or name: everybody must know the levels, so no right is asked. */
static const struct class_level *level_named(struct web *w, const struct class_levels *l,
                                             const char *text)
{
    for (size_t i = 0; i < l->count; i++) {
        const struct class_level *one = &l->list[i];

        if (text_equal(text, arena_printf(w->arena, "CL-%lld", one->number)) ||
            text_equal(text, arena_printf(w->arena, "%lld", one->id)) ||
            text_equal(text, one->name))
            return one;
    }
    return NULL;
}

static struct err *confirm(struct web *w, struct sheet *s, const struct confirmation *c,
                           struct asset *a)
{
    const struct class_level *level =
        c->level ? level_named(w, &s->levels, c->level) : chosen(w, s, a);

    if (c->level && !level)
        return err_new(ERR_INVALID, "There is no classification level “%.60s”.", c->level);
    if (!level)
        return err_new(ERR_INVALID,
                       "Choose a level for A-%lld: nothing suggests one. Send “level”.", a->number);
    if (c->reason)
        a->classification_reason = text_empty(c->reason) ? NULL : text_trim(w->arena, c->reason);
    a->classification = level->id;
    a->confirms = true;
    TRY(check_row(w, s, a));
    return s->issues.count ? err_new(ERR_INVALID, "%s", s->issues.list[0].text)
                           : asset_write_lent(w, a);
}

struct err *asset_api_classify(struct web *w)
{
    struct sheet s = {.issues = {.arena = w->arena}, .others = web_may(w, &asset_classify)};
    struct confirmation c;
    struct asset a;
    json_t *object;
    i64 id;

    TRY(read_confirmation(w, &c));
    TRY(web_record(w, &asset_entity, &id));
    TRY(load_theirs(w, &s, id, &a));
    if (c.version && c.version != a.version)
        return err_new(
            ERR_CLASH,
            "You have version %lld, but version %lld was saved meanwhile. Read the asset "
            "again and repeat the confirmation.",
            c.version, a.version);
    TRY(classification_levels(w, &s.levels));
    TRY(confirm(w, &s, &c, &a));
    TRY(entity_json(w, &asset_entity, &a, &object));
    web_answer_json(w, 200, json_incref(object));
    return NULL;
}
