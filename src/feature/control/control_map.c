/* SPDX-License-Identifier: Apache-2.0 */
/* What an own control answers of Annex A: read from and written as text, so that a form, a file and
 * the API say it alike. One line for each control: "5.16 equal: the same register". */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/page.h"
#include "feature/control/control_part.h"

const struct choice control_relations[] = {
    {"equal",   N_("Asks the same"), "green"},
    {"partial",  N_("Answers a part"), "yellow"},
    {"more", N_("Asks more than that"), "blue"},
    {"", N_("Answers it"), NULL},
    {0   }
};

/* How other frameworks and people call the three. */
static const char *const words[][2] = {
    {"=",          "equal"  },
    {"equals",     "equal"  },
    {"equivalent", "equal"  },
    {"same",       "equal"  },
    {"gleich",     "equal"  },
    {"<",          "partial"},
    {"part",       "partial"},
    {"partly",     "partial"},
    {"subset",     "partial"},
    {"intersect",  "partial"},
    {"overlaps",   "partial"},
    {"teilweise",  "partial"},
    {">",          "more"   },
    {"superset",   "more"   },
    {"mehr",       "more"   }
};

static const char *relation_of(const char *word)
{
    for (size_t i = 0; i < 3; i++)
        if (text_equal(word, control_relations[i].code))
            return control_relations[i].code;
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (text_equal(word, words[i][0]))
            return words[i][1];
    return NULL;
}

/* "A.5.16" and "5.16" are the same. */
static const char *code_of(struct web *w, const char *word)
{
    const char *code = (word[0] == 'A' || word[0] == 'a') && word[1] == '.' ? word + 2 : word;

    return control_row(w, code) >= 0 ? arena_str(w->arena, code) : NULL;
}

static void add(struct web *w, struct control_mappings *out, struct control_mapping m)
{
    for (size_t i = 0; i < out->count; i++) {
        if (!text_equal(out->list[i].code, m.code))
            continue;
        if (*m.relation)
            out->list[i].relation = m.relation;
        if (*m.why)
            out->list[i].why = m.why;
        return;
    }
    if (out->count % 16 == 0) {
        struct control_mapping *bigger =
            NEW_ARRAY(w->arena, struct control_mapping, out->count + 16);

        if (out->count)
            memcpy(bigger, out->list, out->count * sizeof(*bigger));
        out->list = bigger;
    }
    out->list[out->count++] = m;
}

/* "5.16, 5.18 partial: why" */
static void read_line(struct web *w, const char *line, struct control_mappings *out,
                      struct issues *issues)
{
    const char *colon = strchr(line, ':');
    char *head = arena_strn(w->arena, line, colon ? (size_t)(colon - line) : strlen(line)), **parts;
    const char *why = colon ? text_trim(w->arena, colon + 1) : "", *relation = "";
    size_t n, from = out->count;

    for (char *p = head; *p; p++)
        if (strchr("\t()", *p))
            *p = ' ';
    for (char *p = head; *p; p++)
        if (*p == ' ')
            *p = ',';
    n = text_split(w->arena, head, ',', &parts);
    for (size_t i = 0; i < n; i++) {
        const char *code = code_of(w, parts[i]);
        const char *word = code ? NULL : relation_of(text_fold(w->arena, parts[i]));

        if (code)
            add(w, out, (struct control_mapping){code, "", ""});
        else if (word)
            relation = word;
        else if (*parts[i] && issues)
            issue(issues, "maps_to",
                  "“%.30s” is no control of Annex A. Write codes like 5.16, 5.18, one line each "
                  "with equal, partial or more, or “unmatched”.",
                  parts[i]);
    }
    for (size_t i = from; i < out->count; i++) {
        out->list[i].relation = relation;
        out->list[i].why = why;
    }
}

void control_map_read(struct web *w, const char *text, struct control_mappings *out,
                      struct issues *issues)
{
    char *copy, **lines;
    size_t n;

    *out = (struct control_mappings){0};
    if (text_empty(text))
        return;
    if (text_equal(text_fold(w->arena, text_trim(w->arena, text)), "unmatched")) {
        out->unmatched = true;
        return;
    }
    copy = arena_str(w->arena, text);
    for (char *p = copy; *p; p++)
        if (*p == ';')
            *p = '\n';
    n = text_split(w->arena, copy, '\n', &lines);
    for (size_t i = 0; i < n; i++)
        read_line(w, lines[i], out, issues);
}

const char *control_map_text(struct web *w, const struct control_mappings *m)
{
    bool plain = true;
    struct buf b;

    if (m->unmatched)
        return "unmatched";
    if (!m->count)
        return NULL;
    for (size_t i = 0; i < m->count; i++)
        plain = plain && !*m->list[i].relation && !*m->list[i].why;
    buf_init(&b, w->arena, 80);
    for (size_t i = 0; i < m->count; i++) {
        const struct control_mapping *one = &m->list[i];

        buf_printf(&b, "%s%s", !i ? "" : plain ? ", " : "\n", one->code);
        if (*one->relation)
            buf_printf(&b, " %s", one->relation);
        if (*one->why)
            buf_printf(&b, ": %s", one->why);
    }
    return b.data;
}

const char *control_relation_label(const char *relation)
{
    const struct choice *c = choice_find(control_relations, relation);

    return c ? tr(c->label) : relation;
}

/* --- the page on which it is said --- */

#define BLANK 3 /* free lines at the end */
#define LINES_MOST 93

static struct err *load_own(struct web *w, struct control *c)
{
    i64 id;

    TRY(web_record(w, &control_entity, &id));
    TRY(entity_load(w, &control_entity, id, c));
    if (control_row(w, c->code) >= 0)
        return err_new(ERR_CLASH, "%s is a control of Annex A itself.", c->code);
    return NULL;
}

static void draw_codes(struct web *w, size_t i, const char *chosen)
{
    const struct content_table *t = control_table(w);

    html(w->html,
         "<td data-label='{Annex A}'><select class='form-select' name='code.%zu' "
         "aria-label='{Control of Annex A}'><option value=''>—</option>",
         i);
    for (size_t k = 0; k < content_rows(t); k++) {
        const char *code = content_cell(t, k, "code");

        html(w->html, "<option value='%s'", code);
        if (text_equal(code, chosen))
            html(w->html, " selected");
        html(w->html, ">%s %s</option>", code, content_words(t, k, "title"));
    }
    html(w->html, "</select></td>");
}

static void draw_relations(struct web *w, size_t i, const char *chosen)
{
    html(w->html,
         "<td data-label='{How}'><select class='form-select' name='relation.%zu' "
         "aria-label='{How it answers}'>",
         i);
    for (const struct choice *c = control_relations; c->code; c++) {
        html(w->html, "<option value='%s'", c->code);
        if (text_equal(c->code, chosen))
            html(w->html, " selected");
        html(w->html, ">%s</option>", tr(c->label));
    }
    html(w->html, "</select></td>");
}

static void draw_lines(struct web *w, const struct control_mappings *m)
{
    html(w->html, "<table class='table list'><thead><tr><th scope='col'>{Annex A}</th><th "
                  "scope='col'>{How}</th><th scope='col'>{Why}</th></tr></thead><tbody>");
    for (size_t i = 0; i < m->count + BLANK && i < LINES_MOST; i++) {
        const struct control_mapping none = {"", "", ""}, *one = i < m->count ? &m->list[i] : &none;

        html(w->html, "<tr>");
        draw_codes(w, i, one->code);
        draw_relations(w, i, one->relation);
        html(w->html,
             "<td data-label='{Why}'><input class='form-control' name='why.%zu' maxlength='300' "
             "aria-label='{Why}' value='%s'></td></tr>",
             i, one->why);
    }
    html(w->html, "</tbody></table>");
}

static struct err *draw_map(struct web *w, const struct control *c,
                            const struct control_mappings *m, const struct issues *issues)
{
    page_begin(w, arena_printf(w->arena, "%s · C-%lld", tr("Control"), c->number),
               "What %s answers", c->code);
    page_body(w);
    form_issues(w, issues);
    if (!text_empty(c->asks)) {
        card_begin(w, "What it asks", NULL);
        html(w->html, "<p class='mb-0'>%s</p>", c->asks);
        card_end(w);
    }
    card_begin(w, NULL, NULL);
    html(w->html, "<p class='mute'>{Name each control of Annex A that it answers, how far, and why "
                  "you think so. A line without a control is taken out; save to get more free "
                  "lines.}</p>");
    form_begin(w, web_url(w, "/controls/C-%lld/mapping", c->number), c->version);
    draw_lines(w, m);
    html(w->html,
         "<div class='form-check mt-2'><input class='form-check-input' type='checkbox' "
         "id='f-unmatched' name='unmatched' value='1'%s><label class='form-check-label' "
         "for='f-unmatched'>{Compared: no control of Annex A is like it}</label></div>",
         m->unmatched ? " checked" : "");
    form_end(w, "Save", web_url(w, "/controls/C-%lld", c->number));
    card_end(w);
    page_end(w);
    return NULL;
}

struct err *control_map_page(struct web *w)
{
    struct control_mappings m;
    struct control c;

    TRY(load_own(w, &c));
    control_map_read(w, c.maps_to, &m, NULL);
    return draw_map(w, &c, &m, NULL);
}

static const char *posted(struct web *w, const char *name, size_t i)
{
    const char *text = web_form(w, arena_printf(w->arena, "%s.%zu", name, i));
    char *one = text_empty(text) ? arena_str(w->arena, "") : arena_str(w->arena, text);

    for (char *p = one; *p; p++)
        if (*p == '\n' || *p == '\r' || *p == ';')
            *p = ',';
    return text_trim(w->arena, one);
}

static void read_form(struct web *w, struct control_mappings *m, struct issues *issues)
{
    *m = (struct control_mappings){.unmatched = text_equal(web_form(w, "unmatched"), "1")};
    for (size_t i = 0; i < LINES_MOST; i++) {
        const char *code = posted(w, "code", i), *relation = posted(w, "relation", i);
        const char *why = posted(w, "why", i);

        if (!*code && *why)
            issue(issues, "", "Choose the control of Annex A for “%.60s”.", why);
        if (!*code)
            continue;
        if (control_row(w, code) < 0 || !choice_find(control_relations, relation))
            issue(issues, "", "“%.30s” is no control of Annex A. Choose one of the list.", code);
        else if (text_length(why) > 300)
            issue(issues, "", "%s: the reason is too long: at most 300 characters fit.", code);
        else
            add(w, m, (struct control_mapping){code, relation, why});
    }
    if (m->unmatched && m->count)
        issue(issues, "", "Either it answers controls of Annex A, or none is like it: not both.");
}

struct err *control_map_post(struct web *w)
{
    struct issues issues = {.arena = w->arena};
    const char *version = web_form(w, "_version");
    struct control_mappings m;
    struct control c;
    i64 shown;

    TRY(load_own(w, &c));
    if (!version || !text_i64(version, &shown))
        return err_new(ERR_BAD, "The form is not complete. Open the page again.");
    if (shown != c.version)
        return err_new(ERR_CLASH, "Somebody else changed this control since you opened the page. "
                                  "Look at it again.");
    read_form(w, &m, &issues);
    if (!issues.count) {
        c.maps_to = control_map_text(w, &m);
        TRY(entity_write(w, &control_entity, &c, "compared with Annex A", &issues));
    }
    if (issues.count) {
        web_status(w, 422);
        return draw_map(w, &c, &m, &issues);
    }
    web_redirect(w, web_url(w, "/controls/C-%lld?m=saved", c.number));
    return NULL;
}
