/* SPDX-License-Identifier: Apache-2.0 */
/* Libraries of CISO Assistant: frameworks (requirement nodes), lists of reference controls, and
 * sets of mappings between frameworks, of which those to ISO/IEC 27001 or 27002 are read. */
#include <string.h>

#include "base/text.h"
#include "core/convert_library.h"

/* --- codes --- */

/* "urn:...:req_node:cis-v8:1.1" as a code: "CIS-V8-1.1". */
static const char *code_of(struct arena *a, const char *urn, const char *prefix, const char *ref)
{
    const char *own = library_code(a, *urn ? library_tail(urn) : ref, 34);

    if (!*own || !*prefix || text_starts(own, prefix))
        return own;
    return arena_printf(a, "%s-%s", prefix, own);
}

static const char *prefix_of(struct arena *a, const char *urn, const char *ref)
{
    return library_code(a, *urn ? library_tail(urn) : ref, 22);
}

/* The prefix of a node of another file: the part of its name before the last. */
static const char *prefix_in(struct arena *a, const char *node)
{
    const char *end = strrchr(node, ':'), *start;

    if (!end)
        return "";
    for (start = end; start > node && start[-1] != ':';)
        start--;
    return library_code(a, arena_strn(a, start, (size_t)(end - start)), 22);
}

/* --- mappings --- */

static bool is_annex_framework(const char *urn)
{
    return strstr(urn, "27001-2022") || strstr(urn, "27002-2022") || strstr(urn, "27001:2022") ||
           strstr(urn, "27002:2022");
}

/* "urn:...:iso27001-2022:a.5.16" -> "5.16"; NULL for clauses of the standard itself. */
static const char *annex_code(const char *urn)
{
    const char *tail = library_tail(urn);
    bool marked = (tail[0] == 'a' || tail[0] == 'A') && tail[1] == '.';
    const char *code = marked ? tail + 2 : tail;

    if (!marked && !strstr(urn, "27002"))
        return NULL;
    return code[0] >= '5' && code[0] <= '8' && code[1] == '.' && code[2] &&
                   strspn(code + 2, "0123456789") == strlen(code + 2)
               ? code
               : NULL;
}

static const char *relation_of(const char *word, bool turned)
{
    if (text_equal(word, "equal"))
        return " equal";
    if (text_equal(word, "subset"))
        return turned ? " more" : " partial";
    if (text_equal(word, "superset"))
        return turned ? " partial" : " more";
    return text_equal(word, "intersect") ? " partial" : "";
}

/* One line without what divides lines. */
static const char *one_line(struct arena *a, const char *text)
{
    char *copy = arena_str(a, library_cut(a, text, 280));

    for (char *p = copy; *p; p++)
        if (*p == '\n' || *p == '\r' || *p == ';')
            *p = *p == ';' ? ',' : ' ';
    return copy;
}

struct mapping {
    const char *source, *text;
    u64 line;
};
struct mappings {
    struct mapping *list;
    size_t count, room;
};

static void add_mapping(struct arena *a, struct mappings *m, struct mapping one)
{
    if (m->count == m->room) {
        size_t room = m->room ? m->room * 2 : 256;
        struct mapping *bigger = NEW_ARRAY(a, struct mapping, room);

        if (m->count)
            memcpy(bigger, m->list, m->count * sizeof(*bigger));
        m->list = bigger;
        m->room = room;
    }
    m->list[m->count++] = one;
}

static enum convert_why read_set(struct library *l, const struct node *set, struct mappings *out)
{
    bool to = is_annex_framework(node_text(set, "target_framework_urn"));
    bool from = is_annex_framework(node_text(set, "source_framework_urn"));
    struct node *const *items;
    size_t n = node_items(set, "requirement_mappings", &items);

    for (size_t i = 0; to != from && i < n; i++) {
        const char *annex = annex_code(
            node_text(items[i], to ? "target_requirement_urn" : "source_requirement_urn"));
        const char *own =
            node_text(items[i], to ? "source_requirement_urn" : "target_requirement_urn");
        const char *relation = node_text(items[i], "relationship");
        const char *why = one_line(l->arena, node_text(items[i], "rationale"));

        if (++l->visits > LIBRARY_VISITS)
            return WHY_TOO_LARGE;
        if (!annex || !*own || text_equal(relation, "not_related"))
            continue;
        add_mapping(
            l->arena, out,
            (struct mapping){own,
                             arena_printf(l->arena, "%s%s%s%s", annex, relation_of(relation, from),
                                          *why ? ": " : "", why),
                             items[i]->line});
    }
    return 0;
}

static enum convert_why read_mappings(struct library *l, const struct node *objects,
                                      struct mappings *out)
{
    const struct node *one = node_get(objects, "requirement_mapping_set");
    struct node *const *items;
    size_t n = node_items(objects, "requirement_mapping_sets", &items);
    enum convert_why why = one ? read_set(l, one, out) : 0;

    for (size_t i = 0; !why && i < n; i++)
        why = read_set(l, items[i], out);
    return why;
}

/* Two lines about the same control of Annex A: a file has each mapping in both directions. */
static bool same_annex(const char *a, const char *b)
{
    size_t n = strcspn(a, " :");

    return strcspn(b, " :") == n && strncmp(a, b, n) == 0;
}

static bool told_before(const struct mappings *m, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (text_equal(m->list[i].source, m->list[at].source) &&
            same_annex(m->list[i].text, m->list[at].text))
            return true;
    return false;
}

/* The lines of one control. */
static const char *maps_of(struct library *l, const struct mappings *m, const char *urn)
{
    struct buf b;

    buf_init(&b, l->arena, 16);
    for (size_t i = 0; *urn && i < m->count; i++)
        if (text_equal(m->list[i].source, urn) && !told_before(m, i))
            buf_printf(&b, "%s%s", b.size ? "\n" : "", m->list[i].text);
    return b.data;
}

/* A file of mappings alone: they are for controls that are here already. */
static enum convert_why only_mappings(struct library *l, const struct mappings *m)
{
    enum convert_why why = 0;

    l->only_maps = true;
    for (size_t i = 0; !why && i < m->count; i++) {
        const char *urn = m->list[i].source;
        struct library_row row = {.line = m->list[i].line, .title = "", .chapter = "", .asks = ""};
        bool first = true;

        l->visits += i;
        if (l->visits > LIBRARY_VISITS * 100)
            return WHY_TOO_LARGE;
        for (size_t k = 0; k < i && first; k++)
            first = !text_equal(m->list[k].source, urn);
        if (!first)
            continue;
        row.code = code_of(l->arena, urn, prefix_in(l->arena, urn), "");
        row.maps_to = maps_of(l, m, urn);
        why = library_add(l, &row);
    }
    return why;
}

/* --- frameworks --- */

static const char *first_of(const char *a, const char *b)
{
    return *a ? a : b;
}

static enum convert_why add_control(struct library *l, const struct node *n,
                                    const struct library_row *like)
{
    const char *name = node_text(n, "name"), *text = node_text(n, "description");
    struct library_row row = *like;

    row.line = n->line;
    row.title = first_of(name, first_of(one_line(l->arena, text), node_text(n, "ref_id")));
    row.asks = *text ? text : "";
    return library_add(l, &row);
}

/* Heading of the nodes below one that is not assessed itself. */
static const char *heading_of(struct arena *a, const struct node *n)
{
    const char *ref = node_text(n, "ref_id");
    const char *name = first_of(node_text(n, "name"), node_text(n, "description"));

    return *ref && *name ? arena_printf(a, "%s %s", ref, library_cut(a, name, 150))
                         : library_cut(a, first_of(name, ref), 150);
}

static bool is_true(const char *text)
{
    return text_equal(text, "true") || text_equal(text, "True") || text_equal(text, "yes");
}

static enum convert_why read_framework(struct library *l, const struct node *f,
                                       const struct mappings *m)
{
    const char *prefix = prefix_of(l->arena, node_text(f, "urn"), node_text(f, "ref_id"));
    const char *chapter = "";
    struct node *const *items;
    size_t n = node_items(f, "requirement_nodes", &items);
    enum convert_why why = 0;

    l->title = first_of(node_text(f, "name"), l->title);
    for (size_t i = 0; !why && i < n; i++) {
        const char *urn = node_text(items[i], "urn");
        struct library_row row = {.chapter = chapter};

        if (++l->visits > LIBRARY_VISITS)
            return WHY_TOO_LARGE;
        if (!is_true(node_text(items[i], "assessable"))) {
            chapter = heading_of(l->arena, items[i]);
            continue;
        }
        row.code = code_of(l->arena, urn, prefix, node_text(items[i], "ref_id"));
        row.maps_to = maps_of(l, m, urn);
        why = add_control(l, items[i], &row);
    }
    return why;
}

static enum convert_why read_references(struct library *l, const struct node *objects)
{
    struct node *const *items;
    size_t n = node_items(objects, "reference_controls", &items);
    enum convert_why why = 0;

    for (size_t i = 0; !why && i < n; i++) {
        struct library_row row = {.chapter = node_text(items[i], "category"), .maps_to = ""};

        if (++l->visits > LIBRARY_VISITS)
            return WHY_TOO_LARGE;
        row.code = library_code(
            l->arena,
            first_of(node_text(items[i], "ref_id"), library_tail(node_text(items[i], "urn"))), 50);
        why = add_control(l, items[i], &row);
    }
    return why;
}

enum convert_why library_ciso(const struct node *root, struct library *out)
{
    const struct node *objects = node_get(root, "objects"), *one;
    struct mappings m = {0};
    struct node *const *items;
    enum convert_why why;
    size_t n;

    if (!objects || objects->kind != NODE_MAP)
        return WHY_NOT_LIBRARY;
    out->title = first_of(node_text(root, "name"), node_text(root, "ref_id"));
    out->source = first_of(node_text(root, "provider"), node_text(root, "packager"));
    out->edition = node_text(root, "version");
    out->language = node_text(root, "locale");
    out->reference = node_text(root, "urn");
    out->description = node_text(root, "description");
    out->terms = node_text(root, "copyright");
    why = read_mappings(out, objects, &m);
    one = node_get(objects, "framework");
    if (!why && one)
        why = read_framework(out, one, &m);
    n = node_items(objects, "frameworks", &items);
    for (size_t i = 0; !why && i < n; i++)
        why = read_framework(out, items[i], &m);
    if (!why && !out->count)
        why = read_references(out, objects);
    if (!why && !out->count)
        why = only_mappings(out, &m);
    return why;
}
