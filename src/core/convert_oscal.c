/* SPDX-License-Identifier: Apache-2.0 */
/* Catalogues of OSCAL: groups and controls, the text of a control out of its statement. */
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "core/convert_library.h"

#define GROUPS_DEEP 24
#define PROSE_MOST 12000
#define PARAMS_DEEP 4 /* choices in choices */

/* The value of a property by name, "" when there is none. */
static const char *prop(const struct node *n, const char *name)
{
    struct node *const *items;
    size_t count = node_items(n, "props", &items);

    for (size_t i = 0; i < count; i++)
        if (text_equal(node_text(items[i], "name"), name))
            return node_text(items[i], "value");
    return "";
}

/* --- the text of a control --- */

static void add_prose(struct library *l, const struct node *control, const char *prose, int depth,
                      struct buf *b);

static const struct node *param_of(const struct node *control, const char *id)
{
    struct node *const *items;
    size_t count = node_items(control, "params", &items);

    for (size_t i = 0; i < count; i++)
        if (text_equal(node_text(items[i], "id"), id))
            return items[i];
    return NULL;
}

/* What stands for a parameter: its label, or its choices; else its id. */
static void add_param(struct library *l, const struct node *control, const char *id, int depth,
                      struct buf *b)
{
    const struct node *param = param_of(control, id), *select = node_get(param, "select");
    const char *label = node_text(param, "label");
    struct node *const *choices;
    size_t n = *label || depth > PARAMS_DEEP ? 0 : node_items(select, "choice", &choices);

    if (!n)
        buf_str(b, *label ? label : id);
    else if (text_equal(node_text(select, "how-many"), "one-or-more"))
        buf_str(b, "one or more: ");
    for (size_t i = 0; i < n && b->size < PROSE_MOST; i++) {
        buf_str(b, i ? "; " : "");
        add_prose(l, control, choices[i]->kind == NODE_SCALAR ? choices[i]->text : "", depth + 1,
                  b);
    }
}

/* "{{ insert: param, ac-1_prm_1 }}" becomes "<roles>"; also inside of the choices of another. */
static void add_prose(struct library *l, const struct node *control, const char *prose, int depth,
                      struct buf *b)
{
    const char *p = prose, *open;

    while ((open = strstr(p, "{{")) && b->size < PROSE_MOST) {
        const char *close = strstr(open, "}}"), *comma;
        char *id;

        if (!close)
            break;
        buf_add(b, p, (size_t)(open - p));
        comma = memchr(open, ',', (size_t)(close - open));
        id = arena_strn(l->arena, comma ? comma + 1 : open + 2,
                        (size_t)(close - (comma ? comma + 1 : open + 2)));
        buf_str(b, "<");
        add_param(l, control, text_trim(l->arena, id), depth, b);
        buf_str(b, ">");
        p = close + 2;
    }
    buf_str(b, p);
}

struct telling {
    struct library *library;
    const struct node *control;
    struct buf *out;
};

static bool add_part(struct telling *t, const struct node *part, int depth)
{
    const char *label = prop(part, "label"), *prose = node_text(part, "prose");
    struct node *const *items;
    size_t n = node_items(part, "parts", &items);

    if (++t->library->visits > LIBRARY_VISITS)
        return false;
    if (*prose && t->out->size < PROSE_MOST) {
        buf_printf(t->out, "%s%s%s", t->out->size ? "\n" : "", label, *label ? " " : "");
        add_prose(t->library, t->control, prose, 0, t->out);
    }
    for (size_t i = 0; depth < GROUPS_DEEP && i < n; i++)
        if (!add_part(t, items[i], depth + 1))
            return false;
    return true;
}

/* False when there is too much to look at. */
static bool statement_of(struct library *l, const struct node *control, const char **out)
{
    struct node *const *items;
    size_t n = node_items(control, "parts", &items);
    struct buf b;
    struct telling t = {l, control, &b};

    buf_init(&b, l->arena, 200);
    for (size_t i = 0; i < n; i++)
        if (text_equal(node_text(items[i], "name"), "statement") && !add_part(&t, items[i], 0))
            return false;
    if (!b.size && n && !add_part(&t, items[0], 0))
        return false;
    *out = b.data;
    return true;
}

/* --- controls and groups --- */

/* What people call it: its label, unless that is a phrase ("Oversight (GV.OV)"); then its id. */
static const char *called(const struct node *control)
{
    const char *label = prop(control, "label");

    return *label && !strpbrk(label, " \t\n") ? label : node_text(control, "id");
}

static const char *code_of(struct library *l, const struct node *control)
{
    const char *code = library_code(l->arena, called(control), 56);

    /* A number alone could be one of Annex A, or of this program. */
    return *code && strspn(code, "0123456789.-") == strlen(code)
               ? arena_printf(l->arena, "CAT-%s", code)
               : code;
}

/* Catalogues without titles say the code again, or nothing: then the first line of what the control
 * asks names it. */
static const char *title_of(struct library *l, const struct node *control,
                            const struct library_row *row)
{
    const char *title = node_text(control, "title");

    if (*title && strcasecmp(title, called(control)) != 0 &&
        strcasecmp(title, node_text(control, "id")) != 0)
        return title;
    return *row->asks ? arena_strn(l->arena, row->asks, strcspn(row->asks, "\n")) : row->code;
}

static enum convert_why add_controls(struct library *l, const struct node *n, const char *chapter,
                                     int depth);

static enum convert_why add_control(struct library *l, const struct node *c, const char *chapter,
                                    int depth)
{
    struct library_row row = {.line = c->line, .chapter = chapter, .maps_to = ""};
    enum convert_why why = 0;

    if (!text_equal(prop(c, "status"), "withdrawn")) {
        row.code = code_of(l, c);
        if (!statement_of(l, c, &row.asks))
            return WHY_TOO_LARGE;
        row.title = title_of(l, c, &row);
        why = library_add(l, &row);
    }
    return why ? why : add_controls(l, c, chapter, depth + 1);
}

static enum convert_why add_controls(struct library *l, const struct node *n, const char *chapter,
                                     int depth)
{
    struct node *const *items;
    size_t count = node_items(n, "controls", &items);
    enum convert_why why = 0;

    if (depth > GROUPS_DEEP || (l->visits += count + 1) > LIBRARY_VISITS)
        return depth > GROUPS_DEEP ? WHY_DEPTH : WHY_TOO_LARGE;
    for (size_t i = 0; !why && i < count; i++)
        why = add_control(l, items[i], chapter, depth);
    count = why ? 0 : node_items(n, "groups", &items);
    for (size_t i = 0; !why && i < count; i++) {
        const char *title = node_text(items[i], "title");

        why = add_controls(l, items[i], *title ? title : chapter, depth + 1);
    }
    return why;
}

/* Who publishes it: the first party that has a name. */
static const char *publisher(const struct node *metadata)
{
    struct node *const *items;
    size_t n = node_items(metadata, "parties", &items);

    for (size_t i = 0; i < n; i++)
        if (*node_text(items[i], "name"))
            return node_text(items[i], "name");
    return "";
}

enum convert_why library_oscal(const struct node *root, struct library *out)
{
    static const char *const others[] = {
        "profile",           "component-definition", "system-security-plan",
        "assessment-plan",   "assessment-results",   "plan-of-action-and-milestones",
        "mapping-collection"};
    const struct node *catalog = node_get(root, "catalog"), *metadata;

    for (size_t i = 0; !catalog && i < COUNT_OF(others); i++)
        if (node_get(root, others[i]))
            return WHY_PROFILE;
    if (!catalog || catalog->kind != NODE_MAP)
        return WHY_NOT_LIBRARY;
    metadata = node_get(catalog, "metadata");
    out->title = node_text(metadata, "title");
    out->source = publisher(metadata);
    out->edition = node_text(metadata, "version");
    out->language = node_text(metadata, "language");
    out->reference = node_text(catalog, "uuid");
    out->description = node_text(metadata, "remarks");
    return add_controls(out, catalog, "", 0);
}
