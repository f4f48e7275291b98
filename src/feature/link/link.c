/* SPDX-License-Identifier: Apache-2.0 */
#include "feature/link/link.h"

#include <string.h>

#include "base/text.h"
#include "core/app.h"
#include "core/content.h"
#include "feature/link/link_part.h"

const struct permission link_read = {"link.read", "See links between records"};
const struct permission link_write = {"link.write", "Link records with one another"};

/* --- the record --- */

static const struct field fields[] = {
    TEXT(link, title, "Link", .derived = true, .listed = true, .sortable = true, .unfolded = true),
    RECORD_REF(link, source, "From", .required = true, .fixed = true, .listed = true,
               .filtered = true, .help = "The record that the sentence begins with.",
               .example = "R-7"),
    CODE(link, type, "What it is to the other", "link_types", .required = true, .listed = true,
         .filtered = true, .sortable = true),
    RECORD_REF(link, target, "To", .required = true, .fixed = true, .listed = true,
               .filtered = true, .help = "The record that the sentence ends with.",
               .example = "C-12"),
    LONG(link, why, "Why", .max = 500, .listed = true,
         .help = "What somebody should know who finds this link in a year.",
         .example = "The backup of the shop runs on this server."),
};

static void check(const void *record, struct issues *out)
{
    const struct link *l = record;

    if (l->source == l->target)
        issue(out, "target", "A record cannot be linked with itself. Choose another one.");
}

/* Numbers never change, so neither does the title. */
static struct err *derive(struct web *w, void *record, struct issues *out)
{
    struct link *l = record;
    struct record_head from, to;

    (void)out;
    TRY(record_head(w, l->source, &from));
    TRY(record_head(w, l->target, &to));
    l->title = arena_printf(w->arena, "%s → %s", from.label, to.label);
    return NULL;
}

const struct entity link_entity = ENTITY(
    link, fields, .plural = "links", .label = "Link", .labels = "Links", .prefix = "L",
    .title = "title", .order = "-number", .read = &link_read, .write = &link_write, .check = check,
    .derive = derive, .clause = "7.5",
    .help = "Says what two records are to each other when no field does: a risk that is caused by "
            "another one, a document that is evidence for a control. Each link reads in both "
            "directions and is shown on both records.",
    .empty = "Nothing is linked yet. Open a record, choose the tab Links, and say what it has to "
             "do with another one.");

/* --- default pages --- */

static struct err *list(struct web *w)
{
    return entity_list_page(w, &link_entity);
}

static struct err *show(struct web *w)
{
    return entity_show_page(w, &link_entity);
}

static struct err *fresh(struct web *w)
{
    return entity_new_page(w, &link_entity);
}

static struct err *edit(struct web *w)
{
    return entity_edit_page(w, &link_entity);
}

static struct err *save(struct web *w)
{
    return entity_save_page(w, &link_entity);
}

static struct err *drop(struct web *w)
{
    return entity_remove_page(w, &link_entity);
}

static struct err *restore(struct web *w)
{
    return entity_restore_page(w, &link_entity);
}

/* --- tables --- */

/* clang-format off */
static const struct route routes[] = {
    {METHOD_GET, "/links", list, &link_read, 0, NULL, NULL},
    {METHOD_GET, "/links/new", fresh, &link_write, 0, NULL, NULL},
    {METHOD_POST, "/links", save, &link_write, 0, NULL, NULL},
    {METHOD_GET, "/links/:no", show, &link_read, 0, NULL, NULL},
    {METHOD_GET, "/links/:no/edit", edit, &link_write, 0, NULL, NULL},
    {METHOD_POST, "/links/:no", save, &link_write, 0, NULL, NULL},
    {METHOD_GET, "/links/:no/remove", drop, &link_write, 0, NULL, NULL},
    {METHOD_POST, "/links/:no/remove", drop, &link_write, 0, NULL, NULL},
    {METHOD_POST, "/links/:no/restore", restore, &link_write, 0, NULL, NULL},
    {METHOD_POST, "/:plural/:no/links", link_add_post, &link_write, 0, NULL, NULL},
    {METHOD_POST, "/:plural/:no/unlink", link_drop_post, &link_write, 0, NULL, NULL},
    {0},
};
/* clang-format on */

static const struct panel panels[] = {
    {"links",     "Links", 10, &member, link_count, link_tab},
    {"graph",         "Graph", 80, &member, NULL, link_graph_tab},
    {0}
};

static const struct entity *const entities[] = {&link_entity, NULL};
static const struct permission *const permissions[] = {&link_read, &link_write, NULL};

const struct feature link_feature = {.name = "link",
                                     .entities = entities,
                                     .permissions = permissions,
                                     .routes = routes,
                                     .panels = panels,
                                     .brief = link_brief};
