/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of the feature. */
#pragma once

#include "feature/notice/notice.h"

struct notice_kind {
    const char *code, *label, *help;
    const char *initial; /* how it is told unless the person says otherwise */
    bool chatter;        /* muting a record silences it */
    bool gathered;       /* while one about the record is not read, no other comes */
};
extern const struct notice_kind notice_kinds[]; /* ended by {.code = NULL} */
const struct notice_kind *notice_kind_find(const char *code);
extern const struct choice notice_hows[];

/* The sentence in this thread's language. */
const char *notice_text(struct arena *a, const char *text, const char *args);
/* The same sentence with the values of a va_list as a JSON array. */
const char *notice_args(struct web *w, const char *sentence, va_list values);
/* The same of a list that ends with NULL. */
const char *notice_values(struct web *w, const char *const *values);
/* A sentence of content/reminders.tsv, to a person or to all holders of a role; values end with
 * NULL. */
struct err *notice_add_text(struct web *w, const char *role, const struct notice *n,
                            const char *sentence, const char *const *values) MUST_CHECK;
/* "/o/acme/risks/R-4?tab=x" of a row (kind and number of its record may be "" and 0); NULL when
 * there is nothing to go to. */
const char *notice_link(struct web *w, const char *kind, i64 number, i64 record, const char *path);

/* --- mail --- */
struct hours {
    i64 quiet_from, quiet_until, quiet_weekend, digest_hour;
};
/* The first moment from `at` on at which mail of this kind may go: now, at the next daily or weekly
 * digest, after quiet hours, in that time zone. */
i64 notice_slot(const struct hours *h, const char *how, const char *zone, i64 at);
struct err *notice_hours_of(struct web *w, i64 person, struct hours *out) MUST_CHECK;
/* Makes mails of what is due, for all organisations. */
struct err *notice_post(struct web *w, const char *body) MUST_CHECK;
/* The job that sends one mail. */
struct err *notice_send(struct web *w, const char *body) MUST_CHECK;
/* After a change of choices: pending notices are looked at anew. */
struct err *notice_look_again(struct web *w, i64 person) MUST_CHECK;

/* --- the log's consumer, reminders --- */
enum news_what { NEWS_MINE, NEWS_APPROVAL, NEWS_CHANGED, NEWS_REMOVED };
struct telling {
    enum news_what what;
    i64 person, record, idx, actor;
    const struct entity *entity;
    const struct field *field; /* the one that names the person, for NEWS_MINE */
    const char *label, *title;
    const char *words[3];             /* labels of fields */
    const char *path, *cause;         /* or NULL */
    const struct permission *approve; /* instead of a person: all who may */
};
struct news {
    struct telling *list;
    size_t count, room;
    i64 from, to;
};
/* Adds whom the entry concerns. */
struct err *notice_news(struct web *w, const struct log_entry *x, struct news *out) MUST_CHECK;
struct err *notice_news_tell(struct web *w, const struct telling *t) MUST_CHECK;
/* Tells all; many of a kind for one person become one notice, which counts on for an hour while it
 * is neither read nor mailed. */
struct err *notice_tell_all(struct web *w, const struct news *x) MUST_CHECK;
struct err *notice_watch(struct web *w, const char *body) MUST_CHECK;
struct err *notice_remind_days(struct web *w, const char *body) MUST_CHECK; /* periodic: queues */
struct err *notice_remind(struct web *w, const char *body) MUST_CHECK;      /* one organisation */
/* True when the reminder that was told with this cause is none any more for the record as it is: it
 * has another date, or a state that ends the rule. */
bool notice_reminder_over(struct web *w, const char *cause, const struct entity *e,
                          const void *record);
struct err *notice_settle(struct web *w, const char *body) MUST_CHECK; /* periodic */
struct err *notice_tidy(struct web *w, const char *body) MUST_CHECK;

/* --- pages --- */
struct err *notice_bell(struct web *w) MUST_CHECK;
struct err *notice_inbox(struct web *w) MUST_CHECK;
struct err *notice_open(struct web *w) MUST_CHECK;
struct err *notice_read(struct web *w) MUST_CHECK;
struct err *notice_mute(struct web *w) MUST_CHECK;
struct err *notice_unmute(struct web *w) MUST_CHECK;
struct err *notice_watch_record(struct web *w) MUST_CHECK;
struct err *notice_unwatch_record(struct web *w) MUST_CHECK;
struct err *notice_settings_page(struct web *w) MUST_CHECK;
struct err *notice_settings_save(struct web *w) MUST_CHECK;
struct err *notice_api_list(struct web *w) MUST_CHECK;
struct err *notice_api_read(struct web *w) MUST_CHECK;
