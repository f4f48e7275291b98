/* SPDX-License-Identifier: Apache-2.0 */
/* The profile: answers about the organisation that drive plans and suggestions. Questions and their
 * reasons are content (content/profile.tsv); a test compares keys and choices with this table. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/content.h"
#include "feature/organisation/organisation_web.h"

static const struct choice sectors[] = {
    {"software",      "Software and IT services", NULL},
    {"health",           "Health and care", NULL},
    {"finance",        "Finance and insurance", NULL},
    {"manufacturing",           "Manufacturing", NULL},
    {"public",       "Public administration", NULL},
    {"services",           "Professional and other services", NULL},
    {"education", "Education and research", NULL},
    {"retail",           "Retail and trade", NULL},
    {"logistics",        "Transport and logistics", NULL},
    {"energy",           "Energy and water", NULL},
    {"other",      "Something else", NULL},
    {0          }
};
static const struct choice sites[] = {
    {"owned",  "In buildings we own", NULL},
    {"rented",    "In premises we rent for ourselves", NULL},
    {"shared", "In a shared or co-working office", NULL},
    {"none",    "No office at all, everyone works remotely", NULL},
    {0}
};
static const struct choice remote[] = {
    {"none", "Not at all", NULL},
    {"some",  "Some people or some days", NULL},
    {"mostly", "Most people, most of the time", NULL},
    {0 }
};
static const struct choice yesno[] = {
    {"yes", "Yes", NULL},
    {"no", "No", NULL},
    {0 }
};
static const struct choice clouds[] = {
    {"none", "None", NULL},
    {"some",  "Some services", NULL},
    {"all", "All or nearly all", NULL},
    {0 }
};
static const struct choice personal[] = {
    {"none",     "None, not even of staff or contacts", NULL},
    {"ordinary",      "Ordinary: names, contacts, accounts, pay", NULL},
    {"special", "Special kinds, such as health data", NULL},
    {0     }
};
static const struct choice downtimes[] = {
    {"hours", "A few hours at most", NULL},
    {"day",   "About one day", NULL},
    {"days",   "Several days", NULL},
    {"weeks",   "Weeks", NULL},
    {0 }
};
static const struct choice practices[] = {
    {"backup",        "Backups with restore tests", NULL},
    {"access-review",           "Review of access rights", NULL},
    {"patching", "Timely updates of systems", NULL},
    {"incidents",           "Written incident handling", NULL},
    {"training",      "Security training for all", NULL},
    {"suppliers",           "Checks of suppliers", NULL},
    {"policies",     "Written security rules", NULL},
    {0          }
};
static const struct choice budgets[] = {
    {"low",    "As little as possible", NULL},
    {"medium",    "Some, for a tool and guidance", NULL},
    {"high", "Enough to buy speed", NULL},
    {0   }
};

static const struct field profile_fields[] = {
    INT(profile, headcount, "People in scope", .least = 1, .most = 1000000, .listed = true),
    CHOICE(profile, sector, "Sector", sectors, .listed = true),
    TEXT(profile, countries, "Countries", .max = 400, .unfolded = true),
    MONEY(profile, revenue, "Yearly revenue", .least = 0, .most = 100000000000000LL),
    CHOICE(profile, sites, "Where people work", sites),
    CHOICE(profile, remote_work, "Remote work", remote),
    CHOICE(profile, own_devices, "Private devices", yesno),
    CHOICE(profile, cloud, "Cloud services", clouds),
    CHOICE(profile, own_servers, "Own servers", yesno),
    CHOICE(profile, own_network, "Own network", yesno),
    CHOICE(profile, ot, "Machines and plant control", yesno),
    CHOICE(profile, develops, "Develops software", yesno),
    CHOICE(profile, outsourced_development, "Outsourced development", yesno),
    CHOICE(profile, personal_data, "Personal data", personal),
    CHOICE(profile, card_payment, "Card payments", yesno),
    CHOICE(profile, government, "Government or military clients", yesno),
    CHOICE(profile, critical_suppliers, "Critical suppliers", yesno),
    CHOICE(profile, downtime, "Bearable downtime", downtimes),
    CHOICE(profile, certificate_demand, "Customers ask for the certificate", yesno),
    DATE(profile, deadline, "Wanted by"),
    SET(profile, practice, "Existing practice", practices),
    CHOICE(profile, experienced, "Somebody with experience", yesno),
    CHOICE(profile, budget, "Budget", budgets),
    TEXT(profile, title, "Title", .internal = true),
};

static struct err *profile_spread(struct web *w, const void *record)
{
    (void)record;
    for (size_t i = 0; organisation_profile_changed[i]; i++)
        TRY(organisation_profile_changed[i](w));
    return NULL;
}

const struct entity profile_entity = ENTITY(
    profile, profile_fields, .plural = "profiles", .label = "Profile", .labels = "Profiles",
    .few = true, .prefix = "PR", .title = "title", .read = &profile_read, .write = &profile_write,
    .spread = profile_spread, .no_create = true, .no_pages = true, .clause = "4.1",
    .help = "About twenty answers that adapt everything to your organisation.");

/* --- answers for conditions --- */

struct profile_answers {
    struct arena *arena;
    struct profile profile;
};

struct err *profile_load(struct web *w, struct profile_answers **out)
{
    struct profile_answers *p = NEW(w->arena, struct profile_answers);
    struct rows *r;

    p->arena = w->arena;
    *out = p;
    TRY(db_query(w->db, &r,
                 "select headcount, revenue, sector, sites, remote_work, own_devices, cloud,"
                 " own_servers, own_network, ot, develops, outsourced_development, personal_data,"
                 " card_payment, government, critical_suppliers, downtime, certificate_demand,"
                 " deadline, practice, experienced, budget, countries, id from profile"
                 " where org_id = $1 limit 1",
                 num(w->org)));
    if (!row_next(r))
        return NULL;
    p->profile = (struct profile){.headcount = row_num(r, 0),
                                  .revenue = row_num(r, 1),
                                  .sector = row_str(r, 2),
                                  .sites = row_str(r, 3),
                                  .remote_work = row_str(r, 4),
                                  .own_devices = row_str(r, 5),
                                  .cloud = row_str(r, 6),
                                  .own_servers = row_str(r, 7),
                                  .own_network = row_str(r, 8),
                                  .ot = row_str(r, 9),
                                  .develops = row_str(r, 10),
                                  .outsourced_development = row_str(r, 11),
                                  .personal_data = row_str(r, 12),
                                  .card_payment = row_str(r, 13),
                                  .government = row_str(r, 14),
                                  .critical_suppliers = row_str(r, 15),
                                  .downtime = row_str(r, 16),
                                  .certificate_demand = row_str(r, 17),
                                  .deadline = row_str(r, 18),
                                  .practice = row_num(r, 19),
                                  .experienced = row_str(r, 20),
                                  .budget = row_str(r, 21),
                                  .countries = row_str(r, 22)};
    p->profile.id = row_num(r, 23);
    return NULL;
}

static const char *set_answer(struct arena *a, const struct field *f, i64 bits)
{
    struct buf b;

    if (!bits)
        return NULL;
    buf_init(&b, a, 64);
    for (size_t i = 0; f->choices[i].code; i++)
        if (bits >> i & 1)
            buf_printf(&b, "%s%s", b.size ? ";" : "", f->choices[i].code);
    return b.data;
}

const char *profile_answer(void *ctx, const char *key)
{
    struct profile_answers *p = ctx;
    const struct field *f = entity_field(&profile_entity, key);
    const char *text;
    i64 n;

    if (!f)
        return NULL;
    if (f->kind == FIELD_SET)
        return set_answer(p->arena, f, field_num(f, &p->profile));
    if (f->kind == FIELD_INT || f->kind == FIELD_MONEY) {
        n = field_num(f, &p->profile);
        return n ? arena_printf(p->arena, "%lld", f->kind == FIELD_MONEY ? n / 100 : n) : NULL;
    }
    text = field_str(f, &p->profile);
    return text && *text ? text : NULL;
}

const char *profile_band(const struct profile_answers *answers)
{
    i64 n = answers->profile.headcount;

    if (!n)
        return NULL;
    return n <= 20 ? "s20" : n <= 50 ? "s50" : n <= 200 ? "s200" : "more";
}

int profile_open(const struct profile_answers *answers)
{
    static const char *const needed[] = {"headcount",     "sector",
                                         "sites",         "remote_work",
                                         "own_devices",   "cloud",
                                         "own_servers",   "own_network",
                                         "develops",      "outsourced_development",
                                         "personal_data", "card_payment",
                                         "government",    "critical_suppliers",
                                         "downtime",      "ot"};
    int open = 0;

    for (size_t i = 0; i < COUNT_OF(needed); i++)
        if (!profile_answer((void *)(uintptr_t)answers, needed[i]))
            open++;
    return open;
}
