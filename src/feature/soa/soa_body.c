/* SPDX-License-Identifier: Apache-2.0 */
/* Frozen statements: to canonical text and back, and what differs between two. Owners are held by
 * number, so that no name of a person is frozen. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "feature/soa/soa_part.h"

#define FORMAT "cairn-soa-1"

/* --- to text --- */

static void put(json_t *object, const char *key, const char *value)
{
    if (!text_empty(value))
        json_object_set_new(object, key, json_string(value));
}

static json_t *reasons_json(struct web *w, const struct soa_row *r)
{
    json_t *list = json_array();

    for (size_t i = 0; i < r->nreasons; i++) {
        const struct soa_reason *one = &r->reasons[i];
        json_t *object = json_object();

        put(object, "kind", one->kind);
        put(object, "label", one->label);
        if (one->number)
            put(object, "ref",
                arena_printf(w->arena, "%s-%lld",
                             text_equal(one->kind, "risk")  ? "R"
                             : text_equal(one->kind, "own") ? "C"
                                                            : "RQ",
                             one->number));
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *proofs_json(struct web *w, const struct soa_row *r)
{
    json_t *list = json_array();

    for (size_t i = 0; i < r->nproofs; i++)
        json_array_append_new(list,
                              json_string(arena_printf(w->arena, "EV-%lld", r->proofs[i].number)));
    return list;
}

static json_t *row_json(struct web *w, const struct soa_row *r, bool live)
{
    json_t *object = json_object();
    bool no = text_equal(r->applicable, "no");

    put(object, "code", r->code);
    put(object, "title", r->title);
    put(object, "theme", r->theme);
    put(object, "framework", r->framework);
    put(object, "maps_to", r->maps_to);
    put(object, "applicable", r->applicable);
    if (!no)
        json_object_set_new(object, "reasons", reasons_json(w, r));
    put(object, no ? "justification" : "business_reason", no ? r->justification : r->business);
    if (!no)
        put(object, "status", r->status);
    put(object, "how", r->how);
    put(object, "evidence", r->evidence);
    if (r->nproofs)
        json_object_set_new(object, "proofs", proofs_json(w, r));
    put(object, "reviewed", r->reviewed);
    if (r->owner)
        put(object, "owner", arena_printf(w->arena, "P-%lld", r->owner));
    if (!live)
        return object;
    put(object, "id", arena_printf(w->arena, "%lld", r->control));
    put(object, "number", arena_printf(w->arena, "C-%lld", r->number));
    json_object_set_new(object, "automatic", json_boolean(r->automatic));
    put(object, "proposed", r->proposed);
    put(object, "proposed_because", r->proposed_because);
    put(object, "contradiction", r->conflict);
    put(object, "unjustified", r->unjustified);
    put(object, "decided_on", r->decided_on);
    put(object, "decided_for", r->decided_for);
    put(object, "changed", r->changed);
    json_object_set_new(object, "decide_again", json_boolean(r->rejustify));
    put(object, "doubt", r->doubt);
    return object;
}

json_t *soa_json(struct web *w, const struct soa_table *t, bool live)
{
    json_t *object = json_own(w->arena, json_object());
    json_t *rows = json_array();

    put(object, "format", FORMAT);
    put(object, "organisation", t->organisation);
    put(object, "legal_name", t->legal_name);
    put(object, "scope", t->scope);
    put(object, "method", t->method);
    put(object, "assessment", t->assessment);
    json_object_set_new(object, "applicable", json_integer(t->applicable));
    json_object_set_new(object, "excluded", json_integer(t->excluded));
    json_object_set_new(object, "implemented", json_integer(t->implemented));
    if (live) {
        json_object_set_new(object, "open", json_integer(t->open));
        json_object_set_new(object, "contradictions", json_integer(t->conflicts));
        json_object_set_new(object, "unjustified", json_integer(t->unjustified));
        json_object_set_new(object, "decide_again", json_integer(t->rejustify));
        json_object_set_new(object, "doubts", json_integer(t->doubts));
    }
    for (size_t i = 0; i < t->count; i++)
        json_array_append_new(rows, row_json(w, &t->rows[i], live));
    json_object_set_new(object, "controls", rows);
    return object;
}

const char *soa_freeze(struct web *w, const struct soa_table *t)
{
    return json_sorted(w->arena, soa_json(w, t, false));
}

/* --- and back --- */

static const char *get(struct arena *a, const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? arena_str(a, text) : "";
}

static i64 number_after(const char *label)
{
    const char *dash = strrchr(label, '-');
    i64 n;

    return dash && text_i64(dash + 1, &n) ? n : 0;
}

static void thaw_reasons(struct arena *a, const json_t *list, struct soa_row *out)
{
    size_t n = json_array_size(list);
    struct soa_reason *reasons = NEW_ARRAY(a, struct soa_reason, n + 1);

    for (size_t i = 0; i < n; i++) {
        const json_t *one = json_array_get(list, i);

        reasons[i] = (struct soa_reason){get(a, one, "kind"), get(a, one, "label"),
                                         number_after(get(a, one, "ref"))};
    }
    out->reasons = reasons;
    out->nreasons = n;
}

static void thaw_proofs(struct arena *a, const json_t *list, struct soa_row *out)
{
    size_t n = json_array_size(list);
    struct soa_proof *proofs = NEW_ARRAY(a, struct soa_proof, n + 1);

    for (size_t i = 0; i < n; i++) {
        const char *label = json_string_value(json_array_get(list, i));

        proofs[i] = (struct soa_proof){label ? number_after(label) : 0, ""};
    }
    out->proofs = proofs;
    out->nproofs = n;
}

/* Names are looked up when a version is shown; the same few owners come again and again. */
static struct err *owner_name(struct web *w, const struct soa_table *t, struct soa_row *out)
{
    struct rows *r;

    out->owner_name = "";
    if (!out->owner)
        return NULL;
    for (const struct soa_row *row = t->rows; row < out; row++) {
        if (row->owner != out->owner)
            continue;
        out->owner_name = row->owner_name;
        return NULL;
    }
    TRY(db_query(w->db, &r, "select name from person where org_id = $1 and number = $2",
                 num(w->org), num(out->owner)));
    out->owner_name = row_next(r) ? row_text(r, 0) : arena_printf(w->arena, "P-%lld", out->owner);
    return NULL;
}

static void thaw_row(struct arena *a, const json_t *object, struct soa_row *out)
{
    const char *status = get(a, object, "status");

    *out = (struct soa_row){
        .code = get(a, object, "code"),
        .title = get(a, object, "title"),
        .theme = get(a, object, "theme"),
        .framework = get(a, object, "framework"),
        .maps_to = get(a, object, "maps_to"),
        .applicable = get(a, object, "applicable"),
        .justification = get(a, object, "justification"),
        .business = get(a, object, "business_reason"),
        .status = *status ? status : "not-started",
        .how = get(a, object, "how"),
        .evidence = get(a, object, "evidence"),
        .reviewed = get(a, object, "reviewed"),
        .owner = number_after(get(a, object, "owner")),
        .set_name = "",
        .asks = "",
        .proposed_because = "",
        .grounds = "",
        .decided_for = "",
        .decided_on = "",
    };
    thaw_reasons(a, json_object_get(object, "reasons"), out);
    thaw_proofs(a, json_object_get(object, "proofs"), out);
}

struct err *soa_thaw(struct web *w, const char *body, struct soa_table *out)
{
    struct arena *a = w->arena;
    json_t *object, *list;
    struct err *failed = json_parse(a, body, strlen(body), &object);

    if (failed || !text_equal(get(a, object, "format"), FORMAT))
        return err_new(ERR_FAULT, "This version of the statement cannot be read. Verify the log of "
                                  "the organisation.");
    list = json_object_get(object, "controls");
    *out = (struct soa_table){.organisation = get(a, object, "organisation"),
                              .legal_name = get(a, object, "legal_name"),
                              .scope = get(a, object, "scope"),
                              .method = get(a, object, "method"),
                              .assessment = get(a, object, "assessment"),
                              .count = json_array_size(list)};
    out->rows = NEW_ARRAY(a, struct soa_row, out->count + 1);
    for (size_t i = 0; i < out->count; i++) {
        thaw_row(a, json_array_get(list, i), &out->rows[i]);
        TRY(owner_name(w, out, &out->rows[i]));
    }
    soa_count(out);
    return NULL;
}

/* --- differences --- */

static const struct soa_row *row_of(const struct soa_table *t, const char *code, size_t near)
{
    if (near < t->count && text_equal(t->rows[near].code, code))
        return &t->rows[near];
    for (size_t i = 0; i < t->count; i++)
        if (text_equal(t->rows[i].code, code))
            return &t->rows[i];
    return NULL;
}

/* By kind and record, not by label: a requirement that got a better title is the same reason. */
static bool same_reasons(const struct soa_row *a, const struct soa_row *b)
{
    if (a->nreasons != b->nreasons || !text_equal(a->business, b->business))
        return false;
    for (size_t i = 0; i < a->nreasons; i++)
        if (!text_equal(a->reasons[i].kind, b->reasons[i].kind) ||
            a->reasons[i].number != b->reasons[i].number)
            return false;
    return true;
}

static bool same_proofs(const struct soa_row *a, const struct soa_row *b)
{
    if (a->nproofs != b->nproofs)
        return false;
    for (size_t i = 0; i < a->nproofs; i++)
        if (a->proofs[i].number != b->proofs[i].number)
            return false;
    return true;
}

static void add_word(struct buf *b, const char *word)
{
    buf_printf(b, "%s%s", b->size ? "; " : "", word);
}

static void progress(const struct soa_row *then, const struct soa_row *now, struct buf *b)
{
    if (text_equal(then->applicable, "yes") && !text_equal(then->status, now->status)) {
        add_word(b, "");
        buf_printf(b, tr("status %s, was %s"), tr(soa_status_label(now->status)),
                   tr(soa_status_label(then->status)));
    }
    if (!text_equal(then->how, now->how))
        add_word(b, tr("how it is done changed"));
    if (then->owner != now->owner)
        add_word(b, tr("owner changed"));
    if (!text_equal(then->evidence, now->evidence) || !text_equal(then->reviewed, now->reviewed) ||
        !same_proofs(then, now))
        add_word(b, tr("evidence or review changed"));
}

static const char *applicable_word(const char *applicable)
{
    return text_equal(applicable, "yes")  ? tr("now applicable")
           : text_equal(applicable, "no") ? tr("now excluded")
                                          : tr("now undecided");
}

static void compare_rows(struct web *w, const struct soa_row *then, const struct soa_row *now,
                         struct soa_changes *out)
{
    struct soa_change c = {.code = now->code, .title = now->title, .then = then, .now = now};
    bool no = text_equal(now->applicable, "no");
    struct buf b;

    buf_init(&b, w->arena, 80);
    if (!text_equal(then->applicable, now->applicable))
        add_word(&b, applicable_word(now->applicable));
    else if (no && !text_equal(then->justification, now->justification))
        add_word(&b, tr("reason for leaving it out changed"));
    else if (!no && !same_reasons(then, now))
        add_word(&b, tr("reasons changed"));
    if (!text_equal(then->title, now->title) || !text_equal(then->maps_to, now->maps_to))
        add_word(&b, tr("title or mapping changed"));
    c.material = b.size > 0;
    progress(then, now, &b);
    if (!b.size)
        return;
    c.text = b.data;
    out->material += c.material;
    out->list[out->count++] = c;
}

static void add_whole(struct soa_changes *out, const struct soa_row *then,
                      const struct soa_row *now)
{
    const struct soa_row *r = now ? now : then;

    out->list[out->count++] =
        (struct soa_change){r->code, r->title, now ? tr("new") : tr("removed"), true, then, now};
    out->material++;
}

struct err *soa_compare(struct web *w, const struct soa_table *then, const struct soa_table *now,
                        struct soa_changes *out)
{
    *out = (struct soa_changes){
        .list = NEW_ARRAY(w->arena, struct soa_change, then->count + now->count + 1)};
    for (size_t i = 0; i < now->count; i++) {
        const struct soa_row *old = row_of(then, now->rows[i].code, i);

        if (old)
            compare_rows(w, old, &now->rows[i], out);
        else
            add_whole(out, NULL, &now->rows[i]);
    }
    for (size_t i = 0; i < then->count; i++)
        if (!row_of(now, then->rows[i].code, i))
            add_whole(out, &then->rows[i], NULL);
    return NULL;
}

static struct err *is_stale(struct web *w, const struct soa *s, bool *stale)
{
    struct soa_table then, now;
    struct soa_changes changes;
    struct err *unreadable = soa_thaw(w, s->body, &then);

    *stale = unreadable != NULL;
    if (unreadable)
        return unreadable->code == ERR_FAULT ? NULL : unreadable;
    TRY(soa_rows(w, &now));
    TRY(soa_compare(w, &then, &now, &changes));
    *stale = changes.material > 0;
    return NULL;
}

struct err *soa_stale(struct web *w, const char **json)
{
    struct soa s;
    bool stale;

    *json = "[]";
    TRY(soa_in_force(w, &s));
    if (!s.id)
        return NULL;
    TRY(is_stale(w, &s, &stale));
    if (stale)
        *json = arena_printf(w->arena, "[%lld]", s.id);
    return NULL;
}
