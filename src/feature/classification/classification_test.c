/* SPDX-License-Identifier: Apache-2.0 */
/* Classification through the whole program: proposals, levels, the matrix, approval, the policy,
 * the level on documents, and the levels of assets. */
#include "feature/classification/classification.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "feature/asset/asset.h"
#include "visit.h"

/* Takes a proposal as the manager; SC-1 is the first. */
static void take(struct test *t, const char *preset)
{
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/schemes/presets", arena_printf(t->arena, "preset=%s", preset));
    expect_status(t, 303);
}

static i64 level_of(struct test *t, const char *name)
{
    return value(t, "select id from classification where org_id = $1 and name = $2", num(t->org),
                 str(name));
}

static i64 level_number(struct test *t, const char *name)
{
    return value(t, "select number from classification where org_id = $1 and name = $2",
                 num(t->org), str(name));
}

static const char *hash_shown(struct test *t, const char *scheme)
{
    const char *at;

    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/schemes/%s", scheme), NULL);
    expect_status(t, 200);
    at = strstr(body(t), "name='hash' value='");
    return at ? arena_strn(t->arena, at + 19, 64) : NULL;
}

static void approve(struct test *t, const char *scheme)
{
    const char *hash;

    login(t, "top-management");
    hash = hash_shown(t, scheme);
    assert_non_null(hash);
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/schemes/%s/approve", scheme),
          arena_printf(t->arena, "hash=%s", hash));
    expect_status(t, 303);
}

/* --- proposals --- */

static void presets(void **state)
{
    static const struct {
        const char *code;
        i64 levels, inside;
    } cases[] = {
        {"single",     1, 1},
        {"two-public", 3, 2},
        {"four",       4, 3},
        {"six",        6, 4}
    };
    struct test *t = test_begin();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        take(t, cases[i].code);
        expect_count(t, cases[i].levels,
                     "select count(*) from classification c join scheme s on s.org_id = c.org_id"
                     " and s.id = c.scheme where c.org_id = $1 and s.preset = $2",
                     num(t->org), str(cases[i].code));
        expect_count(t, cases[i].inside,
                     "select count(*) from classification c join scheme s on s.org_id = c.org_id"
                     " and s.id = c.scheme where c.org_id = $1 and s.preset = $2"
                     " and c.confidential = 1",
                     num(t->org), str(cases[i].code));
    }
    /* each level has rules for each form, each scheme a label for each */
    expect_count(t, 14 * 6, "select count(*) from handling where org_id = $1", num(t->org));
    expect_count(t, 4 * 6, "select count(*) from marking where org_id = $1", num(t->org));
    /* names that another scheme has already get the scheme behind them */
    expect_count(t, 14, "select count(distinct name) from classification where org_id = $1",
                 num(t->org));
    visit(t, METHOD_POST, "/o/acme/schemes/presets", "preset=nothing");
    expect_status(t, 422);
    login(t, "employee");
    visit(t, METHOD_POST, "/o/acme/schemes/presets", "preset=four");
    expect_status(t, 403);
    test_end(t);
}

static void presets_fit(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/schemes/presets", NULL);
    expect_status(t, 200);
    expect_text(t, "Confidential, restricted, internal use, public");
    expect_text(t, "Take this scheme");
    login(t, "employee");
    visit(t, METHOD_GET, "/o/acme/schemes/presets", NULL);
    expect_status(t, 200);
    expect_no_text(t, "Take this scheme");
    test_end(t);
}

/* --- suggestions --- */

static struct class_levels levels(struct test *t)
{
    struct class_levels l;

    assert_ok(classification_levels(t->w, &l));
    return l;
}

static void suggestion(void **state)
{
    struct test *t = test_begin();
    struct class_levels l;

    (void)state;
    take(t, "four");
    l = levels(t);
    assert_int_equal(l.count, 4);
    assert_string_equal(classification_suggested(&l, 0, 5)->name, "Confidential");
    assert_string_equal(classification_suggested(&l, 0, 4)->name, "Confidential");
    assert_string_equal(classification_suggested(&l, 0, 3)->name, "Restricted");
    assert_string_equal(classification_suggested(&l, 0, 2)->name, "Internal use");
    assert_string_equal(classification_suggested(&l, 0, 1)->name, "Public");
    assert_null(classification_suggested(&l, 0, 0));
    test_end(t);
}

static void single_suggestion(void **state)
{
    struct test *t = test_begin();
    struct class_levels l;

    (void)state;
    take(t, "single");
    l = levels(t);
    for (i64 c = 1; c <= 5; c++)
        assert_string_equal(classification_suggested(&l, 0, c)->name, "Confidential");
    test_end(t);
}

/* --- levels --- */

static void level_rules(void **state)
{
    struct test *t = test_begin();

    (void)state;
    take(t, "four");
    visit(t, METHOD_POST, "/o/acme/classifications",
          "name=Restricted&scheme=SC-1&rank=5&tone=red&tier=secret&meaning=x");
    expect_status(t, 422);
    expect_text(t, "There is a level “Restricted” already");
    visit(t, METHOD_POST, "/o/acme/classifications",
          "name=Top&scheme=SC-1&rank=5&tone=red&tier=secret&meaning=x&lowest=4&highest=2");
    expect_status(t, 422);
    expect_text(t, "The range ends before it begins");
    visit(t, METHOD_POST, "/o/acme/classifications",
          "name=Top&scheme=SC-1&rank=5&tone=red&tier=secret&meaning=x&printed%5B%5D=&printed=1");
    expect_status(t, 422);
    expect_text(t, "Documents carry CL-2 “Internal use” already");
    visit(t, METHOD_POST, "/o/acme/classifications",
          arena_printf(t->arena,
                       "name=Top&scheme=SC-1&rank=5&tone=red&tier=secret&meaning=x&equal%%5B%%5D="
                       "CL-%lld",
                       level_number(t, "Public")));
    expect_status(t, 422);
    expect_text(t, "Levels of one scheme are not equal to one another");
    expect_count(t, 4, "select count(*) from classification where org_id = $1", num(t->org));
    test_end(t);
}

static void equivalence(void **state)
{
    struct test *t = test_begin();

    (void)state;
    take(t, "four");
    take(t, "six");
    visit(
        t, METHOD_POST,
        arena_printf(t->arena, "/o/acme/classifications/CL-%lld",
                     level_number(t, "NATO Restricted")),
        arena_printf(t->arena, "_version=1&equal%%5B%%5D=CL-%lld", level_number(t, "Restricted")));
    expect_status(t, 303);
    /* it is said once and read from both sides */
    visit(t, METHOD_GET, "/o/acme/schemes/SC-2", NULL);
    expect_text(t, "Equal to Restricted (Confidential, restricted, internal use, public)");
    visit(t, METHOD_GET, "/o/acme/schemes/SC-1", NULL);
    expect_text(t, "Equal to NATO Restricted (Six levels of a defence alliance)");
    test_end(t);
}

/* --- the matrix --- */

/* A cell that says nothing is a rule that is missing, also in the proposals. */
static void every_cell(void **state)
{
    static const char *const schemes[] = {"single", "two-public", "four", "six"};
    struct test *t = test_begin();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(schemes); i++)
        take(t, schemes[i]);
    expect_count(t, 6 * (1 + 3 + 4 + 6), "select count(*) from handling where org_id = $1",
                 num(t->org));
    expect_count(t, 0,
                 "select count(*) from handling where org_id = $1 and (making is null or storing is"
                 " null or inside is null or outside is null or copying is null or printing is null"
                 " or carrying is null or disposing is null)",
                 num(t->org));
    expect_count(t, 6 * 4, "select count(*) from marking where org_id = $1", num(t->org));
    test_end(t);
}

static void matrix_edit(void **state)
{
    struct test *t = test_begin();
    const char *page;

    (void)state;
    take(t, "four");
    page = arena_printf(t->arena, "/o/acme/classifications/CL-%lld/handling",
                        level_number(t, "Restricted"));
    visit(t, METHOD_GET, page, NULL);
    expect_status(t, 200);
    expect_text(t, "In a closed envelope by registered mail with return receipt.");
    expect_no_text(t, "<textarea");
    visit(t, METHOD_POST, page, "version.paper=1&storing.paper=In+the+vault&copying.paper=");
    expect_status(t, 303);
    expect_count(t, 1,
                 "select count(*) from handling where org_id = $1 and level = $2"
                 " and medium = 'paper' and storing = 'In the vault' and copying is null"
                 " and printing is not null and version = 2",
                 num(t->org), num(level_of(t, "Restricted")));
    /* other forms were not touched */
    expect_count(t, 5,
                 "select count(*) from handling where org_id = $1 and level = $2 and version = 1",
                 num(t->org), num(level_of(t, "Restricted")));
    visit(t, METHOD_POST, page, "version.paper=1&storing.paper=Elsewhere");
    expect_status(t, 409);
    visit(t, METHOD_POST, page, "version.paper=2&fill=1");
    expect_status(t, 303);
    expect_count(t, 1,
                 "select count(*) from handling where org_id = $1 and level = $2"
                 " and medium = 'paper' and storing = 'In the vault' and copying is not null",
                 num(t->org), num(level_of(t, "Restricted")));
    test_end(t);
}

static void matrix_refused(void **state)
{
    struct test *t = test_begin();
    char *long_text = arena_alloc(t->arena, 2100);
    const char *page;

    (void)state;
    memset(long_text, 'x', 2001);
    take(t, "four");
    page = arena_printf(t->arena, "/o/acme/classifications/CL-%lld/handling",
                        level_number(t, "Restricted"));
    visit(t, METHOD_POST, page,
          arena_printf(t->arena, "storing.paper=Vault&storing.email=%s", long_text));
    expect_status(t, 422);
    expect_text(t, "This is longer than 2000 characters");
    expect_text(t, ">Vault</textarea>"); /* what was typed is still there */
    expect_count(t, 0, "select count(*) from handling where org_id = $1 and storing = 'Vault'",
                 num(t->org));
    login(t, "employee");
    visit(t, METHOD_GET, page, NULL);
    expect_status(t, 200);
    visit(t, METHOD_POST, page, "storing.paper=Vault");
    expect_status(t, 403);
    test_end(t);
}

static void matrix_own_form(void **state)
{
    struct test *t = test_begin();
    const char *page;
    i64 medium;

    (void)state;
    take(t, "two-public");
    visit(t, METHOD_POST, "/o/acme/media", "name=X-ray+films");
    expect_status(t, 303);
    medium = value(t, "select id from medium where org_id = $1", num(t->org));
    page = arena_printf(t->arena, "/o/acme/classifications/CL-%lld/handling",
                        level_number(t, "Confidential"));
    visit(t, METHOD_GET, page, NULL);
    expect_text(t, "X-ray films");
    visit(t, METHOD_POST, page, arena_printf(t->arena, "storing.own-%lld=In+the+archive", medium));
    expect_status(t, 303);
    expect_count(t, 1,
                 "select count(*) from handling where org_id = $1 and medium = 'own'"
                 " and own_medium = $2 and storing = 'In the archive'",
                 num(t->org), num(medium));
    visit(t, METHOD_POST, page, arena_printf(t->arena, "storing.own-%lld=", medium));
    expect_status(t, 303);
    expect_count(t, 0, "select count(*) from handling where org_id = $1 and own_medium = $2",
                 num(t->org), num(medium));
    visit(t, METHOD_POST, "/o/acme/markings", "scheme=SC-1&medium=own&place=x");
    expect_status(t, 422);
    expect_text(t, "Choose which form of your own");
    visit(t, METHOD_POST, "/o/acme/markings", "scheme=SC-1&medium=paper&place=x");
    expect_status(t, 422);
    expect_text(t, "has a rule for this form already");
    test_end(t);
}

/* --- approval and policy --- */

static void approval(void **state)
{
    struct test *t = test_begin();
    const char *hash;

    (void)state;
    take(t, "four");
    visit(t, METHOD_POST, "/o/acme/schemes/SC-1/approve", "hash=x");
    expect_status(t, 403);
    login(t, "top-management");
    visit(t, METHOD_POST, "/o/acme/schemes/SC-1/approve", "hash=x");
    expect_status(t, 409);
    hash = hash_shown(t, "SC-1");
    visit(t, METHOD_POST, "/o/acme/schemes/SC-1/approve", arena_printf(t->arena, "hash=%s", hash));
    expect_status(t, 303);
    visit(t, METHOD_POST, "/o/acme/schemes/SC-1/approve", arena_printf(t->arena, "hash=%s", hash));
    expect_status(t, 409); /* the same text is not approved twice */
    visit(t, METHOD_GET, "/o/acme/schemes/SC-1", NULL);
    expect_text(t, "Version 1 of the policy, approved by Person top-management");
    expect_no_text(t, "The scheme changed since");
    expect_count(t, 1, "select count(*) from scheme where org_id = $1 and state = 'active'",
                 num(t->org));
    test_end(t);
}

static void four_eyes(void **state)
{
    struct test *t = test_begin();
    const char *hash;

    (void)state;
    login(t, "top-management");
    visit(t, METHOD_POST, "/o/acme/schemes/presets", "preset=four");
    expect_status(t, 303);
    hash = hash_shown(t, "SC-1");
    visit(t, METHOD_POST, "/o/acme/schemes/SC-1/approve", arena_printf(t->arena, "hash=%s", hash));
    assert_true(status(t) == 403 || status(t) == 422);
    expect_count(t, 0, "select count(*) from decision where org_id = $1 and kind = 'scheme'",
                 num(t->org));
    test_end(t);
}

static void frozen_policy(void **state)
{
    struct test *t = test_begin();

    (void)state;
    take(t, "four");
    approve(t, "SC-1");
    login(t, "isms-manager");
    visit(t, METHOD_POST,
          arena_printf(t->arena, "/o/acme/classifications/CL-%lld/handling",
                       level_number(t, "Restricted")),
          "version.paper=1&storing.paper=In+the+new+vault");
    expect_status(t, 303);
    login(t, "employee"); /* everybody may read it */
    visit(t, METHOD_GET, "/o/acme/schemes/SC-1/policy", NULL);
    expect_status(t, 200);
    expect_text(t, "Version 1, approved by Person top-management");
    expect_text(t, "In a locked cabinet.");
    expect_no_text(t, "In the new vault");
    visit(t, METHOD_GET, "/o/acme/schemes/SC-1/policy?of=draft", NULL);
    expect_text(t, "This is a draft. It was not approved.");
    expect_text(t, "In the new vault");
    visit(t, METHOD_GET, "/o/acme/schemes/SC-1/policy?of=yesterday", NULL);
    expect_status(t, 400);
    approve(t, "SC-1");
    visit(t, METHOD_GET, "/o/acme/schemes/SC-1/policy", NULL);
    expect_text(t, "Version 2, approved by Person top-management");
    expect_text(t, "In the new vault");
    test_end(t);
}

static void retired(void **state)
{
    struct test *t = test_begin();

    (void)state;
    take(t, "four");
    login(t, "top-management");
    visit(t, METHOD_POST, "/o/acme/schemes/SC-1/retire", "");
    expect_status(t, 409);
    approve(t, "SC-1");
    visit(t, METHOD_POST, "/o/acme/schemes/SC-1/retire", "");
    expect_status(t, 303);
    assert_int_equal(levels(t).count, 0);
    visit(t, METHOD_POST, "/o/acme/schemes/SC-1/approve", "hash=x");
    expect_status(t, 409);
    test_end(t);
}

/* --- documents --- */

static const char *pdf_text(struct test *t)
{
    const char *in = arena_printf(t->arena, "/tmp/cairn-class-%d.pdf", (int)getpid());
    FILE *f = fopen(in, "we"), *p;
    struct buf b;
    char room[4096];
    size_t n;

    assert_non_null(f);
    fwrite(t->r->response.body.data, 1, t->r->response.body.size, f);
    fclose(f);
    p = popen(arena_printf(t->arena, "pdftotext -layout %s -", in), "r");
    assert_non_null(p);
    buf_init(&b, t->arena, 65536);
    while ((n = fread(room, 1, sizeof(room), p)) > 0)
        buf_add(&b, room, n);
    pclose(p);
    unlink(in);
    return b.data;
}

static void labelled_data(void **state)
{
    struct test *t = test_begin();
    const char *text;

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/risks/export?format=csv", NULL);
    expect_status(t, 200);
    assert_null(header(t, "Classification")); /* no level yet, no label */
    assert_null(strstr(header(t, "Content-Disposition"), "internal"));
    take(t, "four");
    approve(t, "SC-1");
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/risks/export?format=csv", NULL);
    expect_status(t, 200);
    assert_string_equal(header(t, "Classification"), "\"Internal use\"");
    assert_contains(header(t, "Content-Disposition"), "-internal-use.csv");
    text = (const char *)answer_bytes(t).data;
    assert_true(text_starts(text, "number,")); /* its first line are the heads, as for an import */
    visit(t, METHOD_GET, "/o/acme/risks/export?format=json", NULL);
    assert_string_equal(header(t, "Classification"), "\"Internal use\"");
    assert_contains(header(t, "Content-Disposition"), "-internal-use.json");
    assert_contains((const char *)answer_bytes(t).data,
                    "{\"classification\":\"Internal use\",\"items\":[");
    visit(t, METHOD_GET, "/o/acme/soa/export?format=json", NULL);
    assert_contains((const char *)answer_bytes(t).data, "\"classification\":\"Internal use\"");
    assert_contains(header(t, "Content-Disposition"), "-internal-use.json");
    visit(t, METHOD_GET, "/o/acme/soa/export?format=csv", NULL);
    assert_contains(header(t, "Content-Disposition"), "-internal-use.csv");
    /* other letters than those of a header */
    visit(t, METHOD_POST,
          arena_printf(t->arena, "/o/acme/classifications/%lld", level_of(t, "Internal use")),
          "_version=1&name=%C3%96ffentlich");
    expect_status(t, 303);
    visit(t, METHOD_GET, "/o/acme/risks/export?format=csv", NULL);
    assert_string_equal(header(t, "Classification"), "%\"%c3%96ffentlich\"");
    test_end(t);
}

static int occurrences(const char *text, const char *part)
{
    int n = 0;

    for (const char *p = text; (p = strstr(p, part)); p += strlen(part))
        n++;
    return n;
}

static void labelled_documents(void **state)
{
    struct test *t = test_begin();
    const char *label, *text;
    int pages;

    (void)state;
    assert_ok(classification_label(t->w, &label));
    assert_string_equal(label, "");
    take(t, "four");
    assert_ok(classification_label(t->w, &label));
    assert_string_equal(label, ""); /* a draft labels nothing */
    approve(t, "SC-1");
    assert_ok(classification_label(t->w, &label));
    assert_string_equal(label, "Internal use");
    visit(t, METHOD_GET, "/o/acme/schemes/SC-1/pdf", NULL);
    expect_status(t, 200);
    text = pdf_text(t);
    assert_contains(text, "Policy on classification");
    assert_contains(text, "registered mail");
    visit(t, METHOD_GET, "/o/acme/schemes/SC-1/docx", NULL);
    expect_status(t, 200);
    assert_contains(docx_answer(t), "registered mail");
    assert_contains(docx_answer(t), "<w:pStyle w:val=\"Heading2\"/>");
    pages = occurrences(text, "\f");
    assert_true(pages > 1);
    assert_contains(text, arena_printf(t->arena, "Page 1 of %d", pages));
    /* once in the head of each page, before anything else */
    for (const char *p = text; pages--; p = strchr(p, '\f') + 1) {
        const char *at = strstr(p, "Internal use"), *line = strchr(p + strspn(p, "\n "), '\n');

        assert_non_null(at);
        assert_true(at < line);
    }
    visit(t, METHOD_GET, "/o/acme/soa/export?format=pdf", NULL);
    expect_status(t, 200);
    assert_contains(pdf_text(t), "Internal use");
    test_end(t);
}

/* --- levels of assets --- */

static i64 add_asset(struct test *t, const char *form)
{
    i64 id;

    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/assets",
          arena_printf(t->arena, "type=customer-data&state=in-use&%s", form));
    expect_status(t, 303);
    id = value(t, "select max(id) from asset where org_id = $1", num(t->org));
    return id;
}

static const char *owned(struct test *t, const char *role)
{
    return arena_printf(t->arena, "owner=%lld", person_of(t, role));
}

static void owner_confirms(void **state)
{
    struct test *t = test_begin();
    i64 a, level;

    (void)state;
    take(t, "four");
    level = level_of(t, "Confidential");
    a = add_asset(t, arena_printf(t->arena, "name=Files&c=5&i=3&a=3&%s", owned(t, "employee")));
    login(t, "employee"); /* who owns it, and has no right over assets at all */
    visit(t, METHOD_GET, "/o/acme/assets/classify", NULL);
    expect_status(t, 200);
    expect_text(t, "Files");
    visit(t, METHOD_POST, "/o/acme/assets/classify",
          arena_printf(t->arena, "pick%%5B%%5D=%lld&level.%lld=%lld", a, a, level));
    expect_status(t, 303);
    expect_count(t, 1,
                 "select count(*) from asset where org_id = $1 and id = $2 and classification = $3"
                 " and classified_by = $4 and classified_on is not null",
                 num(t->org), num(a), num(level), num(person_of(t, "employee")));
    visit(t, METHOD_GET, "/o/acme/assets/classify", NULL);
    expect_no_text(t, "Files");
    expect_text(t, "Nothing waits for you");
    test_end(t);
}

static void lower_needs_reason(void **state)
{
    struct test *t = test_begin();
    i64 a, level;

    (void)state;
    take(t, "four");
    level = level_of(t, "Internal use");
    a = add_asset(t, arena_printf(t->arena, "name=Figures&c=5&i=3&a=3&%s", owned(t, "employee")));
    login(t, "employee");
    visit(t, METHOD_POST, "/o/acme/assets/classify",
          arena_printf(t->arena, "pick%%5B%%5D=%lld&level.%lld=%lld", a, a, level));
    expect_status(t, 422);
    expect_text(t, "Its confidentiality suggests “Confidential”. Say why “Internal use” is enough");
    visit(t, METHOD_POST, "/o/acme/assets/classify",
          arena_printf(t->arena, "pick%%5B%%5D=%lld&level.%lld=%lld&reason.%lld=No+names", a, a,
                       level, a));
    expect_status(t, 303);
    expect_count(t, 1,
                 "select count(*) from asset where org_id = $1 and classification_reason ="
                 " 'No names' and classified_on is not null",
                 num(t->org));
    /* the same holds for the form of the asset */
    login(t, "isms-manager");
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/assets/%lld", a),
          arena_printf(t->arena, "_version=2&classification=%lld&classification_reason=",
                       level_of(t, "Public")));
    expect_status(t, 422);
    test_end(t);
}

static void proposals_are_not_confirmed(void **state)
{
    struct test *t = test_begin();
    i64 a, level;

    (void)state;
    take(t, "four");
    level = level_of(t, "Confidential");
    a = add_asset(t, arena_printf(t->arena, "name=Files&c=5&i=3&a=3&classification=%lld&%s", level,
                                  owned(t, "risk-owner")));
    expect_count(t, 1,
                 "select count(*) from asset where org_id = $1 and id = $2 and classification = $3"
                 " and classified_on is null and classified_by is null",
                 num(t->org), num(a), num(level));
    /* nobody else confirms, unless they have the right to */
    login(t, "department-head");
    visit(t, METHOD_POST, "/o/acme/assets/classify",
          arena_printf(t->arena, "pick%%5B%%5D=%lld&level.%lld=%lld", a, a, level));
    expect_status(t, 403);
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/assets/classify",
          arena_printf(t->arena, "pick%%5B%%5D=%lld&level.%lld=%lld", a, a, level));
    expect_status(t, 303);
    expect_count(t, 1,
                 "select count(*) from asset where org_id = $1 and id = $2 and classified_by = $3",
                 num(t->org), num(a), num(person_of(t, "isms-manager")));
    /* another level is a proposal again */
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/assets/%lld", a),
          arena_printf(t->arena, "_version=2&classification=%lld&classification_reason=Old",
                       level_of(t, "Restricted")));
    expect_status(t, 303);
    expect_count(t, 1,
                 "select count(*) from asset where org_id = $1 and id = $2 and classified_on is"
                 " null",
                 num(t->org), num(a));
    test_end(t);
}

static void api_confirms(void **state)
{
    struct test *t = test_begin();
    const char *address;
    i64 a;

    (void)state;
    take(t, "four");
    a = add_asset(t, arena_printf(t->arena, "name=Files&c=5&i=3&a=3&%s", owned(t, "employee")));
    address = arena_printf(t->arena, "/api/v1/assets/%lld/classification", a);
    api(t, "department-head", METHOD_POST, address, "{}"); /* not theirs, and no such right */
    assert_true(status(t) == 403 || status(t) == 404);
    api(t, "employee", METHOD_POST, address, "{\"level\":\"Nothing like that\"}");
    expect_status(t, 422);
    expect_text(t, "There is no classification level");
    api(t, "employee", METHOD_POST, address, "{\"rank\":1}");
    expect_status(t, 422);
    api(t, "employee", METHOD_POST, address, "{\"level\":\"Internal use\"}");
    expect_status(t, 422);
    expect_text(t, "Say why");
    api(t, "employee", METHOD_POST, address, "{\"level\":\"Internal use\",\"version\":7}");
    expect_status(t, 409);
    expect_count(t, 0, "select count(*) from asset where org_id = $1 and classified_on is not null",
                 num(t->org));
    api(t, "employee", METHOD_POST, address,
        arena_printf(t->arena, "{\"level\":\"%lld\",\"reason\":\"No names\",\"version\":1}",
                     level_of(t, "Internal use")));
    expect_status(t, 200);
    expect_text(t, "\"classified_on\"");
    expect_count(t, 1,
                 "select count(*) from asset where org_id = $1 and id = $2 and classified_by = $3"
                 " and classification_reason = 'No names' and classification = $4",
                 num(t->org), num(a), num(person_of(t, "employee")),
                 num(level_of(t, "Internal use")));
    a = add_asset(t, "name=Rooms&c=5&i=1&a=1");
    api(t, "isms-manager", METHOD_POST,
        arena_printf(t->arena, "/api/v1/assets/%lld/classification", a), NULL); /* as suggested */
    expect_status(t, 200);
    expect_count(t, 1,
                 "select count(*) from asset where org_id = $1 and id = $2 and classification = $3"
                 " and classified_by = $4",
                 num(t->org), num(a), num(level_of(t, "Confidential")),
                 num(person_of(t, "isms-manager")));
    test_end(t);
}

static void all_or_none(void **state)
{
    struct test *t = test_begin();
    i64 a, b;

    (void)state;
    take(t, "four");
    a = add_asset(t, "name=First&c=5&i=1&a=1");
    b = add_asset(t, "name=Second&c=5&i=1&a=1");
    visit(t, METHOD_POST, "/o/acme/assets/classify",
          arena_printf(t->arena,
                       "pick%%5B%%5D=%lld&level.%lld=%lld&pick%%5B%%5D=%lld&level.%lld=%lld", a, a,
                       level_of(t, "Confidential"), b, b, level_of(t, "Public")));
    expect_status(t, 422);
    expect_count(t, 0,
                 "select count(*) from asset where org_id = $1 and classification is not"
                 " null",
                 num(t->org));
    visit(t, METHOD_POST, "/o/acme/assets/classify", "");
    expect_status(t, 422);
    expect_text(t, "Tick the assets");
    visit(t, METHOD_GET, "/o/acme/assets?classification=none", NULL);
    expect_text(t, "First");
    test_end(t);
}

static void used_level_stays(void **state)
{
    struct test *t = test_begin();
    i64 level;

    (void)state;
    take(t, "single");
    level = level_of(t, "Confidential");
    add_asset(t, arena_printf(t->arena, "name=Files&c=5&i=3&a=3&classification=%lld", level));
    visit(t, METHOD_POST, "/o/acme/classifications/CL-1/remove", "_version=1");
    expect_status(t, 409);
    expect_text(t, "cannot be removed");
    test_end(t);
}

const struct test_case classification_tests[] = {
    TEST("a proposal brings its levels, a handling rule for each form and the labelling rules",
         presets),
    TEST("proposals are shown to everybody and offered to those who may take them", presets_fit),
    TEST("the confidentiality of an asset suggests the level whose range holds it", suggestion),
    TEST("in a scheme of one level that level is always right", single_suggestion),
    TEST("names of levels are their own, ranges go upwards, one level is printed on documents",
         level_rules),
    TEST("that levels of two schemes are equal is said once and shown on both", equivalence),
    TEST("every cell of the four proposals has a text: level, form and action", every_cell),
    TEST("handling rules are edited as a table; a stale page is refused; suggestions fill what is "
         "empty",
         matrix_edit),
    TEST("a text that is too long is refused with what was typed, and nothing is written",
         matrix_refused),
    TEST("a form of one's own is a column of the matrix; a form has one labelling rule",
         matrix_own_form),
    TEST("exactly the policy that was shown is approved, once", approval),
    TEST("who made a scheme does not approve it while somebody else can", four_eyes),
    TEST("the approved policy stays as it was signed until the next approval", frozen_policy),
    TEST("a retired scheme has no levels to choose and is not approved", retired),
    TEST("the level of documents stands at the top of each page of what the program prints",
         labelled_documents),
    TEST("exports as CSV and JSON tell the level in the name of the file, in a header and as a "
         "member, "
         "never as a line of data",
         labelled_data),
    TEST("an owner confirms the level with no right over assets, and it is recorded",
         owner_confirms),
    TEST("a level below the suggested one needs a reason, on every way", lower_needs_reason),
    TEST("a level that somebody else entered is a proposal until it is confirmed",
         proposals_are_not_confirmed),
    TEST("several are confirmed all or none", all_or_none),
    TEST("the owner of an asset confirms its level over the API by the rules of the page",
         api_confirms),
    TEST("a level that an asset has cannot be removed", used_level_stays),
    TEST_END,
};
