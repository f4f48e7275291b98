/* SPDX-License-Identifier: Apache-2.0 */
/* Exports of lists through the whole program. */
#include "core/export.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zip.h>

#include "base/text.h"
#include "feature/asset/asset.h"
#include "maker.h"
#include "net/exchange.h"
#include "store.h"

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
    assert_contains(sheet, "t=\"b\"><v>"); /* a yes or no */
    assert_contains(about, "Acme");
    assert_contains(about, "State: In use");
    test_end(t);
}

static void as_the_list_is_shown(void **state)
{
    struct test *t = test_begin();
    const char *text;

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/assets",
          "name=Laptop&type=laptop&state=in-use&c=1&i=1&a=1&in_scope=yes");
    text = export(t, "/o/acme/assets/export?format=csv&fields=shown&cols=state,type&sort=-name");
    assert_contains(text, "number,name,state,type");
    assert_null(strstr(text, "description"));
    text = export(t, "/o/acme/assets/export?format=json&fields=shown&cols=state");
    assert_contains(text, "\"state\"");
    assert_null(strstr(text, "\"location\""));
    visit(t, METHOD_GET, "/o/acme/assets/export?format=xlsx&mine=1&name.has=x&type.not=server",
          NULL);
    expect_status(t, 200); /* every filter can be told on the second sheet */
    test_end(t);
}

/* The words of the PDF that is asked for. */
static const char *paper(struct test *t, const char *target)
{
    const char *out = arena_printf(t->arena, "%s/%d.txt", store_folder(), getpid());
    char room[65536];
    struct buf b;
    size_t n;
    FILE *f;

    visit(t, METHOD_GET, target, NULL);
    expect_status(t, 200);
    assert_string_equal(t->r->response.type, "application/pdf");
    assert_contains(header(t, "Content-Disposition"), ".pdf");
    assert_int_equal(
        system(arena_printf(t->arena, "pdftotext -layout %s %s", t->r->response.file, out)), 0);
    unlink(t->r->response.file);
    f = fopen(out, "r");
    assert_non_null(f);
    buf_init(&b, t->arena, 4096);
    while ((n = fread(room, 1, sizeof(room), f)) > 0)
        buf_add(&b, room, n);
    fclose(f);
    unlink(out);
    return b.data;
}

static void a_pdf_is_what_is_shown(void **state)
{
    struct test *t = test_begin();
    const char *text;

    (void)state;
    for (int i = 0; i < 60; i++)
        add(t, arena_printf(t->arena, "Wardrobe number %d", i), "not shown");
    add(t, "Unlike the others", NULL);
    login(t, "isms-manager");
    text = paper(t, "/o/acme/assets/export?format=pdf&q=wardrobe&state=in-use&cols=state,owner"
                    "&sort=-name");
    assert_contains(text, "Acme");
    assert_contains(text, "contains “wardrobe”; State: In use");
    assert_contains(text, "Name, descending");
    assert_contains(text, "Person isms-manager");
    assert_contains(text, "Wardrobe number 0");
    assert_contains(text, "Wardrobe number 59");
    assert_contains(text, "A-1 ");
    assert_contains(text, "Person risk-owner");
    assert_contains(text, "In use");
    assert_contains(text, "Page 1 of 2");
    assert_contains(text, "Page 2 of 2");
    assert_null(strstr(text, "Unlike"));
    assert_null(strstr(text, "not shown"));
    test_end(t);
}

static void a_pdf_has_groups_and_days(void **state)
{
    struct test *t = test_begin();
    const char *text, *mine, *nobody;

    (void)state;
    add(t, "Kept by one", NULL);
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/assets",
          arena_printf(t->arena, "name=Kept by nobody&type=%s&state=in-use", some_type(t)));
    expect_status(t, 303);
    text = paper(t, "/o/acme/assets/export?format=pdf&group=owner&cols=state");
    mine = strstr(text, "Person risk-owner");
    nobody = strstr(text, "None");
    assert_non_null(mine);
    assert_non_null(nobody);
    assert_true(mine < strstr(text, "Kept by one"));
    assert_true(nobody < strstr(text, "Kept by nobody"));
    text = paper(t, "/o/acme/assets/export?format=pdf&asof=2020-01-01");
    assert_contains(text, "2020-01-01");
    assert_contains(text, "Nothing fits these filters");
    test_end(t);
}

static void a_pdf_has_no_room_for_all_columns(void **state)
{
    struct test *t = test_begin();
    struct buf b;
    int n = 0;

    (void)state;
    buf_init(&b, t->arena, 200);
    for (size_t i = 0; i < asset_entity.nfields && n < 20; i++)
        if (!asset_entity.fields[i].secret && !asset_entity.fields[i].internal)
            buf_printf(&b, "%s%s", n++ ? "," : "", asset_entity.fields[i].name);
    login(t, "isms-manager");
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/assets/export?format=pdf&cols=%s", b.data),
          NULL);
    expect_status(t, 400);
    expect_text(t, "Choose fewer columns");
    test_end(t);
}

static void exports_by_the_api(void **state)
{
    struct test *t = test_begin();

    (void)state;
    add(t, "One", NULL);
    api(t, "isms-manager", METHOD_GET, "/api/v1/assets/export?format=xlsx&name.has=one", NULL);
    expect_status(t, 200);
    assert_contains(t->r->response.type, "spreadsheetml");
    unlink(t->r->response.file);
    api(t, "isms-manager", METHOD_GET, "/api/v1/assets/export?format=pdf", NULL);
    expect_status(t, 200);
    assert_memory_equal(file_of(t), "%PDF-", 5);
    api(t, "isms-manager", METHOD_GET, "/api/v1/assets/export?format=doc", NULL);
    expect_status(t, 400);
    api(t, "department-head", METHOD_GET, "/api/v1/assets/export", NULL);
    expect_status(t, 403);
    api(t, "isms-manager", METHOD_GET, "/api/v1/dragons/export", NULL);
    expect_status(t, 404);
    test_end(t);
}

static void nobody_waits(void **state)
{
    struct test *t = test_begin();
    struct exchange x = {
        .r = {.arena = t->arena, .path = "/", .target = "/"}
    };
    struct list_query q = {.entity = &asset_entity, .limit = 50};
    FILE *out = tmpfile();
    int line[2];

    (void)state;
    add(t, "One", NULL);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, line), 0);
    x.fd = line[0];
    x.r.net = &x;
    t->w->req = &x.r;
    db_use_arena(t->w->db, t->arena);
    assert_ok(export_write(t->w, &q, EXPORT_PDF, out)); /* somebody does */
    close(line[1]);
    for (enum export_format f = EXPORT_CSV; f <= EXPORT_PDF; f++)
        assert_err(export_write(t->w, &q, f, out), ERR_BUSY);
    t->w->req = NULL;
    close(line[0]);
    fclose(out);
    test_end(t);
}

/* Every list, as every kind of file; what is made tomorrow is exported without a line here. */
static void every_kind_in_every_format(void **state)
{
    static const char *const begins[][2] = {
        {"csv",  "number,"     },
        {"json", "{\"items\":["},
        {"xlsx", "PK"          },
        {"pdf",  "%PDF-"       }
    };
    const struct entity *kinds[ENTITIES_MAX];
    size_t n = tenant_entities(kinds, ENTITIES_MAX), files = 0;
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    for (size_t k = 0; k < n; k++) {
        if (kinds[k]->no_api)
            continue;
        some_record(t, t->org, kinds[k], NULL);
        login(t, role_with(t, kinds[k]->read, &export_run_right));
        for (size_t f = 0; f < COUNT_OF(begins); f++) {
            const char *text = export(t, arena_printf(t->arena, "/o/acme/%s/export?format=%s",
                                                      kinds[k]->plural, begins[f][0]));

            if (!text_starts(text, begins[f][1]) &&
                !(f == 0 && text_starts(text, "\xEF\xBB\xBFnumber,")))
                fail_msg("%s as %s: %.40s", kinds[k]->plural, begins[f][0], text);
            files++;
        }
    }
    assert_true(files >= 4 * 15);
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
    visit(t, METHOD_GET, "/o/acme/assets/export?format=doc", NULL);
    expect_status(t, 400);
    expect_text(t, "Use csv, json, xlsx or pdf");
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
    TEST("an export of what is shown has the columns of the list, in its order",
         as_the_list_is_shown),
    TEST("a PDF has the rows and columns of the list, tells its filter and numbers its pages",
         a_pdf_is_what_is_shown),
    TEST("a PDF has a heading for each group, and the day that is looked back on",
         a_pdf_has_groups_and_days),
    TEST("a PDF of more columns than fit on a page is refused with a way out",
         a_pdf_has_no_room_for_all_columns),
    TEST("the API has the same exports, with the same refusals", exports_by_the_api),
    TEST("an export ends when nobody waits for it any more", nobody_waits),
    TEST("the list of every kind of record is exported in every format",
         every_kind_in_every_format),
    TEST("exports ask for the right to export and refuse what they do not know",
         the_right_is_asked),
    TEST_END,
};
