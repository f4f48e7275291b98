/* SPDX-License-Identifier: Apache-2.0 */
/* Impacts along the axes of the risk method: what follows from them, what is refused, what nobody
 * may accept, and what a new version of the method makes of them. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/import_part.h"
#include "core/trail.h"
#include "feature/method/method.h"
#include "feature/risk/risk_part.h"
#include "feature/treatment/treatment.h"
#include "visit.h"

/* --- helpers --- */

static const char *text_of(struct test *t, const char *column, i64 number)
{
    const struct field *f = entity_field(&risk_entity, column);
    struct risk r;

    assert_ok(entity_load_any(
        t->w, &risk_entity,
        value(t, "select id from risk where org_id = $1 and number = $2", num(t->org), num(number)),
        &r));
    return field_str(f, &r) ? field_str(f, &r) : "";
}

static i64 impact_of(struct test *t, i64 number)
{
    return value(t,
                 "select coalesce(inherent_impact, 0) from risk where org_id = $1 and number = $2",
                 num(t->org), num(number));
}

static i64 vetoed_of(struct test *t, i64 number)
{
    return value(t,
                 "select vetoed + 10 * residual_vetoed from risk where org_id = $1"
                 " and number = $2",
                 num(t->org), num(number));
}

/* A risk with these members beside its title, over the API. */
static void post(struct test *t, const char *members)
{
    api(t, "isms-manager", METHOD_POST, "/api/v1/risks",
        arena_printf(t->arena, "{\"title\":\"Records are lost\",\"owner\":\"%lld\",%s}",
                     person_of(t, "risk-owner"), members));
}

static void patch(struct test *t, i64 number, const char *members)
{
    i64 version = value(t, "select version from risk where org_id = $1 and number = $2",
                        num(t->org), num(number));

    api_header(t, "if-match", arena_printf(t->arena, "\"%lld\"", version));
    api(t, "isms-manager", METHOD_PATCH, arena_printf(t->arena, "/api/v1/risks/R-%lld", number),
        arena_printf(t->arena, "{%s}", members));
}

static void expect_sound(struct test *t)
{
    struct verify_result result;

    assert_ok(trail_verify(t->w, t->org, &result));
    for (size_t i = 0; i < result.count; i++)
        print_message("%s\n", result.findings[i].text);
    assert_int_equal(result.count, 0);
}

static void set_method(struct test *t, i64 number, const char *form)
{
    login(t, "isms-manager");
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/methods/M-%lld", number),
          arena_printf(t->arena, "_version=%lld&%s",
                       value(t, "select version from method where org_id = $1 and number = $2",
                             num(t->org), num(number)),
                       form));
}

/* --- what follows --- */

static void highest_counts(void **state)
{
    struct test *t = test_begin();

    (void)state;
    post(t, "\"inherent_likelihood\":3,\"inherent_axes\":\"A=4; c:2\"");
    expect_status(t, 201);
    assert_int_equal(impact_of(t, 1), 4);
    assert_string_equal(text_of(t, "inherent_axes", 1), "c=2,a=4");
    expect_count(t, 12, "select score from risk where org_id = $1", num(t->org));
    post(t, "\"inherent_likelihood\":2,\"inherent_axes\":[\"legal=3\",\"i=1\"],"
            "\"inherent_impact\":3");
    expect_status(t, 201);
    assert_string_equal(text_of(t, "inherent_axes", 2), "i=1,legal=3");
    patch(t, 1, "\"inherent_axes\":\"c=2,a=3\"");
    expect_status(t, 200);
    assert_int_equal(impact_of(t, 1), 3);
    patch(t, 1, "\"inherent_axes\":null,\"inherent_impact\":5");
    expect_status(t, 200);
    assert_int_equal(impact_of(t, 1), 5);
    assert_string_equal(text_of(t, "inherent_axes", 1), "");
    expect_sound(t);
    test_end(t);
}

static void disagreement_is_refused(void **state)
{
    /* The members of the risk beside a likelihood of 3, and the sentence. */
    /* clang-format off */
    static const char *const cases[][2] = {
        {"\"inherent_impact\":2,\"inherent_axes\":\"c=2,a=4\"",
         "The impact follows from its axes and is 4, because of Availability"},
        {"\"inherent_axes\":\"a=6\"", "“Availability”: the level is a number from 1 to 5"},
        {"\"inherent_axes\":\"a=0\"", "and “0” is none"},
        {"\"inherent_axes\":\"a=high\"", "and “high” is none"},
        {"\"inherent_axes\":\"beauty=2\"",
         "The risk method M-1 has no axis “beauty”. Its axes are c, i, a, finance"},
        {"\"inherent_axes\":\"a=2,a=3\"", "given twice"},
        {"\"inherent_axes\":\"high\"", "no level of an axis"},
        {"\"inherent_axes\":\" , ;\"", "a likelihood without an impact"},
    };
    /* clang-format on */
    struct test *t = test_begin();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        post(t, arena_printf(t->arena, "\"inherent_likelihood\":3,%s", cases[i][0]));
        expect_status(t, 422);
        expect_text(t, cases[i][1]);
    }
    post(t, "\"inherent_axes\":\"a=2\"");
    expect_status(t, 422);
    expect_text(t, "an impact without a likelihood");
    expect_count(t, 0, "select count(*) from risk where org_id = $1", num(t->org));
    post(t, "\"inherent_likelihood\":3,\"inherent_axes\":\"a=4\"");
    patch(t, 1, "\"inherent_impact\":2");
    expect_status(t, 422);
    expect_text(t, "Change those, or empty them to give one impact");
    assert_int_equal(impact_of(t, 1), 4);
    expect_count(t, 1, "select version from risk where org_id = $1", num(t->org));
    test_end(t);
}

struct judged {
    const char *axes;
    i64 impact;
};

static struct err *write_judged(struct web *w, void *ctx)
{
    struct judged *j = ctx;
    struct issues issues = {.arena = w->arena};
    struct risk r = {.title = "Judged", .current_likelihood = 2, .current_axes = j->axes};

    TRY(entity_write(w, &risk_entity, &r, NULL, &issues));
    assert_int_equal(issues.count, 0);
    j->impact = r.current_impact;
    return NULL;
}

/* Levels of c, i, a, finance out of a number; 0 = not judged. */
static void try_all(struct test *t, const i64 weights[4], bool weighted)
{
    static const char *const codes[] = {"c", "i", "a", "finance"};

    for (i64 n = 1; n < 1296; n += 43) {
        struct judged j = {.axes = ""};
        i64 most = 0, sum = 0, all = 0, rest = n, wanted;

        for (size_t k = 0; k < 4; k++, rest /= 6) {
            i64 level = rest % 6;

            if (!level)
                continue;
            j.axes = arena_printf(t->arena, "%s %s=%lld", j.axes, codes[k], level);
            most = level > most ? level : most;
            sum += weights[k] * level;
            all += weights[k];
        }
        change(t, write_judged, &j);
        wanted = !weighted ? most : (2 * sum + all) / (2 * all);
        assert_int_equal(j.impact, wanted);
    }
}

static void impact_is_the_rule(void **state)
{
    struct test *t = test_begin();

    (void)state;
    try_all(t, (const i64[4]){1, 1, 1, 1}, false);
    expect_sound(t);
    test_end(t);
    t = test_begin();
    set_method(t, 1, "impact_rule=weighted");
    expect_status(t, 303);
    try_all(t, (const i64[4]){1, 1, 1, 1}, true);
    expect_sound(t);
    test_end(t);
}

/* --- pages --- */

static void asked_on_pages(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/risks/new", NULL);
    expect_text(t, "name='inherent_axes[]'");
    expect_text(t, "<option value='a=4'>4 — ");
    expect_text(t, "Never acceptable from 5");
    visit(t, METHOD_POST, "/o/acme/risks",
          "title=Records+are+lost&inherent_likelihood=3&inherent_impact="
          "&inherent_axes%5B%5D=&inherent_axes%5B%5D=c%3D2&inherent_axes%5B%5D=&"
          "inherent_axes%5B%5D=a%3D4");
    expect_status(t, 303);
    assert_int_equal(impact_of(t, 1), 4);
    visit(t, METHOD_GET, "/o/acme/risks/R-1", NULL);
    expect_text(t, "Impact 4, because of Availability");
    expect_text(t, "Confidentiality 2, Availability 4");
    visit(t, METHOD_GET, "/o/acme/risks/R-1/score", NULL);
    expect_text(t, "<option value='a=4' selected>");
    visit(t, METHOD_POST, "/o/acme/risks/R-1/score",
          "_version=1&inherent_likelihood=3&inherent_impact=4"
          "&inherent_axes%5B%5D=&inherent_axes%5B%5D=c%3D2&inherent_axes%5B%5D=a%3D1");
    expect_status(t, 303);
    assert_int_equal(impact_of(t, 1), 2);
    visit(t, METHOD_POST, "/o/acme/risks/R-1/score",
          "_version=2&inherent_likelihood=3&inherent_impact=5"
          "&inherent_axes%5B%5D=&inherent_axes%5B%5D=c%3D3");
    expect_status(t, 422);
    expect_text(t, "The impact follows from its axes and is 3");
    expect_text(t, "<option value='c=3' selected>");
    test_end(t);
}

static const char *grid_row(struct test *t, i64 version, const char *cells)
{
    i64 id = value(t, "select id from risk where org_id = $1 and number = 1", num(t->org));
    struct buf b;

    buf_init(&b, t->arena, 200);
    buf_printf(&b, "v.%lld=%lld", id, version);
    for (const char *p = cells; *p; p++)
        if (*p == '#')
            buf_printf(&b, "%lld", id);
        else
            buf_char(&b, *p);
    return b.data;
}

static void grid_per_axis(void **state)
{
    struct test *t = test_begin();

    (void)state;
    post(t, "\"current_likelihood\":2,\"current_impact\":2,\"rationale\":\"Seen\"");
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/risks/grid?state=open", NULL);
    expect_text(t, "by=axis");
    expect_no_text(t, "Availability of R-1");
    visit(t, METHOD_GET, "/o/acme/risks/grid?state=open&by=axis", NULL);
    expect_text(t, "Availability of R-1");
    visit(t, METHOD_POST, "/o/acme/risks/grid?state=open&by=axis",
          grid_row(t, 1, "&l.#=3&x.a.#=4&x.c.#=2&r.#=Seen"));
    expect_status(t, 200);
    expect_text(t, "1 rows are saved");
    assert_string_equal(text_of(t, "current_axes", 1), "c=2,a=4");
    expect_count(t, 12, "select current_score from risk where org_id = $1", num(t->org));
    visit(t, METHOD_GET, "/o/acme/risks/grid?state=open", NULL);
    expect_text(t, "Availability of R-1"); /* a row has axes, so they are shown */
    expect_text(t, "<input type='hidden' name='by' value='axis'>");
    visit(t, METHOD_POST, "/o/acme/risks/grid?state=open",
          grid_row(t, 2, "&by=axis&l.#=3&x.a.#=4&x.c.#=3&r.#=Seen"));
    expect_status(t, 200);
    assert_string_equal(text_of(t, "current_axes", 1), "c=3,a=4");
    visit(t, METHOD_POST, "/o/acme/risks/grid?state=open&by=axis",
          grid_row(t, 3, "&l.#=3&x.a.#=7&x.c.#=2&r.#=Seen"));
    expect_status(t, 422);
    expect_text(t, "the level is a number from 1 to 5");
    expect_text(t, "value='7'");
    visit(t, METHOD_POST, "/o/acme/risks/grid?state=open&by=axis",
          grid_row(t, 3, "&l.#=3&x.a.#=4&x.c.#=3&r.#=Seen"));
    expect_count(t, 3, "select version from risk where org_id = $1", num(t->org));
    test_end(t);
}

static FILE *file_with(const char *data)
{
    FILE *f = tmpfile();

    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, strlen(data), f), strlen(data));
    rewind(f);
    return f;
}

static void import_csv(struct test *t, const char *text, struct importing **im)
{
    FILE *f = file_with(text);
    json_t *said;

    assert_ok(json_parse(t->arena, "{}", 2, &said));
    db_use_arena(t->w->db, t->arena);
    t->w->arena = t->arena;
    assert_ok(
        import_open(t->w, &risk_entity, &(struct import_input){f, "list.csv", said, true}, im));
    fclose(f);
    assert_ok(import_check(*im, NULL));
}

static void imported(void **state)
{
    struct test *t = test_begin();
    struct importing *im;

    (void)state;
    import_csv(t, "title,inherent_likelihood,inherent_axes\nFlood,2,\"c=1,a=5\"\nTheft,3,\"c=9\"\n",
               &im);
    assert_int_equal(im->counts.wrong, 1);
    assert_contains(im->problems[0].text, "from 1 to 5");
    import_csv(t, "title,inherent_likelihood,inherent_axes\nFlood,2,\"a=5;c=1\"\n", &im);
    assert_int_equal(im->counts.wrong, 0);
    assert_ok(import_write(im));
    assert_int_equal(impact_of(t, 1), 5);
    assert_string_equal(text_of(t, "inherent_axes", 1), "c=1,a=5");
    test_end(t);
}

/* --- what nobody may accept --- */

static i64 control_id(struct test *t, const char *code)
{
    return value(t, "select id from control where org_id = $1 and code = $2", num(t->org),
                 str(code));
}

static void treat(struct test *t, const char *expected, int wanted)
{
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/treatments",
          arena_printf(t->arena,
                       "risk=R-1&title=Encrypt&option=modify&state=planned&controls%%5B%%5D=%lld%s",
                       control_id(t, "8.24"), expected));
    expect_status(t, wanted);
}

static void decide(struct test *t, int wanted)
{
    const char *at;

    login(t, "risk-owner");
    visit(t, METHOD_GET, "/o/acme/risks/R-1/approval", NULL);
    at = strstr(body(t), "name='hash' value='");
    assert_non_null(at);
    visit(t, METHOD_POST, "/o/acme/risks/R-1/approval",
          arena_printf(t->arena, "hash=%.64s&outcome=approved", at + 19));
    expect_status(t, wanted);
}

static void veto_is_never_accepted(void **state)
{
    struct test *t = test_begin();

    (void)state;
    post(t, "\"inherent_likelihood\":1,\"inherent_axes\":\"a=2,legal=5\","
            "\"rationale\":\"Seen\"");
    assert_int_equal(vetoed_of(t, 1), 11);
    /* 1 x 5 is within the acceptance level of 9, and all the same nobody may accept it. One number
     * does not say that the law is not broken any more. */
    patch(t, 1, "\"residual_reason\":\"Nothing lowers it\"");
    treat(t, "&expected_likelihood=1&expected_impact=5", 303);
    assert_int_equal(vetoed_of(t, 1), 11);
    decide(t, 422);
    expect_text(t, "Legal is 5, never acceptable from 5");
    visit(t, METHOD_GET, "/o/acme/risks/R-1/approval", NULL);
    expect_text(t, "nobody may accept this");
    expect_no_text(t, "value='approved'");
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/risks/R-1", NULL);
    expect_text(t, "Legal is 5, never acceptable from 5");
    visit(t, METHOD_GET, "/o/acme/risks?vetoed=1", NULL);
    expect_text(t, "Records are lost");
    test_end(t);
}

static void treatment_lowers_axes(void **state)
{
    struct test *t = test_begin();

    (void)state;
    post(t, "\"inherent_likelihood\":2,\"inherent_axes\":\"a=2,legal=5\",\"rationale\":\"Seen\"");
    treat(t, "&expected_likelihood=1&expected_axes%5B%5D=legal%3D6", 422);
    expect_text(t, "from 1 to 5");
    treat(t, "&expected_likelihood=1&expected_axes%5B%5D=a%3D2&expected_axes%5B%5D=legal%3D3", 303);
    expect_count(t, 3, "select expected_impact from treatment where org_id = $1", num(t->org));
    assert_string_equal(text_of(t, "residual_axes", 1), "a=2,legal=3");
    expect_count(t, 3, "select residual_score from risk where org_id = $1", num(t->org));
    assert_int_equal(vetoed_of(t, 1), 1); /* now, but not when the plan is done */
    treat(t, "&expected_likelihood=2&expected_axes%5B%5D=a%3D1&expected_axes%5B%5D=legal%3D4", 303);
    assert_string_equal(text_of(t, "residual_axes", 1), "a=1,legal=3");
    decide(t, 303);
    expect_count(t, 1,
                 "select count(*) from decision where org_id = $1 and kind ="
                 " 'risk.treatment' and outcome = 'approved'",
                 num(t->org));
    expect_sound(t);
    test_end(t);
}

static void closed_risks_have_none(void **state)
{
    struct test *t = test_begin();

    (void)state;
    post(t, "\"inherent_likelihood\":1,\"inherent_axes\":\"people=5\"");
    assert_int_equal(vetoed_of(t, 1), 11);
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/risks/R-1/close", "_version=1&_reason=The+machine+is+sold");
    expect_status(t, 303);
    assert_int_equal(vetoed_of(t, 1), 0);
    test_end(t);
}

/* --- versions of the method --- */

static void approve_method(struct test *t, i64 number)
{
    i64 version = value(t, "select version from method where org_id = $1 and number = $2",
                        num(t->org), num(number));
    const char *at;

    login(t, "top-management");
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/methods/M-%lld", number), NULL);
    at = strstr(body(t), "name='hash' value='");
    assert_non_null(at);
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/methods/M-%lld/approve", number),
          arena_printf(t->arena, "_version=%lld&outcome=approved&hash=%.64s", version, at + 19));
    expect_status(t, 303);
}

static void new_version(struct test *t)
{
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/methods/M-1/version", "");
    expect_status(t, 303);
}

static void axes_move(void **state)
{
    struct test *t = test_begin();

    (void)state;
    approve_method(t, 1);
    post(t, "\"inherent_likelihood\":5,\"inherent_axes\":\"c=1,a=3,legal=5\"");
    treat(t, "&expected_likelihood=1&expected_axes%5B%5D=c%3D1&expected_axes%5B%5D=legal%3D3", 303);
    new_version(t);
    visit(t, METHOD_POST, "/o/acme/methods/M-2/preset", "_version=1&preset=m3x3");
    expect_status(t, 303);
    visit(t, METHOD_GET, "/o/acme/methods/M-2/moves", NULL);
    expect_text(t, "1 risk has impacts per axis. They move by the same map");
    approve_method(t, 2);
    assert_string_equal(text_of(t, "inherent_axes", 1), "c=1,a=2,legal=3");
    assert_int_equal(impact_of(t, 1), 3);
    assert_string_equal(text_of(t, "residual_axes", 1), "c=1,legal=2");
    assert_int_equal(vetoed_of(t, 1), 1); /* legal 3 of 3 is never acceptable there */
    expect_count(t, 2, "select expected_impact from treatment where org_id = $1", num(t->org));
    expect_sound(t);
    test_end(t);
}

static void other_rule_asks_anew(void **state)
{
    struct test *t = test_begin();

    (void)state;
    approve_method(t, 1);
    post(t, "\"inherent_likelihood\":5,\"inherent_axes\":\"c=1,a=4\"");
    post(t, "\"inherent_likelihood\":5,\"inherent_axes\":\"c=4,a=4\"");
    new_version(t);
    set_method(t, 2, "impact_rule=weighted");
    expect_status(t, 303);
    approve_method(t, 2);
    /* The mean of 1 and 4 is not the 4 that the map gives: the impact stays, its axes go. */
    assert_int_equal(impact_of(t, 1), 4);
    assert_string_equal(text_of(t, "inherent_axes", 1), "");
    assert_int_equal(impact_of(t, 2), 4);
    assert_string_equal(text_of(t, "inherent_axes", 2), "c=4,a=4");
    expect_sound(t);
    test_end(t);
}

static void draft_in_use_keeps_axes(void **state)
{
    struct test *t = test_begin();

    (void)state;
    post(t, "\"inherent_likelihood\":1,\"inherent_axes\":\"a=4\"");
    set_method(t, 1, "impact_rule=weighted");
    expect_status(t, 422);
    expect_text(t, "the rule for their impact stays");
    test_end(t);
}

/* A new version in which people are never to be harmed from that level on. */
static void set_never(struct test *t, i64 level)
{
    json_t *axes, *axis, *whole;
    size_t i;

    api(t, "isms-manager", METHOD_GET, "/api/v1/methods/M-1/whole", NULL);
    expect_status(t, 200);
    whole = json_own(t->arena, json_deep_copy(answer_json(t)));
    axes = json_object_get(json_object_get(whole, "scales"), "axes");
    json_array_foreach(axes, i, axis)
    {
        if (text_equal(json_string_value(json_object_get(axis, "code")), "people"))
            json_object_set_new(axis, "never_from", json_integer(level));
    }
    api(t, "isms-manager", METHOD_POST, "/api/v1/methods/whole", json_text(t->arena, whole));
    expect_status(t, 201);
}

/* Three risks, of which the second is at most 3 now, whatever its axis was. */
static void three_risks(struct test *t)
{
    post(t, "\"inherent_likelihood\":1,\"inherent_axes\":\"people=4\"");
    post(t, "\"inherent_likelihood\":1,\"inherent_axes\":\"people=5\",\"current_likelihood\":1,"
            "\"current_impact\":3");
    post(t, "\"inherent_likelihood\":1,\"inherent_axes\":\"people=5\",\"current_likelihood\":1,"
            "\"current_impact\":4");
    for (i64 i = 1; i <= 3; i++)
        assert_int_equal(vetoed_of(t, i), 0);
}

static void vetoes_follow_a_new_version(void **state)
{
    struct test *t = test_begin();

    (void)state;
    approve_method(t, 1);
    three_risks(t);
    set_never(t, 4);
    assert_int_equal(vetoed_of(t, 1), 0); /* it is a draft yet */
    approve_method(t, 2);
    assert_int_equal(vetoed_of(t, 1), 11);
    assert_int_equal(vetoed_of(t, 2), 0); /* at most 3 now, whatever the axis */
    assert_int_equal(vetoed_of(t, 3), 11);
    expect_sound(t);
    test_end(t);
}

/* --- words --- */

static void history_in_words(void **state)
{
    struct test *t = test_begin();

    (void)state;
    post(t, "\"inherent_likelihood\":2,\"inherent_axes\":\"c=3,legal=4\"");
    patch(t, 1, "\"inherent_axes\":\"c=2,legal=4\"");
    expect_status(t, 200);
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/risks/R-1?tab=history", NULL);
    expect_status(t, 200);
    expect_text(t, "Confidentiality 2, Legal 4");
    expect_no_text(t, "c=2,legal=4");
    visit(t, METHOD_GET, "/o/acme/risks/export?format=csv&cols=inherent_axes", NULL);
    assert_contains((const char *)answer_bytes(t).data, "c=2,legal=4"); /* can be read in again */
    test_end(t);
}

/* --- ranking --- */

/* Scripts get the order of the page. */
static void expect_api_order(struct test *t, const char *path, const char *const *titles, size_t n)
{
    const char *query = strchr(path, '?');
    json_t *list;

    api(t, "isms-manager", METHOD_GET,
        arena_printf(t->arena, "/api/v1/ranking/risks%s", query ? query : ""), NULL);
    expect_status(t, 200);
    list = json_object_get(answer_json(t), "risks");
    for (size_t i = 0; i < n; i++) {
        json_t *one = json_array_get(list, i);

        assert_string_equal(json_string_value(json_object_get(one, "title")), titles[i]);
        assert_int_equal(json_integer_value(json_object_get(one, "rank")), i + 1);
    }
    login(t, "isms-manager");
    visit(t, METHOD_GET, path, NULL);
}

static void expect_order(struct test *t, const char *path, const char *const *titles, size_t n)
{
    const char *last = NULL;

    login(t, "isms-manager");
    visit(t, METHOD_GET, path, NULL);
    expect_status(t, 200);
    for (size_t i = 0; i < n; i++) {
        const char *at = strstr(body(t), arena_printf(t->arena, " %s</a>", titles[i]));

        if (!at)
            fail_msg("%s is not there", titles[i]);
        if (last && at < last)
            fail_msg("%s stands too high", titles[i]);
        last = at;
    }
    expect_api_order(t, path, titles, n);
}

static void ranked(struct test *t, const char *title, i64 likelihood, const char *axes)
{
    api(t, "isms-manager", METHOD_POST, "/api/v1/risks",
        arena_printf(t->arena,
                     "{\"title\":\"%s\",\"owner\":\"%lld\",\"inherent_likelihood\":%lld,%s}", title,
                     person_of(t, "risk-owner"), likelihood, axes));
    expect_status(t, 201);
}

static void ranked_by_axis(void **state)
{
    static const char *const plain[] = {"Data", "Money", "Fine", "Whole"};
    static const char *const legal[] = {"Fine", "Money", "Data", "Whole"};
    struct test *t = test_begin();

    (void)state;
    ranked(t, "Whole", 1, "\"inherent_impact\":1"); /* not judged by axes */
    ranked(t, "Money", 3, "\"inherent_axes\":\"finance=4,legal=2\"");
    ranked(t, "Data", 5, "\"inherent_axes\":\"c=4,legal=1\"");
    ranked(t, "Fine", 2, "\"inherent_axes\":\"legal=4\"");
    expect_order(t, "/o/acme/risks/ranking", plain, COUNT_OF(plain));
    expect_order(t, "/o/acme/risks/ranking?by=legal", legal, COUNT_OF(legal));
    expect_text(t, "not judged");
    patch(t, 4, "\"current_likelihood\":2,\"current_impact\":1"); /* so legal is 1 at most */
    expect_order(t, "/o/acme/risks/ranking?by=legal", (const char *[]){"Money", "Data", "Fine"}, 3);
    visit(t, METHOD_GET, "/o/acme/risks/ranking?by=moon", NULL);
    expect_status(t, 400);
    expect_text(t, "no axis “moon”");
    test_end(t);
}

static void vetoes_rank_first(void **state)
{
    static const char *const plain[] = {"Data", "Fine"};
    static const char *const vetoes[] = {"Fine", "Data"};
    struct test *t = test_begin();

    (void)state;
    ranked(t, "Data", 5, "\"inherent_axes\":\"c=4\"");
    ranked(t, "Fine", 1, "\"inherent_axes\":\"legal=5\"");
    assert_int_equal(vetoed_of(t, 2), 11);
    expect_order(t, "/o/acme/risks/ranking", plain, 2);
    expect_text(t, "Nobody may accept it");
    set_method(t, 1, "ranking=veto-impact");
    expect_status(t, 303);
    expect_order(t, "/o/acme/risks/ranking", vetoes, 2);
    api(t, "isms-manager", METHOD_GET, "/api/v1/ranking/risks", NULL);
    expect_text(t, "\"nobody_may_accept\":true");
    api(t, "isms-manager", METHOD_GET, "/api/v1/ranking/risks?by=moon", NULL);
    expect_status(t, 400);
    api(t, "employee", METHOD_GET, "/api/v1/ranking/risks", NULL);
    expect_status(t, 403);
    set_method(t, 1, "ranking=likelihood");
    expect_order(t, "/o/acme/risks/ranking", plain, 2);
    test_end(t);
}

const struct test_case risk_axis_tests[] = {
    TEST("the highest axis is the impact, whichever way it is written", highest_counts),
    TEST("an impact that its axes do not give, a level outside the scale and an axis that the "
         "method does not have are refused",
         disagreement_is_refused),
    TEST("whatever the axes are, the impact is what the rule of the method makes of them",
         impact_is_the_rule),
    TEST("the forms ask for each axis in words, and the page says which one decides",
         asked_on_pages),
    TEST("the grid takes the levels of each axis, and shows them where a row has some",
         grid_per_axis),
    TEST("axes are imported like any column, and wrong ones are named", imported),
    TEST("what an axis forbids is accepted by nobody, however low the level is",
         veto_is_never_accepted),
    TEST("a treatment lowers axes, and what remains may be accepted then", treatment_lowers_axes),
    TEST("a closed risk asks nobody to accept it", closed_risks_have_none),
    TEST("a new version of the method moves the axes by its map", axes_move),
    TEST("a version with another rule keeps the impact and asks for its axes anew",
         other_rule_asks_anew),
    TEST("a draft that risks were judged with keeps its rule", draft_in_use_keeps_axes),
    TEST("another level that is never acceptable counts once its version is approved",
         vetoes_follow_a_new_version),
    TEST("the history names axes in words, an export by their codes", history_in_words),
    TEST("risks are ranked by the impact along one axis, those not judged along it last",
         ranked_by_axis),
    TEST("what nobody may accept is marked in the ranking, and comes first where the method says "
         "so",
         vetoes_rank_first),
    TEST_END,
};
