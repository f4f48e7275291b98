/* SPDX-License-Identifier: Apache-2.0 */
/* The statement: reasons, contradictions, freezing, approval, files, the past. */
#include "feature/soa/soa.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zip.h>

#include "base/clock.h"
#include "base/csv.h"
#include "base/text.h"
#include "core/trail.h"
#include "feature/control/control.h"
#include "store.h"
#include "visit.h"

#define PROFILE                                                                             \
    "headcount=15&sector=software&sites=shared&remote_work=mostly&own_devices=no&cloud=all" \
    "&own_servers=no&own_network=no&ot=no&develops=yes&outsourced_development=no"           \
    "&personal_data=ordinary&card_payment=no&government=no&critical_suppliers=yes&downtime=day"

/* --- helpers --- */

/* The text around a control's row on the page, to its end. */
static const char *row_of(struct test *t, const char *code)
{
    const char *at = strstr(body(t), arena_printf(t->arena, "<strong>%s</strong>", code));
    const char *end = at ? strstr(at, "</tr>") : NULL;

    if (!at || !end)
        fail_msg("the control %s is not on the page", code);
    return arena_strn(t->arena, at, (size_t)(end - at));
}

static void open_all(struct test *t)
{
    visit(t, METHOD_GET, "/o/acme/soa?theme=all", NULL);
    expect_status(t, 200);
}

static i64 version_of(struct test *t, const char *code)
{
    return value(t, "select version from control where org_id = $1 and code = $2", num(t->org),
                 str(code));
}

static void decide(struct test *t, const char *code, const char *form)
{
    visit(t, METHOD_POST, "/o/acme/soa/decide",
          arena_printf(t->arena, "control=%s&_version=%lld&%s", code, version_of(t, code), form));
}

static void exclude(struct test *t, const char *code)
{
    decide(t, code,
           arena_printf(t->arena,
                        "decide=no&justification=The+landlord+of+our+shared+office+does+this+%s",
                        code));
    expect_status(t, 303);
}

/* A risk with a treatment by one control. */
static void treat(struct test *t, const char *code)
{
    i64 control =
        value(t, "select id from control where org_id = $1 and code = $2", num(t->org), str(code));

    api(t, "isms-manager", METHOD_POST, "/api/v1/risks",
        arena_printf(t->arena,
                     "{\"title\":\"Break-in %s\",\"owner\":\"%lld\",\"properties\":\"c\","
                     "\"inherent_likelihood\":4,\"inherent_impact\":4,\"current_likelihood\":4,"
                     "\"current_impact\":4}",
                     code, person_of(t, "risk-owner")));
    expect_status(t, 201);
    api(t, "isms-manager", METHOD_POST, "/api/v1/treatments",
        arena_printf(t->arena,
                     "{\"title\":\"Do it %s\",\"risk\":\"%s\",\"option\":\"modify\","
                     "\"state\":\"planned\",\"controls\":[\"%lld\"],\"expected_likelihood\":2,"
                     "\"expected_impact\":4}",
                     code, json_string_value(json_object_get(answer_json(t), "id")), control));
    expect_status(t, 201);
}

/* Everything decided: the proposals of the small company, all exclusions with a reason. */
static void decide_everything(struct test *t)
{
    static const char *const out[] = {"7.1", "7.2",  "7.3",  "7.4",  "7.5", "7.6",
                                      "7.8", "7.11", "7.12", "7.13", "8.30"};
    struct soa_table table;

    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/profile", PROFILE);
    expect_status(t, 303);
    for (size_t i = 0; i < COUNT_OF(out); i++)
        exclude(t, out[i]);
    visit(t, METHOD_POST, "/o/acme/soa/decide/all", NULL);
    expect_status(t, 303);
    db_use_arena(t->w->db, t->arena);
    assert_ok(soa_rows(t->w, &table));
    for (size_t i = 0; i < table.count; i++)
        if (text_equal(table.rows[i].applicable, "open")) {
            decide(t, table.rows[i].code, "decide=yes&business_reason=Our+customers+expect+it");
            expect_status(t, 303);
        }
}

static void submit(struct test *t)
{
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/soa/submit", NULL);
    expect_status(t, 303);
}

static const char *hash_of(struct test *t, i64 number)
{
    struct rows *r;

    db_use_arena(t->w->db, t->arena);
    assert_ok(db_query(t->w->db, &r, "select body_hash from soa where org_id = $1 and number = $2",
                       num(t->org), num(number)));
    assert_true(row_next(r));
    return row_text(r, 0);
}

static void approve(struct test *t, i64 number, const char *hash, const char *more)
{
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/soa/SOA-%lld/approve", number),
          arena_printf(t->arena, "hash=%s%s", hash, more));
}

/* --- reasons --- */

static void fills_itself(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    open_all(t);
    assert_contains(row_of(t, "8.24"), "open");
    treat(t, "8.24");
    visit(t, METHOD_POST, "/o/acme/requirements",
          "title=St.+Anna+Hospital&kind=contract&addressed=yes&status=open&controls%5B%5D=8.5");
    expect_status(t, 303);
    open_all(t);
    assert_contains(row_of(t, "8.24"), ">R-1<");
    assert_contains(row_of(t, "8.24"), "Yes <span class='list-sub'>by its reasons</span>");
    assert_contains(row_of(t, "8.5"), "Contract: St. Anna Hospital");
    assert_contains(row_of(t, "8.5"), "Yes");
    assert_contains(row_of(t, "5.1"), "Baseline");
    /* a cancelled treatment and a requirement that is not addressed are no reasons */
    visit(t, METHOD_POST, "/o/acme/treatments/T-1", "_version=1&state=cancelled");
    expect_status(t, 303);
    visit(t, METHOD_POST, "/o/acme/requirements/RQ-1",
          "_version=1&addressed=no&why_not=Another+company+of+the+group");
    expect_status(t, 303);
    open_all(t);
    assert_null(strstr(row_of(t, "8.24"), "R-1"));
    assert_null(strstr(row_of(t, "8.5"), "St. Anna"));
    test_end(t);
}

static void used_but_excluded(void **state)
{
    struct test *t = test_begin();

    (void)state;
    decide_everything(t);
    treat(t, "7.4");
    open_all(t);
    assert_contains(row_of(t, "7.4"), "Excluded, but used in the treatment of R-1");
    expect_text(t, "<tr class='warn'>");
    expect_text(t, "1 contradiction");
    expect_no_text(t, "Send for approval");
    visit(t, METHOD_POST, "/o/acme/soa/submit", NULL);
    expect_status(t, 422);
    expect_text(t, "7.4 Physical security monitoring: Excluded, but used in the treatment of R-1");
    expect_count(t, 0, "select count(*) from soa where org_id = $1", num(t->org));
    visit(t, METHOD_GET, "/o/acme/soa?show=contradictions", NULL);
    assert_contains(row_of(t, "7.4"), "R-1");
    expect_no_text(t, "<strong>7.5</strong>");
    test_end(t);
}

static void cloud_but_excluded(void **state)
{
    struct test *t = test_begin();

    (void)state;
    decide_everything(t);
    decide(t, "5.23", "decide=no&justification=We+look+after+our+own+systems+only");
    expect_status(t, 303);
    open_all(t);
    assert_contains(row_of(t, "5.23"), "Excluded, but in use by the profile (Cloud services");
    visit(t, METHOD_POST, "/o/acme/soa/submit", NULL);
    expect_status(t, 422);
    visit(t, METHOD_POST, "/o/acme/profile", "cloud=none");
    expect_status(t, 303);
    open_all(t);
    assert_null(strstr(row_of(t, "5.23"), "Excluded, but"));
    visit(t, METHOD_POST, "/o/acme/requirements",
          "title=Cloud+law&kind=law&addressed=yes&status=open&controls%5B%5D=5.23");
    expect_status(t, 303);
    open_all(t);
    assert_contains(row_of(t, "5.23"), "asked for by “Cloud law”");
    test_end(t);
}

static void same_text(void **state)
{
    struct test *t = test_begin();
    struct soa_table table;
    i64 n = 0;

    (void)state;
    login(t, "isms-manager");
    db_use_arena(t->w->db, t->arena);
    assert_ok(soa_rows(t->w, &table));
    for (size_t i = 0; i < table.count && n < 13; i++)
        if (text_equal(table.rows[i].theme, "technological")) {
            decide(t, table.rows[i].code,
                   "decide=no&justification=The+parent+company+does+all+of+this+for+us");
            expect_status(t, 303);
            n++;
            visit(t, METHOD_GET, "/o/acme/soa", NULL);
            if (n <= 12)
                expect_no_text(t, "without a reason");
        }
    expect_text(t, "13 exclusions without a reason");
    test_end(t);
}

/* --- deciding --- */

static void deciding(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/profile", PROFILE);
    visit(t, METHOD_GET, "/o/acme/soa/decide", NULL);
    expect_status(t, 200);
    expect_text(t, "5.1 Policies for information security");
    visit(t, METHOD_GET, "/o/acme/soa/decide?after=8.29", NULL);
    expect_text(t, "8.30 Outsourced development");
    decide(t, "8.30",
           arena_printf(t->arena, "decide=no&justification=%s",
                        text_url(t->arena, control_hint(t->w, "8.30"))));
    expect_status(t, 422);
    expect_text(t, "[brackets]");
    visit(t, METHOD_POST, "/o/acme/soa/decide", "control=8.30&_version=7&decide=yes");
    expect_status(t, 409);
    visit(t, METHOD_POST, "/o/acme/soa/decide/all", NULL);
    expect_status(t, 303);
    expect_count(t, 0,
                 "select count(*) from control where org_id = $1 and (applicable = 'no'"
                 " or (proposed = 'no' and applicable <> 'open'))",
                 num(t->org));
    expect_count(t, 1,
                 "select count(*) from control where org_id = $1 and code = '5.1'"
                 " and applicable = 'yes'",
                 num(t->org));
    expect_count(t, 1,
                 "select count(*) from control where org_id = $1 and code = '5.4'"
                 " and applicable = 'yes' and business_reason is not null",
                 num(t->org));
    /* nothing speaks for it, so it is not accepted in bulk */
    expect_count(t, 1,
                 "select count(*) from control where org_id = $1 and code = '8.22'"
                 " and applicable = 'open'",
                 num(t->org));
    test_end(t);
}

/* --- versions --- */

static void blockers(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/soa/submit", NULL);
    expect_status(t, 422);
    expect_text(t, "5.1 Policies for information security: not decided yet");
    expect_text(t, "93 controls not decided");
    expect_count(t, 0, "select count(*) from soa where org_id = $1", num(t->org));
    test_end(t);
}

static void approval(void **state)
{
    struct test *t = test_begin();
    const char *hash;

    (void)state;
    decide_everything(t);
    submit(t);
    hash = hash_of(t, 1);
    visit(t, METHOD_GET, "/o/acme/soa", NULL);
    expect_text(t, "Version 1 waits for approval");
    expect_no_text(t, "Send for approval");
    expect_count(t, 1,
                 "select count(*) from soa where org_id = $1 and state = 'submitted'"
                 " and applicable = 82 and excluded = 11",
                 num(t->org));
    approve(t, 1, hash, "");
    expect_status(t, 403); /* no right */
    visit(t, METHOD_GET, "/o/acme/approvals", NULL);
    expect_no_text(t, "SOA-1");
    login(t, "top-management");
    visit(t, METHOD_GET, "/o/acme/approvals", NULL);
    expect_text(t, "SOA-1");
    visit(t, METHOD_GET, "/o/acme/work", NULL);
    expect_text(t, "SOA-1");
    visit(t, METHOD_GET, "/o/acme/soa/SOA-1", NULL);
    expect_status(t, 200);
    expect_text(t, hash);
    assert_contains(row_of(t, "8.30"), "The landlord");
    expect_no_text(t, "name='exception'"); /* somebody else prepared it */
    approve(t, 1, "0000", "");
    expect_status(t, 409);
    approve(t, 1, hash, "&comment=Go+ahead");
    expect_status(t, 303);
    visit(t, METHOD_GET, "/o/acme/approvals", NULL);
    expect_no_text(t, "SOA-1");
    expect_count(t, 1, "select count(*) from soa where org_id = $1 and state = 'approved'",
                 num(t->org));
    expect_count(t, 1,
                 "select count(*) from decision where org_id = $1 and kind = 'soa'"
                 " and outcome = 'approved' and comment = 'Go ahead' and decided_by = $2",
                 num(t->org), num(person_of(t, "top-management")));
    approve(t, 1, hash, "");
    expect_status(t, 409);
    test_end(t);
}

static void refusal(void **state)
{
    struct test *t = test_begin();

    (void)state;
    decide_everything(t);
    submit(t);
    login(t, "top-management");
    visit(t, METHOD_POST, "/o/acme/soa/SOA-1/refuse",
          arena_printf(t->arena, "hash=%s", hash_of(t, 1)));
    expect_status(t, 422);
    visit(t, METHOD_POST, "/o/acme/soa/SOA-1/refuse",
          arena_printf(t->arena, "hash=%s&comment=8.30+is+doubtful", hash_of(t, 1)));
    expect_status(t, 303);
    submit(t);
    login(t, "top-management");
    approve(t, 2, hash_of(t, 2), "");
    expect_status(t, 303);
    submit(t);
    login(t, "top-management");
    approve(t, 3, hash_of(t, 3), "");
    expect_status(t, 303);
    expect_count(
        t, 1,
        "select count(*) from soa where org_id = $1 and ((number = 1 and state <> 'refused')"
        " or (number = 2 and state <> 'superseded') or (number = 3 and state = 'approved'))",
        num(t->org));
    test_end(t);
}

/* Ends the roles of top management of all but the person who usually has it. */
static void leave_alone(struct test *t)
{
    struct rows *r;

    db_use_arena(t->w->db, t->arena);
    assert_ok(db_query(t->w->db, &r,
                       "select number, version, from_date from role_holder where org_id = $1"
                       " and role = 'top-management' and person <> $2",
                       num(t->org), num(person_of(t, "top-management"))));
    while (row_next(r)) {
        visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/roles/RH-%lld", row_num(r, 0)),
              arena_printf(t->arena, "_version=%lld&from_date=2020-01-01&until=2020-01-02",
                           row_num(r, 1)));
        expect_status(t, 303);
    }
}

static void four_eyes(void **state)
{
    struct test *t = test_begin();

    (void)state;
    decide_everything(t);
    login(t, "top-management");
    visit(t, METHOD_POST, "/o/acme/soa/submit", NULL);
    expect_status(t, 303);
    visit(t, METHOD_POST, "/o/acme/roles",
          arena_printf(t->arena, "person=%lld&role=top-management&from_date=2026-01-01",
                       person_of(t, "employee")));
    expect_status(t, 303);
    approve(t, 1, hash_of(t, 1), "&exception=I+am+in+a+hurry");
    expect_status(t, 403);
    expect_text(t, "somebody else must decide");
    expect_count(t, 1, "select count(*) from soa where org_id = $1 and state = 'submitted'",
                 num(t->org));
    leave_alone(t);
    approve(t, 1, hash_of(t, 1), "");
    expect_status(t, 422);
    expect_text(t, "Say why you decide all the same");
    approve(t, 1, hash_of(t, 1), "&exception=There+are+only+two+of+us");
    expect_status(t, 303);
    expect_count(t, 1,
                 "select count(*) from decision where org_id = $1 and kind = 'soa'"
                 " and exception = 'There are only two of us'",
                 num(t->org));
    test_end(t);
}

static void later_change(void **state)
{
    struct test *t = test_begin();
    const char *frozen;

    (void)state;
    decide_everything(t);
    submit(t);
    login(t, "top-management");
    approve(t, 1, hash_of(t, 1), "");
    expect_status(t, 303);
    frozen = hash_of(t, 1);
    visit(t, METHOD_GET, "/o/acme/soa", NULL);
    expect_no_text(t, "A new version is needed");
    visit(t, METHOD_POST, "/o/acme/controls/8.13",
          arena_printf(t->arena, "_version=%lld&status=implemented", version_of(t, "8.13")));
    expect_status(t, 303);
    visit(t, METHOD_GET, "/o/acme/soa", NULL);
    expect_no_text(t, "A new version is needed");
    expect_text(t, "Only progress was recorded since");
    treat(t, "8.24");
    visit(t, METHOD_GET, "/o/acme/soa", NULL);
    expect_text(t, "A new version is needed");
    visit(t, METHOD_GET, "/o/acme/soa/SOA-1", NULL);
    expect_text(t, "A new version is needed");
    expect_text(t, "<strong>8.24</strong> Use of cryptography: reasons changed");
    expect_text(t, "<strong>8.13</strong> Information backup: status Implemented");
    assert_null(strstr(row_of(t, "8.24"), "R-1"));
    assert_string_equal(hash_of(t, 1), frozen);
    test_end(t);
}

static void settles(void **state)
{
    struct test *t = test_begin();

    (void)state;
    decide_everything(t);
    decide(t, "8.24", "decide=yes");
    visit(t, METHOD_POST, "/o/acme/controls/8.24",
          arena_printf(t->arena, "_version=%lld&applicable=open&_reason=Look+again",
                       version_of(t, "8.24")));
    expect_status(t, 303);
    treat(t, "8.24");
    submit(t);
    expect_count(t, 1,
                 "select count(*) from control where org_id = $1 and code = '8.24'"
                 " and applicable = 'yes'",
                 num(t->org));
    expect_count(t, 82, "select applicable from soa where org_id = $1", num(t->org));
    test_end(t);
}

static void bodies(void **state)
{
    struct test *t = test_begin();
    struct soa_table live, back;
    struct soa_changes changes;
    const char *text;

    (void)state;
    login(t, "isms-manager");
    treat(t, "8.24");
    visit(t, METHOD_POST, "/o/acme/controls/8.24",
          arena_printf(t->arena, "_version=1&owner=%lld&how=Disks+%%22and%%22+backups",
                       person_of(t, "risk-owner")));
    expect_status(t, 303);
    db_use_arena(t->w->db, t->arena);
    assert_ok(soa_rows(t->w, &live));
    text = soa_freeze(t->w, &live);
    assert_null(strstr(text, "Person risk-owner"));
    assert_ok(soa_thaw(t->w, text, &back));
    assert_int_equal(back.count, 93);
    assert_ok(soa_compare(t->w, &back, &live, &changes));
    assert_int_equal(changes.count, 0);
    assert_string_equal(soa_freeze(t->w, &back), text);
    assert_err(soa_thaw(t->w, "{\"format\":\"other\"}", &back), ERR_FAULT);
    assert_err(soa_thaw(t->w, "nothing", &back), ERR_FAULT);
    test_end(t);
}

/* --- files --- */

/* Rows and cells of a CSV, and whether a cell could be taken for a formula. */
struct reading {
    struct test *t;
    size_t rows;
    bool formula;
};

static struct err *read_row(void *ctx, const struct csv_row *row)
{
    struct reading *g = ctx;

    g->rows++;
    for (size_t i = 0; i < row->count; i++)
        g->formula |= row->cell[i][0] && strchr("=+-@", row->cell[i][0]) != NULL;
    return NULL;
}

static void make_own(struct test *t)
{
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/controls",
          "code=CIS-5.1&title=%3DHYPERLINK(1)&maps_to=5.16&how=%3D1%2B1");
    expect_status(t, 303);
}

static void csv_file(void **state)
{
    struct test *t = test_begin();
    struct reading g = {.t = t};

    (void)state;
    make_own(t);
    visit(t, METHOD_GET, "/o/acme/soa/export?format=csv", NULL);
    expect_status(t, 200);
    assert_ok(csv_read(t->arena, body(t), strlen(body(t)), ',', read_row, &g));
    assert_int_equal(g.rows, 1 + 94);
    assert_false(g.formula);
    expect_text(t, "'=HYPERLINK(1)");
    test_end(t);
}

static char *entry_of(struct test *t, const char *path, const char *name)
{
    struct zip_stat st;
    int code;
    zip_t *z = zip_open(path, ZIP_RDONLY, &code);
    zip_file_t *f;
    char *text;

    assert_non_null(z);
    assert_int_equal(zip_stat(z, name, 0, &st), 0);
    text = arena_alloc(t->arena, st.size + 1);
    f = zip_fopen(z, name, 0);
    assert_non_null(f);
    assert_int_equal(zip_fread(f, text, st.size), (i64)st.size);
    zip_fclose(f);
    zip_discard(z);
    return text;
}

static size_t occurrences(const char *text, const char *part)
{
    size_t n = 0;

    while ((text = strstr(text, part))) {
        n++;
        text++;
    }
    return n;
}

static void xlsx_file(void **state)
{
    struct test *t = test_begin();
    const char *sheet;

    (void)state;
    make_own(t);
    visit(t, METHOD_GET, "/o/acme/soa/export?format=xlsx", NULL);
    expect_status(t, 200);
    assert_non_null(t->r->response.file);
    sheet = entry_of(t, t->r->response.file, "xl/worksheets/sheet1.xml");
    unlink(t->r->response.file);
    assert_int_equal(occurrences(sheet, "<row "), 1 + 94);
    assert_int_equal(occurrences(sheet, "<f>"), 0);
    assert_contains(sheet, "=HYPERLINK(1)");
    test_end(t);
}

/* The text of the PDF that was answered. */
static const char *pdf_text(struct test *t)
{
    const char *in = arena_printf(t->arena, "%s/soa.pdf", store_folder());
    const char *out = arena_printf(t->arena, "%s/soa.txt", store_folder());
    FILE *f = fopen(in, "we");
    char *text;
    long size;

    assert_non_null(f);
    fwrite(t->r->response.body.data, 1, t->r->response.body.size, f);
    fclose(f);
    assert_int_equal(system(arena_printf(t->arena, "pdftotext -layout %s %s", in, out)), 0);
    f = fopen(out, "re");
    assert_non_null(f);
    fseek(f, 0, SEEK_END);
    size = ftell(f);
    rewind(f);
    text = arena_alloc(t->arena, (size_t)size + 1);
    assert_int_equal(fread(text, 1, (size_t)size, f), size);
    fclose(f);
    unlink(in);
    unlink(out);
    return text;
}

static void pdf_file(void **state)
{
    struct test *t = test_begin();
    unsigned char root[TLOG_HASH];
    struct soa_table table;
    const char *text;
    i64 size;

    (void)state;
    decide_everything(t);
    make_own(t);
    decide(t, "CIS-5.1", "decide=yes&business_reason=We+like+it");
    submit(t);
    login(t, "top-management");
    approve(t, 1, hash_of(t, 1), "");
    visit(t, METHOD_GET, "/o/acme/soa/export?format=pdf&version=1", NULL);
    expect_status(t, 200);
    assert_string_equal(t->r->response.type, "application/pdf");
    text = pdf_text(t);
    assert_contains(text, "Page 1 of ");
    db_use_arena(t->w->db, t->arena);
    assert_ok(trail_head(t->w, t->org, &size, root));
    assert_contains(text, crypt_base64(t->arena, root, sizeof(root)));
    assert_contains(text, hash_of(t, 1));
    assert_contains(text, "Person top-management");
    assert_contains(text, "Exclusions (11)");
    assert_ok(soa_rows(t->w, &table));
    assert_int_equal(table.count, 94);
    for (size_t i = 0; i < table.count; i++)
        assert_contains(text, arena_printf(t->arena, "%s ", table.rows[i].code));
    visit(t, METHOD_GET, "/o/acme/soa/export?format=doc", NULL);
    expect_status(t, 400);
    test_end(t);
}

static void files_in_german(void **state)
{
    struct test *t = test_begin();
    const char *text;

    (void)state;
    decide_everything(t);
    submit(t);
    login(t, "top-management");
    approve(t, 1, hash_of(t, 1), "");
    visit(t, METHOD_POST, "/account/settings", "language=de&zone=");
    visit(t, METHOD_GET, "/o/acme/soa/export?format=pdf&version=1", NULL);
    text = pdf_text(t);
    assert_contains(text, "Version 1, In Kraft");
    assert_contains(text, "Seite 1 von ");
    assert_contains(text, "Ausschlüsse (11)");
    assert_null(strstr(text, "Approved"));
    visit(t, METHOD_GET, "/o/acme/soa/export?format=csv", NULL);
    text = (const char *)answer_bytes(t).data;
    assert_contains(text, "Informationssicherheitsrichtlinien");
    assert_null(strstr(text, "Framework"));
    visit(t, METHOD_GET, "/o/acme/soa/export?format=json", NULL);
    assert_contains((const char *)answer_bytes(t).data, "Policies for information security");
    test_end(t);
}

static void json_api(void **state)
{
    struct test *t = test_begin();
    json_t *answer;

    (void)state;
    decide_everything(t);
    submit(t);
    api(t, "isms-manager", METHOD_GET, "/api/v1/soa", NULL);
    expect_status(t, 200);
    answer = answer_json(t);
    assert_int_equal(json_array_size(json_object_get(answer, "controls")), 93);
    assert_int_equal(json_integer_value(json_object_get(answer, "applicable")), 82);
    api(t, "isms-manager", METHOD_GET, "/api/v1/soa?version=1", NULL);
    expect_status(t, 200);
    assert_string_equal(json_string_value(json_object_get(answer_json(t), "body_hash")),
                        hash_of(t, 1));
    api(t, "isms-manager", METHOD_GET, "/api/v1/soa/versions", NULL);
    expect_status(t, 200);
    assert_int_equal(json_array_size(json_object_get(answer_json(t), "items")), 1);
    api(t, "isms-manager", METHOD_GET, "/api/v1/soa?version=9", NULL);
    expect_status(t, 404);
    test_end(t);
}

/* --- who and when --- */

static void strangers(void **state)
{
    static const char *const pages[] = {"/o/acme/soa", "/o/acme/soa/SOA-1", "/o/acme/soa/decide",
                                        "/o/acme/soa/export?format=csv"};
    struct test *t = test_begin();

    (void)state;
    decide_everything(t);
    submit(t);
    for (size_t i = 0; i < COUNT_OF(pages); i++) {
        login(t, "other-admin");
        visit(t, METHOD_GET, pages[i], NULL);
        expect_status(t, 404);
        login(t, "employee");
        visit(t, METHOD_GET, pages[i], NULL);
        expect_status(t, 403);
    }
    login(t, "external-auditor");
    visit(t, METHOD_GET, "/o/acme/soa", NULL);
    expect_status(t, 200);
    expect_no_text(t, "Send for approval");
    visit(t, METHOD_GET, "/o/acme/soa/export?format=csv", NULL);
    expect_status(t, 200); /* an auditor takes along what an auditor may read */
    visit(t, METHOD_POST, "/o/acme/soa/submit", NULL);
    expect_status(t, 403);
    test_end(t);
}

static void past(void **state)
{
    struct test *t = test_begin();
    const char *day = clock_date(t->arena, clock_now(), "Europe/Berlin"), *page;

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/profile", PROFILE);
    exclude(t, "7.4");
    clock_shift(2 * DAY);
    login(t, "isms-manager");
    decide(t, "7.4", "decide=yes&business_reason=Cameras+were+installed");
    expect_status(t, 303);
    open_all(t);
    assert_null(strstr(row_of(t, "7.4"), "The landlord"));
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/soa?theme=all&asof=%s", day), NULL);
    expect_status(t, 200);
    assert_contains(row_of(t, "7.4"), "The landlord");
    assert_contains(row_of(t, "5.23"), "Profile");
    page = body(t); /* each call makes a copy */
    assert_true(strstr(page, "<strong>5.1</strong>") < strstr(page, "<strong>8.34</strong>"));
    clock_shift(-2 * DAY);
    test_end(t);
}

const struct test_case soa_tests[] = {
    TEST("a control chosen in a treatment or linked to a duty becomes applicable, naming it",
         fills_itself),
    TEST("a control that a treatment uses cannot be left out: contradiction, and no submission",
         used_but_excluded),
    TEST("cloud services in use contradict leaving out their control, and so does a law that asks",
         cloud_but_excluded),
    TEST("one text may justify twelve exclusions, not thirteen", same_text),
    TEST("controls are decided one by one; in bulk only what has a reason, never an exclusion",
         deciding),
    TEST("the statement is not sent while controls are undecided", blockers),
    TEST("top management approves exactly what it was shown, once", approval),
    TEST("a refusal needs a comment; a newer approval replaces the older version", refusal),
    TEST("the author does not approve while another approver exists, and alone only with a reason",
         four_eyes),
    TEST("after a later change a new version is needed, and the frozen one stays as it was",
         later_change),
    TEST("what held by its reasons only is written down as decided when the statement is sent",
         settles),
    TEST("a frozen text comes back as the same table, and holds no name of a person", bodies),
    TEST("the CSV has all controls and no formulas", csv_file),
    TEST("the spreadsheet has all controls and no formulas", xlsx_file),
    TEST("the PDF has page numbers, the root of the log, the approval and all controls", pdf_file),
    TEST("the statement's files are in the reader's language, and JSON in English",
         files_in_german),
    TEST("the API gives the live statement and its versions", json_api),
    TEST("the statement is closed to other organisations and to those without the right",
         strangers),
    TEST("as of a day the statement shows the decisions of that day", past),
    TEST_END,
};
