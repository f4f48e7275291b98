/* SPDX-License-Identifier: Apache-2.0 */
/* Schemes, levels, labelling rules, handling rules, own media: fields, rules, routes. */
#include "feature/classification/classification.h"

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "feature/classification/classification_part.h"
#include "feature/organisation/organisation.h"

const struct permission classification_read = {"classification.read", "See classification schemes"};
const struct permission classification_write = {"classification.write",
                                                "Create and change classification schemes"};
const struct permission classification_approve = {"classification.approve",
                                                  "Approve classification schemes"};

/* --- choices --- */

static const struct choice states[] = {
    {"draft",   "In preparation", "orange"},
    {"active", "In force", "green"},
    {"retired",  "Retired", "grey"},
    {0 }
};
static const struct choice kinds[] = {
    {"own",     "Our own", NULL},
    {"partner",     "Of a customer, partner or authority", NULL},
    {0}
};
const struct choice class_tones[] = {
    {"green",   "Green", "green"},
    {"blue",  "Blue", "blue"},
    {"yellow",    "Yellow", "yellow"},
    {"orange",   "Orange", "orange"},
    {"red",  "Red", "red"},
    {"purple", "Purple", "purple"},
    {"grey",  "Grey", "grey"},
    {0}
};
static const struct choice tiers[] = {
    {"public",     "Everybody may know it", NULL},
    {"internal",        "Only people of the organisation", NULL},
    {"restricted",   "Only a group of people", NULL},
    {"confidential",        "Only named people", NULL},
    {"secret", "Only cleared people, with a registry", NULL},
    {0       }
};
const struct choice class_media[] = {
    {"electronic", "Electronic documents and data", NULL},
    {"system",        "Information system or database", NULL},
    {"paper",     "Paper", NULL},
    {"media",        "Storage media", NULL},
    {"verbal",      "Spoken word", NULL},
    {"email",        "E-mail", NULL},
    {"own",      "A form of your own", NULL},
    {0       }
};
const struct class_action class_actions[HANDLING_ACTIONS] = {
    {"making",    N_("Make"),         N_("How it begins: who may make it, with what.")       },
    {"storing",   N_("Keep"),         N_("Where it is kept, and who gets at it there.")      },
    {"inside",    N_("Pass inside"),  N_("How it gets to somebody in the organisation.")     },
    {"outside",   N_("Pass outside"), N_("How it gets to others, and to whom at all.")       },
    {"copying",   N_("Copy"),         N_("Who may copy it, and how copies are counted.")     },
    {"printing",  N_("Print"),        N_("Where and by whom it may be printed.")             },
    {"carrying",  N_("Take along"),   N_("On the way, at home, on devices.")                 },
    {"disposing", N_("Dispose of"),   N_("How it is deleted or destroyed, with which proof.")}
};

/* --- media of one's own --- */

static const struct field medium_fields[] = {
    TEXT(medium, name, "Name", .required = true, .listed = true, .sortable = true,
         .help =
             "A form in which your information exists and that the six usual ones do not cover.",
         .example = "X-ray films"),
    LONG(medium, description, "Description", .max = 2000, .listed = true),
};
const struct entity medium_entity = ENTITY(
    medium, medium_fields, .plural = "media", .label = "Own medium", .labels = "Own media",
    .few = true, .prefix = "ME", .title = "name", .order = "name", .read = &classification_read,
    .write = &classification_write, .clause = "A.5.13",
    .help = "Forms of information of your own, besides documents, systems, paper, storage media, "
            "talk and e-mail. Assets can have them, and rules say how to label and handle them.",
    .empty = "None yet. Most organisations manage with the six usual forms.");

/* --- schemes --- */

static const struct field scheme_fields[] = {
    TEXT(scheme, title, "Title", .required = true, .listed = true, .sortable = true,
         .help = "What people call it.", .example = "Our classification"),
    CHOICE(scheme, state, "State", states, .internal = true, .listed = true, .sortable = true,
           .filtered = true),
    CHOICE(scheme, kind, "Whose", kinds, .required = true, .initial = "own", .listed = true,
           .sortable = true, .filtered = true,
           .help = "A scheme of others stands beside your own for what you get from them."),
    TEXT(scheme, partner, "Name of the other",
         .help = "Customer, partner or authority whose scheme it is.", .example = "NATO"),
    LONG(scheme, purpose, "What it is for", .supplied = true, .max = 2000, .group = "Policy",
         .help = "Why information is classified, in words that everybody understands."),
    LONG(scheme, duty, "Who classifies", .supplied = true, .max = 2000, .group = "Policy",
         .help = "Who gives a level, by what, and when it is looked at again."),
    LONG(scheme, release, "Who lowers or lifts a level", .supplied = true, .max = 2000,
         .group = "Policy", .help = "Who decides that something becomes less sensitive or public."),
    BOOL(scheme, labelling, "Labelling is a duty", .initial = "1", .group = "Policy",
         .help = "Then every form in use needs a rule that says where the label stands."),
    INT(scheme, review_months, "Look at levels every (months)", .required = true, .initial = "24",
        .least = 1, .most = 60, .group = "Policy"),
    REF(scheme, author, "Author", person_entity, .internal = true, .group = "Policy"),
    TEXT(scheme, preset, "Taken from", .internal = true, .unfolded = true, .group = "Policy"),
};

static void scheme_check(const void *record, struct issues *out)
{
    const struct scheme *s = record;

    if (text_equal(s->kind, "partner") && text_empty(s->partner))
        issue(out, "partner", "Say whose scheme it is.");
}

static struct err *scheme_derive(struct web *w, void *record, struct issues *out)
{
    struct scheme *s = record;

    (void)out;
    if (!s->state)
        s->state = "draft";
    if (!s->author && !s->id && w->writable)
        s->author = w->person;
    return NULL;
}

const struct entity scheme_entity = ENTITY(
    scheme, scheme_fields, .plural = "schemes", .label = "Classification scheme",
    .labels = "Classification schemes", .few = true, .prefix = "SC", .title = "title",
    .state = "state", .closed = "retired", .decided = "active retired",
    .read = &classification_read, .write = &classification_write, .check = scheme_check,
    .derive = scheme_derive, .clause = "A.5.12",
    .help = "How your information is divided by sensitivity, how it is labelled and what may be "
            "done with it. Few levels that people know are better than many that they confuse.",
    .empty = "No scheme yet. Start from one of the proposals; each can be changed afterwards.");

/* --- levels --- */

static const struct field classification_fields[] = {
    TEXT(classification, name, "Name", .required = true, .max = 60, .listed = true,
         .sortable = true, .help = "The word that stands on labels.", .example = "Restricted"),
    REF(classification, scheme, "Scheme", scheme_entity, .required = true, .fixed = true,
        .listed = true, .filtered = true),
    INT(classification, rank, "Rank", .required = true, .least = 1, .most = 9, .listed = true,
        .sortable = true, .help = "1 is the least sensitive level of the scheme."),
    CHOICE(classification, tone, "Colour", class_tones, .required = true, .initial = "grey"),
    BOOL(classification, confidential, "Kept inside", .initial = "1", .listed = true,
         .sortable = true, .filtered = true, .help = "Not for everybody outside."),
    LONG(classification, meaning, "Meaning", .supplied = true, .required = true, .max = 2000,
         .help = "What belongs here, with examples from your own work. Good when two people choose "
                 "the same level."),
    LONG(classification, access, "Who may know it", .supplied = true, .max = 2000),
    CHOICE(classification, tier, "Strictness", tiers, .required = true, .initial = "internal",
           .help = "Decides which handling rules are suggested."),
    INT(classification, lowest, "Suggested from confidentiality", .least = 1, .most = 5,
        .group = "Use",
        .help = "An asset whose confidentiality has at least this value is suggested this level."),
    INT(classification, highest, "up to", .least = 1, .most = 5, .group = "Use"),
    BOOL(classification, printed, "On documents that Cairn makes", .sortable = true,
         .filtered = true, .group = "Use",
         .help = "Statements, reports and lists carry this level at the top right."),
    REFS(classification, equal, "Equal to", classification_entity, .group = "Use",
         .help = "Levels of other schemes that get the same protection."),
};

static void level_check(const void *record, struct issues *out)
{
    const struct classification *c = record;

    if (c->highest && !c->lowest)
        issue(out, "lowest", "Say from which value on it is suggested.");
    if (c->highest && c->lowest > c->highest)
        issue(out, "highest", "The range ends before it begins.");
}

static struct err *name_taken(struct web *w, const struct classification *c, bool *out)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select id from classification where org_id = $1 and name = $2 and id <> $3"
                 " limit 1",
                 num(w->org), str(c->name), num(c->id)));
    *out = row_count(r) > 0;
    return NULL;
}

/* The level that documents carry is one; the others of the organisation give it up first. */
static struct err *check_printed(struct web *w, const struct classification *c, struct issues *out)
{
    struct rows *r;

    if (!c->printed)
        return NULL;
    TRY(db_query(w->db, &r,
                 "select number, name from classification where org_id = $1 and printed = 1"
                 " and scheme = $2 and id <> $3 limit 1",
                 num(w->org), num(c->scheme), num(c->id)));
    if (row_next(r))
        issue(out, "printed", "Documents carry CL-%lld “%.60s” already. Take it away there first.",
              row_num(r, 0), row_text(r, 1));
    return NULL;
}

static struct err *level_derive(struct web *w, void *record, struct issues *out)
{
    struct classification *c = record;
    struct rows *r;
    bool taken;

    if (!w->writable)
        return NULL;
    TRY(name_taken(w, c, &taken));
    if (taken)
        issue(out, "name",
              "There is a level “%.60s” already. Names are on labels, so each must be its own.",
              c->name);
    TRY(check_printed(w, c, out));
    for (size_t i = 0; i < c->equal.count; i++) {
        TRY(db_query(w->db, &r, "select scheme from classification where org_id = $1 and id = $2",
                     num(w->org), num(c->equal.id[i])));
        if (row_next(r) && row_num(r, 0) == c->scheme)
            issue(out, "equal",
                  "Levels of one scheme are not equal to one another. Choose levels "
                  "of other schemes.");
    }
    return NULL;
}

const struct entity classification_entity = ENTITY(
    classification, classification_fields, .plural = "classifications",
    .label = "Classification level", .labels = "Classification levels", .few = true, .prefix = "CL",
    .title = "name", .order = "rank", .read = &classification_read, .write = &classification_write,
    .check = level_check, .derive = level_derive, .clause = "A.5.12",
    .help = "A level of a scheme: what belongs to it, who may know it, which confidentiality "
            "suggests it, and which level of other schemes it is equal to.",
    .empty = "No level yet. Start with a scheme.");

/* --- labelling rules --- */

static const struct field marking_fields[] = {
    TEXT(marking, title, "Title", .internal = true, .listed = true, .sortable = true),
    REF(marking, scheme, "Scheme", scheme_entity, .required = true, .fixed = true, .listed = true,
        .filtered = true),
    CHOICE(marking, medium, "Form", class_media, .required = true, .fixed = true, .listed = true,
           .filtered = true, .sortable = true),
    REF(marking, own_medium, "Own form", medium_entity, .fixed = true, .filtered = true,
        .help = "Which one, when the form is one of your own."),
    TEXT(marking, place, "Where the label stands", .supplied = true, .required = true,
         .listed = true, .example = "Top right on every page, on the cover and on the folder"),
    LONG(marking, rule, "How", .supplied = true, .max = 2000,
         .help = "What else is to be done, for instance about envelopes, copies or screens."),
    TEXT(marking, who, "Who labels", .supplied = true,
         .example = "Whoever prints or receives the paper"),
};

static void form_check(const char *medium, i64 own, struct issues *out)
{
    if (text_equal(medium, "own") && !own)
        issue(out, "own_medium", "Choose which form of your own.");
    if (!text_equal(medium, "own") && own)
        issue(out, "own_medium", "Leave this empty, or choose “A form of your own” above.");
}

static void marking_check(const void *record, struct issues *out)
{
    const struct marking *m = record;

    form_check(m->medium, m->own_medium, out);
}

/* "Paper", or the name of the own medium. */
static struct err *form_name(struct web *w, const char *medium, i64 own, const char **out)
{
    const struct choice *c = choice_find(class_media, medium);

    *out = c ? tr(c->label) : "";
    return own ? entity_title(w, &medium_entity, own, out, NULL) : NULL;
}

static struct err *marking_derive(struct web *w, void *record, struct issues *out)
{
    struct marking *m = record;
    const char *scheme, *form;
    struct rows *r;

    if (!w->writable)
        return NULL;
    TRY(entity_title(w, &scheme_entity, m->scheme, &scheme, NULL));
    TRY(form_name(w, m->medium, m->own_medium, &form));
    m->title = arena_printf(w->arena, "%s · %s", form, scheme);
    TRY(db_query(w->db, &r,
                 "select number from marking where org_id = $1 and scheme = $2 and medium = $3"
                 " and coalesce(own_medium, 0) = $4 and id <> $5 limit 1",
                 num(w->org), num(m->scheme), str(m->medium), num(m->own_medium), num(m->id)));
    if (row_next(r))
        issue(out, "medium", "The scheme has a rule for this form already: LB-%lld.",
              row_num(r, 0));
    return NULL;
}

const struct entity marking_entity =
    ENTITY(marking, marking_fields, .plural = "markings", .label = "Labelling rule",
           .labels = "Labelling rules", .few = true, .prefix = "LB", .title = "title",
           .read = &classification_read, .write = &classification_write, .check = marking_check,
           .derive = marking_derive, .clause = "A.5.13",
           .help = "Where and by whom information in one form is labelled with its level.",
           .empty = "No rule yet. A scheme that you take from the proposals brings them along.");

/* --- handling rules --- */

#define ACTION(m, l, h) \
    LONG(handling, m, l, .supplied = true, .max = 2000, .group = "What may be done", .help = h)

static const struct field handling_fields[] = {
    TEXT(handling, title, "Title", .internal = true, .listed = true, .sortable = true),
    REF(handling, level, "Level", classification_entity, .required = true, .fixed = true,
        .listed = true, .filtered = true),
    CHOICE(handling, medium, "Form", class_media, .required = true, .fixed = true, .listed = true,
           .filtered = true, .sortable = true),
    REF(handling, own_medium, "Own form", medium_entity, .fixed = true, .filtered = true,
        .help = "Which one, when the form is one of your own."),
    ACTION(making, "Make", "How it begins: who may make it, with what."),
    ACTION(storing, "Keep", "Where it is kept, and who gets at it there."),
    ACTION(inside, "Pass inside", "How it gets to somebody in the organisation."),
    ACTION(outside, "Pass outside", "How it gets to others, and to whom at all."),
    ACTION(copying, "Copy", "Who may copy it, and how copies are counted."),
    ACTION(printing, "Print", "Where and by whom it may be printed."),
    ACTION(carrying, "Take along", "On the way, at home, on devices."),
    ACTION(disposing, "Dispose of", "How it is deleted or destroyed, with which proof."),
};

static void handling_check(const void *record, struct issues *out)
{
    const struct handling *h = record;
    bool said = false;

    form_check(h->medium, h->own_medium, out);
    for (size_t i = 0; i < HANDLING_ACTIONS; i++)
        said |= !text_empty(field_str(entity_field(&handling_entity, class_actions[i].name), h));
    if (!said)
        issue(out, "storing", "Write at least one rule.");
}

static struct err *handling_derive(struct web *w, void *record, struct issues *out)
{
    struct handling *h = record;
    const char *level, *form;
    struct rows *r;

    if (!w->writable)
        return NULL;
    TRY(entity_title(w, &classification_entity, h->level, &level, NULL));
    TRY(form_name(w, h->medium, h->own_medium, &form));
    h->title = arena_printf(w->arena, "%s · %s", level, form);
    TRY(db_query(w->db, &r,
                 "select number from handling where org_id = $1 and level = $2 and medium = $3"
                 " and coalesce(own_medium, 0) = $4 and id <> $5 limit 1",
                 num(w->org), num(h->level), str(h->medium), num(h->own_medium), num(h->id)));
    if (row_next(r))
        issue(out, "medium", "The level has rules for this form already: HR-%lld.", row_num(r, 0));
    return NULL;
}

const struct entity handling_entity =
    ENTITY(handling, handling_fields, .plural = "handlings", .label = "Handling rule",
           .labels = "Handling rules", .few = true, .prefix = "HR", .title = "title",
           .read = &classification_read, .write = &classification_write, .check = handling_check,
           .derive = handling_derive, .clause = "A.5.10",
           .help = "What may be done with information of one level in one form, from making it to "
                   "destroying it.",
           .empty = "No rule yet. A scheme that you take from the proposals brings them along.");

/* --- routes --- */

#define SHOWN(x)                                    \
    static struct err *x##_list_page(struct web *w) \
    {                                               \
        return entity_list_page(w, &x##_entity);    \
    }                                               \
    static struct err *x##_show_page(struct web *w) \
    {                                               \
        return entity_show_page(w, &x##_entity);    \
    }
#define PAGES(x)                                       \
    static struct err *x##_new_page(struct web *w)     \
    {                                                  \
        return entity_new_page(w, &x##_entity);        \
    }                                                  \
    static struct err *x##_edit_page(struct web *w)    \
    {                                                  \
        return entity_edit_page(w, &x##_entity);       \
    }                                                  \
    static struct err *x##_save_page(struct web *w)    \
    {                                                  \
        return entity_save_page(w, &x##_entity);       \
    }                                                  \
    static struct err *x##_remove_page(struct web *w)  \
    {                                                  \
        return entity_remove_page(w, &x##_entity);     \
    }                                                  \
    static struct err *x##_restore_page(struct web *w) \
    {                                                  \
        return entity_restore_page(w, &x##_entity);    \
    }
SHOWN(classification)
SHOWN(marking)
SHOWN(handling)
SHOWN(medium)
PAGES(scheme)
PAGES(classification)
PAGES(marking)
PAGES(handling)
PAGES(medium)

/* clang-format off */
#define ROUTES(x, list, list_page, show)                                                       \
    {METHOD_GET, "/" list, list_page, &classification_read, 0, NULL, NULL},                \
    {METHOD_GET, "/" list "/new", x##_new_page, &classification_write, 0, NULL, NULL},         \
    {METHOD_POST, "/" list, x##_save_page, &classification_write, 0, NULL, NULL},              \
    {METHOD_GET, "/" list "/:no", show, &classification_read, 0, NULL, NULL},                  \
    {METHOD_GET, "/" list "/:no/edit", x##_edit_page, &classification_write, 0, NULL, NULL},   \
    {METHOD_POST, "/" list "/:no", x##_save_page, &classification_write, 0, NULL, NULL},       \
    {METHOD_GET, "/" list "/:no/remove", x##_remove_page, &classification_write, 0, NULL, NULL}, \
    {METHOD_POST, "/" list "/:no/remove", x##_remove_page, &classification_write, 0, NULL, NULL}, \
    {METHOD_POST, "/" list "/:no/restore", x##_restore_page, &classification_write, 0, NULL, NULL}

static const struct route routes[] = {
    {METHOD_GET, "/schemes/presets", scheme_presets, &classification_read, 0, NULL, NULL},
    {METHOD_POST, "/schemes/presets", scheme_take, &classification_write, 0, NULL, NULL},
    {METHOD_POST, "/schemes/:no/approve", scheme_approve, &classification_approve, 0, NULL, NULL},
    {METHOD_POST, "/schemes/:no/retire", scheme_retire, &classification_approve, 0, NULL, NULL},
    {METHOD_GET, "/schemes/:no/policy", policy_page, &classification_read, 0, NULL, NULL},
    {METHOD_GET, "/schemes/:no/pdf", policy_pdf, &classification_read, ROUTE_SLOW, NULL, NULL},
    {METHOD_GET, "/schemes/:no/docx", policy_docx, &classification_read, ROUTE_SLOW, NULL, NULL},
    {METHOD_GET, "/classifications/:no/handling", handling_matrix, &classification_read, 0, NULL,
     NULL},
    {METHOD_POST, "/classifications/:no/handling", handling_matrix_save, &classification_write, 0,
     NULL, NULL},
    ROUTES(scheme, "schemes", scheme_list, scheme_show),
    ROUTES(classification, "classifications", classification_list_page, classification_show_page),
    ROUTES(marking, "markings", marking_list_page, marking_show_page),
    ROUTES(handling, "handlings", handling_list_page, handling_show_page),
    ROUTES(medium, "media", medium_list_page, medium_show_page),
    {0},
};
/* clang-format on */

static const struct nav nav[] = {
    {"Plan",            21, "Classification", "/schemes", "lock", &classification_read, NULL},
    {0},
};

static const struct entity *const entities[] = {&scheme_entity,  &classification_entity,
                                                &marking_entity, &handling_entity,
                                                &medium_entity,  NULL};
static const struct permission *const permissions[] = {&classification_read, &classification_write,
                                                       &classification_approve, NULL};

const struct feature classification_feature = {.name = "classification",
                                               .entities = entities,
                                               .permissions = permissions,
                                               .routes = routes,
                                               .work = classification_work,
                                               .nav = nav,
                                               .label = classification_printed};
