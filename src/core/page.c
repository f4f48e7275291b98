/* SPDX-License-Identifier: Apache-2.0 */
/* The frame of every page and the small parts in it. */
#include "core/page.h"

#include <string.h>

#include "base/embedded.h"
#include "base/text.h"
#include "base/words.h"
#include "core/frame.h"
#include "core/help.h"
#include "core/route.h"

/* --- small parts --- */

void page_day(struct web *w, const char *text, enum field_dated dated, bool over)
{
    if (!over)
        html(w->html, "<span class='text-nowrap'>%s</span>", text);
    else if (dated == DATED_EXPIRY)
        html(w->html, "<span class='late'><span class='text-nowrap'>%s</span> {expired}</span>",
             text);
    else
        html(w->html, "<span class='late'><span class='text-nowrap'>%s</span> {overdue}</span>",
             text);
}

void icon(struct web *w, const char *name)
{
    html(w->html, "<svg class='icon' aria-hidden='true'><use href='%s#%s'/></svg>",
         embedded_url("icons.svg"), name);
}

/* A class of assets/cairn.css, never text of a user. */
static const char *tone_class(const char *tone)
{
    static const char *const known[] = {"red",  "orange", "yellow", "green",
                                        "teal", "blue",   "purple"};

    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (text_equal(tone, known[i]))
            return known[i];
    return "";
}

void badge(struct web *w, const char *tone, const char *text)
{
    html(w->html, "<span class='chip %s'>%s</span> ", tone_class(tone), tr(text));
}

void level_chip(struct web *w, i64 score, const char *band, const char *tone)
{
    const char *level = level_class(tone);

    if (!score && text_empty(band))
        html(w->html, "<span class='mute'>—</span>");
    else if (!score)
        html(w->html, "<span class='level level-%s text-nowrap'>%s</span>", level, band);
    else
        html(w->html, "<span class='level level-%s text-nowrap'>%lld %s</span>", level, score,
             band);
}

/* Colours and meanings both name a tone; the class is the meaning. */
static const char *notice_tone(const char *tone)
{
    static const char *const pairs[][2] = {
        {"red",    "danger" },
        {"orange", "warning"},
        {"yellow", "warning"},
        {"green",  "success"},
        {"blue",   "info"   }
    };

    for (size_t i = 0; i < COUNT_OF(pairs); i++)
        if (text_equal(tone, pairs[i][0]))
            return pairs[i][1];
    return text_empty(tone) ? "info" : tone;
}

void page_notice(struct web *w, const char *tone, const char *format, ...)
{
    va_list args;
    const char *text;

    va_start(args, format);
    text = arena_vprintf(w->arena, tr(format), args);
    va_end(args);
    tone = notice_tone(tone);
    html(w->html, "<div class='notice %s' role='%s'>%s</div>", tone,
         text_equal(tone, "danger") ? "alert" : "status", text);
}

void card_begin(struct web *w, const char *title, const char *aside)
{
    html(w->html, "<section class='card'>");
    if (title || aside) {
        html(w->html, "<div class='card-header'><h2 class='card-title'>%s</h2>", tr(title));
        if (aside)
            html(w->html, "<span class='mute'>%s</span>", tr(aside));
        html(w->html, "</div>");
    }
    html(w->html, "<div class='card-body'>");
}

void card_end(struct web *w)
{
    html(w->html, "</div></section>");
}

void page_empty(struct web *w, const char *text, const char *address, const char *label)
{
    html(w->html, "<div class='empty'><p class='empty-subtitle'>%s</p>", tr(text));
    if (address && label)
        html(w->html, "<div class='empty-action'><a class='btn btn-primary' href='%s'>%s</a></div>",
             address, tr(label));
    html(w->html, "</div>");
}

void tabs(struct web *w, int current, const char *const *pairs)
{
    html(w->html, "<nav class='mb-3' aria-label='{Parts}'><ul class='nav nav-tabs'>");
    for (int i = 0; pairs[(size_t)i * 2]; i++) {
        html(w->html, "<li class='nav-item'><a class='nav-link%s' href='%s'",
             i == current ? " active" : "", pairs[(size_t)i * 2]);
        if (i == current)
            html(w->html, " aria-current='page'");
        html(w->html, ">%s</a></li>", tr(pairs[(size_t)i * 2 + 1]));
    }
    html(w->html, "</ul></nav>");
}

const char *page_lower(struct web *w, const char *label)
{
    char *copy = arena_str(w->arena, tr(label));

    /* Other languages have rules of their own for capitals. */
    if (!words_used() && copy[0] >= 'A' && copy[0] <= 'Z' && !(copy[1] >= 'A' && copy[1] <= 'Z'))
        copy[0] = (char)(copy[0] | 0x20);
    return copy;
}

bool page_offers(struct web *w, const char *address)
{
    const char *last = strrchr(address, '/');
    const char *end;
    struct route_match m;

    route_find(w->arena, METHOD_GET, address, &m);
    if (!last || !m.route || !web_may(w, m.route->permission))
        return false;
    end = strrchr(m.route->pattern, '/');
    return text_equal(end, last);
}

/* --- head of the page --- */

void page_head(struct web *w, const char *title)
{
    struct html *h = w->html;

    html(h,
         "<!doctype html>\n<html lang='%s'><head><meta charset='utf-8'>"
         "<meta name='viewport' content='width=device-width, initial-scale=1'><title>%s",
         text_empty(w->language) ? "en" : w->language, title);
    if (w->slug && w->org_name)
        html(h, " · %s", w->org_name);
    html(h,
         " · Cairn</title><meta name='htmx-config' "
         "content='%s'>"
         "<link rel='icon' href='%s'><link rel='stylesheet' href='%s'>"
         "<script src='%s'></script><script src='%s' defer></script></head>\n",
         "{\"includeIndicatorCSS\":false,\"mode\":\"same-origin\"}", embedded_url("favicon.svg"),
         embedded_url("cairn.css"), embedded_url("cairn.js"), embedded_url("htmx.js"));
}

static void draw_asof(struct web *w)
{
    struct html *h = w->html;
    char separator = '?';

    if (!w->asof_date)
        return;
    html(h,
         "<div class='asof' role='status'><span>{This is the state at the end of} "
         "<strong>%s</strong>. {Nothing can be changed here.}</span>",
         words_date(w->arena, w->asof_date));
    html(h, "<a href='%s", w->req ? w->req->path : "");
    for (size_t i = 0; w->req && i < w->req->query.count; i++) {
        const struct pair *p = &w->req->query.list[i];
        if (text_equal(p->name, "asof"))
            continue;
        html(h, "%c%s=%s", separator, text_url(w->arena, p->name), text_url(w->arena, p->value));
        separator = '&';
    }
    html(h, "'>{Back to today}</a></div>");
}

/* The link to the help of this page; script opens it over the page. */
static void draw_help(struct web *w)
{
    const char *name = help_here(w);

    if (!name)
        return;
    html(w->html, "<a class='btn btn-icon' href='%s' data-help aria-label='{Help for this page}'>",
         help_url(w, name));
    icon(w, "help");
    html(w->html, "</a>");
}

void page_begin(struct web *w, const char *section, const char *format, ...)
{
    struct html *h = w->html;
    va_list args;
    const char *title;

    va_start(args, format);
    title = arena_vprintf(w->arena, tr(format), args);
    va_end(args);
    page_head(w, title);
    if (w->slug)
        frame_begin(w);
    else
        frame_plain_begin(w);
    draw_asof(w);
    html(h, "<header class='page-head'><div>");
    if (!text_empty(section))
        html(h, "<div class='page-pretitle'>%s</div>", tr(section));
    html(h, "<h1 class='page-title'>%s</h1></div><div class='page-actions'>", title);
    draw_help(w);
}

/* What is not the main thing to do is behind one button on a phone; the panel opens by the browser
 * itself (popover), without script. On a wide screen the style sheet shows it in its place. */
static void more_begin(struct web *w)
{
    if (w->more)
        return;
    w->more = true;
    html(w->html, "<button class='btn btn-icon page-more-button' type='button' "
                  "popovertarget='page-more' aria-label='{More actions}'>");
    icon(w, "dots-vertical");
    html(w->html, "</button><div id='page-more' class='page-more' popover>");
}

static void more_end(struct web *w)
{
    if (w->more)
        html(w->html, "</div>");
    w->more = false;
}

void page_action(struct web *w, const char *kind, const char *address, const char *label)
{
    if (text_equal(kind, "primary"))
        more_end(w);
    else
        more_begin(w);
    html(w->html, "<a class='btn %s' href='%s'",
         text_equal(kind, "primary")  ? "btn-primary"
         : text_equal(kind, "danger") ? "btn-outline-danger"
                                      : "",
         address);
    if (text_starts(label, "New "))
        html(w->html, " data-key='n'");
    else if (text_equal(label, "Edit"))
        html(w->html, " data-key='e'");
    html(w->html, ">%s</a>", tr(label));
}

/* The panel opens by the browser itself (popover), without script. */
void page_help(struct web *w, const char *text, const char *clause)
{
    struct html *h = w->html;

    if ((text_empty(text) && text_empty(clause)) || help_here(w))
        return;
    html(h, "<button class='btn btn-icon' type='button' popovertarget='page-help' "
            "aria-label='{Help for this page}'>");
    icon(w, "help");
    html(h, "</button><div id='page-help' class='keys' popover><h2 class='h3'>{What this is "
            "for}</h2><p>");
    html_lines(h, tr(text));
    html(h, "</p>");
    if (!text_empty(clause))
        html(h, "<p class='mute'>{ISO/IEC 27001:2022, clause %s}</p>", clause);
    html(h, "<button class='btn' type='button' popovertarget='page-help' "
            "popovertargetaction='hide'>{Close}</button></div>");
}

/* --- flash messages: a closed list, so that an address cannot put words on a page --- */

static const struct {
    const char *code, *text;
} messages[] = {
    {"saved",        N_("Saved.")                             },
    {"created",      N_("Created.")                           },
    {"removed",      N_("Removed. Its history is kept.")      },
    {"restored",     N_("Restored.")                          },
    {"gone",         N_("Removed.")                           },
    {"unchanged",    N_("Nothing was changed.")               },
    {"approved",     N_("Approved.")                          },
    {"refused",      N_("Refused.")                           },
    {"accepted",     N_("Accepted.")                          },
    {"closed",       N_("Closed.")                            },
    {"started",      N_("Started.")                           },
    {"imported",     N_("Imported.")                          },
    {"added",        N_("Added.")                             },
    {"dismissed",    N_("Dismissed. The reason is kept.")     },
    {"sent",         N_("Sent.")                              },
    {"acknowledged", N_("Acknowledged.")                      },
    {"password",     N_("The password was changed.")          },
    {"drafted",      N_("The draft is kept. Only you see it.")},
    {"discarded",    N_("The draft was discarded.")           },
    {"unlinked",     N_("The link was removed.")              },
};

static void draw_flash(struct web *w)
{
    const char *code = web_query(w, "m");
    const char *undo = web_query(w, "undo");
    i64 id;

    for (size_t i = 0; code && i < COUNT_OF(messages); i++) {
        if (!text_equal(code, messages[i].code))
            continue;
        html(w->html, "<div class='notice success' role='status'>%s", tr(messages[i].text));
        if (text_equal(code, "removed") && undo && text_i64(undo, &id) && !w->asof && w->csrf)
            form_button(w, arena_printf(w->arena, "%s/%lld/restore", w->req->path, id), "default",
                        "Undo", NULL, NULL);
        html(w->html, "</div>");
    }
}

void page_body(struct web *w)
{
    more_end(w);
    if (w->slug)
        frame_bar(w);
    html(w->html, "</div>");
    if (w->slug)
        frame_search(w);
    html(w->html, "</header>\n");
    draw_flash(w);
}

void page_end(struct web *w)
{
    if (w->slug)
        frame_end(w);
    else
        frame_plain_end(w);
}
