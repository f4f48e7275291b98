/* SPDX-License-Identifier: Apache-2.0 */
/* What organisations of each sector are proposed that others are not. */
#include "base/text.h"
#include "feature/asset/asset.h"
#include "visit.h"

extern const struct test_case asset_suggest_tests[];

static void propose(struct test *t, const char *sector, const char *develops,
                    struct asset_suggestions *out)
{
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/profile",
          arena_printf(t->arena,
                       "headcount=120&sector=%s&sites=owned&remote_work=some&own_devices=no&"
                       "cloud=some&own_servers=yes&own_network=yes&ot=no&develops=%s&"
                       "outsourced_development=no&personal_data=ordinary&card_payment=no&"
                       "government=no&critical_suppliers=no",
                       sector, develops));
    expect_status(t, 303);
    db_use_arena(t->w->db, t->arena);
    assert_ok(asset_suggest(t->w, out));
}

static bool has(const struct asset_suggestions *s, const char *code)
{
    for (size_t i = 0; i < s->shown; i++)
        if (text_equal(s->list[i].code, code))
            return true;
    return false;
}

/* Those within what is sensible for the size, which an organisation of no sector is not proposed.
 */
static size_t own_of(const struct asset_suggestions *s, const struct asset_suggestions *others)
{
    size_t n = 0;

    for (size_t i = 0; i < s->shown; i++)
        n += !has(others, s->list[i].code);
    return n;
}

static void sectors(void **state)
{
    static const struct {
        const char *sector, *develops, *typical[2];
        size_t least;
    } wanted[] = {
        {"software",      "yes", {"signing-keys", "source-code"},          10},
        {"health",        "no",  {"medication-orders", "medical-devices"}, 6 },
        {"finance",       "no",  {"payment-orders", "core-system"},        6 },
        {"manufacturing", "no",  {"customer-drawings", "quality-records"}, 4 },
        {"public",        "no",  {"case-management", "seals-signatures"},  5 },
        {"services",      "no",  {"client-secrets", "deadlines"},          4 },
        {"education",     "no",  {"exam-papers", "marks-results"},         5 },
        {"retail",        "no",  {"loyalty-data", "tills"},                4 },
        {"logistics",     "no",  {"route-data", "shipment-tracking"},      5 },
        {"energy",        "no",  {"supply", "remote-stations"},            4 },
    };
    struct test *t = test_begin();
    struct asset_suggestions none, s;

    (void)state;
    propose(t, "other", "no", &none);
    for (size_t i = 0; i < COUNT_OF(wanted); i++) {
        propose(t, wanted[i].sector, wanted[i].develops, &s);
        if (own_of(&s, &none) < wanted[i].least)
            fail_msg("%s has %zu of its own", wanted[i].sector, own_of(&s, &none));
        for (size_t k = 0; k < 2; k++)
            if (!has(&s, wanted[i].typical[k]))
                fail_msg("%s is not proposed %s", wanted[i].sector, wanted[i].typical[k]);
    }
    test_end(t);
}

const struct test_case asset_suggest_tests[] = {
    TEST("each sector is proposed assets that others have not, within what its size can keep up",
         sectors),
    TEST_END,
};
