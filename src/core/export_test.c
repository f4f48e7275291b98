/* SPDX-License-Identifier: Apache-2.0 */
/* Exports of lists through the whole program. */
#include "core/export.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zip.h>

#include "base/text.h"
#include "feature/asset/asset.h"
#include "visit.h"

extern const struct test_case export_tests[];

struct adding {
    struct asset a;
};

static struct err *write_asset(struct web *w, void *ctx)
{
    struct adding *x = ctx;
    struct issues issues = {.arena = w->arena};

    TRY(entity_write(w, &asset_entity, &x->a, NULL, &issues));
    if (issues.count)
        fail_msg("%s", issues.list[0].text);
    return NULL;
}

static const char *some_type(struct test *t)
{
    struct rows *r;

    db_use_arena(t->w->db, t->arena);
    assert_ok(db_query(t->w->db, &r,
                       "select code from catalogue where kind = $1 order by position, code limit 1",
                       str("asset_types")));
    assert_true(row_next(r));
    return arena_str(t->arena, row_text(r, 0));
}

static void add(struct test *t, const char *name, const char *description)
{
    struct adding x = {
        .a = {.name = name,
              .type = some_type(t),
              .state = "in-use",
              .description = description,
              .owner = person_of(t, "risk-owner"),
              .media = 5,
              .c = 3}
    };

    change(t, write_asset, &x);
}

/* The file that the answer sends. */
static const char *file_of(struct test *t)
{
    FILE *f = fopen(t->r->response.file, "r");
    char room[4096];
    struct buf b;
    size_t n;

    assert_non_null(f);
    buf_init(&b, t->arena, 4096);
    while ((n = fread(room, 1, sizeof(room), f)) > 0)
        buf_add(&b, room, n);
    fclose(f);
    unlink(t->r->response.file);
    return b.data;
}

static const char *export(struct test *t, const char *target)
{
    visit(t, METHOD_GET, target, NULL);
    expect_status(t, 200);
    assert_true(t->r->response.file_temporary);
    return file_of(t);
}

static void csv_holds_all_fields(void **state)
{
    struct test *t = test_begin();
    const char *text;

    (void)state;
    add(t, "Server, \"big\"", "two\nlines");
    login(t, "isms-manager");
    text = export(t, "/o/acme/assets/export?format=csv");
    assert_contains(text, "number,name,type,kind,");
    assert_contains(text, ",owner,owner_title,");
    assert_contains(text, "A-1,\"Server, \"\"big\"\"\",");
    assert_contains(text, "\"two\nlines\"");
    assert_contains(text, ",Person risk-owner,");
    assert_contains(text, ",\"electronic,paper\",");
    assert_contains(header(t, "Content-Disposition"), "filename=\"assets-");
    assert_contains(header(t, "Content-Disposition"), ".csv");
    test_end(t);
}

static void csv_defuses_formulas(void **state)
{
    static const char *const evil[] = {"=1+1", "+cmd", "-cmd", "@SUM(A1)", "＝1+1", "; =1+1"};
    struct test *t = test_begin();
    const char *text;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(evil); i++)
        add(t, evil[i], NULL);
    login(t, "isms-manager");
    text = export(t, "/o/acme/assets/export");
    for (size_t i = 0; i < COUNT_OF(evil); i++)
        assert_contains(text, arena_printf(t->arena, "'%s", evil[i]));
    test_end(t);
}

static void json_is_that_of_the_api(void **state)
{
    struct test *t = test_begin();
    json_t *mine, *theirs;
    const char *text;

    (void)state;
    add(t, "One", NULL);
    add(t, "Two", NULL);
    login(t, "isms-manager");
    text = export(t, "/o/acme/assets/export?format=json&sort=number");
    assert_ok(json_parse(t->arena, text, strlen(text), &mine));
    api(t, "isms-manager", METHOD_GET, "/api/v1/assets?sort=number", NULL);
    theirs = answer_json(t);
    assert_int_equal(json_equal(mine, theirs), 1);
    test_end(t);
}

static void the_filter_of_the_list_holds(void **state)
{
    struct test *t = test_begin();
    const char *text;

    (void)state;
    add(t, "Alpha", NULL);
    add(t, "Beta", NULL);
    login(t, "isms-manager");
    text = export(t, "/o/acme/assets/export?format=csv&q=alph");
    assert_contains(text, "Alpha");
    assert_null(strstr(text, "Beta"));
    text = export(t, "/o/acme/assets/export?format=csv&limit=1");
    assert_contains(text, "Alpha");
    assert_contains(text, "Beta");
    test_end(t);
}

static const char *part(struct test *t, const char *path, const char *name)
{
    int problem;
    zip_t *z = zip_open(path, ZIP_RDONLY, &problem);
    zip_stat_t st;
    zip_file_t *f;
    char *text;

    assert_non_null(z);
    assert_int_equal(zip_stat(z, name, 0, &st), 0);
    f = zip_fopen(z, name, 0);
    text = arena_alloc(t->arena, st.size + 1);
    assert_int_equal(zip_fread(f, text, st.size), st.size);
    zip_fclose(f);
    zip_close(z);
    return text;
}

static void a_workbook_has_typed_cells(void **state)
{
    struct test *t = test_begin();
    const char *sheet, *about;

    (void)state;
    add(t, "=HYPERLINK(\"http://evil\")", "long\ntext");
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/assets/export?format=xlsx&state=in-use", NULL);
    expect_status(t, 200);
    sheet = part(t, t->r->response.file, "xl/worksheets/sheet1.xml");
    about = part(t, t->r->response.file, "xl/worksheets/sheet2.xml");
    unlink(t->r->response.file);
    assert_null(strstr(sheet, "<f>"));
    assert_contains(sheet, "=HYPERLINK(");
    assert_contains(sheet, "<t>Owner (title)</t>");
    assert_contains(sheet, "<t>Person risk-owner</t>");
    assert_contains(sheet, "<t>In use</t>");
    assert_contains(sheet, "<v>3</v>");
    assert_contains(about, "Acme");
    assert_contains(about, "State is In use");
    test_end(t);
}

static void the_right_is_asked(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "department-head"); /* reads assets, but may not take them out */
    visit(t, METHOD_GET, "/o/acme/assets/export?format=csv", NULL);
    expect_status(t, 403);
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/assets/export?format=pdf", NULL);
    expect_status(t, 400);
    expect_text(t, "Use csv, json or xlsx");
    visit(t, METHOD_GET, "/o/acme/dragons/export", NULL);
    expect_status(t, 404);
    visit(t, METHOD_GET, "/o/acme/assets/export?colour=red", NULL);
    expect_status(t, 400);
    test_end(t);
}

const struct test_case export_tests[] = {
    TEST("CSV holds all fields, references as number and title", csv_holds_all_fields),
    TEST("CSV cells that look like formulas are defused", csv_defuses_formulas),
    TEST("JSON holds the same objects as the API", json_is_that_of_the_api),
    TEST("an export holds what the list shows, all pages of it", the_filter_of_the_list_holds),
    TEST("a workbook has typed cells, no formulas, and tells its filter",
         a_workbook_has_typed_cells),
    TEST("exports ask for the right to export and refuse what they do not know",
         the_right_is_asked),
    TEST_END,
};
