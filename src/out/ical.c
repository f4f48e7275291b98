/* SPDX-License-Identifier: Apache-2.0 */
#include "out/ical.h"

#include <libical/ical.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/rrule.h"

/* libical keeps some state for the whole process. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int digits(const char *text, int n)
{
    int value = 0;

    for (int i = 0; i < n; i++)
        value = value * 10 + (text[i] - '0');
    return value;
}

static struct icaltimetype day_of(const char *date)
{
    struct icaltimetype t = ICALTIMETYPE_INITIALIZER;

    t.is_date = 1;
    t.year = digits(date, 4);
    t.month = digits(date + 5, 2);
    t.day = digits(date + 8, 2);
    return t;
}

static void add_extra(icalcomponent *c, const char *name, const char *value)
{
    icalproperty *p = icalproperty_new_x(value);

    icalproperty_set_x_name(p, name);
    icalcomponent_add_property(c, p);
}

/* A client goes on by the rule; it would be wrong if the day were not one of the rule's. */
static void add_rule(struct arena *a, icalcomponent *c, const struct ical_event *e)
{
    const char *first = e->rule ? rrule_next(a, e->rule, e->date, "0001-01-01") : NULL;
    struct icalrecurrencetype rule;

    if (!first || strcmp(first, e->date) != 0 || rrule_count(e->rule))
        return;
    rule = icalrecurrencetype_from_string(e->rule);
    if (rule.freq != ICAL_NO_RECURRENCE)
        icalcomponent_add_property(c, icalproperty_new_rrule(rule));
    icalrecurrencetype_clear(&rule);
}

static void add_alarm(icalcomponent *c, const struct ical_event *e)
{
    struct icaltriggertype trigger = {.time = icaltime_null_time()};
    icalcomponent *alarm;
    icalproperty *p;

    if (!e->alarm || !e->date)
        return;
    alarm = icalcomponent_new(ICAL_VALARM_COMPONENT);
    trigger.duration = icaldurationtype_from_int(-e->alarm * 3600);
    p = icalproperty_new_trigger(trigger);
    if (e->todo) /* it has no start */
        icalproperty_add_parameter(p, icalparameter_new_related(ICAL_RELATED_END));
    icalcomponent_add_property(alarm, icalproperty_new_action(ICAL_ACTION_DISPLAY));
    icalcomponent_add_property(alarm, icalproperty_new_description(e->summary));
    icalcomponent_add_property(alarm, p);
    icalcomponent_add_component(c, alarm);
}

static void add_days(struct arena *a, icalcomponent *c, const struct ical_event *e)
{
    struct icaltimetype end = day_of(e->date);

    icaltime_adjust(&end, 1, 0, 0, 0);
    icalcomponent_add_property(c, icalproperty_new_dtstart(day_of(e->date)));
    icalcomponent_add_property(c, icalproperty_new_dtend(end));
    icalcomponent_add_property(c, icalproperty_new_transp(ICAL_TRANSP_TRANSPARENT));
    add_rule(a, c, e);
}

/* A series is not told: the next to-do comes when this one is done. */
static void add_todo(icalcomponent *c, const struct ical_event *e)
{
    if (e->date)
        icalcomponent_add_property(c, icalproperty_new_due(day_of(e->date)));
    if (e->priority)
        icalcomponent_add_property(c, icalproperty_new_priority(e->priority));
    icalcomponent_add_property(c, icalproperty_new_status(ICAL_STATUS_NEEDSACTION));
}

static icalcomponent *event_of(struct arena *a, const struct ical_event *e, const char *stamp)
{
    icalcomponent *c = icalcomponent_new(e->todo ? ICAL_VTODO_COMPONENT : ICAL_VEVENT_COMPONENT);
    struct icaltimetype at = day_of(stamp);

    at.is_date = 0;
    at.zone = icaltimezone_get_utc_timezone();
    icalcomponent_add_property(c, icalproperty_new_uid(e->uid));
    icalcomponent_add_property(c, icalproperty_new_dtstamp(at));
    icalcomponent_add_property(c, icalproperty_new_summary(e->summary));
    icalcomponent_add_property(c, icalproperty_new_sequence((int)(e->sequence & 0x7fffffff)));
    if (e->description)
        icalcomponent_add_property(c, icalproperty_new_description(e->description));
    if (e->category)
        icalcomponent_add_property(c, icalproperty_new_categories(e->category));
    if (e->address)
        icalcomponent_add_property(c, icalproperty_new_url(e->address));
    if (e->todo)
        add_todo(c, e);
    else
        add_days(a, c, e);
    add_alarm(c, e);
    return c;
}

const char *ical_write(struct arena *a, const char *name, const char *stamp,
                       const struct ical_event *events, size_t count)
{
    icalcomponent *all;
    char *text;

    pthread_mutex_lock(&lock);
    icalerror_set_errors_are_fatal(0);
    all = icalcomponent_new(ICAL_VCALENDAR_COMPONENT);
    icalcomponent_add_property(all, icalproperty_new_version("2.0"));
    icalcomponent_add_property(all, icalproperty_new_prodid("-//Cairn//Calendar//EN"));
    icalcomponent_add_property(all, icalproperty_new_calscale("GREGORIAN"));
    add_extra(all, "X-WR-CALNAME", name);
    add_extra(all, "X-PUBLISHED-TTL", "PT1H");
    for (size_t i = 0; i < count; i++)
        icalcomponent_add_component(all, event_of(a, &events[i], stamp));
    text = icalcomponent_as_ical_string_r(all);
    arena_defer(a, free, text);
    icalcomponent_free(all);
    pthread_mutex_unlock(&lock);
    return text;
}
