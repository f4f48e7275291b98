/* SPDX-License-Identifier: Apache-2.0 */
/* The editor of the risk method: scales, matrix, document, files. */
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "core/trail.h"
#include "feature/method/method_part.h"
#include "feature/risk/risk.h"
#include "visit.h"

static i64 version_of(struct test *t)
{
    return value(t, "select version from method where org_id = $1 and number = 1", num(t->org));
}

/* One field, unless it is among those that are given otherwise. */
static void add(struct buf *b, struct arena *a, const char *replaced, const char *name,
                const char *text)
{
    if (!strstr(replaced, arena_printf(a, "&%s=", name)))
        buf_printf(b, "&%s=%s", name, text_url(a, text));
}

static void add_axis(struct buf *b, struct arena *a, const char *replaced, const struct scales *s,
                     size_t k)
{
    const struct scale_axis *x = &s->axes[k];
    const char *p = arena_printf(a, "a.%zu", k);

    add(b, a, replaced, arena_printf(a, "%s.label", p), x->label);
    add(b, a, replaced, arena_printf(a, "%s.code", p), x->code);
    add(b, a, replaced, arena_printf(a, "%s.unit", p), x->unit);
    add(b, a, replaced, arena_printf(a, "%s.weight", p), arena_printf(a, "%lld", x->weight));
    for (i64 i = 1; i <= s->impacts; i++) {
        add(b, a, replaced, arena_printf(a, "%s.%lld.text", p, i), x->text[i - 1]);
        add(b, a, replaced, arena_printf(a, "%s.%lld.upto", p, i), x->upto[i - 1]);
    }
}

/* The scales form as it is drawn, with some fields replaced: "&name=value" each. */
static const char *scales_form(struct test *t, const char *replaced)
{
    struct arena *a = t->arena;
    struct scales s;
    struct method m;
    struct buf b;

    assert_ok(method_current(t->w, &m));
    assert_ok(scales_load(t->w, &m, &s));
    buf_init(&b, a, 8192);
    buf_printf(&b, "_version=%lld%s", version_of(t), replaced);
    add(&b, a, replaced, "likelihoods", arena_printf(a, "%lld", s.likelihoods));
    add(&b, a, replaced, "impacts", arena_printf(a, "%lld", s.impacts));
    add(&b, a, replaced, "axes", arena_printf(a, "%zu", s.naxes));
    for (i64 l = 1; l <= s.likelihoods; l++) {
        add(&b, a, replaced, arena_printf(a, "l.%lld.label", l), s.likelihood[l - 1]);
        add(&b, a, replaced, arena_printf(a, "l.%lld.text", l), s.likelihood_text[l - 1]);
        add(&b, a, replaced, arena_printf(a, "l.%lld.upto", l), s.likelihood_upto[l - 1]);
    }
    for (i64 i = 1; i <= s.impacts; i++)
        add(&b, a, replaced, arena_printf(a, "i.%lld.label", i), s.impact[i - 1]);
    for (size_t k = 0; k < s.naxes; k++)
        add_axis(&b, a, replaced, &s, k);
    return b.data;
}

static void post_scales(struct test *t, const char *replaced)
{
    visit(t, METHOD_POST, "/o/acme/methods/M-1/scales", scales_form(t, replaced));
}

static void every_level_is_described(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    post_scales(t, "&do=save&l.2.text=");
    expect_status(t, 422);
    expect_text(t, "Level 2 has no description");
    post_scales(t, "&do=save&a.4.3.text=");
    expect_status(t, 422);
    expect_text(t, "Level 3 has no description");
    post_scales(t, "&do=save&l.2.text=Unlikely");
    expect_status(t, 422);
    expect_text(t, "only repeats its name");
    post_scales(t, "&do=save&l.1.upto=5");
    expect_status(t, 422);
    expect_text(t, "must be above that of the level before");
    post_scales(t, "&do=save&a.3.1.upto=half");
    expect_status(t, 422);
    expect_text(t, "is not a number");
    expect_count(t, 1, "select version from method where org_id = $1", num(t->org));
    post_scales(t, "&do=save&l.2.text=It+happens+once+in+a+few+years");
    expect_status(t, 303);
    expect_count(t, 1,
                 "select count(*) from method_level where org_id = $1"
                 " and descriptor = 'It happens once in a few years'",
                 num(t->org));
    login(t, "employee");
    visit(t, METHOD_GET, "/o/acme/methods/M-1/scales", NULL);
    expect_status(t, 403);
    test_end(t);
}

static void levels_and_axes_of_ones_own(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    post_scales(t, "&do=add-l");
    expect_status(t, 200);
    expect_text(t, "l.6.label");
    post_scales(t, "&do=add-a");
    expect_status(t, 200);
    expect_text(t, "a.8.label");
    post_scales(t, "&do=drop-l-3");
    expect_status(t, 200);
    expect_no_text(t, "l.5.label");
    expect_count(t, 1, "select version from method where org_id = $1", num(t->org));
    post_scales(t, "&do=save&axes=9&a.8.label=Authenticity&a.8.weight=2&a.8.unit=words"
                   "&a.8.1.text=nobody+doubts+who+wrote+it&a.8.2.text=single+doubts+are+cleared"
                   "&a.8.3.text=several+doubts&a.8.4.text=a+forged+order&a.8.5.text=nothing+holds");
    expect_status(t, 303);
    expect_count(t, 5,
                 "select count(*) from method_level where org_id = $1"
                 " and axis = 'impact:authenticity'",
                 num(t->org));
    visit(t, METHOD_GET, "/o/acme/methods/M-1", NULL);
    expect_text(t, "Authenticity");
    expect_text(t, "a forged order");
    test_end(t);
}

static void matrix_rules(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/methods/M-1/matrix", "_version=1&do=show&c.1.1=99");
    expect_status(t, 200);
    expect_text(t, "value='99'");
    visit(t, METHOD_POST, "/o/acme/methods/M-1/matrix",
          "_version=1&b.low.used=1&b.low.label=Low&b.low.upto=4&b.low.meaning=m&b.low.action=a"
          "&b.high.used=1&b.high.label=High&b.high.meaning=m&b.high.action=a&c.5.5=3&do=save");
    expect_status(t, 422);
    expect_text(t, "may not count less");
    visit(t, METHOD_POST, "/o/acme/methods/M-1/matrix",
          "_version=1&b.low.used=1&b.low.label=Low&b.low.upto=40&b.low.meaning=m&b.low.action=a"
          "&b.high.used=1&b.high.label=High&b.high.meaning=m&b.high.action=a&do=save");
    expect_status(t, 422);
    expect_text(t, "No cell of the matrix is in the band");
    visit(t, METHOD_POST, "/o/acme/methods/M-1/matrix", "_version=1&do=save");
    expect_status(t, 422);
    expect_text(t, "At least two bands are needed");
    visit(t, METHOD_POST, "/o/acme/methods/M-1/matrix",
          "_version=1&do=impact&b.low.used=1"
          "&b.low.label=Low&b.low.upto=4&b.high.used=1&b.high.label=High");
    expect_status(t, 200);
    expect_text(t, "value='29'");
    expect_count(t, 1, "select version from method where org_id = $1", num(t->org));
    test_end(t);
}

static void impact_of_axes(void **state)
{
    static const struct method_axis axes[3] = {
        {"c", "C", 1, 0},
        {"i", "I", 1, 0},
        {"a", "A", 2, 0}
    };

    (void)state;
    assert_int_equal(method_impact(false, axes, (const i64[]){1, 4, 2}, 3), 4);
    assert_int_equal(method_impact(true, axes, (const i64[]){1, 4, 2}, 3), 2); /* 9/4 */
    assert_int_equal(method_impact(true, axes, (const i64[]){2, 4, 2}, 3), 3); /* 10/4 */
    assert_int_equal(method_impact(true, axes, (const i64[]){0, 4, 0}, 3), 4);
    assert_int_equal(method_impact(true, axes, (const i64[]){0, 0, 0}, 3), 0);
    assert_int_equal(method_impact(false, axes, (const i64[]){0, 0, 0}, 3), 0);
}

static struct err *add_judged(struct web *w, void *ctx)
{
    struct issues issues = {.arena = w->arena};
    struct risk r = *(const struct risk *)ctx;

    TRY(entity_write(w, &risk_entity, &r, NULL, &issues));
    assert_int_equal(issues.count, 0);
    return NULL;
}

static void vetoes_follow_the_draft(void **state)
{
    struct test *t = test_begin();
    struct risk r = {.title = "One", .inherent_likelihood = 1, .inherent_axes = "people=4"};
    struct verify_result result;

    (void)state;
    change(t, add_judged, &r);
    r.inherent_axes = "people=5";
    r.current_likelihood = 1;
    r.current_impact = 3;
    change(t, add_judged, &r);
    r.current_impact = 4;
    change(t, add_judged, &r);
    expect_count(t, 0, "select sum(vetoed + residual_vetoed) from risk where org_id = $1",
                 num(t->org));
    login(t, "isms-manager");
    post_scales(t, "&do=save&a.7.never=4"); /* people, the last axis */
    expect_status(t, 303);
    /* The second is at most 3 now, whatever its axis was. */
    expect_count(t, 2,
                 "select count(*) from risk where org_id = $1 and vetoed = 1"
                 " and residual_vetoed = 1 and number <> 2",
                 num(t->org));
    expect_count(t, 2, "select sum(vetoed) from risk where org_id = $1", num(t->org));
    assert_ok(trail_verify(t->w, t->org, &result));
    assert_int_equal(result.count, 0);
    post_scales(t, "&do=save&a.7.never=5");
    expect_count(t, 0, "select sum(vetoed + residual_vetoed) from risk where org_id = $1",
                 num(t->org));
    post_scales(t, "&do=save&a.7.code=others");
    expect_status(t, 422);
    expect_text(t, "keeps its code and weight");
    test_end(t);
}

static void presets_are_whole(void **state)
{
    static const char *const codes[] = {"m3x3", "m4x4", "m5x5"};
    static const i64 acceptance[] = {4, 6, 9};
    struct test *t = test_begin();
    struct scales s, again;
    struct method m = {.title = NULL};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(codes); i++) {
        struct issues issues = {.arena = t->arena};
        json_t *value;
        const char *text;

        assert_ok(scales_preset(t->w, codes[i], &m, &s));
        scales_check(&s, &issues);
        assert_int_equal(issues.count, 0);
        assert_int_equal(m.acceptance, acceptance[i]);
        assert_int_equal(s.naxes, 8);
        /* The same scales after a way out and in. */
        text = scales_text(t->arena, &s);
        assert_ok(json_parse(t->arena, text, strlen(text), &value));
        scales_read(t->arena, value, &again, &issues);
        assert_int_equal(issues.count, 0);
        assert_string_equal(scales_text(t->arena, &again), text);
    }
    assert_err(scales_preset(t->w, "m9x9", &m, &s), ERR_INVALID);
    test_end(t);
}

static void documents(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/methods/M-1/document", NULL);
    expect_status(t, 200);
    expect_text(t, "This version was not approved.");
    expect_text(t, "Up to 9 the owner of the risk may accept it.");
    visit(t, METHOD_GET, "/o/acme/methods/M-1/document.pdf", NULL);
    expect_status(t, 200);
    assert_memory_equal(answer_bytes(t).data, "%PDF-", 5);
    visit(t, METHOD_GET, "/o/acme/methods/M-1/document.docx", NULL);
    expect_status(t, 200);
    assert_contains(header(t, "Content-Disposition"), "risk-method-M-1.docx");
    assert_contains(docx_answer(t), "Up to 9 the owner of the risk may accept it.");
    login(t, "employee");
    visit(t, METHOD_GET, "/o/acme/methods/M-1/document.docx", NULL);
    expect_status(t, 403);
    visit(t, METHOD_GET, "/o/acme/methods/M-1/document", NULL);
    expect_status(t, 403);
    test_end(t);
}

static void api_in_and_out(void **state)
{
    struct test *t = test_begin();
    const char *text;
    json_t *whole;

    (void)state;
    api(t, "isms-manager", METHOD_GET, "/api/v1/methods/M-1/whole", NULL);
    expect_status(t, 200);
    whole = json_own(t->arena, json_deep_copy(answer_json(t)));
    json_object_set_new(whole, "title", json_string("Taken in"));
    json_object_set_new(whole, "acceptance", json_integer(8));
    text = json_text(t->arena, whole);
    api(t, "isms-manager", METHOD_POST, "/api/v1/methods/whole", text);
    expect_status(t, 201);
    expect_count(t, 8, "select acceptance from method where org_id = $1", num(t->org));
    json_array_clear(json_object_get(json_object_get(whole, "scales"), "likelihood"));
    api(t, "isms-manager", METHOD_POST, "/api/v1/methods/whole", json_text(t->arena, whole));
    expect_status(t, 422);
    api(t, "isms-manager", METHOD_POST, "/api/v1/methods/whole", "{\"scales\":[]}");
    expect_status(t, 422);
    api(t, "isms-manager", METHOD_POST, "/api/v1/methods/whole", "[1]");
    expect_status(t, 422);
    api(t, "employee", METHOD_POST, "/api/v1/methods/whole", text);
    expect_status(t, 403);
    api(t, "isms-manager", METHOD_GET, "/api/v1/methods/M-1/moves", NULL);
    expect_status(t, 200);
    assert_int_equal(json_integer_value(json_object_get(answer_json(t), "open_risks")), 0);
    test_end(t);
}

static struct err *approve_all(struct web *w, void *ctx)
{
    struct issues issues = {.arena = w->arena};
    struct method m;

    (void)ctx;
    TRY(method_current(w, &m));
    m.state = "approved";
    return entity_write(w, &method_entity, &m, NULL, &issues);
}

static void fixed_by_any_way(void **state)
{
    struct test *t = test_begin();

    (void)state;
    change(t, approve_all, NULL);
    api(t, "isms-manager", METHOD_PATCH, "/api/v1/methods/M-1", "{\"acceptance\":3}");
    assert_true(status(t) >= 400 && status(t) < 500);
    expect_count(t, 9, "select acceptance from method where org_id = $1", num(t->org));
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/methods/M-1/edit", NULL);
    expect_status(t, 409);
    api(t, "isms-manager", METHOD_DELETE, "/api/v1/methods/M-1", NULL);
    assert_true(status(t) >= 400 && status(t) < 500);
    test_end(t);
}

const struct test_case method_edit_tests[] = {
    TEST("every level of every axis is described, differently; limits rise; a refusal writes "
         "nothing",
         every_level_is_described),
    TEST("levels and axes are added and taken out, without storing before one saves",
         levels_and_axes_of_ones_own),
    TEST("a matrix never falls, every band has a cell, at least two bands", matrix_rules),
    TEST("the impact is the highest axis or the weighted mean, rounded half up", impact_of_axes),
    TEST("ready-made methods of three, four and five levels are whole", presets_are_whole),
    TEST("a document says what the version says, and whether it was approved", documents),
    TEST("a method goes out and in as JSON; what is not whole is refused", api_in_and_out),
    TEST("an approved version is changed by no way: page, API, removal", fixed_by_any_way),
    TEST("another level that is never acceptable counts at once for the risks of a draft in use, "
         "and "
         "its axes stay",
         vetoes_follow_the_draft),
    TEST_END,
};
