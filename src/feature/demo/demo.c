/* SPDX-License-Identifier: Apache-2.0 */
/* Telling the story of the example company, day by day, each row as the person who acts. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/permit.h"
#include "core/trail.h"
#include "feature/account/account.h"
#include "feature/assessment/assessment.h"
#include "feature/asset/asset.h"
#include "feature/catalogue/catalogue.h"
#include "feature/classification/classification.h"
#include "feature/comment/comment.h"
#include "feature/context/context.h"
#include "feature/control/control.h"
#include "feature/demo/demo_part.h"
#include "feature/evidence/evidence.h"
#include "feature/link/link.h"
#include "feature/method/method.h"
#include "feature/notice/notice.h"
#include "feature/organisation/organisation.h"
#include "feature/prospect/prospect.h"
#include "feature/quantify/quantify.h"
#include "feature/risk/risk.h"
#include "feature/supplier/supplier.h"
#include "feature/task/task.h"
#include "feature/treatment/treatment.h"
#include "feature/webhook/webhook.h"

#define FOUNDED 212        /* days ago */
#define STEP (11 * MINUTE) /* between two people's work on one day */
#define MORNING (8 * HOUR) /* UTC */
#define TOLD_LAST 60       /* entries of the log that people are still told of */
#define COMPANY_SLUG "tarnbeck"
#define MANAGER "mira.solberg@tarnbeck.example"

/* The tables in the order of dependence: on one day, earlier ones come first. */
static const struct chapter {
    const char *table;
    const struct entity *entity; /* NULL: decisions */
} chapters[] = {
    {"demo_units",        &unit_entity          },
    {"demo_people",       &person_entity        },
    {"demo_roles",        &role_holder_entity   },
    {"demo_profile",      &profile_entity       },
    {"demo_parties",      &party_entity         },
    {"demo_requirements", &requirement_entity   },
    {"demo_assets",       &asset_entity         },
    {"demo_suppliers",    &supplier_entity      },
    {"demo_locations",    &location_entity      },
    {"demo_prospects",    &prospect_entity      },
    {"demo_lives",        &asset_entity         },
    {"demo_schemes",      &scheme_entity        },
    {"demo_equals",       &classification_entity},
    {"demo_classes",      &asset_entity         },
    {"demo_threats",      &threat_entity        },
    {"demo_weaknesses",   &weakness_entity      },
    {"demo_chains",       &chain_entity         },
    {"demo_risks",        &risk_entity          },
    {"demo_scores",       &risk_entity          },
    {"demo_treatments",   &treatment_entity     },
    {"demo_residuals",    &risk_entity          },
    {"demo_actions",      &action_entity        },
    {"demo_controlsets",  &controlset_entity    },
    {"demo_own_controls", &control_entity       },
    {"demo_controls",     &control_entity       },
    {"demo_assessments",  &assessment_entity    },
    {"demo_dismissals",   &dismissal_entity     },
    {"demo_progress",     &action_entity        },
    {"demo_reviews",      &control_entity       },
    {"demo_estimates",    &estimate_entity      },
    {"demo_tolerances",   &tolerance_entity     },
    {"demo_exceptions",   &exemption_entity     },
    {"demo_decisions",    NULL                  },
    {"demo_tasks",        &task_entity          },
    {"demo_links",        &link_entity          },
    {"demo_evidence",     &evidence_entity      },
    {"demo_webhooks",     &webhook_entity       },
    {"demo_comments",     &comment_entity       },
};

struct event {
    struct demo_row row;
    const struct entity *entity;
    i64 day;
    const char *by;
    size_t order;
};

/* --- reading --- */

const char *demo_cell(const struct demo_row *r, const char *column)
{
    return content_has_column(r->table, column) ? content_cell(r->table, r->row, column) : "";
}

struct err *demo_wrong(const struct demo_row *r, const char *sentence)
{
    return err_new(ERR_FAULT, "The example company cannot be made: %s, row “%s”: %s", r->name,
                   demo_cell(r, "ref"), sentence);
}

const char *demo_date(const struct demo_story *s, const char *text)
{
    i64 days;

    if ((*text != '+' && *text != '-') || !text_i64(text, &days))
        return text;
    return date_add(s->arena, s->today, 0, (int)days);
}

static int by_day(const void *a, const void *b)
{
    const struct event *x = a, *y = b;

    if (x->day != y->day)
        return x->day > y->day ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static struct err *read_events(struct demo_story *s, struct event **out, size_t *count)
{
    const struct content_table *t;
    size_t room = 0, n = 0;

    for (size_t i = 0; i < COUNT_OF(chapters); i++) {
        t = content_table(s->app->content, chapters[i].table);
        room += t ? content_rows(t) : 0;
    }
    *out = NEW_ARRAY(s->arena, struct event, room + 1);
    for (size_t i = 0; i < COUNT_OF(chapters); i++) {
        t = content_table(s->app->content, chapters[i].table);
        for (size_t row = 0; t && row < content_rows(t); row++) {
            struct event *e = &(*out)[n];

            *e = (struct event){
                .row = {t, chapters[i].table, row},
                  .entity = chapters[i].entity, .order = n++
            };
            if (!text_i64(demo_cell(&e->row, "day"), &e->day) || e->day < 1 || e->day > FOUNDED)
                return demo_wrong(&e->row, "the day is not a number of days ago.");
            e->by = demo_cell(&e->row, "by");
        }
    }
    qsort(*out, n, sizeof(**out), by_day);
    *count = n;
    return NULL;
}

/* --- people act --- */

/* From here on `w` is the person with this key, with the rights of the roles held that day. */
static struct err *act_as(struct web *w, const struct demo_story *s, const char *key)
{
    struct rows *r;
    i64 id;

    memset(w->rights, 0, sizeof(w->rights));
    TRY(demo_find(w, s, &person_entity, key, &id));
    TRY(db_query(w->db, &r,
                 "select id, name from person where org_id = $1 and id = $2 and state = 'active'",
                 num(w->org), num(id)));
    if (!row_next(r))
        return err_new(ERR_FAULT, "Nobody called “%s” works at the example company.", key);
    w->person = row_num(r, 0);
    w->person_name = row_str(r, 1);
    w->actor = arena_printf(w->arena, "person:%lld", w->person);
    TRY(db_query(w->db, &r,
                 "select distinct role from role_holder where org_id = $1 and person = $2"
                 " and from_date <= $3 and (until is null or until >= $3)",
                 num(w->org), num(w->person), str(w->today)));
    while (row_next(r))
        permit_add_role(w->app, row_text(r, 0), w->rights);
    return NULL;
}

struct scene {
    struct demo_story *story;
    const struct event *events;
    size_t count;
};

static struct err *play(struct web *w, void *ctx)
{
    const struct scene *s = ctx;

    TRY(act_as(w, s->story, s->events[0].by));
    for (size_t i = 0; i < s->count; i++) {
        const struct event *e = &s->events[i];

        if (e->entity == &comment_entity)
            TRY(demo_say(w, s->story, &e->row));
        else if (e->entity)
            TRY(demo_write(w, s->story, e->entity, &e->row));
        else
            TRY(demo_decide(w, s->story, &e->row));
    }
    return NULL;
}

/* Sets the clock to an instant; `*moved` sums up, so that it can be set right again. */
static void set_clock(i64 at, i64 *moved)
{
    i64 by = at - clock_now();

    clock_shift(by);
    *moved += by;
}

/* One person's work at one time, in one transaction with memory of its own. */
static struct err *run_scene(struct scene *scene)
{
    struct arena *a = arena_new(0);
    struct web *w;
    struct err *failed = app_web(scene->story->app, a, FACE_COMMAND, "demo", &w);

    if (!failed) {
        failed = web_enter_org(w, scene->story->org);
        if (!failed)
            failed = app_write(w, play, scene);
        app_web_end(w);
    }
    arena_free(a);
    return failed;
}

static struct err *tell(struct demo_story *s, i64 midnight, i64 *moved)
{
    struct event *events;
    size_t n = 0, end, step = 0;

    TRY(read_events(s, &events, &n));
    for (size_t i = 0; i < n; i = end) {
        struct scene scene = {.story = s, .events = &events[i]};

        for (end = i; end < n && events[end].day == events[i].day &&
                      text_equal(events[end].by, events[i].by);
             end++)
            scene.count++;
        step = i && events[i - 1].day == events[i].day ? step + 1 : 0;
        set_clock(midnight - events[i].day * DAY + MORNING + (i64)step * STEP, moved);
        TRY(run_scene(&scene));
    }
    return NULL;
}

/* --- founding --- */

struct founding {
    struct demo_story *story;
    i64 account; /* of the installation's operator, 0 = none */
    const char *email;
};

static struct err *found_company(struct web *w, void *ctx)
{
    struct founding *f = ctx;
    const struct organisation o = {
        .name = "Tarnbeck Health",
        .slug = COMPANY_SLUG,
        .legal_name = "Tarnbeck Health GmbH",
        .zone = "Europe/Berlin",
        .language = "en",
        .currency = "EUR",
        .sector = "Practice software and online consultations for outpatient care",
        .note = "The example company of Cairn. People, records and dates are made up."};

    return organisation_create(w, &o, f->account, "Mira Solberg", f->email, &f->story->org);
}

/* The oldest account that may run the installation. */
static struct err *find_operator(struct web *w, struct founding *f)
{
    struct rows *r;

    f->email = MANAGER;
    TRY(db_query(w->db, &r,
                 "select id, email from account where org_id = $1 and operator = 1 and"
                 " state = 'active' order by id limit 1",
                 num(0)));
    if (!row_next(r))
        return NULL;
    f->account = row_num(r, 0);
    f->email = arena_str(w->arena, row_text(r, 1));
    return NULL;
}

/* What founding made is known to the story by these keys. */
static struct err *remember_founded(struct web *w, struct demo_story *s)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select 'mira', id from person where org_id = $1"
                 " union all select 'profile', id from profile where org_id = $1"
                 " union all select 'method', id from method where org_id = $1"
                 " union all select 'founder-' || role, id from role_holder where org_id = $1",
                 num(s->org)));
    while (row_next(r)) {
        const char *key = arena_str(s->arena, row_text(r, 0));

        demo_remember(s,
                      text_equal(key, "mira")      ? &person_entity
                      : text_equal(key, "profile") ? &profile_entity
                      : text_equal(key, "method")  ? &method_entity
                                                   : &role_holder_entity,
                      key, row_num(r, 1));
    }
    return NULL;
}

/* --- guests --- */

struct inviting {
    struct demo_guest *guests;
    size_t *count;
    struct arena *arena;
    i64 account; /* of the manager, who has one already; 0 = none */
};

static struct err *invite(struct web *w, void *ctx)
{
    static const char *const emails[DEMO_GUESTS] = {MANAGER, "hanna.brueckner@tarnbeck.example",
                                                    "tomasz.wilk@tarnbeck.example"};
    struct inviting *in = ctx;
    struct rows *r;

    *in->count = 0; /* the transaction may run again */
    for (size_t i = in->account ? 1 : 0; i < DEMO_GUESTS; i++) {
        struct demo_guest *g = &in->guests[*in->count];

        TRY(db_query(w->db, &r, "select id, name, job from person where org_id = $1 and email = $2",
                     num(w->org), str(emails[i])));
        if (!row_next(r))
            return err_new(ERR_FAULT, "The example company has no “%s”.", emails[i]);
        TRY(account_invite(w, row_num(r, 0), &g->path));
        g->name = arena_str(in->arena, row_text(r, 1));
        g->job = arena_str(in->arena, row_text(r, 2));
        g->path = arena_str(in->arena, g->path);
        (*in->count)++;
    }
    TRY(demo_draft(w, in->account));
    TRY(notice_skip(w, TOLD_LAST));
    trail_event(w, "demo", "organisation", 0,
                "The example company was made; its dates are made up.");
    return NULL;
}

struct err *demo_create(struct web *w, struct demo_guest guests[DEMO_GUESTS], size_t *count)
{
    struct demo_story story = {.arena = w->arena, .app = w->app};
    struct founding f = {.story = &story};
    struct inviting in = {guests, count, w->arena, 0};
    i64 now = w->now, midnight = now - now % DAY, moved = 0;
    struct err *failed;

    *count = 0;
    story.today = clock_date(w->arena, now, "Europe/Berlin");
    TRY(find_operator(w, &f));
    in.account = f.account;
    set_clock(midnight - FOUNDED * DAY + MORNING, &moved);
    w->now = clock_now();
    failed = app_write(w, found_company, &f);
    if (!failed)
        failed = remember_founded(w, &story);
    if (!failed)
        failed = tell(&story, midnight, &moved);
    clock_shift(-moved);
    w->now = now;
    if (failed)
        return failed;
    TRY(web_enter_org(w, story.org));
    return app_write(w, invite, &in);
}
