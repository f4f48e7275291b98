/* SPDX-License-Identifier: Apache-2.0 */
/* What every record has, whatever its kind: walks the table of entities, so that a kind made
 * tomorrow is tested without a line here. */
#include <string.h>

#include "base/text.h"
#include "core/entity_sql.h"
#include "maker.h"
#include "test.h"

extern const struct test_case record_tests[];

static const char *page_of(struct test *t, const struct entity *e, i64 number)
{
    return arena_printf(t->arena, "/o/acme/%s/%s-%lld", e->plural, e->prefix, number);
}

static bool has_page(struct test *t, const struct entity *e, enum http_method m, const char *end)
{
    return route_exists(m, arena_printf(t->arena, "/o/:slug/%s%s", e->plural, end));
}

/* Runs for each kind that has a page of its own, as somebody who may read and write it. */
static void each_kind(struct test *t,
                      void (*fn)(struct test *t, const struct entity *e, i64 number))
{
    const struct entity *list[ENTITIES_MAX];
    size_t n = tenant_entities(list, ENTITIES_MAX), done = 0;

    for (size_t i = 0; i < n; i++) {
        const struct entity *e = list[i];
        i64 number;

        if (!has_page(t, e, METHOD_GET, "/:no") || !some_record(t, t->org, e, &number))
            continue;
        login(t, role_with(t, e->read, e->write));
        fn(t, e, number);
        done++;
    }
    assert_true(done > 8);
}

static void wanted_text(struct test *t, const struct entity *e, const char *text)
{
    if (status(t) != 200 || !strstr(body(t), text))
        fail_msg("%s: %s is not on the page (%d): %.300s", e->name, text, status(t), body(t));
}

/* --- tabs --- */

static void tabs_of(struct test *t, const struct entity *e, i64 number)
{
    static const char *const tabs[][2] = {
        {"links",   "What refers to it"},
        {"graph",   "What is near"     },
        {"history", "Versions"         }
    };
    const char *page = page_of(t, e, number);

    visit(t, METHOD_GET, page, NULL);
    wanted_text(t, e, "Parts of this record");
    for (size_t i = 0; i < COUNT_OF(tabs); i++) {
        wanted_text(t, e, arena_printf(t->arena, "%s?tab=%s'", page, tabs[i][0]));
        visit(t, METHOD_GET, arena_printf(t->arena, "%s?tab=%s", page, tabs[i][0]), NULL);
        wanted_text(t, e, tabs[i][1]);
        visit(t, METHOD_GET, page, NULL);
    }
}

static void every_kind_has_tabs(void **state)
{
    struct test *t = test_begin();

    (void)state;
    each_kind(t, tabs_of);
    test_end(t);
}

/* --- number --- */

static void number_of(struct test *t, const struct entity *e, i64 number)
{
    for (int padded = 0; padded < 2; padded++) {
        const char *label = padded ? arena_printf(t->arena, "%s-%04lld", e->prefix, number)
                                   : arena_printf(t->arena, "%s-%lld", e->prefix, number);

        visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/%s/%s", e->plural, label), NULL);
        if (status(t) != 200)
            fail_msg("%s: the page of %s answers %d", e->name, label, status(t));
        if (e->no_pages)
            continue;
        visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/r/%s", label), NULL);
        if (status(t) != 303 || !text_equal(header(t, "Location"), page_of(t, e, number)))
            fail_msg("%s: /r/%s answers %d", e->name, label, status(t));
        visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/search?q=%s", label), NULL);
        if (status(t) != 303 || !text_equal(header(t, "Location"), page_of(t, e, number)))
            fail_msg("%s: the search for %s answers %d", e->name, label, status(t));
    }
}

static void numbers_work_everywhere(void **state)
{
    struct test *t = test_begin();

    (void)state;
    each_kind(t, number_of);
    visit(t, METHOD_GET, "/o/acme/r/R-99999", NULL);
    expect_status(t, 404);
    visit(t, METHOD_GET, "/o/acme/r/nothing", NULL);
    expect_status(t, 404);
    test_end(t);
}

/* --- copy and removed --- */

static void copy_of(struct test *t, const struct entity *e, i64 number)
{
    const char *copy = arena_printf(t->arena, "%s/copy", page_of(t, e, number));
    i64 before = log_changes(t);

    visit(t, METHOD_GET, copy, NULL);
    if (e->no_create || !has_page(t, e, METHOD_GET, "/new")) {
        expect_status(t, 404);
        return;
    }
    wanted_text(t, e, "method='post'");
    if (strstr(body(t), "name='_version'"))
        fail_msg("%s: the copy would change a record", e->name);
    assert_int_equal(log_changes(t), before);
    visit(t, METHOD_GET, page_of(t, e, number), NULL);
    wanted_text(t, e, arena_printf(t->arena, "href='%s'", copy));
}

static void every_kind_is_copied(void **state)
{
    struct test *t = test_begin();

    (void)state;
    each_kind(t, copy_of);
    test_end(t);
}

static void removed_of(struct test *t, const struct entity *e, i64 number)
{
    i64 id = removed_record(t, t->org, e), was;
    const char *title;

    (void)number;
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/%s/removed", e->plural), NULL);
    wanted_text(t, e, "Removed records");
    if (!id)
        return;
    assert_ok(entity_last_title(t->w, e, id, &title, &was));
    wanted_text(t, e, arena_printf(t->arena, "%s-%lld", e->prefix, was));
    if (!has_page(t, e, METHOD_POST, "/:no/restore"))
        return;
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/%s/%lld/restore", e->plural, id), "");
    expect_status(t, 303);
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/%s/removed", e->plural), NULL);
    if (strstr(body(t), arena_printf(t->arena, ">%s-%lld<", e->prefix, was)))
        fail_msg("%s: what was restored is still among the removed ones", e->name);
}

static void removed_are_found_again(void **state)
{
    struct test *t = test_begin();

    (void)state;
    each_kind(t, removed_of);
    test_end(t);
}

/* --- drafts --- */

/* The first free text that the form on the page asks for. */
static const struct field *first_text(struct test *t, const struct entity *e)
{
    for (size_t i = 0; i < e->nfields; i++) {
        const struct field *f = &e->fields[i];

        if (field_open(f) && field_free(f) &&
            strstr(body(t), arena_printf(t->arena, " name='%s'", f->name)))
            return f;
    }
    return NULL;
}

static void draft_of(struct test *t, const struct entity *e, i64 number)
{
    const char *page = page_of(t, e, number), *form = arena_printf(t->arena, "%s/edit", page);
    i64 before = log_changes(t), entries;
    const struct field *f;

    if (!has_page(t, e, METHOD_GET, "/:no/edit"))
        return;
    visit(t, METHOD_GET, form, NULL);
    if (status(t) != 200)
        return; /* a state in which nobody changes it */
    f = first_text(t, e);
    if (!f)
        return;
    wanted_text(t, e, "data-draft=");
    wanted_text(t, e, "Save draft");
    visit(t, METHOD_POST, arena_printf(t->arena, "%s/draft", page),
          arena_printf(t->arena, "_version=1&%s=half+a+thought", f->name));
    expect_status(t, 200);
    visit(t, METHOD_GET, form, NULL);
    wanted_text(t, e, "You have an unsaved draft of");
    visit(t, METHOD_GET, arena_printf(t->arena, "%s?draft=1", form), NULL);
    wanted_text(t, e, "half a thought");
    entries = value(t, "select count(*) from draft where org_id = $1", num(t->org));
    assert_int_equal(entries, 1);
    assert_int_equal(log_changes(t), before);
    visit(t, METHOD_POST, arena_printf(t->arena, "%s/draft/drop", page), "");
    expect_status(t, 303);
    expect_count(t, 0, "select count(*) from draft where org_id = $1", num(t->org));
}

static void every_form_has_drafts(void **state)
{
    struct test *t = test_begin();

    (void)state;
    each_kind(t, draft_of);
    test_end(t);
}

static void drafts_are_ones_own(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/units/draft", "name=Secret+plan&_stay=1");
    expect_status(t, 303);
    visit(t, METHOD_GET, "/o/acme/drafts", NULL);
    expect_text(t, "/o/acme/units/new?draft=0");
    visit(t, METHOD_GET, "/o/acme/units/new?draft=0", NULL);
    expect_text(t, "Secret plan");
    login(t, "top-management");
    visit(t, METHOD_GET, "/o/acme/units/new?draft=0", NULL);
    expect_no_text(t, "Secret plan");
    visit(t, METHOD_GET, "/o/acme/drafts", NULL);
    expect_text(t, "No drafts.");
    visit(t, METHOD_POST, "/o/acme/units/draft/drop", "");
    login(t, "employee");
    visit(t, METHOD_POST, "/o/acme/units/draft", "name=x");
    expect_status(t, 403);
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/units/new", NULL);
    expect_text(t, "You have an unsaved draft of");
    /* Saved, it is gone; a form without the mark leaves it. */
    visit(t, METHOD_POST, "/o/acme/units", "name=Another");
    expect_count(t, 1, "select count(*) from draft where org_id = $1", num(t->org));
    visit(t, METHOD_POST, "/o/acme/units", "name=Plan&_draft=1");
    expect_status(t, 303);
    expect_count(t, 0, "select count(*) from draft where org_id = $1", num(t->org));
    test_end(t);
}

static void drafts_keep_what_is_wrong(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/people/draft",
          "name=%3Cb%3EZo&joined=next+week&number=7&_evil=1&account=99&external%5B%5D=1");
    expect_status(t, 200);
    visit(t, METHOD_GET, "/o/acme/people/new?draft=0", NULL);
    expect_text(t, "&lt;b&gt;Zo");
    expect_text(t, "next week");
    expect_no_text(t, "_evil");
    /* An empty form is no draft. */
    visit(t, METHOD_POST, "/o/acme/people/draft", "name=&joined=");
    expect_count(t, 0, "select count(*) from draft where org_id = $1", num(t->org));
    test_end(t);
}

/* --- history --- */

static void save_unit(struct test *t, i64 version, const char *form)
{
    visit(t, METHOD_POST, "/o/acme/units/U-1",
          arena_printf(t->arena, "_version=%lld&%s", version, form));
    expect_status(t, 303);
}

static void compares_any_versions(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/units", "name=Sales&note=They+sell+boats");
    expect_status(t, 303);
    save_unit(t, 1, "note=They+sell+ships&_reason=A+better+word");
    save_unit(t, 2, "name=Trade");
    visit(t, METHOD_GET, "/o/acme/units/U-1?tab=history&from=3&to=1", NULL);
    expect_status(t, 200);
    expect_text(t, "Version 1 and version 3");
    expect_text(t, "They sell <del class='was'>boats</del>");
    expect_text(t, "They sell <ins class='now'>ships</ins>");
    expect_text(t, "<del class='was'>Sales</del>");
    visit(t, METHOD_GET, "/o/acme/units/U-1?tab=history&from=1&to=2", NULL);
    expect_text(t, "A better word");
    visit(t, METHOD_GET, "/o/acme/units/U-1?tab=history&from=2&to=2", NULL);
    expect_text(t, "These two versions say the same.");
    visit(t, METHOD_GET, "/o/acme/units/U-1?tab=history&from=1&to=9", NULL);
    expect_status(t, 404);
    visit(t, METHOD_GET, "/o/acme/units/U-1?tab=history&from=x&to=2", NULL);
    expect_status(t, 400);
    for (int i = 3; i < 30; i++)
        save_unit(t, i, arena_printf(t->arena, "note=%d", i));
    visit(t, METHOD_GET, "/o/acme/units/U-1?tab=history", NULL);
    expect_text(t, "Version 30 ");
    expect_no_text(t, "Version 10 ");
    expect_text(t, "tab=history&amp;below=11");
    visit(t, METHOD_GET, "/o/acme/units/U-1?tab=history&below=11", NULL);
    expect_text(t, "Version 10 ");
    expect_text(t, "Version 1 ");
    expect_no_text(t, "Version 11 ");
    expect_no_text(t, "Older versions");
    test_end(t);
}

/* --- two people at once --- */

static void merges_field_by_field(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/people",
          "name=Ann+Lee&email=ann%40acme.test&job=Clerk&note=old&state=active");
    expect_status(t, 303);
    i64 number =
        value(t, "select number from person where org_id = $1 and name = 'Ann Lee'", num(t->org));
    const char *page = arena_printf(t->arena, "/o/acme/people/P-%lld", number);
    visit(t, METHOD_POST, page,
          "_version=1&name=Ann+Lee&email=ann%40acme.test&job=Manager&note=old&state=leaver");
    expect_status(t, 303);
    /* The second one began with version 1 and changed job and note. */
    visit(t, METHOD_POST, page,
          "_version=1&name=Ann+Lee&email=ann%40acme.test&job=Chief&note=new&state=active"
          "&external%5B%5D=&external%5B%5D=1");
    expect_status(t, 409);
    expect_text(t, "name='_take.job' value='theirs'");
    expect_text(t, "name='_take.job' value='mine' checked");
    expect_text(t, "Only you changed");
    expect_text(t, "Only the other changed");
    expect_text(t, "<input type='hidden' name='_take.state' value='theirs'>");
    expect_no_text(t, "_take.note");
    expect_text(t, "name='_version' value='2'");
    visit(t, METHOD_POST, page,
          "_version=2&name=Ann+Lee&email=ann%40acme.test&job=Chief&note=new&state=active"
          "&external%5B%5D=&external%5B%5D=1&_take.name=theirs&_take.state=theirs"
          "&_take.job=theirs");
    expect_status(t, 303);
    expect_count(t, 1,
                 "select count(*) from person where org_id = $1 and number = $2"
                 " and job = 'Manager' and note = 'new' and state = 'leaver' and external = 1",
                 num(t->org), num(number));
    test_end(t);
}

/* --- suggestions --- */

static void suggests_records(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/units", "name=Sales+and+trade");
    tick(t);
    visit(t, METHOD_GET, "/o/acme/pick?kind=units&q=trade", NULL);
    expect_status(t, 200);
    expect_text(t, "\"title\":\"Sales and trade\"");
    visit(t, METHOD_GET, "/o/acme/pick?q=u-0001", NULL);
    expect_text(t, "\"number\":\"U-1\"");
    visit(t, METHOD_GET, "/o/acme/pick?kind=risks&q=u-1", NULL);
    expect_no_text(t, "U-1");
    visit(t, METHOD_GET, "/o/acme/pick?kind=nothing&q=u", NULL);
    expect_status(t, 404);
    visit(t, METHOD_GET, "/o/acme/pick?q=", NULL);
    expect_text(t, "\"items\":[]");
    login(t, "supplier-contact");
    visit(t, METHOD_GET, "/o/acme/pick?q=U-1", NULL);
    expect_text(t, "\"items\":[]");
    visit(t, METHOD_GET, "/o/acme/pick?kind=units&q=trade", NULL);
    expect_no_text(t, "Sales");
    test_end(t);
}

/* --- numbers in text --- */

static void links_numbers_in_text(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/units", "name=Sales");
    visit(t, METHOD_POST, "/o/acme/units",
          "name=Trade&note=See+U-1%2C+U-0001+and+U-99.%0AISO-27001+u-1+XU-1+U-1a+U-1.5+%3Cb%3E");
    visit(t, METHOD_GET, "/o/acme/units/U-2", NULL);
    expect_text(t, "See <a href='/o/acme/units/U-1' title='Sales'>U-1</a>, "
                   "<a href='/o/acme/units/U-1' title='Sales'>U-0001</a> and U-99.<br>\n"
                   "ISO-27001 u-1 XU-1 U-1a U-1.5 &lt;b&gt;");
    test_end(t);
}

static void reaches_the_removed(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/units", "name=Sales");
    visit(t, METHOD_GET, "/o/acme/units", NULL);
    expect_text(t, "href='/o/acme/units/removed'");
    visit(t, METHOD_POST, "/o/acme/units", "name=Part&parent=U-1");
    visit(t, METHOD_POST, "/o/acme/units/U-1/remove", "_version=1");
    expect_status(t, 409); /* something depends on it, and that is named */
    expect_text(t, "U-2");
    visit(t, METHOD_POST, "/o/acme/units/U-2/remove", "_version=1&_reason=By+mistake");
    expect_status(t, 303);
    visit(t, METHOD_GET, "/o/acme/units/removed", NULL);
    expect_text(t, "U-2");
    expect_text(t, "By mistake");
    login(t, "employee");
    visit(t, METHOD_GET, "/o/acme/risks/removed", NULL);
    expect_status(t, 403);
    test_end(t);
}

/* --- shared with a person whose roles open nothing --- */

struct share {
    i64 record, person;
};

static struct err *share(struct web *w, void *ctx)
{
    const struct share *s = ctx;

    return db_exec(w->db,
                   "insert into access_grant (org_id, id, record, person, may) values ($1, $2, $3,"
                   " $4, 'read')",
                   num(w->org), num(web_id()), num(s->record), num(s->person));
}

static void opens_when_shared(struct test *t, const struct entity *e, i64 number)
{
    const char *page = page_of(t, e, number);
    struct share s = {some_record(t, t->org, e, NULL), person_of(t, "supplier-contact")};
    int refused;

    login(t, "supplier-contact");
    visit(t, METHOD_GET, page, NULL);
    refused = status(t);
    if (refused != 403 && refused != 404)
        fail_msg("%s: a stranger's page answers %d", e->name, refused);
    change(t, share, &s);
    visit(t, METHOD_GET, page, NULL);
    wanted_text(t, e, "Parts of this record");
    visit(t, METHOD_GET, arena_printf(t->arena, "%s?tab=history", page), NULL);
    wanted_text(t, e, "Versions");
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/%s/%s-99999", e->plural, e->prefix), NULL);
    if (status(t) != refused)
        fail_msg("%s: another record answers %d instead of %d", e->name, status(t), refused);
    if (has_page(t, e, METHOD_POST, "/:no")) {
        visit(t, METHOD_POST, page, "_version=1&title=Mine&name=Mine");
        if (status(t) != 403 && status(t) != 404 && status(t) != 422)
            fail_msg("%s: a reader's change answers %d", e->name, status(t));
    }
    visit(t, METHOD_POST, arena_printf(t->arena, "%s/unshare", page), "person=P-1");
    expect_status(t, 403);
    login(t, "isms-manager");
    visit(t, METHOD_GET, arena_printf(t->arena, "%s?tab=access", page), NULL);
    if (status(t) != 200)
        return; /* a kind that not even they may see */
    wanted_text(t, e, "without an end");
    visit(t, METHOD_POST, arena_printf(t->arena, "%s/unshare", page),
          arena_printf(t->arena, "person=P-%lld",
                       value(t, "select number from person where org_id = $1 and id = $2",
                             num(t->org), num(s.person))));
    expect_status(t, 303);
    login(t, "supplier-contact");
    visit(t, METHOD_GET, page, NULL);
    if (status(t) != refused)
        fail_msg("%s: after the end of sharing its page answers %d", e->name, status(t));
}

static void shared_records_open(void **state)
{
    struct test *t = test_begin();

    (void)state;
    each_kind(t, opens_when_shared);
    test_end(t);
}

static struct err *lose_a_table(struct web *w, void *ctx)
{
    (void)ctx;
    return db_exec(w->db, "alter table estimate rename to estimate_lost");
}

static void outlives_a_figure(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/units", NULL);
    expect_text(t, "side-count");
    change(t, lose_a_table, NULL);
    visit(t, METHOD_POST, "/o/acme/units", "name=Sales");
    expect_status(t, 303);
    visit(t, METHOD_GET, "/o/acme/units", NULL);
    expect_status(t, 200);
    expect_text(t, "Sales");
    expect_no_text(t, "side-count");
    test_end(t);
}

const struct test_case record_tests[] = {
    TEST("every kind of record has links, a graph and its history on its page",
         every_kind_has_tabs),
    TEST("the number of every kind works in the address, the short address and the search, padded "
         "or not",
         numbers_work_everywhere),
    TEST("every kind that people make can be copied, and a copy changes nothing by itself",
         every_kind_is_copied),
    TEST("what was removed is listed for every kind, and restored from there",
         removed_are_found_again),
    TEST("every form keeps a draft, offers it, shows it, and leaves no trace in the log",
         every_form_has_drafts),
    TEST("a draft is its writer's alone and goes away when the form is saved", drafts_are_ones_own),
    TEST("a draft keeps even values that would be refused, and nothing that is no field",
         drafts_keep_what_is_wrong),
    TEST("any two versions are compared field by field and word by word", compares_any_versions),
    TEST("when two people saved, the second one chooses field by field", merges_field_by_field),
    TEST("a field that refers to records suggests those that the person may see", suggests_records),
    TEST("numbers of records in long texts lead to those records, and to nothing else",
         links_numbers_in_text),
    TEST("a list leads to what was removed from it, with who, when and why", reaches_the_removed),
    TEST("a record of any kind that is shared with somebody opens for them, alone, unchangeable, "
         "until "
         "it is ended",
         shared_records_open),
    TEST("a page stays whole when a figure of the side bar cannot be counted", outlives_a_figure),
    TEST_END,
};
