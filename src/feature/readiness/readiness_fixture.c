/* SPDX-License-Identifier: Apache-2.0 */
#include "feature/readiness/readiness_fixture.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "feature/readiness/readiness_part.h"
#include "feature/soa/soa.h"
#include "store.h"

struct script {
    struct test *t;
    const char *statements;
};

static struct err *run_script(struct web *w, void *ctx)
{
    struct script *s = ctx;
    struct val org = num(s->t->org);
    char **parts;
    size_t n = text_split(w->arena, s->statements, ';', &parts);

    for (size_t i = 0; i < n; i++)
        TRY(db_exec_text(w->db, NULL, parts[i], &org, strstr(parts[i], "$1") ? 1 : 0));
    return NULL;
}

void run_sql(struct test *t, const char *statements)
{
    struct script s = {t, statements};

    assert_ok(app_write(t->w, run_script, &s));
}

#define FAR "9223372036854775807"
#define LATER "5000000000000000" /* after everything that the test does */
#define METHOD_ID "(select m.id from method m where m.org_id = $1 and m.number = 1)"
#define CONTROL_51 "(select k.id from control k where k.org_id = $1 and k.code = '5.1')"

static const char *const people =
    "insert into person (org_id, id, number, version, name, external, state) values"
    " ($1, 901, 901, 1, 'Ann Owner', 0, 'active'), ($1, 902, 902, 1, 'Lee Left', 0, 'leaver'),"
    " ($1, 903, 903, 1, 'Bea Boss', 0, 'active');"
    "update role_holder set acknowledged = '2026-01-02' where org_id = $1;"
    "insert into role_holder (org_id, id, number, version, person, role, duties, from_date,"
    " acknowledged) values ($1, 905, 905, 1, 903, 'top-management', 3, '2020-01-01', '2026-01-02')";

static const char *const context =
    "insert into party (org_id, id, number, version, name, type, external, state, why_not) values"
    " ($1, 911, 911, 1, 'Clinics', 'customers', 1, 'active', null),"
    " ($1, 912, 912, 1, 'Staff', 'employees', 0, 'not-relevant', 'none yet'),"
    " ($1, 913, 913, 1, 'Offices', 'regulators', 1, 'not-relevant', 'none yet'),"
    " ($1, 914, 914, 1, 'Suppliers', 'suppliers', 1, 'not-relevant', 'none yet'),"
    " ($1, 915, 915, 1, 'Owners', 'owners', 1, 'not-relevant', 'none yet');"
    "insert into requirement (org_id, id, number, version, title, kind, party, addressed, status,"
    " owner, reviewed) values ($1, 921, 921, 1, 'Keep it secret', 'law', 911, 'yes', 'met', 901,"
    " '2090-01-01');"
    "insert into requirement_controls (org_id, record, target) values ($1, 921, " CONTROL_51 ");"
    "insert into prospect (org_id, id, number, version, title, kind, state, action, owner, measure,"
    " evaluated, evaluation) values ($1, 925, 925, 1, 'One person knows it', 'risk', 'acting',"
    " 'A deputy is named', 901, 'The deputy audits alone', null, null), ($1, 926, 926, 1,"
    " 'Clinics ask for it', 'opportunity', 'done', 'Sales tells it', 901, null, '2026-03-01',"
    " 'Two tenders won')";

static const char *const risks =
    "update method set state = 'approved' where org_id = $1;"
    "insert into asset (org_id, id, number, version, name, type, owner, location, c, i, a, state,"
    " value) values ($1, 931, 931, 1, 'Patient database', 'database', 901, 'HQ', 4, 4, 4, 'in-use',"
    " 4);"
    "insert into dismissal (org_id, id, number, version, title, subject, key, reason)"
    " select $1, 3000 + t.position, 3000 + t.position, 1, t.label, 'risk', '931/database/' ||"
    " t.code || '/x', 'not here' from catalogue t where t.kind = 'threats';"
    "insert into risk (org_id, id, number, version, title, threat, properties, owner, analyst,"
    " method, state, inherent_likelihood, inherent_impact, current_likelihood, current_impact,"
    " residual_likelihood, residual_impact, origin, inherent_score, current_score, residual_score,"
    " score, band, treated) values"
    " ($1, 951, 951, 1, 'Data is stolen', 'ransomware', 1, 901, 901, " METHOD_ID
    ", 'open', 4, 4, 4,"
    " 3, 2, 3, 'own', 16, 12, 6, 12, 'high', 1),"
    " ($1, 952, 952, 1, 'Database is lost', 'ransomware', 1, 901, 901, " METHOD_ID ", 'open', 4, 5,"
    " 4, 5, 3, 4, 'own', 20, 20, 12, 20, 'critical', 1);"
    "insert into risk_assets (org_id, record, target) values ($1, 951, 931), ($1, 952, 931);"
    "insert into risk_history (org_id, id, number, version, title, valid_from, valid_to, log_idx)"
    " values ($1, 951, 951, 1, 'Data is stolen', 1000, " FAR ", 1),"
    " ($1, 952, 952, 1, 'Database is lost', 1000, " FAR ", 1);"
    "insert into assessment (org_id, id, number, version, title, method, state, started) values"
    " ($1, 981, 981, 1, 'First round', " METHOD_ID ", 'closed', '2090-01-01')";

static const char *const classes =
    "insert into scheme (org_id, id, number, version, title, state, kind, labelling,"
    " review_months) values ($1, 881, 881, 1, 'Ours', 'active', 'own', 1, 24);"
    "insert into classification (org_id, id, number, version, name, scheme, rank, tone, tier,"
    " confidential, printed, meaning, lowest, highest) values"
    " ($1, 882, 882, 1, 'Internal', 881, 1, 'blue', 'internal', 1, 0, 'The rest', 1, 2),"
    " ($1, 883, 883, 1, 'Secret', 881, 2, 'red', 'confidential', 1, 0, 'What hurts', 3, 5);"
    "insert into marking (org_id, id, number, version, title, scheme, medium, place) values"
    " ($1, 884, 884, 1, 'Paper', 881, 'paper', 'Top right');"
    "insert into handling (org_id, id, number, version, title, level, medium, storing) values"
    " ($1, 885, 885, 1, 'Secret paper', 883, 'paper', 'In the safe.');"
    "update asset set personal_data = 1, purpose = 'Treatment', legal_basis = 'contract'"
    " where org_id = $1 and id = 931;"
    "insert into cause (org_id, id, number, version, title, kind, state, since) values"
    " ($1, 989, 989, 1, 'A move', 'change', 'done', '2026-01-05');"
    "update asset set media = 4, classification = 883, classified_by = 901,"
    " classified_on = '2090-01-01' where org_id = $1 and id = 931";

static const char *const supply =
    "insert into supplier (org_id, id, number, version, name, kind, service, state, owner, data,"
    " access, dependence, criticality, personal_data, dpa_on, data_places, terms, duties, "
    "exit_plan,"
    " assessed, next_review) values ($1, 871, 871, 1, 'Cloud Ltd', 'cloud', 'Servers', 'active',"
    " 901, 3, 3, 3, 3, 'processor', '2026-01-02', 'Germany', 2047, 'They: hardware', 'Moves in a"
    " month', '2090-01-01', '2091-01-01');"
    "insert into asset (org_id, id, number, version, name, type, kind, owner, location, c, i, a,"
    " state, value) values ($1, 932, 932, 1, 'Cloud', 'cloud-platform', 'supporting', 901, 'EU', 2,"
    " 2, 2, 'in-use', 2), ($1, 933, 933, 1, 'Old disks', 'retired-equipment', 'supporting', 901,"
    " 'HQ', 4, 1, 1, 'disposed', 4);"
    "insert into asset_suppliers (org_id, record, target) values ($1, 932, 871);"
    "update asset set disposal = 'destroyed', disposed_by = 'Shred Ltd', retired_on = '2026-01-02',"
    " disposed_on = '2026-01-05', disposal_proof = 'Certificate 7' where org_id = $1 and id = 933;"
    "update asset set personal_data = 1, purpose = 'To treat patients', legal_basis = 'contract',"
    " review_due = '2090-01-01' where org_id = $1 and id = 931";

static const char *const plan =
    "insert into treatment (org_id, id, number, version, title, risk, option, justification,"
    " expires, state) values ($1, 961, 961, 1, 'Encrypt', 951, 'modify', null, null, 'planned'),"
    " ($1, 962, 962, 1, 'Keep', 952, 'retain', 'No better way this year', '2090-01-01', 'planned');"
    "insert into treatment_history (org_id, id, number, version, risk, valid_from, valid_to,"
    " log_idx) values ($1, 961, 961, 1, 951, 1000, " FAR ", 1),"
    " ($1, 962, 962, 1, 952, 1000, " FAR ", 1);"
    "insert into treatment_controls (org_id, record, target) values ($1, 961, " CONTROL_51 ");"
    "insert into action (org_id, id, number, version, title, treatment, owner, due, resources,"
    " priority, status) values ($1, 971, 971, 1, 'Switch it on', 961, 901, '2090-01-01', 'Ann',"
    " 'high', 'planned');"
    "insert into action (org_id, id, number, version, title, treatment, owner, due, resources,"
    " priority, status, evidence, verifier) values ($1, 972, 972, 1, 'Buy it', 961, 901,"
    " '2026-01-05', 'Ann', 'high', 'done', 'The invoice', 903);"
    "update control set applicable = 'yes', baseline = 1, how = 'We do it.', owner = 901,"
    " status = 'implemented', in_use = 0, decided_for = 'baseline' where org_id = $1;"
    "update control set applicable = 'no', justification = 'The landlord guards the only door.'"
    " where org_id = $1 and code = '7.4';"
    "insert into control (org_id, id, number, version, code, title, name, theme, origin, maps_to,"
    " applicable, baseline, status, how, owner) values ($1, 999, 999, 1, 'X.1', 'Own', 'X.1 Own',"
    " 'own', 'own', 'none', 'yes', 1, 'implemented', 'We do it.', 901);"
    "insert into evidence (org_id, id, number, version, title, kind, url, collected) values"
    " ($1, 985, 985, 1, 'Round of March', 'link', 'https://example.com/round', '2090-01-01');"
    "insert into evidence_about (org_id, record, target) select $1, 985, k.id from control k"
    " where k.org_id = $1;"
    "insert into soa (org_id, id, number, version, title, state, body, body_hash, applicable,"
    " excluded, implemented) values ($1, 991, 991, 1, 'Statement 1', 'approved', 'x', 'x', 92, 1,"
    " 92)";

#define DECISION(id, kind, of, subject, expires)                                                  \
    "insert into decision (org_id, id, kind, subject_kind, subject, subject_hash, body, outcome," \
    " decided_by, role, decided_at, expires) values ($1, " id ", '" kind "', '" of "', " subject  \
    ", '" HASH "', 'body', 'approved', 903, 'owner', " LATER ", " expires ");"
#define HASH "230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5"

static const char *const decisions = DECISION("941", "method", "method", METHOD_ID, "null")
    DECISION("942", "risk.treatment", "risk", "951", "null")
        DECISION("943", "risk.acceptance", "risk", "952", "'2090-01-01'")
            DECISION("944", "assessment", "assessment", "981", "null")
                DECISION("945", "soa", "soa", "991", "null");

static struct err *set_body(struct web *w, void *ctx)
{
    return db_exec(w->db, "update soa set body = $2 where org_id = $1", num(w->org), str(ctx));
}

/* The statement that was approved is that of this world. */
static void approve_statement(struct test *t)
{
    struct soa_table table;

    assert_ok(soa_rows(t->w, &table));
    assert_ok(app_write(t->w, set_body, (void *)(uintptr_t)soa_freeze(t->w, &table)));
}

void sound_world(struct test *t)
{
    run_sql(t, people);
    run_sql(t, context);
    run_sql(t, risks);
    run_sql(t, classes);
    run_sql(t, supply);
    run_sql(t, plan);
    run_sql(t, decisions);
    approve_statement(t);
    run_sql(t, "insert into record (org_id, id, kind, number, title, version) values"
               " ($1, 951, 'risk', 951, 'Data is stolen', 1),"
               " ($1, 931, 'asset', 931, 'Patient database', 1)");
    run_sql(t, "insert into task (org_id, id, number, version, title, assignee, due, priority,"
               " status, repeat, repeat_from) values ($1, 995, 995, 1, 'Test the restore', 901,"
               " '2026-01-05', 'high', 'done', 'FREQ=MONTHLY', 'due')");
}

struct rule_result run_rule(struct test *t, const char *id)
{
    struct rules_scope scope = {.org = t->org, .today = t->w->today, .at = INT64_MAX - 1};
    struct rule_result *all, found = {0};
    struct db *db;

    assert_ok(rules_open(t->app, &scope, t->arena, &db));
    assert_ok(readiness_lists(t->app, db, t->arena, &scope));
    assert_ok(rules_run(db, t->app->rules, &scope, t->arena, &all));
    rules_close(db);
    for (size_t i = 0; i < t->app->rules->count; i++)
        if (text_equal(all[i].rule->id, id))
            found = all[i];
    if (!found.rule)
        fail_msg("there is no rule %s", id);
    if (found.status == RULE_BROKEN)
        fail_msg("%s: %s", id, found.error);
    return found;
}
