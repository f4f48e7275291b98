/* SPDX-License-Identifier: Apache-2.0 */
/* The page of the statement: where it stands, what is in the way, and the table. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/decision.h"
#include "core/export.h"
#include "core/language.h"
#include "core/page.h"
#include "feature/control/control.h"
#include "feature/soa/soa_part.h"

/* --- filters --- */

static struct soa_filter asked(struct web *w)
{
    struct soa_filter f = {.q = web_query(w, "q"),
                           .theme = web_query(w, "theme"),
                           .applicable = web_query(w, "applicable"),
                           .status = web_query(w, "status"),
                           .show = web_query(w, "show")};

    /* Without any wish: the first theme, as a page of 93 rows is long. */
    if (text_empty(f.theme))
        f.theme = text_empty(f.q) && text_empty(f.applicable) && text_empty(f.status) &&
                          text_empty(f.show)
                      ? "organizational"
                      : "all";
    return f;
}

static void add_part(struct web *w, struct buf *b, const char *name, const char *value)
{
    if (!text_empty(value))
        buf_printf(b, "%c%s=%s", strchr(b->data, '?') ? '&' : '?', name, text_url(w->arena, value));
}

/* The address of the page with one filter changed. */
static const char *filter_url(struct web *w, struct soa_filter f, const char *name,
                              const char *value)
{
    const char *parts[][2] = {
        {"q",          f.q         },
        {"theme",      f.theme     },
        {"applicable", f.applicable},
        {"status",     f.status    },
        {"show",       f.show      }
    };
    struct buf b;

    buf_init(&b, w->arena, 128);
    buf_str(&b, web_url(w, "/soa"));
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        add_part(w, &b, parts[i][0], text_equal(parts[i][0], name) ? value : parts[i][1]);
    return b.data;
}

static void draw_tab(struct web *w, const struct soa_filter *f, const char *theme,
                     const char *label, i64 n)
{
    html(w->html, "<a class='filter' href='%s' ", filter_url(w, *f, "theme", theme));
    if (text_equal(f->theme, theme))
        html(w->html, "aria-current='true'");
    html(w->html, ">%s %lld</a>", tr(label), n);
}

static void draw_menu(struct web *w, const struct soa_filter *f, const char *name,
                      const char *label, const struct choice *choices)
{
    const char *now = text_equal(name, "applicable") ? f->applicable : f->status;
    const struct choice *chosen = choice_find(choices, now);

    if (chosen) {
        html(w->html,
             "<a class='filter' aria-current='true' href='%s'>%s: %s <span "
             "aria-hidden='true'>×</span><span class='visually-hidden'>, {take this filter "
             "out}</span></a>",
             filter_url(w, *f, name, NULL), tr(label), tr(chosen->label));
        return;
    }
    html(w->html,
         "<details class='menu'><summary class='filter'>%s</summary><div "
         "class='menu-items'>",
         tr(label));
    for (const struct choice *c = choices; c->code; c++)
        html(w->html, "<a class='menu-item' href='%s'>%s</a>", filter_url(w, *f, name, c->code),
             tr(c->label));
    html(w->html, "</div></details>");
}

static void draw_search(struct web *w, const struct soa_filter *f)
{
    const char *hidden[][2] = {
        {"theme", text_equal(f->theme, "organizational") ? "all" : f->theme},
        {"applicable",       f->applicable              },
        {"status",       f->status    },
        {"show",       f->show                },
        {"asof",       w->asof_date    }
    };

    html(w->html,
         "<form method='get' action='/o/%s/soa'><input class='form-control form-control-sm' "
         "type='search' name='q' value='%s' placeholder='{Filter controls…}' aria-label='{Filter "
         "controls}'>",
         w->slug, f->q);
    for (size_t i = 0; i < COUNT_OF(hidden); i++)
        if (!text_empty(hidden[i][1]))
            html(w->html, "<input type='hidden' name='%s' value='%s'>", hidden[i][0], hidden[i][1]);
    html(w->html, "</form>");
}

static void draw_bar(struct web *w, const struct soa_table *t, const struct soa_filter *f)
{
    static const char *const shows[][2] = {
        {"issues",         N_("what is in the way")               },
        {"contradictions", N_("contradictions")                   },
        {"undecided",      N_("undecided")                        },
        {"unjustified",    N_("without a reason")                 },
        {"reasonless",     N_("included without a reason")        },
        {"undescribed",    N_("not described")                    },
        {"ownerless",      N_("without an owner")                 },
        {"changed",        N_("with other reasons than decided")  },
        {"doubts",         N_("whose status contradicts the plan")}
    };

    html(w->html, "<div class='filter-bar'>");
    draw_search(w, f);
    for (size_t i = 0; i < SOA_THEMES; i++)
        draw_tab(w, f, control_themes[i].code, control_themes[i].label, t->themes[i]);
    draw_tab(w, f, "all", "All", (i64)t->count);
    draw_menu(w, f, "applicable", "Applicable",
              entity_field(&control_entity, "applicable")->choices);
    draw_menu(w, f, "status", "Status", entity_field(&control_entity, "status")->choices);
    for (size_t i = 0; i < COUNT_OF(shows); i++)
        if (text_equal(f->show, shows[i][0]))
            html(w->html,
                 "<a class='filter' aria-current='true' href='%s'>{Only %s} <span "
                 "aria-hidden='true'>×</span><span class='visually-hidden'>, {take this filter "
                 "out}</span></a>",
                 filter_url(w, *f, "show", NULL), tr(shows[i][1]));
    html(w->html, "<span class='filter-count'>{%lld applicable · %lld excluded · %lld implemented}",
         t->applicable, t->excluded, t->implemented);
    if (t->open)
        html(w->html, " · {%lld open}", t->open);
    html(w->html, "</span></div>");
}

/* --- where it stands --- */

static void draw_trouble(struct web *w, const struct soa_table *t, const struct soa_filter *f)
{
    const i64 counts[] = {t->conflicts, t->unjustified, t->open};
    struct arena *a = w->arena;
    const char *parts[] = {
        arena_printf(a, tr_n("%lld contradiction", "%lld contradictions", t->conflicts),
                     t->conflicts),
        arena_printf(a,
                     tr_n("%lld exclusion without a reason", "%lld exclusions without a reason",
                          t->unjustified),
                     t->unjustified),
        arena_printf(a, tr_n("%lld control not decided", "%lld controls not decided", t->open),
                     t->open),
    };
    struct soa_filter clear = {.q = NULL};
    size_t said = 0;

    if (!t->conflicts && !t->unjustified && !t->open)
        return;
    html(w->html, "<div class='notice warning' role='status'><div><strong>");
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        if (counts[i])
            html(w->html, "%s%s", said++ ? ", " : "", parts[i]);
    html(w->html, ".</strong> {Approval opens when they are settled.}</div><div class='d-flex "
                  "flex-wrap gap-1 ms-auto'>");
    if (!text_equal(f->show, "issues"))
        html(w->html, "<a class='btn btn-sm' href='%s'>{Show them}</a>",
             filter_url(w, clear, "show", "issues"));
    if (t->open && !w->asof && web_may(w, &control_write))
        html(w->html, "<a class='btn btn-sm' href='%s'>{Decide one by one}</a>",
             web_url(w, "/soa/decide"));
    html(w->html, "</div></div>");
}

/* Rules R151 and R152: decisions whose reasons changed, and states that the plan contradicts. */
static void draw_again(struct web *w, const struct soa_table *t, const struct soa_filter *f)
{
    struct soa_filter clear = {.q = NULL};
    size_t gained = 0;

    for (size_t i = 0; i < t->count; i++)
        gained += t->rows[i].changed && !t->rows[i].rejustify && !t->rows[i].conflict;
    if (t->rejustify)
        html(w->html,
             "<div class='notice warning' role='status'><div>{%lld decision rests on reasons that "
             "changed.|%lld decisions rest on reasons that changed.}</div><a class='btn btn-sm' "
             "href='%s'>{Look at them again}</a></div>",
             t->rejustify, t->rejustify, filter_url(w, clear, "show", "changed"));
    if (t->doubts)
        html(
            w->html,
            "<div class='notice warning' role='status'><div>{%lld status contradicts the treatment "
            "plan.|%lld states contradict the treatment plan.}</div><a class='btn btn-sm' "
            "href='%s'>{Show them}</a></div>",
            t->doubts, t->doubts, filter_url(w, clear, "show", "doubts"));
    if (!gained || !text_equal(f->show, "changed") || w->asof || !web_may(w, &control_write))
        return;
    html(w->html,
         "<div class='notice info' role='status'><div>{%zu included controls only got "
         "further reasons. They can be noted together.}</div>",
         gained);
    form_button(w, web_url(w, "/soa/confirm"), "default", "Note the further reasons", "all", "1");
    html(w->html, "</div>");
}

/* Rule R057: after a later change of treatments or requirements a new version is needed. */
static struct err *draw_standing(struct web *w, const struct soa_table *t)
{
    struct soa_changes changes;
    struct soa_table then;
    struct soa s;

    TRY(soa_waiting(w, &s));
    if (s.id)
        html(w->html,
             "<div class='notice info' role='status'><div>{Version %lld waits for "
             "approval.}</div><a class='btn btn-sm' href='%s'>{Open it}</a></div>",
             s.number, web_url(w, "/soa/SOA-%lld", s.number));
    TRY(soa_in_force(w, &s));
    if (!s.id)
        return NULL;
    TRY(soa_thaw(w, s.body, &then));
    TRY(soa_compare(w, &then, t, &changes));
    if (!changes.count)
        return NULL;
    html(w->html, "<div class='notice %s' role='status'><div>",
         changes.material ? "warning" : "info");
    if (changes.material)
        html(w->html,
             "<strong>{A new version is needed.}</strong> {Since version %lld was approved, %s.}",
             s.number,
             arena_printf(w->arena,
                          tr_n("%lld control has another decision or other reasons",
                               "%lld controls have another decision or other reasons",
                               (i64)changes.material),
                          (i64)changes.material));
    else
        html(w->html, "{Version %lld is in force. Only progress was recorded since, at %s.}",
             s.number,
             arena_printf(w->arena, tr_n("%lld control", "%lld controls", (i64)changes.count),
                          (i64)changes.count));
    html(w->html, "</div><a class='btn btn-sm' href='%s'>{What changed}</a></div>",
         web_url(w, "/soa/SOA-%lld#changes", s.number));
    return NULL;
}

static struct err *draw_versions(struct web *w)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select s.number, s.state, s.applicable, s.excluded, s.implemented, s.note,"
                 " (select min(h.valid_from) from soa_history h where h.org_id = s.org_id"
                 " and h.id = s.id), s.title from soa s where s.org_id = $1"
                 " order by s.number desc limit 50",
                 num(w->org)));
    card_begin(w, "Versions", NULL);
    html(w->html, "<ul class='list-unstyled mb-0'>");
    while (row_next(r)) {
        const struct choice *c =
            choice_find(entity_field(&soa_entity, "state")->choices, row_text(r, 1));

        html(w->html,
             "<li class='mb-1'><a class='text-decoration-underline' href='%s'>{Version %lld}</a> ",
             web_url(w, "/soa/SOA-%lld", row_num(r, 0)), row_num(r, 0));
        badge(w, c ? c->tone : NULL, c ? page_lower(w, c->label) : row_text(r, 1));
        html(w->html,
             "<span class='mute'>{%s · %lld applicable · %lld excluded · %lld "
             "implemented}</span></li>",
             web_time(w, row_num(r, 6)), row_num(r, 2), row_num(r, 3), row_num(r, 4));
    }
    html(w->html, "</ul>");
    if (row_count(r))
        html(w->html, "<p class='mt-2 mb-0'><a href='%s'>{Compare any two versions}</a></p>",
             web_url(w, "/soa/compare"));
    if (!row_count(r))
        html(w->html, "<p class='mute mb-0'>{No version yet. When nothing is in the way, send the "
                      "statement for approval: that freezes it.}</p>");
    card_end(w);
    return NULL;
}

/* --- the page --- */

static void draw_exports(struct web *w, i64 version)
{
    static const char *const formats[][2] = {
        {"pdf",  N_("PDF, to sign and hand out")},
        {"xlsx", N_("Spreadsheet")              },
        {"csv",  "CSV"                          },
        {"json", "JSON"                         }
    };

    if (!web_may(w, &export_run_right))
        return;
    html(w->html, "<details class='menu menu-end'><summary class='btn'>{Export}</summary><div "
                  "class='menu-items'>");
    for (size_t i = 0; i < COUNT_OF(formats); i++)
        html(w->html, "<a class='menu-item' href='%s%sformat=%s%s'>%s</a>",
             web_url(w, "/soa/export"), w->asof_date ? "&" : "?", formats[i][0],
             version ? arena_printf(w->arena, "&version=%lld", version) : "", tr(formats[i][1]));
    html(w->html, "</div></details>");
}

/* Nothing to send when the same text waits already or is in force. */
static bool may_send(struct web *w, const struct soa_table *t, const struct soa *waiting,
                     const struct soa *force)
{
    const char *hash;

    if (!web_may(w, &soa_write) || w->asof || t->conflicts || t->unjustified || t->open)
        return false;
    hash = decision_hash(w->arena, soa_freeze(w, t));
    return !text_equal(hash, waiting->body_hash) && !text_equal(hash, force->body_hash);
}

static struct err *draw_actions(struct web *w, const struct soa_table *t)
{
    struct soa force, waiting;
    i64 next;

    TRY(soa_in_force(w, &force));
    TRY(soa_waiting(w, &waiting));
    TRY(soa_next_number(w, &next));
    html(w->html, "<span class='align-self-center me-1'>");
    badge(w, "orange", arena_printf(w->arena, tr("draft %lld"), next));
    html(w->html, "</span>");
    if (force.id)
        page_action(w, "default", web_url(w, "/soa/SOA-%lld#changes", force.number),
                    arena_printf(w->arena, tr("Compare with v%lld"), force.number));
    draw_exports(w, 0);
    if (may_send(w, t, &waiting, &force))
        form_button(w, web_url(w, "/soa/submit"), "primary", "Send for approval", NULL, NULL);
    return NULL;
}

static struct err *draw_all(struct web *w, const struct soa_table *t, const struct issues *blockers)
{
    struct soa_filter f = asked(w);

    page_begin(w, "Plan", "Statement of Applicability");
    TRY(draw_actions(w, t));
    page_help(w,
              "One line for each control: whether you need it, why, and how far it is done. "
              "Reasons come from risks that are treated, from requirements, from the baseline "
              "and from the profile, so it stays in step with them. Approving a version "
              "authorises its implementation.",
              "6.1.3 d");
    page_body(w);
    form_issues(w, blockers);
    draw_trouble(w, t, &f);
    draw_again(w, t, &f);
    TRY(draw_standing(w, t));
    html(w->html, "<section class='card'>");
    draw_bar(w, t, &f);
    if (!soa_draw_table(w, t, &f, true)) {
        bool own = text_equal(f.theme, "own") && !t->themes[SOA_THEMES - 1];

        page_empty(w,
                   own ? "No controls of your own yet. Controls may come from any framework; say "
                         "which controls of Annex A they answer."
                       : "No control fits this filter.",
                   own ? web_url(w, "/controls/new") : web_url(w, "/soa?theme=all"),
                   own ? "New control" : "Show all");
    }
    html(w->html, "</section>");
    TRY(draw_versions(w));
    page_end(w);
    return NULL;
}

struct err *soa_page(struct web *w)
{
    struct soa_table t;

    TRY(soa_rows(w, &t));
    return draw_all(w, &t, NULL);
}

struct err *soa_refuse_submit(struct web *w, const struct soa_table *t,
                              const struct issues *blockers)
{
    web_status(w, 422);
    return draw_all(w, t, blockers);
}
