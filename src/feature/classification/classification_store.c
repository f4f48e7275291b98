/* SPDX-License-Identifier: Apache-2.0 */
/* Levels for whoever classifies, the level of documents, and schemes taken from the proposals. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/content.h"
#include "core/kept.h"
#include "core/page.h"
#include "feature/classification/classification_part.h"

/* --- levels --- */

struct err *classification_levels(struct web *w, struct class_levels *out)
{
    struct rows *r;

    *out = (struct class_levels){0};
    TRY(kept_query(w, &r,
                   "select c.id, c.number, c.scheme, c.rank, c.lowest, c.highest, c.name, c.tone,"
                   " s.title, s.kind, s.state from classification c"
                   " join scheme s on s.org_id = c.org_id and s.id = c.scheme"
                   " where c.org_id = $1 and s.state <> 'retired'"
                   " order by case when s.kind = 'own' then 0 else 1 end,"
                   " case when s.state = 'active' then 0 else 1 end, s.number, c.rank, c.id",
                   DB_VALS(num(w->org)), 1));
    out->list = NEW_ARRAY(w->arena, struct class_level, row_count(r) + 1);
    while (row_next(r))
        out->list[out->count++] =
            (struct class_level){.id = row_num(r, 0),
                                 .number = row_num(r, 1),
                                 .scheme = row_num(r, 2),
                                 .rank = row_num(r, 3),
                                 .lowest = row_num(r, 4),
                                 .highest = row_num(r, 5),
                                 .name = row_text(r, 6),
                                 .tone = row_text(r, 7),
                                 .scheme_title = row_text(r, 8),
                                 .own = text_equal(row_text(r, 9), "own"),
                                 .active = text_equal(row_text(r, 10), "active")};
    out->main = out->count ? out->list[0].scheme : 0;
    return NULL;
}

const struct class_level *classification_level(const struct class_levels *l, i64 id)
{
    for (size_t i = 0; i < l->count; i++)
        if (l->list[i].id == id)
            return &l->list[i];
    return NULL;
}

const struct class_level *classification_suggested(const struct class_levels *l, i64 scheme,
                                                   i64 confidentiality)
{
    const struct class_level *only = NULL, *best = NULL;
    size_t n = 0;

    for (size_t i = 0; i < l->count; i++) {
        const struct class_level *c = &l->list[i];

        if (c->scheme != (scheme ? scheme : l->main))
            continue;
        n++;
        only = c;
        if (c->lowest && c->lowest <= confidentiality &&
            confidentiality <= (c->highest ? c->highest : 5))
            best = c; /* they come by rank */
    }
    if (!confidentiality)
        return NULL;
    return n == 1 ? only : best;
}

void classification_chip(struct web *w, const struct class_level *level)
{
    if (level)
        badge(w, level->tone, level->name);
    else
        html(w->html, "<span class='mute'>—</span>");
}

struct err *classification_printed(struct web *w, const char **out)
{
    struct rows *r;

    TRY(kept_query(w, &r,
                   "select c.name from classification c"
                   " join scheme s on s.org_id = c.org_id and s.id = c.scheme"
                   " where c.org_id = $1 and c.printed = 1 and s.state = 'active'"
                   " order by case when s.kind = 'own' then 0 else 1 end, s.number, c.rank limit 1",
                   DB_VALS(num(w->org)), 1));
    *out = row_next(r) ? row_text(r, 0) : "";
    return NULL;
}

/* --- schemes from the proposals --- */

static const struct content_table *table(struct web *w, const char *name)
{
    return content_table(w->app->content, name);
}

static const char *words_or_null(const struct content_table *t, size_t row, const char *column)
{
    return *content_cell(t, row, column) ? content_words(t, row, column) : NULL;
}

static i64 number_of(const struct content_table *t, size_t row, const char *column)
{
    i64 n = 0;

    return text_i64(content_cell(t, row, column), &n) ? n : 0;
}

static bool yes(const struct content_table *t, size_t row, const char *column)
{
    return text_equal(content_cell(t, row, column), "yes");
}

static struct err *keep(struct web *w, const struct entity *e, void *record)
{
    struct issues issues = {.arena = w->arena};

    TRY(entity_write(w, e, record, NULL, &issues));
    return issues.count ? err_new(ERR_INVALID, "%s", issues.list[0].text) : NULL;
}

/* The name, with the scheme behind it when another scheme has it already. */
static struct err *own_name(struct web *w, const char *name, const char *scheme, const char **out)
{
    struct rows *r;

    TRY(db_query(w->db, &r, "select 1 from classification where org_id = $1 and name = $2",
                 num(w->org), str(name)));
    *out = row_count(r) ? arena_printf(w->arena, "%.30s (%.25s)", name, scheme) : name;
    return NULL;
}

static struct err *take_rules(struct web *w, const struct classification *c)
{
    const struct content_table *t = table(w, "handling_rules");

    for (size_t row = 0; row < content_rows(t); row++) {
        struct handling h = {.level = c->id, .medium = content_cell(t, row, "medium")};

        if (!text_equal(content_cell(t, row, "tier"), c->tier))
            continue;
        for (size_t i = 0; i < HANDLING_ACTIONS; i++)
            field_set_str(entity_field(&handling_entity, class_actions[i].name), &h,
                          words_or_null(t, row, class_actions[i].name));
        TRY(keep(w, &handling_entity, &h));
    }
    return NULL;
}

static struct err *take_levels(struct web *w, const struct scheme *s)
{
    const struct content_table *t = table(w, "scheme_levels");

    for (size_t row = 0; row < content_rows(t); row++) {
        struct classification c = {.scheme = s->id,
                                   .rank = number_of(t, row, "rank"),
                                   .tone = content_cell(t, row, "tone"),
                                   .tier = content_cell(t, row, "tier"),
                                   .confidential = yes(t, row, "confidential"),
                                   .printed = yes(t, row, "printed"),
                                   .meaning = content_words(t, row, "meaning"),
                                   .access = words_or_null(t, row, "access"),
                                   .lowest = number_of(t, row, "lowest"),
                                   .highest = number_of(t, row, "highest")};

        if (!text_equal(content_cell(t, row, "scheme"), s->preset))
            continue;
        TRY(own_name(w, content_words(t, row, "name"), s->title, &c.name));
        TRY(keep(w, &classification_entity, &c));
        TRY(take_rules(w, &c));
    }
    return NULL;
}

static struct err *take_markings(struct web *w, const struct scheme *s)
{
    const struct content_table *t = table(w, "label_rules");

    for (size_t row = 0; row < content_rows(t); row++) {
        struct marking m = {.scheme = s->id,
                            .medium = content_cell(t, row, "medium"),
                            .place = content_words(t, row, "place"),
                            .rule = words_or_null(t, row, "rule"),
                            .who = words_or_null(t, row, "who")};

        TRY(keep(w, &marking_entity, &m));
    }
    return NULL;
}

struct err *classification_take(struct web *w, const char *preset, const char *title, i64 *scheme)
{
    const struct content_table *t = table(w, "scheme_presets");
    i64 row = content_row(t, preset ? preset : "");
    struct scheme s = {.labelling = 1, .review_months = 24};

    if (row < 0)
        return err_new(ERR_INVALID, "Choose one of the proposals.");
    if (text_length(title ? title : "") > 200)
        return err_new(ERR_INVALID, "The title is too long. Use 200 characters at most.");
    s.title =
        text_empty(title) ? content_words(t, (size_t)row, "title") : text_trim(w->arena, title);
    s.preset = content_cell(t, (size_t)row, "code");
    s.kind = content_cell(t, (size_t)row, "kind");
    s.partner = words_or_null(t, (size_t)row, "partner");
    s.purpose = tr("Everybody treats information as carefully as it deserves: what would harm "
                   "somebody is protected, and nothing else is made difficult.");
    s.duty = tr("The owner of information chooses its level from what would happen if the wrong "
                "people learned it. Who makes a document gives it the level of its content; in "
                "doubt the higher one.");
    s.release = tr("Only the owner lowers a level or releases information for everybody, and says "
                   "why.");
    TRY(keep(w, &scheme_entity, &s));
    TRY(take_levels(w, &s));
    TRY(take_markings(w, &s));
    *scheme = s.id;
    return NULL;
}
