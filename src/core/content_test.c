/* SPDX-License-Identifier: Apache-2.0 */
/* Content files, conditions, the copy in the store, and who may do what. */
#include "core/content.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/embedded.h"
#include "base/text.h"
#include "core/app.h"
#include "core/content_table.h"
#include "core/permit.h"
#include "entity_bench.h"
#include "store.h"

extern const struct test_case content_tests[];

static struct content *load(struct arena *a, const char *dir)
{
    struct content *c = NULL;

    assert_ok(content_load(a, dir, &c));
    return c;
}

/* A fresh operator's folder with one file in it. */
static const char *folder_with(struct arena *a, const char *name, const char *text, size_t size)
{
    static int count;
    const char *dir = arena_printf(a, "%s/content-%d", store_folder(), ++count);
    const char *slash = strchr(name, '/');
    FILE *f;

    assert_int_equal(mkdir(dir, 0700), 0);
    if (slash)
        assert_int_equal(mkdir(arena_printf(a, "%s/%.*s", dir, (int)(slash - name), name), 0700),
                         0);
    f = fopen(arena_printf(a, "%s/%s", dir, name), "w");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
    return dir;
}

static void loads_everything(void **state)
{
    struct arena *a = arena_new(0);
    const struct embedded_file *files;
    size_t n = embedded_list("content/", &files), tables = 0;
    struct content *c = load(a, NULL);
    struct content_table *const *all;

    (void)state;
    for (size_t i = 0; i < n; i++) {
        size_t length = strlen(files[i].name), size;
        const char *text = content_text(c, files[i].name + strlen("content/"), &size);

        assert_non_null(text);
        assert_int_equal(size, files[i].size);
        tables += strcmp(files[i].name + length - 4, ".tsv") == 0;
    }
    assert_true(tables >= 15);
    assert_int_equal(content_tables(c, &all), tables);
    assert_int_equal(content_rows(content_table(c, "controls")), 93);
    assert_int_equal(strlen(content_version(c)), 16);
    assert_null(content_table(c, "nothing"));
    assert_null(content_text(c, "nothing.txt", NULL));
    arena_free(a);
}

static void finds_rows(void **state)
{
    struct arena *a = arena_new(0);
    struct content *c = load(a, NULL);
    const struct content_table *controls = content_table(c, "controls");
    const struct content_table *cells = content_table(c, "method_cells_5x5");
    i64 row = content_row(controls, "8.13");

    (void)state;
    assert_true(row > 0);
    assert_string_equal(content_cell(controls, (size_t)row, "theme"), "technological");
    assert_int_equal(content_row(controls, "9.9"), -1);
    assert_int_equal(content_row(NULL, "8.13"), -1);
    assert_int_equal(content_row(controls, NULL), -1);
    for (size_t i = 0; i < content_rows(controls); i++)
        assert_int_equal(content_row(controls, content_cell(controls, i, "code")), i);
    row = content_row(cells, "5/4");
    assert_string_equal(content_cell(cells, (size_t)row, "score"), "20");
    assert_string_equal(content_label(c, "asset_types", "customer-data"), "Customer data");
    assert_string_equal(content_label(c, "asset_types", "no-such"), "no-such");
    assert_string_equal(content_label(c, "no-such", "x"), "x");
    assert_true(content_has_column(controls, "if"));
    assert_false(content_has_column(controls, "iffy"));
    arena_free(a);
}

static void ask_missing_column(void *arg)
{
    content_cell(content_table(arg, "controls"), 0, "no_such_column");
}

static void refuses_unknown_columns(void **state)
{
    struct arena *a = arena_new(0);

    (void)state;
    assert_true(test_dies(ask_missing_column, load(a, NULL)));
    arena_free(a);
}

static void lists_names(void **state)
{
    struct arena *a = arena_new(0);
    struct content *c = load(a, NULL);
    const char *const *names;
    size_t n = content_list(c, "catalogue/", &names);

    (void)state;
    assert_true(n >= 6);
    for (size_t i = 0; i < n; i++) {
        assert_true(text_starts(names[i], "catalogue/"));
        assert_true(i == 0 || strcmp(names[i - 1], names[i]) < 0);
    }
    assert_int_equal(content_list(c, "no-such/", &names), 0);
    arena_free(a);
}

static void operator_overrides(void **state)
{
    static const char threats[] = "code\tname\tplain\nfire\tFeuer\ttwo\\nlines\\t\n";
    struct arena *a = arena_new(0);
    struct content *c = load(a, NULL), *other;
    const char *dir = folder_with(a, "catalogue/threats.tsv", threats, strlen(threats));

    (void)state;
    other = load(a, dir);
    assert_string_equal(content_label(other, "threats", "fire"), "Feuer");
    assert_int_equal(content_rows(content_table(other, "threats")), 1);
    assert_string_equal(content_cell(content_table(other, "threats"), 0, "plain"), "two\nlines\\t");
    assert_int_equal(content_rows(content_table(other, "controls")), 93);
    assert_string_not_equal(content_version(c), content_version(other));
    assert_string_equal(content_version(c), content_version(load(a, NULL)));
    dir = folder_with(a, "rules/own.sql", "select 1\n", 9);
    assert_string_equal(content_text(load(a, dir), "rules/own.sql", NULL), "select 1\n");
    assert_contains(assert_err(content_load(a, "/no/such/folder", &other), ERR_BAD)->text,
                    "/no/such/folder");
    arena_free(a);
}

/* A file with this text in the operator's folder is refused with a sentence that has `says`. */
static void refuses(struct arena *a, const char *name, const char *text, const char *says)
{
    struct content *c;

    assert_contains(
        assert_err(content_load(a, folder_with(a, name, text, strlen(text)), &c), ERR_BAD)->text,
        says);
}

static void refuses_broken(void **state)
{
    struct arena *a = arena_new(0);

    (void)state;
    refuses(a, "x.tsv", "code\tname\na\tb\nc\n", "/x.tsv:3: The line has 1 cells");
    refuses(a, "x.tsv", "code\tname\na\tb\tc\n", "/x.tsv:2: The line has 3 cells");
    refuses(a, "x.tsv", "code\tname\na\tb\na\tc\n",
            "/x.tsv:3: The code \"a\" is already on line 2");
    refuses(a, "x.tsv", "code\tname\na\tb \n", "/x.tsv:2: Take out the blank at the end");
    refuses(a, "x.tsv", "code\tname\na\t b\n", "/x.tsv:2: Take out the blank at the start");
    refuses(a, "x.tsv", "code\tname\n\tb\n", "/x.tsv:2: \"\" is not a code");
    refuses(a, "x.tsv", "code\tname\nb c\tb\n", "/x.tsv:2: \"b c\" is not a code");
    refuses(a, "x.tsv", "code\tname\na\tb\r\n", "/x.tsv:2: The line ends with a carriage return");
    refuses(a, "x.tsv", "code\tname\na\tb\n\n", "/x.tsv:3: The line is empty");
    refuses(a, "x.tsv", "code\tname\na\tb", "/x.tsv: The last line does not end");
    refuses(a, "x.tsv", "", "/x.tsv: The last line does not end");
    refuses(a, "x.tsv", "code\tName\na\tb\n", "/x.tsv:1: \"Name\" is not a column name");
    refuses(a, "x.tsv", "code\tcode\na\tb\n", "/x.tsv:1: Two columns are called \"code\"");
    refuses(a, "x.tsv", "\n", "/x.tsv:1: \"\" is not a column name");
    refuses(a, "x.tsv", "\xEF\xBB\xBF(code)\n", "/x.tsv:1: The file starts with a byte order");
    refuses(a, "x.tsv", "code\tname\na\t\xFF\n", "/x.tsv:2: The line is not valid UTF-8");
    refuses(a, "x.tsv", "code\tname\na\t\x01\n", "/x.tsv:2: The line is not valid UTF-8");
    refuses(a, "axis.tsv", "axis\tlevel\na\t1\na\t1\n", "/axis.tsv:3: The code \"a/1\" is already");
    refuses(a, "sub/threats.tsv", "code\na\n", "have the same name");
    refuses(a, "x.tsv", "code\tif\na\tcloud=some\nb\tclod=some\n",
            "/x.tsv:3: Column \"if\": there is no question \"clod\"");
    refuses(a, "x.tsv", "code\tused_if\na\tcloud=much\n",
            "/x.tsv:2: Column \"used_if\": \"much\" is not an answer to \"cloud\"");
    refuses(a, "x.tsv", "code\tif\na\tcloud>=3\n", "\"cloud\" is not a number");
    refuses(a, "x.tsv", "code\tif\na\theadcount>=many\n", "\"many\" is not a whole number");
    refuses(a, "x.tsv", "code\tif\na\theadcount\n", "\"headcount\" is not a term");
    refuses(a, "x.tsv", "code\tif\na\tdevelops=maybe\n", "\"maybe\" is not an answer");
    refuses(a, "x.tsv", "code\tif\na\tcloud=all,\n", "\"\" is not a term");
    arena_free(a);
}

static void refuses_nul(void **state)
{
    struct arena *a = arena_new(0);
    struct content *c;

    (void)state;
    assert_contains(
        assert_err(content_load(a, folder_with(a, "x.tsv", "code\na\0b\n", 9), &c), ERR_BAD)->text,
        "/x.tsv:2: The line is not valid UTF-8");
    arena_free(a);
}

/* --- conditions --- */

static const char *answer(void *ctx, const char *key)
{
    static const char *const given[][2] = {
        {"cloud",     "some"           },
        {"headcount", "15"             },
        {"develops",  "yes"            },
        {"practice",  "backup,policies"},
        {"sites",     "shared"         },
        {"countries", ""               },
        {"budget",    NULL             },
        {"revenue",   "a lot"          },
    };

    (void)ctx;
    for (size_t i = 0; i < COUNT_OF(given); i++)
        if (strcmp(given[i][0], key) == 0)
            return given[i][1];
    return NULL;
}

static void judges_conditions(void **state)
{
    static const struct {
        const char *condition;
        bool holds, open;
    } cases[] = {
        {"",                                  true,  false},
        {NULL,                                true,  false},
        {"cloud=some",                        true,  false},
        {"cloud=all",                         false, false},
        {"cloud=some|all",                    true,  false},
        {"cloud = some , develops = yes",     true,  false},
        {"cloud!=none",                       true,  false},
        {"cloud!=some|all",                   false, false},
        {"cloud=so",                          false, false},
        {"cloud=somewhat",                    false, false},
        {"headcount>=15",                     true,  false},
        {"headcount>=16",                     false, false},
        {"headcount<=15,headcount>=15",       true,  false},
        {"headcount<=14",                     false, false},
        {"headcount=15",                      true,  false},
        {"revenue>=1",                        false, false},
        {"practice=backup",                   true,  false},
        {"practice=policies",                 true,  false},
        {"practice=patching",                 false, false},
        {"practice=patching|policies",        true,  false},
        {"practice!=backup",                  false, false},
        {"practice!=patching",                true,  false},
        {"personal_data=ordinary",            false, true },
        {"personal_data!=ordinary",           false, true },
        {"budget=low",                        false, true },
        {"countries=DE",                      false, true },
        {"cloud=some,personal_data=ordinary", false, true },
        {"cloud=all,personal_data=ordinary",  false, false},
        {"personal_data=ordinary,cloud=all",  false, false},
        {"headcount>=8,unasked<=3",           false, true },
        {"nonsense",                          false, false},
        {"=x",                                false, false},
        {"cloud>some",                        false, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        bool open = !cases[i].open;
        bool holds = content_holds(cases[i].condition, answer, NULL, &open);

        if (holds != cases[i].holds || open != cases[i].open)
            fail_msg("%s: holds %d, open %d", cases[i].condition, holds, open);
        assert_int_equal(content_holds(cases[i].condition, answer, NULL, NULL), cases[i].holds);
    }
}

/* --- the store --- */

static const char *one_text(struct bench *t, const char *sql, const char *code)
{
    struct rows *r;

    assert_ok(db_query_text(t->w.db, &r, sql, DB_VALS(str(code)), 1));
    return row_next(r) ? row_text(r, 0) : NULL;
}

static void stores_the_catalogue(void **state)
{
    static const char less[] = "code\tname\nfire\tFeuer\nnew-one\tNew\n";
    struct bench t;
    struct content *c, *other;
    struct rows *r;

    (void)state;
    bench_open(&t);
    c = load(t.a, NULL);
    other = load(t.a, folder_with(t.a, "catalogue/threats.tsv", less, strlen(less)));
    assert_ok(content_store(&t.w, c));
    assert_ok(
        db_query(t.w.db, &r, "select count(*) from catalogue where kind = $1", str("controls")));
    assert_true(row_next(r));
    assert_int_equal(row_num(r, 0), 93);
    assert_string_equal(
        one_text(&t, "select label from catalogue where kind = 'threats' and code = $1", "fire"),
        "Fire");
    assert_string_equal(one_text(&t,
                                 "select data ->> 'theme' from catalogue"
                                 " where kind = 'controls' and code = $1",
                                 "8.13"),
                        "technological");
    /* The same version is not written again: what is changed by hand stays. */
    assert_ok(
        db_exec(t.w.db, "update catalogue set label = 'By hand' where code = $1", str("fire")));
    assert_ok(content_store(&t.w, c));
    assert_string_equal(one_text(&t, "select label from catalogue where code = $1", "fire"),
                        "By hand");
    assert_ok(content_store(&t.w, other));
    assert_string_equal(one_text(&t, "select label from catalogue where code = $1", "fire"),
                        "Feuer");
    assert_string_equal(one_text(&t, "select label from catalogue where code = $1", "new-one"),
                        "New");
    assert_ok(db_query(t.w.db, &r, "select count(*) from catalogue where kind = $1 and retired = 1",
                       str("threats")));
    assert_true(row_next(r));
    assert_int_equal(row_num(r, 0), (i64)content_rows(content_table(c, "threats")) - 1);
    assert_ok(content_store(&t.w, c));
    assert_ok(db_query(t.w.db, &r, "select code from catalogue where retired = 1"));
    assert_int_equal(row_count(r), 1);
    assert_true(row_next(r));
    assert_string_equal(row_text(r, 0), "new-one");
    bench_close(&t);
}

/* --- rights --- */

static bool marked(const struct content_table *t, size_t row, const char *role)
{
    return strcmp(content_cell(t, row, role), "x") == 0;
}

static void keeps_roles_apart(void **state)
{
    static const char *const approvals[] = {"method.approve", "risk.approve", "risk.accept",
                                            "assessment.approve", "soa.approve"};
    struct arena *a = arena_new(0);
    struct content *c = load(a, NULL);
    const struct content_table *t = content_table(c, "rights"), *roles = content_table(c, "roles");

    (void)state;
    for (size_t row = 0; row < content_rows(t); row++) {
        const char *name = content_cell(t, row, "permission");
        bool reads = strstr(name, ".read") || strcmp(name, "search.use") == 0;
        bool own = strcmp(name, "task.write") == 0; /* only what is theirs */

        bool talks = strcmp(name, "comment.see") == 0 || strcmp(name, "comment.write") == 0;

        /* Auditors change nothing: they read, take along what they may read, and check. Who works
         * here or helps may say something. */
        assert_true(reads || !marked(t, row, "external-auditor") ||
                    strcmp(name, "export.run") == 0);
        assert_true(reads || talks || !marked(t, row, "internal-auditor") ||
                    strcmp(name, "export.run") == 0 || strcmp(name, "log.verify") == 0);
        /* People add evidence to what they see, and tasks of their own. */
        assert_true(reads || own || talks || !marked(t, row, "employee") ||
                    strcmp(name, "evidence.write") == 0);
        assert_true(reads || own || talks || !marked(t, row, "adviser"));
        assert_true(strcmp(name, "comment.write") == 0 || !marked(t, row, "supplier-contact"));
        for (size_t i = 0; i < content_rows(roles); i++) {
            const char *role = content_cell(roles, i, "code");

            if (strcmp(name, "risk.accept") == 0)
                assert_int_equal(marked(t, row, role), strcmp(role, "top-management") == 0);
            if (strcmp(name, "account.manage") == 0)
                assert_int_equal(marked(t, row, role), strcmp(role, "admin") == 0);
        }
    }
    for (size_t i = 0; i < COUNT_OF(approvals); i++) {
        size_t row = (size_t)content_row(t, approvals[i]);

        assert_true(marked(t, row, "top-management"));
        assert_false(marked(t, row, "admin"));
        assert_false(marked(t, row, "isms-manager"));
    }
    assert_true(marked(t, (size_t)content_row(t, "risk.approve"), "risk-owner"));
    assert_false(marked(t, (size_t)content_row(t, "readiness.read"), "employee"));
    assert_false(marked(t, (size_t)content_row(t, "risk.read"), "employee"));
    arena_free(a);
}

static void rows_are_known(void **state)
{
    struct arena *a = arena_new(0);
    const struct content_table *t = content_table(load(a, NULL), "rights");
    struct buf unknown;

    (void)state;
    buf_init(&unknown, a, 200);
    for (size_t row = 0; row < content_rows(t); row++)
        if (!feature_permission(content_cell(t, row, "permission")))
            buf_printf(&unknown, " %s", content_cell(t, row, "permission"));
    if (unknown.size)
        fail_msg("rights.tsv: no feature declares%s", unknown.data);
    arena_free(a);
}

static struct err *permits_of(struct arena *a, const char *dir, struct app *app)
{
    *app = (struct app){.arena = a};
    TRY(content_load(a, dir, &app->content));
    return permit_load(app);
}

static void answers_rights(void **state)
{
    const struct permission *manage = feature_permission("account.manage");
    struct arena *a = arena_new(0);
    u64 all[RIGHTS_WORDS], admin[RIGHTS_WORDS] = {0}, top[RIGHTS_WORDS] = {0};
    const char *const *roles;
    struct app app;

    (void)state;
    assert_ok(permits_of(a, NULL, &app));
    assert_non_null(manage);
    assert_true(permit_role_has(&app, "admin", manage));
    assert_false(permit_role_has(&app, "top-management", manage));
    assert_false(permit_role_has(&app, "no-such-role", manage));
    assert_int_equal(permit_roles(&app, &roles), 10);
    assert_string_equal(roles[0], "admin");
    permit_all(all);
    permit_add_role(&app, "admin", admin);
    permit_add_role(&app, "top-management", top);
    for (size_t i = 0; i < 10; i++)
        assert_true(permit_covers(&app, roles[i], all));
    assert_true(permit_covers(&app, "admin", admin));
    assert_false(permit_covers(&app, "admin", top));
    assert_true(permit_covers(&app, "isms-manager", top));
    assert_true(permit_covers(&app, "risk-owner", top));
    assert_true(permit_covers(&app, "employee", admin));
    assert_false(permit_covers(&app, "no-such-role", all));
    permit_add_role(&app, "top-management", admin);
    for (size_t i = 0; i < 10; i++)
        assert_true(permit_covers(&app, roles[i], admin));
    arena_free(a);
}

/* The table as it is with one stretch replaced. */
static const char *rights_with(struct arena *a, const char *from, const char *to)
{
    const char *text = (const char *)embedded_find("content/rights.tsv")->data;
    const char *at = strstr(text, from);
    const char *made;

    assert_non_null(at);
    made = arena_printf(a, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    return folder_with(a, "rights.tsv", made, strlen(made));
}

static void refuses_broken_rights(void **state)
{
    struct arena *a = arena_new(0);
    struct app app;

    (void)state;
    assert_contains(
        assert_err(permits_of(a, rights_with(a, "account.manage\t", "account.mange\t"), &app),
                   ERR_BAD)
            ->text,
        "There is no row for the permission \"account.manage\"");
    assert_contains(
        assert_err(permits_of(a, rights_with(a, "\tadviser", "\tadvisor"), &app), ERR_BAD)->text,
        "rights.tsv:1: \"advisor\" is not a role");
    assert_contains(
        assert_err(permits_of(a, rights_with(a, "\tx\t", "\tyes\t"), &app), ERR_BAD)->text,
        "rights.tsv:2: Column \"admin\" holds \"yes\"");
    assert_contains(
        assert_err(permits_of(a, rights_with(a, "\ttitle", "\tname"), &app), ERR_BAD)->text,
        "rights.tsv:1: The first two columns");
    arena_free(a);
}

const struct test_case content_tests[] = {
    TEST("every content file loads and is found by its name", loads_everything),
    TEST("rows are found by code, also by codes of several columns", finds_rows),
    TEST("asking for a column that does not exist ends the program", refuses_unknown_columns),
    TEST("names below a folder are listed in order", lists_names),
    TEST("the operator's folder replaces and adds files and changes the version",
         operator_overrides),
    TEST("broken tables are refused with file, line and reason", refuses_broken),
    TEST("a table with a NUL is refused", refuses_nul),
    TEST("conditions hold, fail or are open as the answers say", judges_conditions),
    TEST("the store gets the catalogue when the version changed, and retires codes",
         stores_the_catalogue),
    TEST("auditors write nothing, top management alone accepts, admin alone manages accounts",
         keeps_roles_apart),
    TEST("every row of rights.tsv is a permission of a feature", rows_are_known),
    TEST("roles hold their rights and cover others", answers_rights),
    TEST("a rights table that does not fit roles or permissions is refused", refuses_broken_rights),
    TEST_END,
};
