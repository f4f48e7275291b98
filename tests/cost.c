/* SPDX-License-Identifier: Apache-2.0 */
/* What lists and pages cost, told in indexes and statements instead of seconds: a reference that
 * lists filter by has an index, and the page of a record needs no more statements when more hangs
 * on it. For every kind. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "db/cost.h"
#include "maker.h"

#define MOST 90  /* statements of the page of a record */
#define MORE 30  /* tasks and pieces of evidence of the full one */
#define SLACK 12 /* what is drawn only when there is something, each at most once or twice */

/* --- indexes --- */

static bool is_filtered_reference(const struct field *f)
{
    return f->kind == FIELD_REF && !f->secret && (!f->internal || f->filtered || f->sortable);
}

static bool has_index(struct test *t, const char *table, const char *column)
{
    return value(t,
                 "select count(*) from pragma_index_list($1) l"
                 " join pragma_index_info(l.name) o on o.seqno = 0 and o.name = 'org_id'"
                 " join pragma_index_info(l.name) i on i.seqno = 1 and i.name = $2",
                 str(table), str(column)) > 0;
}

static void references_have_indexes(void **state)
{
    const char *engine = getenv("CAIRN_TEST_DB");
    const struct entity *list[ENTITIES_MAX];
    struct test *t;
    size_t n, missing = 0;

    (void)state;
    if (text_equal(engine, "postgresql"))
        return; /* the migrations are the same text */
    t = test_begin();
    n = tenant_entities(list, COUNT_OF(list));
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < list[i]->nfields; k++) {
            const struct field *f = &list[i]->fields[k];

            if (!is_filtered_reference(f) || has_index(t, list[i]->name, f->name))
                continue;
            print_error("%s has no index on (org_id, %s)\n", list[i]->name, f->name);
            missing++;
        }
    assert_int_equal(missing, 0);
    test_end(t);
}

/* --- statements --- */

struct hanging {
    i64 org, record, from;
};

static struct err *hang_on(struct web *w, void *ctx)
{
    const struct hanging *h = ctx;

    for (i64 i = 0; i < MORE; i++) {
        struct val id = num(h->from + i);

        TRY(db_exec(w->db,
                    "insert into task (org_id, id, number, version, title, priority, status,"
                    " repeat_from, about) values ($1, $2, $2, 1, 'More to do', 'high', 'open',"
                    " 'due', $3)",
                    num(h->org), id, num(h->record)));
        TRY(db_exec(w->db,
                    "insert into evidence (org_id, id, number, version, title, kind, reason)"
                    " values ($1, $2, $2, 1, 'More to see', 'note', 'So it is')",
                    num(h->org), id));
        TRY(db_exec(w->db,
                    "insert into evidence_about (org_id, record, target) values ($1, $2, $3)",
                    num(h->org), id, num(h->record)));
    }
    return NULL;
}

static u64 cost_of(struct test *t, const char *target)
{
    u64 before;

    visit(t, METHOD_GET, target, NULL); /* warm: caches, session */
    expect_status(t, 200);
    before = db_statements_all();
    visit(t, METHOD_GET, target, NULL);
    return db_statements_all() - before;
}

static void pages_cost_the_same(void **state)
{
    static const char *const tabs[] = {"", "?tab=tasks", "?tab=evidence", "?tab=history"};
    const struct entity *list[ENTITIES_MAX];
    struct test *t = test_begin();
    size_t n = tenant_entities(list, COUNT_OF(list)), pages = 0;

    (void)state;
    for (size_t i = 0; i < n; i++) {
        const struct entity *e = list[i];
        struct making m = {.org = t->org, .entity = e};
        struct hanging more = {.org = t->org, .from = 800000 + (i64)i * 1000};
        u64 few[COUNT_OF(tabs)];

        if (e->no_create || e->no_pages || !e->write ||
            !route_exists(METHOD_GET, arena_printf(t->arena, "/o/:slug/%s/:no", e->plural)))
            continue;
        make_record(t, &m);
        more.record = m.id;
        login(t, role_with(t, e->read, e->write));
        for (size_t k = 0; k < COUNT_OF(tabs); k++)
            few[k] = cost_of(
                t, arena_printf(t->arena, "/o/acme/%s/%lld%s", e->plural, m.number, tabs[k]));
        assert_ok(app_write(t->w, hang_on, &more));
        for (size_t k = 0; k < COUNT_OF(tabs); k++) {
            u64 many = cost_of(
                t, arena_printf(t->arena, "/o/acme/%s/%lld%s", e->plural, m.number, tabs[k]));

            if (many > MOST || many > few[k] + SLACK)
                fail_msg("the page of a %s (%s) takes %llu statements, and %llu when %d things "
                         "hang on it",
                         e->name, tabs[k], few[k], many, 2 * MORE);
        }
        pages++;
    }
    assert_true(pages > 5);
    test_end(t);
}

extern const struct test_case cost_tests[];
const struct test_case cost_tests[] = {
    TEST("every reference that lists filter by has an index", references_have_indexes),
    TEST("the page of a record needs no more statements when more hangs on it",
         pages_cost_the_same),
    TEST_END,
};
