/* SPDX-License-Identifier: Apache-2.0 */
/* Comments and questions through the real dispatcher: who writes, who sees, who is told. */
#include "feature/comment/comment.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/grant.h"
#include "feature/asset/asset.h"
#include "feature/organisation/organisation.h"
#include "feature/risk/risk.h"
#include "fuzz/markup.h"
#include "maker.h"

extern const struct test_case comment_tests[];

static i64 a_risk(struct test *t)
{
    i64 number;

    some_record(t, t->org, &risk_entity, &number);
    return number;
}

static i64 number_of(struct test *t, const char *role)
{
    return value(t, "select number from person where org_id = $1 and id = $2", num(t->org),
                 num(person_of(t, role)));
}

static i64 newest(struct test *t)
{
    return value(t, "select max(number) from comment where org_id = $1", num(t->org));
}

static void post(struct test *t, const char *target, const char *form)
{
    visit(t, METHOD_POST, target, form);
}

/* Writes a comment on the risk; gives its number. */
static i64 say(struct test *t, i64 risk, const char *text)
{
    post(t, arena_printf(t->arena, "/o/acme/risks/R-%lld/comments", risk),
         arena_printf(t->arena, "body=%s", form_text_value(t, text)));
    expect_status(t, 303);
    return newest(t);
}

static void look(struct test *t, i64 risk)
{
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/risks/R-%lld?tab=comments", risk), NULL);
}

static const char *at(struct test *t, i64 comment, const char *verb)
{
    return arena_printf(t->arena, "/o/acme/comments/CM-%lld%s", comment, verb);
}

static void shows_what_was_said(void **state)
{
    struct test *t = test_begin();
    i64 risk = a_risk(t), first, reply;

    (void)state;
    login(t, "isms-manager");
    first = say(t, risk, "The **backup** is untested.");
    assert_string_equal(
        header(t, "Location"),
        arena_printf(t->arena, "/o/acme/risks/R-%lld?tab=comments#CM-%lld", risk, first));
    post(t, at(t, first, "/reply"), "body=Tested+today");
    expect_status(t, 303);
    reply = newest(t);
    look(t, risk);
    expect_status(t, 200);
    expect_text(t, "The <strong>backup</strong> is untested.");
    expect_text(t, "Tested today");
    expect_text(t, arena_printf(t->arena, "id='CM-%lld'", reply));
    expect_text(t, "Comments <span class='badge ms-1'>1</span>");
    visit(t, METHOD_GET, at(t, reply, ""), NULL);
    expect_status(t, 200);
    expect_text(t, "The <strong>backup</strong> is untested.");
    visit(t, METHOD_GET, "/o/acme/comments", NULL);
    expect_text(t, "The backup is untested.");
    test_end(t);
}

static void refuses_nothing_and_too_much(void **state)
{
    struct test *t = test_begin();
    i64 risk = a_risk(t);
    const char *target = arena_printf(t->arena, "/o/acme/risks/R-%lld/comments", risk);
    char *longer = NEW_ARRAY(t->arena, char, 10002);

    (void)state;
    login(t, "isms-manager");
    post(t, target, "body=+%0A+");
    expect_status(t, 422);
    expect_text(t, "Write something first.");
    memset(longer, 'x', 10001);
    post(t, target, arena_printf(t->arena, "body=%s", longer));
    expect_status(t, 422);
    expect_text(t, "The text has 10001 characters");
    post(t, "/o/acme/risks/R-99999/comments", "body=x");
    expect_status(t, 404);
    post(t, "/o/acme/comments/CM-1/comments", "body=x");
    expect_status(t, 404);
    post(t, "/o/acme/nothings/1/comments", "body=x");
    expect_status(t, 404);
    expect_count(t, 0, "select count(*) from comment where org_id = $1", num(t->org));
    test_end(t);
}

static void only_authors_change_texts(void **state)
{
    static const char *const others[] = {"top-management", "admin", "risk-owner"};
    struct test *t = test_begin();
    i64 risk = a_risk(t), c;
    const char *before;

    (void)state;
    login(t, "isms-manager");
    c = say(t, risk, "Mine");
    before = store_digest(t);
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        login(t, others[i]);
        visit(t, METHOD_GET, at(t, c, "/edit"), NULL);
        assert_true(status(t) == 403 || status(t) == 404);
        post(t, at(t, c, ""), "body=Yours&_version=1");
        assert_true(status(t) == 403 || status(t) == 404);
    }
    api_header(t, "If-Match", "*");
    api(t, "top-management", METHOD_PATCH, arena_printf(t->arena, "/api/v1/comments/CM-%lld", c),
        "{\"body\":\"Yours\"}");
    expect_status(t, 422);
    expect_count(t, 1, "select count(*) from comment where org_id = $1 and body = 'Mine'",
                 num(t->org));
    api_header(t, "If-Match", "*");
    api(t, "isms-manager", METHOD_DELETE, arena_printf(t->arena, "/api/v1/comments/CM-%lld", c),
        NULL);
    assert_true(status(t) >= 400);
    (void)before;
    expect_count(t, 1, "select count(*) from comment where org_id = $1", num(t->org));
    test_end(t);
}

static void edits_show_and_keep_what_was_said(void **state)
{
    struct test *t = test_begin();
    i64 risk = a_risk(t), c;

    (void)state;
    login(t, "isms-manager");
    c = say(t, risk, "First words");
    look(t, risk);
    expect_no_text(t, ">edited<");
    post(t, at(t, c, ""), "body=Second+words&_version=1");
    expect_status(t, 303);
    look(t, risk);
    expect_text(t, ">edited<");
    expect_text(t, "Second words");
    visit(t, METHOD_GET, at(t, c, "/history"), NULL);
    expect_text(t, "First words");
    post(t, at(t, c, ""), "body=Third+words&_version=1");
    expect_status(t, 409);
    expect_text(t, "Third words");
    expect_text(t, "Second words");
    post(t, at(t, c, ""), "body=&_version=2");
    expect_status(t, 422);
    post(t, at(t, c, ""), "body=Second+words&_version=2");
    expect_status(t, 303);
    expect_count(t, 2, "select version from comment where org_id = $1 and number = $2", num(t->org),
                 num(c));
    test_end(t);
}

static void who_does_not_see_the_record_sees_no_comment(void **state)
{
    struct test *t = test_begin();
    i64 risk = a_risk(t), c;

    (void)state;
    login(t, "isms-manager");
    c = say(t, risk, "Secret zebra");
    tick(t);
    login(t, "employee");
    look(t, risk);
    expect_status(t, 404);
    visit(t, METHOD_GET, at(t, c, ""), NULL);
    expect_status(t, 404);
    visit(t, METHOD_GET, at(t, c, "/history"), NULL);
    expect_status(t, 404);
    post(t, at(t, c, "/reply"), "body=x");
    expect_status(t, 404);
    post(t, arena_printf(t->arena, "/o/acme/risks/R-%lld/comments", risk), "body=x");
    expect_status(t, 404);
    visit(t, METHOD_GET, "/o/acme/comments", NULL);
    expect_no_text(t, "zebra");
    visit(t, METHOD_GET, "/o/acme/search?q=zebra", NULL);
    expect_no_text(t, "Secret zebra");
    api(t, "risk-owner", METHOD_GET, "/api/v1/comments", NULL);
    expect_no_text(t, "zebra");
    login(t, "other-admin");
    visit(t, METHOD_GET, at(t, c, ""), NULL);
    expect_status(t, 404);
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/other/comments/CM-%lld", c), NULL);
    expect_status(t, 404);
    test_end(t);
}

static void auditors_from_outside_read_no_talk(void **state)
{
    struct test *t = test_begin();
    i64 risk = a_risk(t), c;

    (void)state;
    login(t, "isms-manager");
    c = say(t, risk, "Internal talk");
    login(t, "external-auditor");
    look(t, risk);
    expect_status(t, 200);
    expect_no_text(t, "Internal talk");
    expect_no_text(t, "tab=comments");
    visit(t, METHOD_GET, at(t, c, ""), NULL);
    expect_status(t, 404);
    visit(t, METHOD_GET, "/o/acme/comments", NULL);
    expect_status(t, 403);
    post(t, at(t, c, "/reply"), "body=x");
    expect_status(t, 403);
    test_end(t);
}

static void threads_are_settled_by_those_concerned(void **state)
{
    struct test *t = test_begin();
    i64 risk = a_risk(t), c;

    (void)state;
    login(t, "internal-auditor");
    c = say(t, risk, "Who checks this?");
    login(t, "isms-manager");
    post(t, at(t, c, "/resolve"), NULL);
    expect_status(t, 303);
    look(t, risk);
    expect_no_text(t, "Comments <span class='badge");
    expect_text(t, "Settled by");
    post(t, at(t, c, "/resolve"), NULL);
    expect_status(t, 409);
    login(t, "internal-auditor");
    post(t, at(t, c, "/reopen"), NULL);
    expect_status(t, 303);
    login(t, "isms-manager");
    c = say(t, risk, "Of the manager");
    login(t, "internal-auditor"); /* sees the risk, may not change it, did not begin the thread */
    post(t, at(t, c, "/resolve"), NULL);
    expect_status(t, 403);
    test_end(t);
}

static void texts_are_taken_away_with_a_reason(void **state)
{
    struct test *t = test_begin();
    i64 risk = a_risk(t), c;

    (void)state;
    login(t, "risk-owner");
    c = say(t, risk, "A name that does not belong here");
    login(t, "internal-auditor");
    post(t, at(t, c, "/remove"), "why=x");
    expect_status(t, 403);
    login(t, "isms-manager");
    visit(t, METHOD_GET, at(t, c, "/remove"), NULL);
    expect_status(t, 200);
    post(t, at(t, c, "/remove"), "why=");
    expect_status(t, 422);
    post(t, at(t, c, "/remove"), "why=Personal+data");
    expect_status(t, 303);
    look(t, risk);
    expect_no_text(t, "A name that");
    expect_text(t, "Reason: Personal data");
    tick(t);
    visit(t, METHOD_GET, "/o/acme/search?q=belong", NULL);
    expect_no_text(t, "A name that");
    login(t, "internal-auditor");
    visit(t, METHOD_GET, at(t, c, "/history"), NULL);
    expect_status(t, 403);
    login(t, "risk-owner");
    post(t, at(t, c, ""), "body=Again&_version=2");
    expect_status(t, 409);
    post(t, at(t, c, "/restore"), NULL);
    expect_status(t, 403);
    login(t, "isms-manager");
    post(t, at(t, c, "/restore"), NULL);
    expect_status(t, 303);
    look(t, risk);
    expect_text(t, "A name that does not belong here");
    test_end(t);
}

/* --- mentions --- */

static const char *name_of(struct test *t, const char *role)
{
    struct rows *r;

    db_use_arena(t->w->db, t->arena);
    assert_ok(db_query(t->w->db, &r, "select name from person where org_id = $1 and id = $2",
                       num(t->org), num(person_of(t, role))));
    assert_true(row_next(r));
    return row_text(r, 0);
}

static void mentions_are_stored(void **state)
{
    struct test *t = test_begin();
    i64 risk = a_risk(t), number = number_of(t, "risk-owner"), c;
    const char *name = name_of(t, "risk-owner");

    (void)state;
    login(t, "isms-manager");
    c = say(t, risk,
            arena_printf(t->arena, "@%s and @P-%lld, not a@b.test, `@P-%lld`, @Nobody", name,
                         number_of(t, "top-management"), number_of(t, "admin")));
    expect_count(t, 2,
                 "select count(*) from comment_mentioned m join comment c on c.org_id = m.org_id"
                 " and c.id = m.record where m.org_id = $1 and c.number = $2",
                 num(t->org), num(c));
    look(t, risk);
    expect_text(t, arena_printf(t->arena, "href='/o/acme/people/P-%lld' title='%s'>@%s</a>", number,
                                name, name));
    expect_no_text(t, "cannot see");
    test_end(t);
}

static void ambiguous_names_are_asked_about(void **state)
{
    struct test *t = test_begin();
    i64 risk = a_risk(t);

    (void)state;
    login(t, "isms-manager");
    post(t, "/o/acme/people", "name=Anna+Abel&state=active");
    expect_status(t, 303);
    post(t, "/o/acme/people", "name=Anna+Berg&state=active");
    expect_status(t, 303);
    post(t, arena_printf(t->arena, "/o/acme/risks/R-%lld/comments", risk), "body=%40Anna+look");
    expect_status(t, 422);
    expect_text(t, "Anna Abel (P-");
    expect_text(t, "Anna Berg (P-");
    say(t, risk, "@anna berg, look");
    expect_count(t, 1, "select count(*) from comment_mentioned where org_id = $1", num(t->org));
    test_end(t);
}

static void nobody_sees_more_by_being_mentioned(void **state)
{
    struct test *t = test_begin();
    i64 risk = a_risk(t), number = number_of(t, "employee"), c;

    (void)state;
    login(t, "isms-manager");
    c = say(t, risk, arena_printf(t->arena, "@P-%lld knows", number));
    look(t, risk);
    expect_text(t, arena_printf(t->arena, "%s cannot see R-%lld", name_of(t, "employee"), risk));
    login(t, "top-management"); /* not the author */
    look(t, risk);
    expect_no_text(t, "cannot see R-");
    login(t, "employee");
    look(t, risk);
    expect_status(t, 404);
    login(t, "internal-auditor");
    post(t, at(t, c, "/share"), arena_printf(t->arena, "person=P-%lld", number));
    expect_status(t, 403);
    login(t, "isms-manager");
    post(t, at(t, c, "/share"),
         arena_printf(t->arena, "person=P-%lld", number_of(t, "external-auditor")));
    expect_status(t, 409);
    post(t, at(t, c, "/share"), arena_printf(t->arena, "person=P-%lld", number));
    expect_status(t, 303);
    look(t, risk);
    expect_no_text(t, "cannot see R-");
    assert_int_equal(log_count(t, t->org, "access.granted"), 1);
    login(t, "employee");
    look(t, risk);
    expect_status(t, 200);
    expect_text(t, "knows");
    say(t, risk, "I do");
    login(t, "isms-manager");
    post(t, at(t, c, "/unshare"), arena_printf(t->arena, "person=P-%lld", number));
    expect_status(t, 303);
    assert_int_equal(log_count(t, t->org, "access.ended"), 1);
    login(t, "employee");
    look(t, risk);
    expect_status(t, 404);
    test_end(t);
}

static void the_picker_tells_only_allowed_names(void **state)
{
    struct test *t = test_begin();
    const char *hidden = name_of(t, "top-management"), *manager = name_of(t, "isms-manager");

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_GET,
          arena_printf(t->arena, "/o/acme/comments/people?q=%s", text_url(t->arena, hidden)), NULL);
    expect_text(t, hidden);
    expect_no_text(t, "@acme.test");
    login(t, "employee");
    visit(t, METHOD_GET,
          arena_printf(t->arena, "/o/acme/comments/people?q=%s", text_url(t->arena, hidden)), NULL);
    expect_status(t, 200);
    expect_no_text(t, hidden);
    visit(t, METHOD_GET, "/o/acme/comments/people?q=", NULL);
    expect_text(t, manager);
    login(t, "external-auditor");
    visit(t, METHOD_GET, "/o/acme/comments/people?q=", NULL);
    expect_status(t, 403);
    test_end(t);
}

/* --- questions --- */

static const char *question(struct test *t, const char *role, i64 risk, const char *more)
{
    return arena_printf(t->arena, "person=P-%lld&about=%s&title=May+we%%3F&body=Please+tell&%s",
                        number_of(t, role), risk ? arena_printf(t->arena, "R-%lld", risk) : "",
                        more);
}

static void asking_shares_nothing_in_silence(void **state)
{
    struct test *t = test_begin();
    i64 risk = a_risk(t), q;

    (void)state;
    login(t, "isms-manager");
    post(t, "/o/acme/questions", question(t, "adviser", risk, ""));
    expect_status(t, 200);
    expect_text(t, "This is what you would share");
    expect_text(t, "Ask and share the record");
    expect_count(t, 0, "select count(*) from comment where org_id = $1", num(t->org));
    expect_count(t, 0, "select count(*) from access_grant where org_id = $1", num(t->org));
    post(t, "/o/acme/questions", question(t, "adviser", risk, "share=yes&until=2000-01-01"));
    expect_status(t, 422);
    expect_count(t, 0, "select count(*) from comment where org_id = $1", num(t->org));
    post(t, "/o/acme/questions", question(t, "adviser", risk, "share=yes&until=2099-12-31"));
    expect_status(t, 303);
    q = newest(t);
    login(t, "adviser");
    visit(t, METHOD_GET, "/o/acme/questions", NULL);
    expect_text(t, "May we?");
    visit(t, METHOD_GET, at(t, q, ""), NULL);
    expect_status(t, 200);
    expect_text(t, "until 2099-12-31");
    look(t, risk);
    expect_status(t, 200);
    visit(t, METHOD_GET, "/o/acme/risks", NULL);
    expect_text(t, arena_printf(t->arena, "R-%lld", risk));
    post(t, at(t, q, "/unshare"), arena_printf(t->arena, "person=P-%lld", number_of(t, "adviser")));
    expect_status(t, 403);
    test_end(t);
}

static void without_the_record_only_the_question_is_seen(void **state)
{
    struct test *t = test_begin();
    i64 risk = a_risk(t), q;

    (void)state;
    login(t, "isms-manager");
    post(t, "/o/acme/questions", question(t, "adviser", risk, "share=no"));
    expect_status(t, 303);
    q = newest(t);
    login(t, "adviser");
    visit(t, METHOD_GET, at(t, q, ""), NULL);
    expect_status(t, 200);
    expect_no_text(t, arena_printf(t->arena, "R-%lld", risk));
    look(t, risk);
    expect_status(t, 404);
    login(t, "employee");
    visit(t, METHOD_GET, at(t, q, ""), NULL);
    expect_status(t, 404);
    test_end(t);
}

static void who_may_not_share_asks_without(void **state)
{
    struct test *t = test_begin();
    i64 risk = a_risk(t);

    (void)state;
    login(t, "internal-auditor");
    post(t, "/o/acme/questions", question(t, "adviser", risk, ""));
    expect_status(t, 200);
    expect_text(t, "You may not share records.");
    post(t, "/o/acme/questions", question(t, "adviser", risk, "share=yes"));
    expect_status(t, 403);
    expect_count(t, 0, "select count(*) from comment where org_id = $1", num(t->org));
    login(t, "employee");
    post(t, "/o/acme/questions", question(t, "adviser", risk, ""));
    expect_status(t, 422);
    expect_text(t, "There is no record");
    post(t, "/o/acme/questions", question(t, "top-management", 0, ""));
    expect_status(t, 422);
    expect_text(t, "is nobody whom you can ask");
    test_end(t);
}

static void an_answer_is_accepted_by_who_asked(void **state)
{
    struct test *t = test_begin();
    i64 q, answer;

    (void)state;
    login(t, "employee");
    post(t, "/o/acme/questions", question(t, "adviser", 0, ""));
    expect_status(t, 303);
    q = newest(t);
    login(t, "adviser");
    post(t, at(t, q, "/reply"), "body=You+may");
    expect_status(t, 303);
    answer = newest(t);
    expect_count(t, 1, "select count(*) from comment where org_id = $1 and kind = 'answer'",
                 num(t->org));
    post(t, at(t, answer, "/accept"), NULL);
    expect_status(t, 403);
    login(t, "employee");
    post(t, at(t, q, "/accept"), NULL);
    expect_status(t, 409);
    post(t, at(t, answer, "/accept"), NULL);
    expect_status(t, 303);
    visit(t, METHOD_GET, at(t, q, ""), NULL);
    expect_text(t, "Accepted answer");
    post(t, at(t, q, "/resolve"), NULL);
    expect_status(t, 303);
    expect_count(t, 1, "select count(*) from comment where org_id = $1 and state = 'closed'",
                 num(t->org));
    test_end(t);
}

static void an_outside_auditor_reads_what_is_addressed_to_them(void **state)
{
    struct test *t = test_begin();
    i64 q;

    (void)state;
    login(t, "isms-manager");
    post(t, "/o/acme/questions", question(t, "external-auditor", 0, ""));
    expect_status(t, 303);
    q = newest(t);
    login(t, "external-auditor");
    visit(t, METHOD_GET, "/o/acme/questions", NULL);
    expect_text(t, "May we?");
    visit(t, METHOD_GET, at(t, q, ""), NULL);
    expect_status(t, 200);
    expect_no_text(t, "Your reply");
    post(t, at(t, q, "/reply"), "body=x");
    expect_status(t, 403);
    login(t, "isms-manager");
    post(t, "/o/acme/questions", question(t, "supplier-contact", 0, ""));
    q = newest(t);
    login(t, "supplier-contact");
    post(t, at(t, q, "/reply"), "body=We+do");
    expect_status(t, 303);
    test_end(t);
}

/* --- hostile texts --- */

static void hostile_texts_stay_text(void **state)
{
    static const char *const attacks[] = {
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "![x](https://evil.test/beacon.png)",
        "[x](data:text/html,<script>1</script>)",
        "${7*7} %n%s %s%s%s {{x}}",
        "' onmouseover='alert(1)",
        "]]><!--",
        "@<script>",
    };
    struct test *t = test_begin();
    i64 risk = a_risk(t);

    (void)state;
    login(t, "isms-manager");
    for (size_t i = 0; i < COUNT_OF(attacks); i++) {
        const char *start, *end, *wrong;

        say(t, risk, attacks[i]);
        look(t, risk);
        expect_status(t, 200);
        expect_no_text(t, "<script>alert");
        expect_no_text(t, "<img src=x");
        expect_no_text(t, "href='javascript");
        expect_no_text(t, "src='https://evil");
        /* The texts are the divs of class markdown. */
        for (start = strstr(body(t), "<div class='markdown'>"); start;
             start = strstr(end, "<div class='markdown'>")) {
            end = strstr(start, "</div>");
            wrong = markup_wrong(t->arena, arena_strn(t->arena, start, (size_t)(end - start) + 6));
            if (wrong)
                fail_msg("%s: %s", attacks[i], wrong);
        }
    }
    post(t, "/o/acme/comments/preview", "body=%3Cscript%3E&to=%2F%2Fevil.test");
    expect_status(t, 200);
    expect_no_text(t, "evil.test");
    expect_text(t, "&lt;script&gt;");
    test_end(t);
}

static void a_preview_changes_nothing(void **state)
{
    struct test *t = test_begin();
    i64 risk = a_risk(t);
    const char *before;

    (void)state;
    login(t, "isms-manager");
    before = store_digest(t);
    post(t, "/o/acme/comments/preview",
         arena_printf(t->arena, "body=**loud**&to=%%2Frisks%%2FR-%lld%%2Fcomments", risk));
    expect_status(t, 200);
    expect_text(t, "<strong>loud</strong>");
    expect_text(t, arena_printf(t->arena, "action='/o/acme/risks/R-%lld/comments'", risk));
    post(t, "/o/acme/comments/preview", "body=**loud**&_part=1");
    expect_no_text(t, "<html");
    assert_string_equal(store_digest(t), before);
    visit_raw(t, METHOD_POST, "/o/acme/comments/preview", "body=x");
    expect_status(t, 403);
    test_end(t);
}

/* --- API and past --- */

static void the_api_reads_and_writes(void **state)
{
    struct test *t = test_begin();
    i64 risk = a_risk(t);
    const char *target = arena_printf(t->arena, "/api/v1/risks/R-%lld/comments", risk);
    const char *number;
    json_t *items;

    (void)state;
    api(t, "isms-manager", METHOD_POST, target, "{\"body\":\"By **program**\"}");
    expect_status(t, 201);
    number = arena_str(t->arena, json_string_value(json_object_get(answer_json(t), "number")));
    api(t, "risk-owner", METHOD_POST, target,
        arena_printf(t->arena, "{\"body\":\"Answer\",\"reply_to\":\"%s\"}", number));
    expect_status(t, 201);
    api(t, "isms-manager", METHOD_GET, target, NULL);
    items = json_object_get(answer_json(t), "items");
    assert_int_equal(json_array_size(items), 2);
    assert_string_equal(json_string_value(json_object_get(json_array_get(items, 1), "thread")),
                        number);
    api(t, "isms-manager", METHOD_POST, target, "{\"body\":\"\"}");
    expect_status(t, 422);
    api(t, "isms-manager", METHOD_POST, target, "{\"body\":\"x\",\"reply_to\":\"CM-999\"}");
    expect_status(t, 422);
    api(t, "isms-manager", METHOD_POST, target, "[]");
    expect_status(t, 400);
    api(t, "external-auditor", METHOD_GET, target, NULL);
    expect_status(t, 403);
    api(t, "isms-manager", METHOD_POST, "/api/v1/comments", "{\"body\":\"x\",\"author\":\"P-1\"}");
    expect_status(t, 405);
    test_end(t);
}

static void numbers_lead_to_records_one_sees(void **state)
{
    struct test *t = test_begin();
    i64 risk = a_risk(t), asset;

    (void)state;
    some_record(t, t->org, &asset_entity, &asset);
    login(t, "isms-manager");
    say(t, risk, arena_printf(t->arena, "See A-%lld and A-9999", asset));
    look(t, risk);
    expect_text(t, arena_printf(t->arena, "href='/o/acme/assets/A-%lld'", asset));
    expect_no_text(t, "href='/o/acme/assets/A-9999'");
    test_end(t);
}

const struct test_case comment_tests[] = {
    TEST("a comment and its reply stand on the tab of the record, counted until settled",
         shows_what_was_said),
    TEST("an empty text, one too long and one about nothing are refused",
         refuses_nothing_and_too_much),
    TEST("nobody changes the text of somebody else, by form or API", only_authors_change_texts),
    TEST("an edited text says so, keeps what it said, and two windows do not overwrite each other",
         edits_show_and_keep_what_was_said),
    TEST("who does not see a record sees nothing of what is said about it",
         who_does_not_see_the_record_sees_no_comment),
    TEST("auditors from outside read no internal talk", auditors_from_outside_read_no_talk),
    TEST("a thread is settled by who began it or who may change the record",
         threads_are_settled_by_those_concerned),
    TEST("a text is taken away with a reason and can be put back",
         texts_are_taken_away_with_a_reason),
    TEST("people are mentioned by name and number, not in code and addresses", mentions_are_stored),
    TEST("a first name that several people have is asked about", ambiguous_names_are_asked_about),
    TEST("nobody sees more by being mentioned; the author is told and may share",
         nobody_sees_more_by_being_mentioned),
    TEST("the picker tells names only to those who may name them",
         the_picker_tells_only_allowed_names),
    TEST("asking shows what will be shared and shares nothing before the word is given",
         asking_shares_nothing_in_silence),
    TEST("a question without the record shows nothing of it",
         without_the_record_only_the_question_is_seen),
    TEST("who may not share asks without the record; employees ask advisers and managers",
         who_may_not_share_asks_without),
    TEST("an answer is accepted by who asked", an_answer_is_accepted_by_who_asked),
    TEST("outside auditors read questions addressed to them and write nothing",
         an_outside_auditor_reads_what_is_addressed_to_them),
    TEST("hostile texts stay text", hostile_texts_stay_text),
    TEST("a preview shows the text and changes nothing", a_preview_changes_nothing),
    TEST("the API reads and writes comments of a record", the_api_reads_and_writes),
    TEST("numbers in a text lead to records that the reader sees",
         numbers_lead_to_records_one_sees),
    TEST_END,
};
