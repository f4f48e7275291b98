/* SPDX-License-Identifier: Apache-2.0 */
/* Days that are over are told in lists and on the pages of records of every kind. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "core/work.h"
#include "feature/asset/asset.h"
#include "feature/task/task.h"
#include "maker.h"

extern const struct test_case list_over_tests[];

static i64 task(struct test *t, const char *title, const char *due, const char *status)
{
    struct making m = {.org = t->org, .entity = &task_entity};

    m.set = inputs_with(t, m.set, "title", title);
    m.set = inputs_with(t, m.set, "due", due);
    m.set = inputs_with(t, m.set, "status", status);
    make_record(t, &m);
    return m.number;
}

static const char *marked(struct test *t, const char *day)
{
    return arena_printf(t->arena, "<span class='late'><span class='text-nowrap'>%s</span> overdue",
                        day);
}

static void in_lists(void **state)
{
    struct test *t = test_begin();
    const char *past;

    (void)state;
    login(t, "isms-manager");
    past = date_add(t->arena, t->w->today, 0, -3);
    task(t, "Old one", past, "open");
    task(t, "Finished one", date_add(t->arena, t->w->today, 0, -5), "done");
    task(t, "Of today", t->w->today, "open");
    /* Also when the state is no column: only what is shown is loaded. */
    visit(t, METHOD_GET, "/o/acme/tasks?cols=due", NULL);
    expect_status(t, 200);
    expect_text(t, marked(t, past));
    expect_no_text(t, marked(t, t->w->today));
    expect_no_text(t, marked(t, date_add(t->arena, t->w->today, 0, -5)));
    test_end(t);
}

static void on_pages(void **state)
{
    struct making m = {.entity = &asset_entity};
    struct test *t = test_begin();
    const char *page;

    (void)state;
    m.org = t->org;
    m.set = inputs_with(t, m.set, "name", "Old server");
    m.set = inputs_with(t, m.set, "type", "server");
    m.set = inputs_with(t, m.set, "state", "in-use");
    m.set = inputs_with(t, m.set, "end_planned", "2020-02-03");
    m.set = inputs_with(t, m.set, "in_use_from", "2019-02-03");
    make_record(t, &m);
    login(t, "isms-manager");
    page = arena_printf(t->arena, "/o/acme/assets/A-%lld", m.number);
    visit(t, METHOD_GET, page, NULL);
    expect_text(t, "<span class='late'><span class='text-nowrap'>2020-02-03</span> expired");
    expect_no_text(t, "<span class='text-nowrap'>2019-02-03</span> expired"); /* no deadline */
    visit(t, METHOD_POST, page, "_version=1&state=retired");
    visit(t, METHOD_GET, page, NULL);
    expect_text(t, "2020-02-03");
    expect_no_text(t, "</span> expired");
    test_end(t);
}

static void one_kind(struct test *t, const struct entity *e, const struct field *f)
{
    const struct field *status = e->state ? entity_field(e, e->state) : NULL;
    void *record = arena_alloc(t->arena, e->size);

    field_set_str(f, record, date_add(t->arena, t->w->today, 0, -1));
    assert_int_equal(work_over(t->w, e, f, record), f->dated != DATED_EVENT);
    for (const struct choice *c = status ? status->choices : NULL; c && c->code; c++) {
        field_set_str(status, record, c->code);
        assert_int_equal(work_over(t->w, e, f, record),
                         f->dated != DATED_EVENT && !work_closed(e, c->code));
    }
    field_set_str(f, record, t->w->today);
    if (status)
        field_set_str(status, record, NULL);
    assert_false(work_over(t->w, e, f, record));
}

static void of_every_kind(void **state)
{
    struct test *t = test_begin();
    size_t walked = 0;

    (void)state;
    for (size_t i = 0; features[i]; i++)
        for (const struct entity *const *e = features[i]->entities; e && *e; e++)
            for (size_t k = 0; k < (*e)->nfields; k++)
                if ((*e)->fields[k].kind == FIELD_DATE && (*e)->fields[k].dated) {
                    one_kind(t, *e, &(*e)->fields[k]);
                    walked++;
                }
    assert_true(walked > 8);
    test_end(t);
}

const struct test_case list_over_tests[] = {
    TEST("a list says in a word which days are over, of open records only", in_lists),
    TEST("the page of a record says which of its days are over until it is closed", on_pages),
    TEST("every deadline of every kind is over the day after it, unless the record is closed",
         of_every_kind),
    TEST_END,
};
