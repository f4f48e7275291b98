/* SPDX-License-Identifier: Apache-2.0 */
/* Own entries of the catalogues: fields, rules, routes. */
#include "feature/catalogue/catalogue.h"

#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/catalogue.h"
#include "feature/catalogue/catalogue_part.h"
#include "feature/control/control.h"

const struct permission catalogue_read = {"catalogue.read", "See own threats and weaknesses"};
const struct permission catalogue_write = {"catalogue.write", "Change own threats and weaknesses"};

/* The families of the supplied catalogue. */
const struct choice threat_families[] = {
    {"nature",    N_("Nature and accidents"), NULL},
    {"technical",       N_("Technical failure"), NULL},
    {"error", N_("Mistakes"), NULL},
    {"insider",       N_("Insiders"), NULL},
    {"crime",     N_("Crime on the spot"), NULL},
    {"attack",       N_("Attacks over the network"), NULL},
    {"supply",   N_("Suppliers and services"), NULL},
    {"organisation",       N_("Organisation"), NULL},
    {0    }
};
static const struct choice sources[] = {
    {"deliberate", N_("Deliberate"), NULL},
    {"accidental",        N_("Accidental"), NULL},
    {"environmental", N_("Environmental"), NULL},
    {0       }
};
static const struct choice areas[] = {
    {"access",       N_("Access"), NULL},
    {"data",          N_("Data"), NULL},
    {"development",         N_("Development"), NULL},
    {"organisation",          N_("Organisation"), NULL},
    {"people",  N_("People"), NULL},
    {"physical",          N_("Rooms"), NULL},
    {"supplier", N_("Suppliers"), NULL},
    {"technical",          N_("Technology"), NULL},
    {0      }
};
static const struct choice properties[] = {
    {"c",   N_("Confidentiality"), NULL},
    {"i", N_("Integrity"), NULL},
    {"a",   N_("Availability"), NULL},
    {0}
};
static const struct choice states[] = {
    {"used",    N_("In use"), "green"},
    {"retired",  N_("Retired"), "grey"},
    {0}
};

#define RETIRED_HELP "Retired entries are not offered any more; risks that have them keep them."

static const struct field threat_fields[] = {
    TEXT(threat, title, "Threat", .required = true, .listed = true, .sortable = true, .max = 120,
         .help = "What can go wrong, in two to five words.", .example = "Drones over the yard"),
    TEXT(threat, code, "Code", .internal = true, .unfolded = true, .max = 80),
    CHOICE(threat, family, "Family", threat_families, .required = true, .listed = true,
           .filtered = true, .help = "The heading under which it is offered."),
    CHOICE(threat, source, "Source", sources, .required = true, .initial = "deliberate",
           .listed = true),
    SET(threat, properties, "Hits", properties, .listed = true,
        .help = "What is lost when it happens; nothing means all three."),
    LONG(threat, plain, "In plain words", .max = 2000,
         .help = "Two sentences, so that two people mean the same.",
         .example = "Somebody films the loading yard from above to learn when vans leave."),
    TEXT(threat, reference, "Where it is from", .max = 400,
         .help = "A report, a warning, an incident, or another catalogue.",
         .example = "Warning of the police, March 2026"),
    CHOICE(threat, state, "State", states, .required = true, .initial = "used", .listed = true,
           .filtered = true, .help = RETIRED_HELP),
};

static const struct field weakness_fields[] = {
    TEXT(weakness, title, "Weakness", .required = true, .listed = true, .sortable = true,
         .max = 120, .help = "What lets it happen, in two to five words.",
         .example = "Yard open to view"),
    TEXT(weakness, code, "Code", .internal = true, .unfolded = true, .max = 80),
    CHOICE(weakness, area, "Area", areas, .required = true, .listed = true, .filtered = true,
           .help = "The heading under which it is offered."),
    LONG(weakness, plain, "In plain words", .max = 2000,
         .help = "Two sentences, so that two people mean the same."),
    TEXT(weakness, reference, "Where it is from", .max = 400,
         .help = "A report, a finding, an incident, or another catalogue."),
    CHOICE(weakness, state, "State", states, .required = true, .initial = "used", .listed = true,
           .filtered = true, .help = RETIRED_HELP),
};

static const struct field chain_fields[] = {
    TEXT(chain, title, "Chain", .internal = true, .listed = true, .sortable = true, .max = 400),
    CODE(chain, asset_type, "Type of asset", "asset_types", .required = true, .filtered = true,
         .help = "Assets of this type get the risk suggested."),
    CODE(chain, threat, "Threat", "threats", .required = true, .filtered = true,
         .help = "Supplied or your own."),
    CODE(chain, weakness, "Weakness", "vulnerabilities", .required = true, .filtered = true,
         .help = "Supplied or your own."),
    REFS(chain, controls, "Controls that help", control_entity,
         .help = "Those that usually make such a risk smaller."),
    INT(chain, weight, "Weight", .required = true, .initial = "3", .least = 1, .most = 5,
        .listed = true, .sortable = true,
        .help = "5 = suggested first, 1 = only when there is room."),
    LEVEL(chain, likelihood, "Proposed likelihood", .least = 1, .most = 5,
          .help = "Where the owner starts to think; empty = no proposal."),
    INT(chain, impact, "Steps from the value", .least = -2, .most = 2,
        .help = "The proposed impact is the value of the asset and so many steps."),
    LONG(chain, reason, "Why", .required = true, .max = 1000,
         .help = "One sentence that would convince the owner of such an asset.",
         .example = "Vans are watched from the road; twice last year they were met on the way."),
    CHOICE(chain, state, "State", states, .required = true, .initial = "used", .listed = true,
           .filtered = true, .help = "Retired chains suggest nothing any more."),
};

/* --- codes --- */

/* "Drones over the yard" -> "own-drones-over-the-yard". */
static const char *slug(struct web *w, const char *title)
{
    const char *folded = text_fold(w->arena, title);
    struct buf b;

    buf_init(&b, w->arena, 64);
    buf_str(&b, CATALOGUE_OWN);
    for (const char *p = folded; *p && b.size < 60; p++) {
        if ((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9'))
            buf_char(&b, *p);
        else if (b.data[b.size - 1] != '-')
            buf_char(&b, '-');
    }
    return b.data;
}

static struct err *taken(struct web *w, bool threat, const char *code, bool *out)
{
    struct rows *r;

    if (threat)
        TRY(db_query(w->db, &r,
                     "select 1 from threat where org_id = $1 and code = $2 union all"
                     " select 1 from threat_history where org_id = $1 and code = $2 limit 1",
                     num(w->org), str(code)));
    else
        TRY(db_query(w->db, &r,
                     "select 1 from weakness where org_id = $1 and code = $2 union all"
                     " select 1 from weakness_history where org_id = $1 and code = $2 limit 1",
                     num(w->org), str(code)));
    *out = row_next(r);
    return NULL;
}

/* Codes are never used again, since old risks keep them. */
static struct err *new_code(struct web *w, bool threat, const char *title, const char **out)
{
    const char *base = slug(w, title);
    bool used = true;

    *out = base;
    for (int n = 2; n < 1000; n++) {
        TRY(taken(w, threat, *out, &used));
        if (!used)
            return NULL;
        *out = arena_printf(w->arena, "%s-%d", base, n);
    }
    return err_new(ERR_INVALID, "There are too many entries of this name.");
}

static struct err *derive_threat(struct web *w, void *record, struct issues *out)
{
    struct threat *t = record;

    (void)out;
    return w->writable && text_empty(t->code) && !text_empty(t->title)
               ? new_code(w, true, t->title, &t->code)
               : NULL;
}

static struct err *derive_weakness(struct web *w, void *record, struct issues *out)
{
    struct weakness *k = record;

    (void)out;
    return w->writable && text_empty(k->code) && !text_empty(k->title)
               ? new_code(w, false, k->title, &k->code)
               : NULL;
}

static struct err *derive_chain(struct web *w, void *record, struct issues *out)
{
    struct chain *c = record;
    const struct words *reader;

    (void)out;
    if (text_empty(c->asset_type) || text_empty(c->threat) || text_empty(c->weakness) ||
        !w->writable)
        return NULL;
    reader = words_use(NULL); /* what is stored is English */
    c->title =
        arena_printf(w->arena, "%s: %s / %s", catalogue_label(w, "asset_types", c->asset_type),
                     catalogue_label(w, "threats", c->threat),
                     catalogue_label(w, "vulnerabilities", c->weakness));
    words_use(reader);
    return NULL;
}

/* --- what uses them --- */

/* `r`: prefix and number of what uses an entry. */
static void tell_users(struct rows *r, struct issues *out)
{
    while (row_next(r))
        issue(out, "", "%s%lld has it. Retire it instead, or change that first.", row_text(r, 0),
              row_num(r, 1));
}

static struct err *threat_depends(struct web *w, i64 id, struct issues *out)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select 'R-', k.number from threat t join risk k on k.org_id = t.org_id"
                 " and k.threat = t.code where t.org_id = $1 and t.id = $2 union all"
                 " select 'CH-', c.number from threat t join chain c on c.org_id = t.org_id"
                 " and c.threat = t.code where t.org_id = $1 and t.id = $2 limit 20",
                 num(w->org), num(id)));
    tell_users(r, out);
    return NULL;
}

static struct err *weakness_depends(struct web *w, i64 id, struct issues *out)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select 'R-', k.number from weakness t join risk k on k.org_id = t.org_id"
                 " and k.vulnerability = t.code where t.org_id = $1 and t.id = $2 union all"
                 " select 'CH-', c.number from weakness t join chain c on c.org_id = t.org_id"
                 " and c.weakness = t.code where t.org_id = $1 and t.id = $2 limit 20",
                 num(w->org), num(id)));
    tell_users(r, out);
    return NULL;
}

const struct entity threat_entity = {
    .name = "threat",
    .fields = threat_fields,
    .nfields = COUNT_OF(threat_fields),
    .size = sizeof(struct threat),
    .plural = "threats",
    .label = "Threat",
    .labels = "Own threats",
    .prefix = "TH",
    .few = true,
    .title = "title",
    .state = "state",
    .order = "title",
    .read = &catalogue_read,
    .write = &catalogue_write,
    .derive = derive_threat,
    .depends = threat_depends,
    .clause = "6.1.2 c",
    .help = "Threats that the supplied catalogue does not have. They are offered with the "
            "supplied ones wherever a risk names its threat.",
    .empty = "No own threats. Add one when a warning or an incident shows something that the "
             "supplied catalogue does not have."};

const struct entity weakness_entity = {
    .name = "weakness",
    .fields = weakness_fields,
    .nfields = COUNT_OF(weakness_fields),
    .size = sizeof(struct weakness),
    .plural = "weaknesses",
    .label = "Weakness",
    .labels = "Own weaknesses",
    .prefix = "WK",
    .few = true,
    .title = "title",
    .state = "state",
    .order = "title",
    .read = &catalogue_read,
    .write = &catalogue_write,
    .derive = derive_weakness,
    .depends = weakness_depends,
    .clause = "6.1.2 c",
    .help = "Weaknesses that the supplied catalogue does not have.",
    .empty = "No own weaknesses. Add one when a finding or an incident shows something that the "
             "supplied catalogue does not have."};

const struct entity chain_entity = {
    .name = "chain",
    .fields = chain_fields,
    .nfields = COUNT_OF(chain_fields),
    .size = sizeof(struct chain),
    .plural = "chains",
    .label = "Chain",
    .labels = "Own chains",
    .prefix = "CH",
    .few = true,
    .title = "title",
    .state = "state",
    .order = "title",
    .read = &catalogue_read,
    .write = &catalogue_write,
    .derive = derive_chain,
    .clause = "6.1.2 c",
    .help = "A chain says: assets of this type are hit by this threat through this weakness, "
            "because. It is suggested as a risk for each such asset, like the supplied ones; one "
            "of the "
            "same three takes the place of a supplied one.",
    .empty = "No own chains. Add one when the supplied suggestions miss what threatens you."};

/* --- routes --- */

#define PAGES(name, e)                               \
    static struct err *name##_list(struct web *w)    \
    {                                                \
        return entity_list_page(w, &(e));            \
    }                                                \
    static struct err *name##_new(struct web *w)     \
    {                                                \
        return entity_new_page(w, &(e));             \
    }                                                \
    static struct err *name##_show(struct web *w)    \
    {                                                \
        return entity_show_page(w, &(e));            \
    }                                                \
    static struct err *name##_edit(struct web *w)    \
    {                                                \
        return entity_edit_page(w, &(e));            \
    }                                                \
    static struct err *name##_save(struct web *w)    \
    {                                                \
        return entity_save_page(w, &(e));            \
    }                                                \
    static struct err *name##_remove(struct web *w)  \
    {                                                \
        return entity_remove_page(w, &(e));          \
    }                                                \
    static struct err *name##_restore(struct web *w) \
    {                                                \
        return entity_restore_page(w, &(e));         \
    }

PAGES(threat, threat_entity)
PAGES(weakness, weakness_entity)
PAGES(chain, chain_entity)

/* clang-format off */
static const struct route routes[] = {
    {METHOD_GET, "/catalogue", catalogue_page, &catalogue_read, 0, NULL, NULL},
    {METHOD_GET, "/coverage", coverage_page, &catalogue_read, ROUTE_SLOW, NULL, NULL},
    {METHOD_GET, "/coverage", coverage_api, &catalogue_read, ROUTE_API | ROUTE_SLOW, NULL,
     "Risks by family of threats, and what no risk touches"},
    {METHOD_GET, "/threats", threat_list, &catalogue_read, 0, NULL, NULL},
    {METHOD_GET, "/threats/new", threat_new, &catalogue_write, 0, NULL, NULL},
    {METHOD_POST, "/threats", threat_save, &catalogue_write, 0, NULL, NULL},
    {METHOD_GET, "/threats/:no", threat_show, &catalogue_read, 0, NULL, NULL},
    {METHOD_GET, "/threats/:no/edit", threat_edit, &catalogue_write, 0, NULL, NULL},
    {METHOD_POST, "/threats/:no", threat_save, &catalogue_write, 0, NULL, NULL},
    {METHOD_GET, "/threats/:no/remove", threat_remove, &catalogue_write, 0, NULL, NULL},
    {METHOD_POST, "/threats/:no/remove", threat_remove, &catalogue_write, 0, NULL, NULL},
    {METHOD_POST, "/threats/:no/restore", threat_restore, &catalogue_write, 0, NULL, NULL},
    {METHOD_GET, "/weaknesses", weakness_list, &catalogue_read, 0, NULL, NULL},
    {METHOD_GET, "/weaknesses/new", weakness_new, &catalogue_write, 0, NULL, NULL},
    {METHOD_POST, "/weaknesses", weakness_save, &catalogue_write, 0, NULL, NULL},
    {METHOD_GET, "/weaknesses/:no", weakness_show, &catalogue_read, 0, NULL, NULL},
    {METHOD_GET, "/weaknesses/:no/edit", weakness_edit, &catalogue_write, 0, NULL, NULL},
    {METHOD_POST, "/weaknesses/:no", weakness_save, &catalogue_write, 0, NULL, NULL},
    {METHOD_GET, "/weaknesses/:no/remove", weakness_remove, &catalogue_write, 0, NULL, NULL},
    {METHOD_POST, "/weaknesses/:no/remove", weakness_remove, &catalogue_write, 0, NULL, NULL},
    {METHOD_POST, "/weaknesses/:no/restore", weakness_restore, &catalogue_write, 0, NULL, NULL},
    {METHOD_GET, "/chains", chain_list, &catalogue_read, 0, NULL, NULL},
    {METHOD_GET, "/chains/new", chain_new, &catalogue_write, 0, NULL, NULL},
    {METHOD_POST, "/chains", chain_save, &catalogue_write, 0, NULL, NULL},
    {METHOD_GET, "/chains/:no", chain_show, &catalogue_read, 0, NULL, NULL},
    {METHOD_GET, "/chains/:no/edit", chain_edit, &catalogue_write, 0, NULL, NULL},
    {METHOD_POST, "/chains/:no", chain_save, &catalogue_write, 0, NULL, NULL},
    {METHOD_GET, "/chains/:no/remove", chain_remove, &catalogue_write, 0, NULL, NULL},
    {METHOD_POST, "/chains/:no/remove", chain_remove, &catalogue_write, 0, NULL, NULL},
    {METHOD_POST, "/chains/:no/restore", chain_restore, &catalogue_write, 0, NULL, NULL},
    {0},
};
/* clang-format on */

static const struct nav nav[] = {
    {"Plan",                    27, "Threats and weaknesses", "/catalogue", "urgent", &catalogue_read, NULL},
    {"Plan", 28, "Coverage", "/coverage", "target", &catalogue_read, NULL},
    {0                },
};

static const struct entity *const entities[] = {&threat_entity, &weakness_entity, &chain_entity,
                                                NULL};
static const struct permission *const permissions[] = {&catalogue_read, &catalogue_write, NULL};

const struct feature catalogue_feature = {.name = "catalogue",
                                          .entities = entities,
                                          .permissions = permissions,
                                          .routes = routes,
                                          .nav = nav};
