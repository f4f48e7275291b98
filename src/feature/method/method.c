/* SPDX-License-Identifier: Apache-2.0 */
/* Method versions: fields, look-ups, the default. Pages are in method_web.c. */
#include "feature/method/method.h"

#include "base/text.h"
#include "core/app.h"
#include "core/content.h"
#include "core/kept.h"
#include "feature/method/method_web.h"
#include "feature/organisation/organisation.h"

const struct permission method_read = {"method.read", "See the risk method"};
const struct permission method_write = {"method.write", "Change drafts of the risk method"};
const struct permission method_approve = {"method.approve", "Approve the risk method"};

static const struct choice states[] = {
    {"draft",    "Draft", "orange"},
    {"approved",  "Approved", "green"},
    {"retired", "Retired", "grey"},
    {0  }
};
static const struct choice rules[] = {
    {"max",      "The highest of the axes", NULL},
    {"weighted",      "Weighted mean, rounded half up", NULL},
    {0}
};

static const struct field fields[] = {
    TEXT(method, title, "Title", .required = true, .listed = true),
    CHOICE(method, state, "State", states, .internal = true, .listed = true),
    INT(method, acceptance, "Acceptance level", .required = true, .listed = true, .least = 1,
        .most = 25,
        .help = "Risks up to this score may be accepted by their owner; above it, top management "
                "decides."),
    INT(method, levels, "Levels per axis", .internal = true),
    CHOICE(method, impact_rule, "Impact of a risk", rules, .required = true),
    INT(method, review_months, "Repeat every (months)", .required = true, .least = 1, .most = 36,
        .help = "How often the assessment is done again when nothing big happens."),
    LONG(method, acceptance_rule, "Rules of acceptance",
         .help = "What may never be accepted, who decides, for how long.",
         .example = "A breach of law is never accepted. An acceptance ends after a year."),
    REF(method, author, "Author", person_entity, .internal = true),
    LONG(method, note, "Note"),
};

static void check(const void *record, struct issues *out)
{
    const struct method *m = record;

    if (m->levels && m->acceptance >= m->levels * m->levels)
        issue(out, "acceptance",
              "With an acceptance level of %lld every risk would be acceptable. "
              "Choose less than %lld.",
              m->acceptance, m->levels * m->levels);
}

const struct entity method_entity = ENTITY(
    method, fields, .plural = "methods", .label = "Risk method", .labels = "Risk methods",
    .prefix = "M", .title = "title", .state = "state", .read = &method_read, .write = &method_write,
    .check = check, .no_create = true, .clause = "6.1.2",
    .help = "How risks are measured: the scales, the matrix and the level up to which a risk "
            "may be accepted. Without one approved method two people score differently and "
            "results cannot be compared.");

/* --- look-ups --- */

struct err *method_load(struct web *w, i64 id, struct method *out)
{
    struct rows *r;

    TRY(kept_query(w, &r,
                   "select id, number, version, title, state, acceptance, levels, impact_rule,"
                   " review_months, acceptance_rule, author, note from method where org_id = $1"
                   " and id = $2",
                   DB_VALS(num(w->org), num(id)), 2));
    if (!row_next(r))
        return err_new(ERR_MISSING, "This version of the risk method is not there.");
    *out = (struct method){.title = row_str(r, 3),
                           .state = row_str(r, 4),
                           .acceptance = row_num(r, 5),
                           .levels = row_num(r, 6),
                           .impact_rule = row_str(r, 7),
                           .review_months = row_num(r, 8),
                           .acceptance_rule = row_str(r, 9),
                           .author = row_num(r, 10),
                           .note = row_str(r, 11)};
    out->id = row_num(r, 0);
    out->number = row_num(r, 1);
    out->version = row_num(r, 2);
    return NULL;
}

struct err *method_current(struct web *w, struct method *out)
{
    struct rows *r;

    TRY(kept_query(w, &r,
                   "select id from method where org_id = $1 and state <> 'retired'"
                   " order by case when state = 'approved' then 0 else 1 end, number desc limit 1",
                   DB_VALS(num(w->org)), 1));
    if (!row_next(r))
        return err_new(ERR_MISSING, "There is no risk method yet.");
    return method_load(w, row_num(r, 0), out);
}

struct err *method_cell(struct web *w, i64 method, i64 likelihood, i64 impact, i64 *score,
                        const char **band)
{
    struct rows *r;

    *score = 0;
    *band = NULL;
    if (!likelihood || !impact)
        return NULL;
    TRY(db_query(w->db, &r,
                 "select score, band from method_cell where org_id = $1 and method = $2"
                 " and likelihood = $3 and impact = $4",
                 num(w->org), num(method), num(likelihood), num(impact)));
    if (!row_next(r))
        return err_new(ERR_INVALID,
                       "The risk method has no cell for likelihood %lld and impact "
                       "%lld.",
                       likelihood, impact);
    *score = row_num(r, 0);
    *band = row_str(r, 1);
    return NULL;
}

struct err *method_levels(struct web *w, i64 method, const char *axis, struct method_level **out,
                          size_t *count)
{
    struct rows *r;
    size_t n = 0;

    TRY(kept_query(w, &r,
                   "select level, label, descriptor from method_level where org_id = $1"
                   " and method = $2 and axis = $3 order by level",
                   DB_VALS(num(w->org), num(method), str(axis)), 3));
    *out = NEW_ARRAY(w->arena, struct method_level, row_count(r) + 1);
    while (row_next(r))
        (*out)[n++] = (struct method_level){row_num(r, 0), row_str(r, 1), row_str(r, 2)};
    *count = n;
    return NULL;
}

struct err *method_bands(struct web *w, i64 method, struct method_band **out, size_t *count)
{
    struct rows *r;
    size_t n = 0;

    TRY(kept_query(w, &r,
                   "select b.band, b.label, b.tone, b.meaning, b.action,"
                   " (select min(c.score) from method_cell c where c.org_id = b.org_id"
                   " and c.method = b.method and c.band = b.band),"
                   " (select max(c.score) from method_cell c where c.org_id = b.org_id"
                   " and c.method = b.method and c.band = b.band)"
                   " from method_band b where b.org_id = $1 and b.method = $2 order by b.position",
                   DB_VALS(num(w->org), num(method)), 2));
    *out = NEW_ARRAY(w->arena, struct method_band, row_count(r) + 1);
    while (row_next(r))
        (*out)[n++] = (struct method_band){.band = row_str(r, 0),
                                           .label = row_str(r, 1),
                                           .tone = row_str(r, 2),
                                           .meaning = row_str(r, 3),
                                           .action = row_str(r, 4),
                                           .lowest = row_num(r, 5),
                                           .highest = row_num(r, 6)};
    *count = n;
    return NULL;
}

struct err *method_band_of(struct web *w, i64 method, const char *band, const char **label,
                           const char **tone)
{
    struct rows *r;

    *label = "not scored";
    *tone = "grey";
    if (!band)
        return NULL;
    TRY(kept_query(w, &r,
                   "select label, tone from method_band where org_id = $1 and method = $2"
                   " and band = $3",
                   DB_VALS(num(w->org), num(method), str(band)), 3));
    if (row_next(r)) {
        *label = row_str(r, 0);
        *tone = row_str(r, 1);
    }
    return NULL;
}

/* --- the default --- */

static i64 cell_num(const struct content_table *t, size_t row, const char *column)
{
    i64 n = 0;

    if (!text_i64(content_cell(t, row, column), &n))
        BUG("content: %s of row %zu is not a number", column, row + 1);
    return n;
}

static struct err *seed_levels(struct web *w, i64 method)
{
    const struct content_table *t = content_table(w->app->content, "method_5x5");

    for (size_t i = 0; i < content_rows(t); i++)
        TRY(db_exec(w->db,
                    "insert into method_level (org_id, method, axis, level, label, descriptor)"
                    " values ($1, $2, $3, $4, $5, $6)",
                    num(w->org), num(method), str(content_cell(t, i, "axis")),
                    num(cell_num(t, i, "level")), str(content_cell(t, i, "label")),
                    str(content_cell(t, i, "descriptor"))));
    return NULL;
}

static struct err *seed_cells(struct web *w, i64 method)
{
    const struct content_table *t = content_table(w->app->content, "method_cells_5x5");

    for (size_t i = 0; i < content_rows(t); i++)
        TRY(db_exec(w->db,
                    "insert into method_cell (org_id, method, likelihood, impact, score, band)"
                    " values ($1, $2, $3, $4, $5, $6)",
                    num(w->org), num(method), num(cell_num(t, i, "likelihood")),
                    num(cell_num(t, i, "impact")), num(cell_num(t, i, "score")),
                    str(content_cell(t, i, "band"))));
    return NULL;
}

static struct err *seed_bands(struct web *w, i64 method)
{
    const struct content_table *t = content_table(w->app->content, "bands_5x5");

    for (size_t i = 0; i < content_rows(t); i++)
        TRY(db_exec(w->db,
                    "insert into method_band (org_id, method, band, position, label, tone, meaning,"
                    " action) values ($1, $2, $3, $4, $5, $6, $7, $8)",
                    num(w->org), num(method), str(content_cell(t, i, "band")), num((i64)i),
                    str(content_cell(t, i, "label")), str(content_cell(t, i, "tone")),
                    str(content_cell(t, i, "meaning")), str(content_cell(t, i, "action"))));
    return NULL;
}

struct err *method_seed(struct web *w)
{
    const struct content_table *t = content_table(w->app->content, "methods");
    struct issues issues = {.arena = w->arena};
    struct method m = {.title = content_cell(t, 0, "title"),
                       .state = "draft",
                       .acceptance = cell_num(t, 0, "acceptance"),
                       .levels = cell_num(t, 0, "likelihood_levels"),
                       .impact_rule = content_cell(t, 0, "impact_rule"),
                       .review_months = 12,
                       .acceptance_rule =
                           "The owner of a risk accepts up to the acceptance level. Above it, top "
                           "management decides, for a year at most. A breach of law is never "
                           "accepted."};

    TRY(entity_write(w, &method_entity, &m, NULL, &issues));
    if (issues.count)
        return err_new(ERR_FAULT, "The default method is not usable: %s", issues.list[0].text);
    TRY(seed_levels(w, m.id));
    TRY(seed_cells(w, m.id));
    return seed_bands(w, m.id);
}

/* --- what is approved --- */

struct err *method_freeze(struct web *w, const struct method *m, const char **body)
{
    static const char *const axes[] = {"likelihood", "impact"};
    struct method_level *levels;
    struct rows *r;
    struct buf b;
    size_t n;

    buf_init(&b, w->arena, 8192);
    buf_printf(&b,
               "method M-%lld version %lld\ntitle: %s\nacceptance: %lld\nimpact: %s\n"
               "repeat every: %lld months\nrules: %s\n",
               m->number, m->version, m->title, m->acceptance, m->impact_rule, m->review_months,
               m->acceptance_rule ? m->acceptance_rule : "");
    for (size_t a = 0; a < 2; a++) {
        TRY(method_levels(w, m->id, axes[a], &levels, &n));
        for (size_t i = 0; i < n; i++)
            buf_printf(&b, "%s %lld: %s: %s\n", axes[a], levels[i].level, levels[i].label,
                       levels[i].descriptor);
    }
    TRY(db_query(w->db, &r,
                 "select likelihood, impact, score, band from method_cell where org_id = $1"
                 " and method = $2 order by likelihood, impact",
                 num(w->org), num(m->id)));
    while (row_next(r))
        buf_printf(&b, "cell %lld/%lld: %lld %s\n", row_num(r, 0), row_num(r, 1), row_num(r, 2),
                   row_text(r, 3));
    *body = b.data;
    return NULL;
}

/* --- routes --- */

static struct err *list(struct web *w)
{
    return entity_list_page(w, &method_entity);
}
static struct err *edit(struct web *w)
{
    return entity_edit_page(w, &method_entity);
}
static const struct route routes[] = {
    {METHOD_GET,   "/methods", list, &method_read, 0, NULL, NULL},
    {METHOD_GET,        "/methods/:no", method_show, &method_read, 0, NULL, NULL},
    {METHOD_GET,           "/methods/:no/edit", edit, &method_write, 0, NULL, NULL},
    {METHOD_POST,        "/methods/:no", method_save, &method_write, 0, NULL, NULL},
    {METHOD_POST,   "/methods/:no/approve", method_approve_post, &method_approve, 0, NULL, NULL},
    {0},
};

static const struct nav nav[] = {
    {"Plan",         25, "Risk method", "/methods", "ruler-measure", &method_read, NULL},
    {0},
};

static const struct entity *const entities[] = {&method_entity, NULL};
static const struct permission *const permissions[] = {&method_read, &method_write, &method_approve,
                                                       NULL};

const struct feature method_feature = {.name = "method",
                                       .entities = entities,
                                       .permissions = permissions,
                                       .routes = routes,
                                       .nav = nav};
