/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of the story become records: new ones, accepted suggestions, or changes of earlier ones. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "core/app.h"
#include "feature/asset/asset.h"
#include "feature/classification/classification.h"
#include "feature/control/control.h"
#include "feature/demo/demo_part.h"
#include "feature/risk/risk.h"

/* --- keys --- */

struct err *demo_find(struct web *w, const struct demo_story *s, const struct entity *e,
                      const char *key, i64 *id)
{
    struct err *missing;

    *id = 0;
    if (e == &control_entity) {
        missing = entity_find(w, e, key, id);
        return missing && missing->code == ERR_MISSING ? NULL : missing; /* an own one to come */
    }
    for (size_t i = 0; i < s->nrecords; i++)
        if (s->records[i].entity == e && text_equal(s->records[i].key, key))
            *id = s->records[i].id;
    return NULL;
}

void demo_remember(struct demo_story *s, const struct entity *e, const char *key, i64 id)
{
    if (s->nrecords == s->room) {
        size_t room = s->room ? 2 * s->room : 512;
        struct demo_record *bigger = NEW_ARRAY(s->arena, struct demo_record, room);

        if (s->nrecords)
            memcpy(bigger, s->records, s->nrecords * sizeof(*bigger));
        s->records = bigger;
        s->room = room;
    }
    s->records[s->nrecords++] = (struct demo_record){e, key, id};
}

/* --- suggestions --- */

static struct err *accept_asset(struct web *w, const struct demo_row *r, const char *seed, i64 *id)
{
    struct issues issues = {.arena = w->arena};
    const char *name = demo_cell(r, "name");
    struct asset_pick pick = {.code = seed, .name = *name ? name : NULL};
    struct asset_accepted done;

    TRY(asset_accept(w, &pick, 1, NULL, &issues, &done));
    if (issues.count)
        return demo_wrong(r, issues.list[0].text);
    *id = done.ids[0];
    return *id ? NULL : demo_wrong(r, "this asset is not suggested to the company.");
}

/* "web-app/injected-requests/no-security-testing": key of the asset, threat, weakness. */
static struct err *accept_risk(struct web *w, const struct demo_story *s, const struct demo_row *r,
                               const char *seed, i64 *id)
{
    struct issues issues = {.arena = w->arena};
    const char *slash = strchr(seed, '/'), *key;
    struct risk_acceptance given = {.keys = &key, .count = 1};
    struct risk_accepted done;
    struct asset asset;
    i64 on = 0;

    if (slash)
        TRY(demo_find(w, s, &asset_entity, arena_strn(w->arena, seed, (size_t)(slash - seed)),
                      &on));
    if (!on)
        return demo_wrong(r, "the seed names no asset of the story.");
    TRY(entity_load(w, &asset_entity, on, &asset));
    key = arena_printf(w->arena, "%lld/%s%s", on, asset.type, slash);
    TRY(risk_accept_suggestions(w, &given, &issues, &done));
    if (issues.count)
        return demo_wrong(r, issues.list[0].text);
    if (done.created != 1)
        return demo_wrong(r, "this risk is not suggested to the company.");
    *id = done.ids[0];
    return NULL;
}

/* --- values --- */

static bool is_field(const struct entity *e, const struct field *f)
{
    return f >= e->fields && f < e->fields + e->nfields;
}

/* References go by the keys of the story where there is such a key, else by what people write. */
static struct err *reference(struct web *w, const struct demo_story *s, const struct field *f,
                             const char *text, const char **out)
{
    char **parts;
    size_t n = text_split(w->arena, text, ';', &parts);
    struct buf b;
    i64 id;

    buf_init(&b, w->arena, 64);
    for (size_t i = 0; i < n; i++) {
        if (f->ref)
            TRY(demo_find(w, s, f->ref, parts[i], &id));
        else
            TRY(demo_any(w, s, parts[i], &id));
        if (id)
            buf_printf(&b, "%s%lld", b.size ? "," : "", id);
        else
            buf_printf(&b, "%s%s", b.size ? "," : "", parts[i]);
    }
    *out = b.data;
    return NULL;
}

static const char *with_commas(struct arena *a, const char *text)
{
    char *copy = arena_str(a, text);

    for (char *p = copy; (p = strchr(p, ';')); p++)
        *p = ',';
    return copy;
}

/* A line break is written as \\n. */
static const char *with_lines(struct arena *a, const char *text)
{
    struct buf b;

    buf_init(&b, a, strlen(text) + 1);
    for (const char *p = text; *p; p++) {
        if (p[0] == '\\' && p[1] == 'n') {
            buf_char(&b, '\n');
            p++;
        } else {
            buf_char(&b, *p);
        }
    }
    return b.data;
}

static struct err *value_of(struct web *w, const struct demo_story *s, const struct field *f,
                            const char *text, const char **out)
{
    *out = text;
    if (f->kind == FIELD_SET)
        *out = with_commas(w->arena, text);
    if (f->kind == FIELD_LONG)
        *out = with_lines(w->arena, text);
    if (f->kind == FIELD_REF || f->kind == FIELD_REFS || f->kind == FIELD_RECORD)
        return reference(w, s, f, text, out);
    if (f->kind == FIELD_DATE)
        *out = demo_date(s, text);
    return NULL;
}

/* The cells of the row that are not empty; a change never empties a field. */
static struct err *inputs_of(struct web *w, const struct demo_story *s, const struct entity *e,
                             const struct demo_row *r, struct inputs *out)
{
    *out = (struct inputs){.list = NEW_ARRAY(w->arena, struct input, e->nfields)};
    for (const struct field *f = e->fields; is_field(e, f); f++) {
        const char *text = demo_cell(r, f->name);

        if (f->internal || f->derived || !*text)
            continue;
        out->list[out->count].name = f->name;
        TRY(value_of(w, s, f, text, &out->list[out->count].value));
        out->count++;
    }
    return NULL;
}

struct err *demo_write(struct web *w, struct demo_story *s, const struct entity *e,
                       const struct demo_row *r)
{
    struct issues issues = {.arena = w->arena};
    struct record *record = arena_alloc(w->arena, e->size);
    const char *key = demo_cell(r, "ref"), *seed = demo_cell(r, "seed"), *reason;
    struct inputs in;
    i64 id;

    if (*demo_cell(r, "of"))
        key = demo_cell(r, "of"); /* a change of an earlier record */
    TRY(demo_find(w, s, e, key, &id));
    if (!id && *seed && e == &asset_entity)
        TRY(accept_asset(w, r, seed, &id));
    else if (!id && *seed && e == &risk_entity)
        TRY(accept_risk(w, s, r, seed, &id));
    else if (!id && *seed && e == &scheme_entity)
        TRY(classification_take(w, seed, demo_cell(r, "title"), &id));
    if (!id && e == &classification_entity)
        TRY(entity_find(w, e, key, &id)); /* levels come with their scheme and go by their name */
    if (id)
        TRY(entity_load(w, e, id, record));
    TRY(inputs_of(w, s, e, r, &in));
    TRY(entity_apply(w, e, record, in, true, &issues));
    reason = demo_cell(r, "reason");
    if (!issues.count)
        TRY(entity_write(w, e, record, *reason ? reason : NULL, &issues));
    if (issues.count)
        return demo_wrong(
            r, arena_printf(w->arena, "%s: %s", issues.list[0].field, issues.list[0].text));
    demo_remember(s, e, key, record->id);
    return NULL;
}
