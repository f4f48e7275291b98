/* SPDX-License-Identifier: Apache-2.0 */
/* How a task repeats, asked for without a manual; whoever knows RFC 5545 writes the rule. */
#include <string.h>

#include "base/rrule.h"
#include "base/text.h"
#include "base/words.h"
#include "core/page.h"
#include "feature/task/task_part.h"

static const struct choice units[] = {
    {"",      "Does not repeat", NULL},
    {"day",   "Days", NULL},
    {"week",   "Weeks", NULL},
    {"month",   "Months", NULL},
    {"year",  "Years", NULL},
    {"own",   "By a rule of its own", NULL},
    {0},
};
static const struct choice whiches[] = {
    {"",    "On the same date", NULL},
    {"end", "On the last day of the month", NULL},
    {"1", "On the first of the weekdays ticked", NULL},
    {"2", "On the second of the weekdays ticked", NULL},
    {"3",   "On the third of the weekdays ticked", NULL},
    {"4", "On the fourth of the weekdays ticked", NULL},
    {"-1",   "On the last of the weekdays ticked", NULL},
    {0},
};
static const char *const weekdays[] = {N_("Monday"),   N_("Tuesday"), N_("Wednesday"),
                                       N_("Thursday"), N_("Friday"),  N_("Saturday"),
                                       N_("Sunday")};

/* What the form shows: as it was sent, or as the record has it. */
struct shown {
    const char *unit, *which, *until, *rule;
    int every, count;
    unsigned weekdays;
};

static int small_number(const char *text)
{
    i64 n;

    return text && text_i64(text, &n) && n >= 0 && n <= 9999 ? (int)n : -1;
}

static unsigned sent_weekdays(const struct web *w)
{
    const struct pairs *form = &w->req->form;
    unsigned bits = 0;

    for (size_t i = 0; i < form->count; i++) {
        const char *v = form->list[i].value;

        if (text_equal(form->list[i].name, "repeat_days[]") && v[0] >= '0' && v[0] <= '6' && !v[1])
            bits |= 1u << (v[0] - '0');
    }
    return bits;
}

static struct shown sent(const struct web *w)
{
    return (struct shown){.unit = web_form(w, "repeat_unit"),
                          .which = web_form(w, "repeat_which"),
                          .until = web_form(w, "repeat_until"),
                          .rule = web_form(w, "repeat_rule"),
                          .every = small_number(web_form(w, "repeat_every")),
                          .count = small_number(web_form(w, "repeat_count")),
                          .weekdays = sent_weekdays(w)};
}

static struct shown stored(struct web *w, const struct task *t)
{
    static const char *const names[] = {"own", "day", "week", "month", "year"};
    struct rrule p;
    struct shown s = {.unit = "", .which = "", .every = 1};

    if (text_empty(t->repeat))
        return s;
    rrule_parts(w->arena, t->repeat, &p);
    s.unit = names[p.unit];
    s.every = p.every;
    s.count = p.count;
    s.until = p.until;
    s.weekdays = p.weekdays;
    s.rule = p.unit == RRULE_OWN ? t->repeat : NULL;
    s.which = p.month_end ? "end" : p.which ? arena_printf(w->arena, "%d", p.which) : "";
    return s;
}

/* --- what was sent --- */

/* The text for `repeat`; a value that makes no rule gives a text that is none, so that it is
 * refused with the rule's own sentence. */
static const char *rule_of(struct web *w, const struct shown *s)
{
    static const char *const names[] = {"own", "day", "week", "month", "year"};
    struct rrule p = {.every = s->every == -1 ? 1 : s->every, .weekdays = s->weekdays};

    if (text_empty(s->unit))
        return "";
    if (text_equal(s->unit, "own"))
        return s->rule ? s->rule : "?";
    while (p.unit < RRULE_YEAR && !text_equal(names[p.unit], s->unit))
        p.unit++;
    p.count = s->count > 0 ? s->count : 0;
    p.until = !text_empty(s->until) && !p.count ? s->until : NULL;
    p.month_end = text_equal(s->which, "end");
    if (p.until && strlen(p.until) != 10)
        return "?";
    if (!p.month_end && !text_empty(s->which) && p.weekdays)
        p.which = s->which[0] == '-' ? -1 : s->which[0] - '0';
    if (p.every < 1 || p.every > 999)
        return arena_printf(w->arena, "FREQ=DAILY;INTERVAL=%d", p.every ? 0 : p.every);
    return rrule_write(w->arena, &p);
}

void repeat_take(struct web *w)
{
    struct pairs *form = &w->req->form;
    struct pair *list;
    struct shown s;
    size_t n = 0;

    if (!web_form(w, "repeat_unit"))
        return;
    s = sent(w);
    list = NEW_ARRAY(w->arena, struct pair, form->count + 1);
    for (size_t i = 0; i < form->count; i++)
        if (!text_equal(form->list[i].name, "repeat"))
            list[n++] = form->list[i];
    list[n++] = (struct pair){"repeat", rule_of(w, &s)};
    *form = (struct pairs){list, n};
}

/* --- the inputs --- */

static void draw_select(struct web *w, const char *name, const char *label,
                        const struct choice *list, const char *chosen)
{
    struct html *h = w->html;

    html(h, "<select class='form-select' id='f-%s' name='%s' aria-label='%s'>", name, name,
         tr(label));
    for (; list->code; list++)
        html(h, "<option value='%s'%s>%s</option>", list->code,
             text_equal(list->code, chosen ? chosen : "") ? " selected" : "", tr(list->label));
    html(h, "</select>");
}

static void draw_weekdays(struct web *w, unsigned bits)
{
    struct html *h = w->html;

    html(h, "<fieldset class='repeat-days'><legend class='visually-hidden'>{Weekdays}</legend>");
    for (unsigned i = 0; i < COUNT_OF(weekdays); i++)
        html(h,
             "<label class='form-check form-check-inline'><input class='form-check-input' "
             "type='checkbox' name='repeat_days[]' value='%u'%s><span class='form-check-label'>%s"
             "</span></label>",
             i, bits & 1u << i ? " checked" : "", tr(weekdays[i]));
    html(h, "</fieldset>");
}

struct err *repeat_input(struct web *w, const struct field *f, const void *record)
{
    bool posted = w->req && web_form(w, "repeat_unit");
    struct shown s = posted ? sent(w) : stored(w, record);
    struct html *h = w->html;

    html(h,
         "<div class='repeat' data-repeat><div class='repeat-row'><span>{Every}</span>"
         "<input class='form-control repeat-number' type='number' name='repeat_every' min='1' "
         "max='999' value='%d' aria-label='{How many}'>",
         s.every > 0 ? s.every : 1);
    draw_select(w, "repeat_unit", tr(f->label), units, s.unit);
    html(h, "</div>");
    draw_weekdays(w, s.weekdays);
    html(h, "<div class='repeat-row' data-when='month'>");
    draw_select(w, "repeat_which", "Which day of the month", whiches, s.which);
    html(h,
         "</div><div class='repeat-row' data-when='any'><label for='f-repeat_until'>{Until}</label>"
         "<input class='form-control' type='date' id='f-repeat_until' name='repeat_until' "
         "value='%s'><label for='f-repeat_count'>{or so many times}</label><input "
         "class='form-control repeat-number' type='number' id='f-repeat_count' name='repeat_count' "
         "min='1' max='9999' value='",
         s.until);
    if (s.count > 0)
        html(h, "%d", s.count);
    html(h,
         "'></div><div class='repeat-row' data-when='own'><label for='f-%s'>{Rule (RFC 5545)}"
         "</label><input class='form-control' id='f-%s' name='repeat_rule' maxlength='300' "
         "value='%s' placeholder='FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1'></div></div>",
         f->name, f->name, s.rule);
    return NULL;
}
