/* SPDX-License-Identifier: Apache-2.0 */
/* Erasures: fields, rules, routes. */
#include "feature/erasure/erasure.h"

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "feature/erasure/erasure_part.h"
#include "feature/organisation/organisation.h"

const struct permission erasure_read = {"erasure.read", "See erasures of personal data"};
const struct permission erasure_write = {"erasure.write", "Erase personal data"};

static const struct choice bases[] = {
    {"request",   "The person asked for it (GDPR article 17)", NULL},
    {"needless",       "It is no longer needed for its purpose", NULL},
    {"consent",  "Consent was withdrawn", NULL},
    {"objection",       "The person objected, and no other ground stands against it", NULL},
    {"unlawful",   "It should never have been stored", NULL},
    {"duty",       "A law demands the erasure", NULL},
    {0}
};
static const struct choice states[] = {
    {"requested", "Asked for", "orange"},
    {"done",   "Erased", "green"},
    {"refused",      "Refused", "grey"},
    {0   }
};

static const struct field fields[] = {
    TEXT(erasure, title, "Erasure", .internal = true, .listed = true, .sortable = true),
    RECORD_REF(erasure, subject, "Whose or what", .required = true, .fixed = true,
               .help = "The number of a person, like P-12: name, e-mail, job and note are erased "
                       "everywhere. Or of any record: then the texts of all its earlier versions "
                       "are erased; correct the text itself first.",
               .example = "P-12"),
    CHOICE(erasure, basis, "Legal basis", bases, .required = true, .fixed = true, .listed = true),
    LONG(erasure, reason, "Who asked, when, and why", .required = true, .fixed = true, .max = 2000,
         .help = "This stays. Write no name and nothing else that is to be erased.",
         .example = "Letter of 3 May; left the company last year, no dispute is open."),
    CHOICE(erasure, state, "State", states, .internal = true, .listed = true, .filtered = true),
    REF(erasure, author, "Asked by", person_entity, .internal = true, .listed = true),
    REF(erasure, decider, "Decided by", person_entity, .internal = true, .listed = true),
    LONG(erasure, comment, "Comment", .internal = true, .max = 2000),
    LONG(erasure, exception, "Decided without a second person because", .internal = true,
         .max = 2000),
    LONG(erasure, parts, "What was erased", .internal = true, .unfolded = true, .max = 4000),
};

static struct err *derive(struct web *w, void *record, struct issues *out)
{
    struct erasure *e = record;
    struct record_head head;

    if (e->id || !w->writable)
        return NULL;
    TRY(record_head(w, e->subject, &head));
    if (!head.entity || head.removed || head.hidden) {
        issue(out, "subject", "There is no such record. Bring it back first if it was removed.");
        return NULL;
    }
    e->title = arena_printf(w->arena, "Erasure at %s", head.label);
    e->state = "requested";
    e->author = w->person;
    return erasing_blockers(w, head.entity, e->subject, out);
}

static struct err *depends(struct web *w, i64 id, struct issues *out)
{
    (void)w;
    (void)id;
    issue(out, "", "An erasure is evidence of what was erased, and stays. Refuse it instead.");
    return NULL;
}

const struct entity erasure_entity = ENTITY(
    erasure, fields, .plural = "erasures", .label = "Erasure", .labels = "Erasures", .few = true,
    .prefix = "ER", .title = "title", .state = "state", .order = "-number", .read = &erasure_read,
    .write = &erasure_write, .derive = derive, .depends = depends, .clause = "A.5.34",
    .help = "Personal data is erased from the record, its history, search and the log. The "
            "log keeps its proofs: it shows that something was there and who erased it on "
            "which basis, but not what it was. A second person agrees.",
    .empty = "Nothing was erased yet. When somebody demands the erasure of their data, ask "
             "for it here.");

static struct err *list(struct web *w)
{
    return entity_list_page(w, &erasure_entity);
}
static struct err *save(struct web *w)
{
    return entity_save_page(w, &erasure_entity);
}

/* clang-format off */
static const struct route routes[] = {
    {METHOD_GET, "/erasures", list, &erasure_read, 0, NULL, NULL},
    {METHOD_GET, "/erasures/new", erasure_new_page, &erasure_write, 0, NULL, NULL},
    {METHOD_POST, "/erasures", save, &erasure_write, 0, NULL, NULL},
    {METHOD_GET, "/erasures/:no", erasure_show, &erasure_read, 0, NULL, NULL},
    {METHOD_POST, "/erasures/:no/approve", erasure_approve, &erasure_write, 0, NULL, NULL},
    {METHOD_POST, "/erasures/:no/refuse", erasure_refuse, &erasure_write, 0, NULL, NULL},
    {0},
};
/* clang-format on */

static struct err *run_sync(struct web *w, const char *body)
{
    (void)body;
    return erasure_sync(w);
}
static const struct job_kind jobs[] = {
    {.name = "redactions", .every = MINUTE, .run = run_sync},
    {0    }
};
static const struct nav nav[] = {
    {"Check",     91, "Erasures", "/erasures", "eraser", &erasure_read, NULL},
    {0},
};
static const struct entity *const entities[] = {&erasure_entity, NULL};
static const struct permission *const permissions[] = {&erasure_read, &erasure_write, NULL};

const struct feature erasure_feature = {.name = "erasure",
                                        .entities = entities,
                                        .permissions = permissions,
                                        .routes = routes,
                                        .jobs = jobs,
                                        .work = erasure_work,
                                        .nav = nav};
