/* SPDX-License-Identifier: Apache-2.0 */
#include "core/help.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "core/app.h"
#include "core/content.h"
#include "core/page.h"

#define NAME_MOST 60

static bool is_name(const char *name)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-");

    return n > 0 && n <= NAME_MOST && !name[n];
}

static const char *text_of(struct web *w, const char *name)
{
    const char *text = NULL;

    if (!w->app || !w->app->content || !is_name(name))
        return NULL;
    if (!text_empty(w->language) && is_name(w->language))
        text = content_text(w->app->content,
                            arena_printf(w->arena, "help/%s/%s.md", w->language, name), NULL);
    return text ? text
                : content_text(w->app->content, arena_printf(w->arena, "help/%s.md", name), NULL);
}

/* The rest of a line behind `prefix`, and the cursor after it; NULL when it does not begin so. */
static const char *take_line(struct web *w, const char **at, const char *prefix)
{
    size_t n = strlen(prefix), size;
    const char *start = *at + n;

    if (!text_starts(*at, prefix))
        return NULL;
    size = strcspn(start, "\n");
    *at = start + size + (start[size] == '\n');
    return text_trim(w->arena, arena_strn(w->arena, start, size));
}

bool help_find(struct web *w, const char *name, struct help *out)
{
    const char *at = text_of(w, name), *end;

    if (!at)
        return false;
    *out = (struct help){.name = name};
    out->title = take_line(w, &at, "# ");
    if (!out->title)
        out->title = name;
    out->clause = take_line(w, &at, "Clause:");
    if (!out->clause)
        out->clause = "";
    at += strspn(at, "\n");
    end = strstr(at, "\n\n");
    out->lead = end ? text_trim(w->arena, arena_strn(w->arena, at, (size_t)(end - at))) : at;
    out->text = end ? end + 2 : "";
    return true;
}

size_t help_names(struct web *w, const char *const **out)
{
    const char *const *files;
    size_t n = w->app && w->app->content ? content_list(w->app->content, "help/", &files) : 0;
    const char **names = NEW_ARRAY(w->arena, const char *, n + 1);
    size_t count = 0;

    for (size_t i = 0; i < n; i++) {
        const char *file = files[i] + strlen("help/");
        size_t size = strlen(file);

        if (size > 3 && !strcmp(file + size - 3, ".md") && !strchr(file, '/'))
            names[count++] = arena_strn(w->arena, file, size - 3);
    }
    *out = names;
    return count;
}

/* --- where one is --- */

static const char *known(struct web *w, const char *name)
{
    return name && text_of(w, name) ? name : NULL;
}

/* A number or an id stands for a record and names no page. */
static bool is_record(const char *segment)
{
    const char *dash = strrchr(segment, '-');

    return isdigit((unsigned char)(dash ? dash[1] : segment[0]));
}

static const char *of_site(struct web *w, const char *path)
{
    static const char *const doors[] = {"/login", "/setup", "/invite", "/reset"};

    for (size_t i = 0; i < COUNT_OF(doors); i++)
        if (text_starts(path, doors[i]))
            return known(w, "sign-in");
    if (text_starts(path, "/account"))
        return known(w, "account");
    if (text_equal(path, "/") || text_starts(path, "/organisations"))
        return known(w, "organisations");
    return NULL;
}

const char *help_here(struct web *w)
{
    const char *path = w->req && w->req->path ? w->req->path : "", *tab = web_query(w, "tab");
    const char *found = NULL;
    char **parts;
    size_t n;

    if (!w->slug || !text_starts(path, "/o/"))
        return of_site(w, path);
    n = text_split(w->arena, path + strlen("/o/"), '/', &parts);
    if (n < 2)
        return known(w, "home");
    if (text_equal(parts[1], "help"))
        return NULL;
    if (tab)
        found = known(w, tab);
    if (!found && n > 2)
        found = known(w, arena_printf(w->arena, "%s-%s", parts[1], parts[n - 1]));
    if (!found && n > 2 && !is_record(parts[n - 1]))
        found = known(w, parts[n - 1]);
    if (!found && n > 2 && !is_record(parts[n - 1])) /* "handover", "approval" */
        found = known(w, arena_printf(w->arena, "%ss", parts[n - 1]));
    return found ? found : known(w, parts[1]);
}

const char *help_url(struct web *w, const char *name)
{
    if (w->slug)
        return arena_printf(w->arena, "/o/%s/help%s%s", w->slug, *name ? "/" : "", name);
    return arena_printf(w->arena, "/help%s%s", *name ? "/" : "", name);
}

void help_draw(struct web *w, const struct help *h, int level)
{
    const struct markdown_style style = {.heading = level};

    html(w->html, "<div class='markdown help'>");
    if (*h->clause)
        html(w->html, "<p class='mute'>{ISO/IEC 27001:2022: %s}</p>", h->clause);
    markdown(w->html, h->lead, &style);
    markdown(w->html, h->text, &style);
    html(w->html, "</div>");
}
