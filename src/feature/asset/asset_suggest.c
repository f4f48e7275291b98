/* SPDX-License-Identifier: Apache-2.0 */
/* Suggested assets: which starter assets fit the profile, accepting and dismissing them. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/kept.h"
#include "feature/asset/asset_part.h"
#include "feature/organisation/organisation.h"

const struct content_table *asset_starters(const struct web *w)
{
    return content_table(w->app->content, "starter_assets");
}

i64 asset_starter_row(const struct web *w, const char *code)
{
    return code && *code ? content_row(asset_starters(w), code) : -1;
}

static i64 cell_num(const struct content_table *t, size_t row, const char *column)
{
    i64 n;

    return text_i64(content_cell(t, row, column), &n) ? n : 0;
}

/* --- what is proposed --- */

struct gathering {
    struct web *w;
    const struct content_table *t;
    struct profile_answers *answers;
    struct asset_suggestions *out;
    bool *settled; /* by row: taken, or dismissed */
};

/* Marks the starter asset and its twins: rows of the same name and type for other answers. */
static void settle(struct gathering *g, const char *code, bool twins)
{
    i64 row = content_row(g->t, code);

    if (row < 0)
        return;
    g->settled[row] = true;
    for (size_t i = 0; twins && i < content_rows(g->t); i++)
        if (text_equal(content_cell(g->t, i, "name"), content_cell(g->t, (size_t)row, "name")) &&
            text_equal(content_cell(g->t, i, "type"), content_cell(g->t, (size_t)row, "type")))
            g->settled[i] = true;
}

static struct err *settle_all(struct gathering *g)
{
    struct web *w = g->w;
    struct rows *r;

    g->settled = NEW_ARRAY(w->arena, bool, content_rows(g->t) + 1);
    TRY(kept_query(w, &r, "select count(*) from asset where org_id = $1", DB_VALS(num(w->org)), 1));
    if (row_next(r))
        g->out->assets = row_num(r, 0);
    TRY(kept_query(w, &r,
                   "select distinct seed from asset where org_id = $1"
                   " and seed is not null",
                   DB_VALS(num(w->org)), 1));
    while (row_next(r))
        settle(g, row_text(r, 0), true);
    TRY(db_query(w->db, &r, "select key from dismissal where org_id = $1 and subject = 'asset'",
                 num(w->org)));
    while (row_next(r))
        settle(g, row_text(r, 0), false);
    return NULL;
}

static void add_question(struct gathering *g, const char *key)
{
    struct asset_suggestions *out = g->out;

    for (size_t i = 0; i < out->nquestions; i++)
        if (text_equal(out->questions[i].key, key))
            return;
    out->questions[out->nquestions++] =
        (struct asset_question){key, content_label(g->w->app->content, "profile", key)};
}

/* Adds the unanswered questions of a condition "key=value,key2>=3". */
static void add_open(struct gathering *g, const char *condition)
{
    char **terms;
    size_t n = text_split(g->w->arena, condition, ',', &terms);

    for (size_t i = 0; i < n; i++) {
        terms[i][strcspn(terms[i], "=!<>")] = '\0';
        if (text_empty(profile_answer(g->answers, terms[i])))
            add_question(g, terms[i]);
    }
}

static void add_suggestion(struct gathering *g, size_t row)
{
    const struct content_table *t = g->t;

    g->out->list[g->out->count++] =
        (struct asset_suggestion){.code = content_cell(t, row, "code"),
                                  .name = content_words(t, row, "name"),
                                  .type = content_cell(t, row, "type"),
                                  .media = content_cell(t, row, "media"),
                                  .carries = content_cell(t, row, "carries"),
                                  .why = content_words(t, row, "why"),
                                  .c = cell_num(t, row, "c"),
                                  .i = cell_num(t, row, "i"),
                                  .a = cell_num(t, row, "a")};
}

/* Suggestions of a type that the organisation has entered itself go to the end and say so: an
 * inventory that was imported is not proposed once more under other names. */
static struct err *put_known_last(struct gathering *g, size_t *fresh)
{
    struct asset_suggestions *out = g->out;
    size_t n = 0, room = out->count + 1;
    struct asset_suggestion *later = NEW_ARRAY(g->w->arena, struct asset_suggestion, room);
    struct rows *r;

    TRY(kept_query(g->w, &r,
                   "select type, min(name) from asset where org_id = $1 and seed is null"
                   " and state not in " ASSET_OUT " group by type",
                   DB_VALS(num(g->w->org)), 1));
    *fresh = 0;
    for (size_t i = 0; i < out->count; i++) {
        struct asset_suggestion s = out->list[i];
        bool known = false;

        for (row_rewind(r); !known && row_next(r);)
            known = text_equal(row_text(r, 0), s.type);
        if (known) {
            s.why = arena_printf(g->w->arena, tr("You have “%s” of this type already. %s"),
                                 row_text(r, 1), s.why);
            later[n++] = s;
        } else {
            out->list[(*fresh)++] = s;
        }
    }
    for (size_t i = 0; i < n; i++)
        out->list[*fresh + i] = later[i];
    return NULL;
}

/* The rows in the order of the column `order`. */
static size_t *ordered_rows(struct web *w, const struct content_table *t)
{
    size_t n = content_rows(t), *rows = NEW_ARRAY(w->arena, size_t, n + 1);

    for (size_t i = 0; i < n; i++) {
        size_t k = i;

        for (; k > 0 && cell_num(t, rows[k - 1], "order") > cell_num(t, i, "order"); k--)
            rows[k] = rows[k - 1];
        rows[k] = i;
    }
    return rows;
}

/* How many are sensible together with those that are there. */
static void limit_to_band(struct gathering *g, size_t fresh)
{
    struct asset_suggestions *out = g->out;
    const struct content_table *sizes = content_table(g->w->app->content, "sizes");
    const char *band = profile_band(g->answers);
    i64 row = content_row(sizes, band ? band : content_cell(sizes, 0, "code"));

    out->band = band ? band : "";
    out->most = row >= 0 ? cell_num(sizes, (size_t)row, "assets_max") : 0;
    out->shown = fresh;
    if (!out->most || out->assets + (i64)fresh <= out->most)
        return;
    out->shown = out->assets < out->most ? (size_t)(out->most - out->assets) : 0;
}

struct err *asset_suggest(struct web *w, struct asset_suggestions *out)
{
    struct gathering g = {.w = w, .t = asset_starters(w), .out = out};
    size_t n = content_rows(g.t), *rows = ordered_rows(w, g.t), fresh;

    *out = (struct asset_suggestions){
        .list = NEW_ARRAY(w->arena, struct asset_suggestion, n + 1),
        .questions = NEW_ARRAY(w->arena, struct asset_question,
                               content_rows(content_table(w->app->content, "profile")) + 1)};
    TRY(profile_load(w, &g.answers));
    TRY(settle_all(&g));
    if (!profile_band(g.answers))
        add_question(&g, "headcount");
    for (size_t i = 0; i < n; i++) {
        const char *condition = content_cell(g.t, rows[i], "if");
        bool open = false;

        if (content_holds(condition, profile_answer, g.answers, &open)) {
            if (!g.settled[rows[i]])
                add_suggestion(&g, rows[i]);
        } else if (open) {
            add_open(&g, condition);
        }
    }
    TRY(put_known_last(&g, &fresh));
    limit_to_band(&g, fresh);
    return NULL;
}

/* --- accepting --- */

struct taking {
    struct web *w;
    const struct asset_pick *pick;
    struct asset *assets; /* by pick; name NULL = there already */
    size_t n;
    struct issues *out;
    struct asset_accepted *done;
};

static struct err *find_seeded(struct web *w, const char *code, i64 *id)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select id from asset where org_id = $1 and seed = $2 order by id limit 1",
                 num(w->org), str(code)));
    *id = row_next(r) ? row_num(r, 0) : 0;
    return NULL;
}

static const char *given(const char *text, const char *proposed)
{
    return text ? text : proposed;
}

/* Issues of one pick are told apart by its code: "name.laptops". */
static void add_issues(struct taking *k, const char *code, const struct issues *found)
{
    for (size_t i = 0; i < found->count; i++)
        if (!text_equal(found->list[i].field, "owner"))
            issue(k->out, arena_printf(k->w->arena, "%s.%s", found->list[i].field, code), "%s",
                  found->list[i].text);
}

/* Lists of the catalogue are joined by ";", those of input by ",". */
static const char *with_commas(struct web *w, const char *list)
{
    char *copy = arena_str(w->arena, list);

    for (char *c = copy; *c; c++)
        if (*c == ';')
            *c = ',';
    return copy;
}

static struct err *read_pick(struct taking *k, size_t index, const char *owner)
{
    const struct asset_pick *p = &k->pick[index];
    struct asset *a = &k->assets[index];
    struct issues found = {.arena = k->w->arena};
    const struct content_table *t = asset_starters(k->w);
    size_t row = (size_t)content_row(t, p->code);
    struct input in[] = {
        {"name",  given(p->name,     content_words(t, row, "name"))},
        {"type",    given(p->type,             content_cell(t, row, "type"))},
        {"media",  with_commas(k->w,   content_cell(t, row, "media"))},
        {"c",    given(p->c,             content_cell(t, row, "c"))},
        {"i", given(p->i, content_cell(t, row, "i"))},
        {"a",    given(p->a,            content_cell(t, row, "a"))},
        {"state",     "in-use"        },
        {"in_scope",    "yes"               },
        {"owner",     owner ? owner : ""           },
    };

    a->seed = content_cell(t, row, "code");
    TRY(entity_apply(k->w, &asset_entity, a, (struct inputs){in, COUNT_OF(in)}, false, &found));
    if (issue_of(&found, "owner") && !issue_of(k->out, "owner"))
        issue(k->out, "owner", "%s", issue_of(&found, "owner"));
    add_issues(k, p->code, &found);
    return NULL;
}

/* Reads all picks before the first one is written. */
static struct err *read_picks(struct taking *k, const char *owner)
{
    for (size_t i = 0; i < k->n; i++) {
        const char *code = k->pick[i].code;
        bool twice = false;
        i64 there;

        if (asset_starter_row(k->w, code) < 0) {
            issue(k->out, "accept", "There is no suggested asset “%.60s”.", code);
            continue;
        }
        TRY(find_seeded(k->w, code, &there));
        for (size_t b = 0; b < i; b++)
            twice |= text_equal(k->pick[b].code, code);
        if (!there && !twice)
            TRY(read_pick(k, i, owner));
    }
    return NULL;
}

/* Adds the ids of accepted assets that the starter asset says it carries. */
static struct err *carried_ids(struct web *w, const char *code, struct ids *out)
{
    const struct content_table *t = asset_starters(w);
    i64 row = content_row(t, code);
    char **codes;
    size_t n =
        row < 0 ? 0 : text_split(w->arena, content_cell(t, (size_t)row, "carries"), ';', &codes);
    i64 *list = NEW_ARRAY(w->arena, i64, n + 1);

    *out = (struct ids){.id = list};
    for (size_t i = 0; i < n; i++) {
        struct rows *r;

        TRY(db_query(w->db, &r,
                     "select id from asset where org_id = $1 and seed = $2 and kind = 'primary'"
                     " order by id limit 1",
                     num(w->org), str(codes[i])));
        if (row_next(r))
            list[out->count++] = row_num(r, 0);
    }
    return NULL;
}

static struct err *create(struct taking *k, size_t index)
{
    struct asset *a = &k->assets[index];
    struct issues found = {.arena = k->w->arena};

    if (!text_equal(asset_kind(k->w, a->type), "primary"))
        TRY(carried_ids(k->w, a->seed, &a->carries));
    TRY(entity_write(k->w, &asset_entity, a, "Accepted from the suggestions.", &found));
    if (found.count) /* everything was read before: undo all of it rather than keep a part */
        return err_new(ERR_INVALID, "“%.80s” could not be accepted: %s", a->name,
                       found.list[0].text);
    k->done->ids[index] = a->id;
    k->done->created++;
    return NULL;
}

static struct err *create_kind(struct taking *k, const char *kind)
{
    for (size_t i = 0; i < k->n; i++)
        if (k->assets[i].name && text_equal(asset_kind(k->w, k->assets[i].type), kind))
            TRY(create(k, i));
    return NULL;
}

static bool holds_id(const struct ids *ids, i64 id)
{
    for (size_t i = 0; i < ids->count; i++)
        if (ids->id[i] == id)
            return true;
    return false;
}

/* Links an asset that was accepted earlier to those of its primary assets that are new now. A link
 * that somebody took out does not come back: its primary asset is not new. */
static struct err *link_earlier(struct taking *k, i64 id)
{
    struct web *w = k->w;
    struct issues found = {.arena = w->arena};
    struct asset a;
    struct ids proposed;
    i64 *list;
    size_t count;

    TRY(entity_load(w, &asset_entity, id, &a));
    TRY(carried_ids(w, a.seed, &proposed));
    list = NEW_ARRAY(w->arena, i64, a.carries.count + proposed.count + 1);
    count = a.carries.count;
    if (count)
        memcpy(list, a.carries.id, count * sizeof(*list));
    for (size_t i = 0; i < proposed.count; i++)
        if (holds_id(&(struct ids){k->done->ids, k->n}, proposed.id[i]) &&
            !holds_id(&a.carries, proposed.id[i]))
            list[count++] = proposed.id[i];
    if (count == a.carries.count)
        return NULL;
    a.carries = (struct ids){list, count};
    TRY(entity_write(w, &asset_entity, &a, "Carries an asset accepted from the suggestions.",
                     &found));
    if (found.count)
        return err_new(ERR_INVALID, "“%.80s” could not be linked: %s", a.name, found.list[0].text);
    k->done->linked++;
    return NULL;
}

static struct err *link_all_earlier(struct taking *k)
{
    struct rows *r;

    TRY(db_query(k->w->db, &r,
                 "select id from asset where org_id = $1 and seed is not null"
                 " and kind = 'supporting' order by id",
                 num(k->w->org)));
    while (row_next(r))
        if (!holds_id(&(struct ids){k->done->ids, k->n}, row_num(r, 0)))
            TRY(link_earlier(k, row_num(r, 0)));
    return NULL;
}

struct err *asset_accept(struct web *w, const struct asset_pick *picks, size_t n, const char *owner,
                         struct issues *out, struct asset_accepted *done)
{
    struct taking k = {.w = w, .pick = picks, .n = n, .out = out, .done = done};

    TRY(web_need(w, &asset_write));
    *done = (struct asset_accepted){.ids = NEW_ARRAY(w->arena, i64, n + 1)};
    k.assets = NEW_ARRAY(w->arena, struct asset, n + 1);
    TRY(read_picks(&k, owner));
    if (out->count)
        return NULL;
    TRY(create_kind(&k, "primary"));
    TRY(create_kind(&k, "supporting"));
    return done->created ? link_all_earlier(&k) : NULL;
}

/* --- dismissing --- */

struct err *asset_dismiss(struct web *w, const char *code, const char *reason, struct issues *out)
{
    struct dismissal d = {.subject = "asset", .key = code, .reason = reason};
    i64 row = asset_starter_row(w, code);
    struct rows *r;

    if (row < 0) {
        issue(out, "dismiss", "There is no suggested asset “%.60s”.", code);
        return NULL;
    }
    if (!text_valid(reason ? reason : "", strlen(reason ? reason : ""))) {
        issue(out, "reason", "The reason contains characters that cannot be stored.");
        return NULL;
    }
    TRY(db_query(w->db, &r,
                 "select id from dismissal where org_id = $1 and subject = 'asset' and key = $2",
                 num(w->org), str(code)));
    if (row_next(r))
        return NULL;
    d.title = content_words(asset_starters(w), (size_t)row, "name");
    d.reason = text_trim(w->arena, reason ? reason : "");
    return entity_write(w, &dismissal_entity, &d, NULL, out);
}
