/* SPDX-License-Identifier: Apache-2.0 */
/* How a person wants to be told: per kind at once, daily, weekly or only here; quiet hours; muted
 * records. */
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/page.h"
#include "feature/notice/notice_part.h"

const struct choice notice_hows[] = {
    {"now",  "By mail at once", NULL},
    {"day",  "By mail once a day", NULL},
    {"week",  "By mail on Mondays", NULL},
    {"never",  "Only here, without mail", NULL},
    {0}
};

static const struct choice hours[] = {
    {"0",   "00:00", NULL},
    {"1", "01:00", NULL},
    {"2",   "02:00", NULL},
    {"3", "03:00", NULL},
    {"4",   "04:00", NULL},
    {"5", "05:00", NULL},
    {"6",   "06:00", NULL},
    {"7", "07:00", NULL},
    {"8",   "08:00", NULL},
    {"9", "09:00", NULL},
    {"10",   "10:00", NULL},
    {"11", "11:00", NULL},
    {"12",   "12:00", NULL},
    {"13", "13:00", NULL},
    {"14",   "14:00", NULL},
    {"15", "15:00", NULL},
    {"16",   "16:00", NULL},
    {"17", "17:00", NULL},
    {"18",   "18:00", NULL},
    {"19", "19:00", NULL},
    {"20",  "20:00", NULL},
    {"21", "21:00", NULL},
    {"22",  "22:00", NULL},
    {"23", "23:00", NULL},
    {0 }
};

static const char help[] =
    "Everything you are told stands behind the bell. Here you choose what also comes by mail and "
    "when. Quiet hours are those of your own time zone, which you set on your account page; mail "
    "that falls into them comes when they end.";

/* --- the page --- */

static const char *how_now(struct rows *chosen, const struct notice_kind *k)
{
    row_rewind(chosen);
    while (row_next(chosen))
        if (text_equal(row_text(chosen, 0), k->code))
            return row_text(chosen, 1);
    return k->initial;
}

static void draw_select(struct web *w, const char *name, const char *label, const char *hint,
                        const struct choice *choices, const char *value)
{
    struct html *h = w->html;

    html(h, "<div class='field'><label class='form-label' for='f-%s'>%s</label>", name, tr(label));
    html(h, "<select class='form-select' id='f-%s' name='%s'", name, name);
    if (hint)
        html(h, " aria-describedby='h-%s'", name);
    html(h, ">");
    for (; choices->code; choices++)
        html(h, "<option value='%s'%s>%s</option>", choices->code,
             text_equal(choices->code, value) ? " selected" : "", tr(choices->label));
    html(h, "</select>");
    if (hint)
        html(h, "<div class='form-hint' id='h-%s'>%s</div>", name, tr(hint));
    html(h, "</div>");
}

static struct err *draw_kinds(struct web *w)
{
    struct rows *chosen;

    TRY(db_query(w->db, &chosen,
                 "select kind, how from notice_choice where org_id = $1 and person = $2",
                 num(w->org), num(w->person)));
    html(w->html, "<div class='form-grid'>");
    for (const struct notice_kind *k = notice_kinds; k->code; k++)
        draw_select(w, k->code, k->label, k->help, notice_hows, how_now(chosen, k));
    html(w->html, "</div>");
    return NULL;
}

static const char *number(struct web *w, i64 n)
{
    return arena_printf(w->arena, "%lld", n);
}

static struct err *draw_hours(struct web *w)
{
    struct html *h = w->html;
    struct hours now;
    bool quiet;

    TRY(notice_hours_of(w, w->person, &now));
    quiet = now.quiet_from >= 0;
    html(h, "<fieldset class='group'><legend>{When mail may come}</legend><div class='form-grid'>");
    draw_select(w, "digest_hour", "Daily and weekly mail comes at", NULL, hours,
                number(w, now.digest_hour));
    html(h,
         "<div class='field'><label class='form-check'><input class='form-check-input' "
         "type='checkbox' name='quiet' value='1'%s> <span class='form-check-label'>{Quiet hours: "
         "no mail between the two times below}</span></label>"
         "<label class='form-check'><input class='form-check-input' type='checkbox' "
         "name='quiet_weekend' value='1'%s> <span class='form-check-label'>{No mail on Saturdays "
         "and Sundays}</span></label></div>",
         quiet ? " checked" : "", now.quiet_weekend ? " checked" : "");
    draw_select(w, "quiet_from", "Quiet from", NULL, hours, number(w, quiet ? now.quiet_from : 18));
    draw_select(w, "quiet_until", "Quiet until", NULL, hours,
                number(w, quiet ? now.quiet_until : 7));
    html(h, "</div></fieldset>");
    return NULL;
}

static struct err *draw_muted(struct web *w)
{
    struct html *h = w->html;
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select m.record, r.title, r.kind, r.number from notice_mute m join record r"
                 " on r.org_id = m.org_id and r.id = m.record where m.org_id = $1 and m.person = $2"
                 " order by r.title limit 200",
                 num(w->org), num(w->person)));
    if (!row_count(r))
        return NULL;
    card_begin(w, "Muted records", NULL);
    html(h, "<ul class='notice-list'>");
    while (row_next(r)) {
        const char *link = notice_link(w, row_text(r, 2), row_num(r, 3), row_num(r, 0), "");

        html(h, "<li class='notice-row'><div class='notice-main'><a href='%s'>%s</a></div>",
             link ? link : "", row_text(r, 1));
        form_button(w, web_url(w, "/notices/unmute"), "default", "Unmute", "record",
                    number(w, row_num(r, 0)));
        html(h, "</li>");
    }
    html(h, "</ul>");
    card_end(w);
    return NULL;
}

static struct err *draw_watched(struct web *w)
{
    struct html *h = w->html;
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select m.record, r.kind, r.number from notice_watch m join record r"
                 " on r.org_id = m.org_id and r.id = m.record where m.org_id = $1 and m.person = $2"
                 " order by r.kind, r.number limit 200",
                 num(w->org), num(w->person)));
    if (!row_count(r))
        return NULL;
    card_begin(w, "Watched records", NULL);
    html(h, "<ul class='notice-list'>");
    while (row_next(r)) {
        struct record_head head;

        TRY(record_head(w, row_num(r, 0), &head));
        html(h, "<li class='notice-row'><div class='notice-main'>");
        if (record_head_url(w, &head))
            html(h, "<a href='%s'>%s</a>", record_head_url(w, &head), record_head_text(w, &head));
        else
            html(h, "%s", record_head_text(w, &head));
        html(h, "</div>");
        form_button(w, web_url(w, "/notices/unwatch"), "default", "Stop watching", "record",
                    number(w, row_num(r, 0)));
        html(h, "</li>");
    }
    html(h, "</ul>");
    card_end(w);
    return NULL;
}

struct err *notice_settings_page(struct web *w)
{
    page_begin(w, tr("Notifications"), "%s", tr("What comes by mail"));
    page_action(w, "default", web_url(w, "/notices"), "Notifications");
    page_help(w, tr(help), NULL);
    page_body(w);
    if (!w->app->config.smtp.url)
        page_notice(w, "info",
                    "This installation has no mail server, so everything stays behind the bell. "
                    "Your choices hold as soon as there is one.");
    html(w->html, "<div class='stack'>");
    card_begin(w, NULL, NULL);
    form_begin(w, web_url(w, "/notices/settings"), 0);
    TRY(draw_kinds(w));
    TRY(draw_hours(w));
    form_end(w, "Save", web_url(w, "/notices"));
    card_end(w);
    TRY(draw_watched(w));
    TRY(draw_muted(w));
    html(w->html, "</div>");
    page_end(w);
    return NULL;
}

/* --- saving --- */

static struct err *hour_of(struct web *w, const char *name, i64 *out)
{
    const char *text = web_form(w, name);

    if (!text || !choice_find(hours, text) || !text_i64(text, out))
        return err_new(ERR_INVALID,
                       "“%.20s” is not a full hour of the day. Choose one of the list.",
                       text ? text : "");
    return NULL;
}

static struct err *save_kind(struct web *w, const struct notice_kind *k)
{
    const char *how = web_form(w, k->code);

    if (!how)
        return NULL;
    if (!choice_find(notice_hows, how))
        return err_new(ERR_INVALID, "“%.20s” is no way of being told. Choose one of the list.",
                       how);
    return db_exec(w->db,
                   "insert into notice_choice (org_id, person, kind, how) values ($1, $2, $3, $4)"
                   " on conflict (org_id, person, kind) do update set how = $4",
                   num(w->org), num(w->person), str(k->code), str(how));
}

struct err *notice_settings_save(struct web *w)
{
    struct hours h = {-1, -1, web_form(w, "quiet_weekend") != NULL, 8};

    for (const struct notice_kind *k = notice_kinds; k->code; k++)
        TRY(save_kind(w, k));
    TRY(hour_of(w, "digest_hour", &h.digest_hour));
    if (web_form(w, "quiet")) {
        TRY(hour_of(w, "quiet_from", &h.quiet_from));
        TRY(hour_of(w, "quiet_until", &h.quiet_until));
    }
    TRY(db_exec(w->db,
                "insert into notice_hours (org_id, person, quiet_from, quiet_until, quiet_weekend,"
                " digest_hour) values ($1, $2, $3, $4, $5, $6) on conflict (org_id, person)"
                " do update set quiet_from = $3, quiet_until = $4, quiet_weekend = $5,"
                " digest_hour = $6",
                num(w->org), num(w->person), num(h.quiet_from), num(h.quiet_until),
                num(h.quiet_weekend), num(h.digest_hour)));
    TRY(notice_look_again(w, w->person));
    web_redirect(w, web_url(w, "/notices/settings?m=saved"));
    return NULL;
}
