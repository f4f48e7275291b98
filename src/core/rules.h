/* SPDX-License-Identifier: Apache-2.0 */
/* Rules that are plain SQL files: content/rules/R006.sql says what must hold, content/reach/06.sql
 * says whether work of a step exists (the form is told in content/README.md). They are read and
 * checked when the program starts, because an operator may add some: only SELECT, only our tables,
 * each bound to the organisation. They run on a connection of their own that can only read. */
#pragma once

#include "core/app.h"

#define RULE_PARAMS 6
#define RULE_LISTED 50 /* offenders that are listed; all are counted */
#define RULE_STEPS 16

enum severity { SEVERITY_OFI, SEVERITY_MIN, SEVERITY_MAJ };
/* "MAJ", "MIN", "OFI"; "major", "minor", "to improve". */
const char *severity_code(enum severity s);
const char *severity_word(enum severity s);

enum rule_param_kind {
    RULE_NUMBER, /* bound as it is */
    RULE_MONTHS, /* bound as the date that many months before today */
    RULE_DAYS,   /* the same in days */
    RULE_LIST,   /* a list that only the program can compute, as a JSON array for json_each */
};
/* The lists that a rule may ask for: "-- param: used = list used-controls; ...". */
enum rule_list {
    LIST_WANTED_CONTROLS,    /* "wanted-controls": codes that an answer of the profile asks for */
    LIST_USED_CONTROLS,      /* "used-controls": codes that the profile shows in use */
    LIST_STALE_STATEMENTS,   /* "stale-statements": ids of statements in force that say other than
                                the records */
    LIST_UNSETTLED_CONTROLS, /* "unsettled-controls": ids of controls that were decided for other
                                reasons than those of today */
    RULE_LISTS
};
/* The list's name in rule files; NULL past the last. */
const char *rule_list_name(i64 list);
struct rule_param {
    const char *name, *about;
    enum rule_param_kind kind;
    i64 value;
};

struct rule {
    const char *id, *clause, *title, *why;
    const char *fix, *fix_path; /* button and address below the organisation */
    enum severity severity;
    int from;        /* the step after which it starts to count */
    i64 minimum;     /* a smaller population fails; 0 = nothing there, nothing to say */
    i64 escalate_at; /* more than this percent failing weigh as MAJ; 0 = never */
    struct rule_param params[RULE_PARAMS]; /* $4, $5 ... */
    size_t nparams;
    const char *population, *offenders; /* SQL as written */
    const char *counted;                /* offenders with their number, first RULE_LISTED of them */
    const char *among;                  /* how many of them are records of a kind in a list */
    const char *file;                   /* "content/rules/R006.sql" */
};
struct rules {
    const struct rule *list; /* by id */
    size_t count;
    const char *reach[RULE_STEPS + 1]; /* SQL by step; NULL = no records of this step are kept */
};

/* Reads and checks all rules into app->rules. ERR_BAD "file:line: what is wrong and how to mend".
 */
struct err *rules_load(struct app *app) MUST_CHECK;
/* One rule or reach file by its text: for rules_load and tests. */
struct err *rule_parse(struct arena *a, const char *file, const char *text, struct rule *out)
    MUST_CHECK;
struct err *reach_parse(struct arena *a, const char *file, const char *text, const char **out)
    MUST_CHECK;
const struct rule *rule_find(const struct rules *rules, const char *id);

enum rule_status {
    RULE_PASS,
    RULE_FAIL,
    RULE_IDLE,   /* nothing to look at: not applicable, outside the score */
    RULE_BROKEN, /* its SQL failed: the installation's fault, not the organisation's */
};
/* "pass", "fail", "not-applicable", "error". */
const char *rule_status_code(enum rule_status s);

struct offender {
    const char *kind, *because; /* kind "" = no record, `because` says all */
    i64 id;
    i64 number;        /* filled by rules_name */
    const char *title; /* "" when the record is gone */
};
struct rule_result {
    const struct rule *rule;
    enum rule_status status;
    enum severity severity; /* after escalation */
    i64 population, failing;
    struct offender *offenders;
    size_t listed;
    const char *error; /* of a broken rule */
};

/* For whom and when rules run. */
struct rules_scope {
    i64 org;
    const char *today; /* ISO date in the organisation's zone; of a past day when `asof` */
    i64 at;            /* the instant: now, or the end of that day */
    bool asof;
    const char *lists[RULE_LISTS]; /* JSON arrays; NULL = empty */
};
/* A restricted reading connection in a transaction, as of the scope's day. Ended by rules_close. */
struct err *rules_open(struct app *app, const struct rules_scope *scope, struct arena *a,
                       struct db **out) MUST_CHECK;
void rules_close(struct db *db);
/* Runs all rules on such a connection: `out` gets one result per rule, in the order of the rules.
 * A rule whose SQL fails is RULE_BROKEN and does not stop the others. */
struct err *rules_run(struct db *db, const struct rules *rules, const struct rules_scope *scope,
                      struct arena *a, struct rule_result **out) MUST_CHECK;
/* How many of all offenders of a rule are records of `kind` among `ids`, a JSON list. */
struct err *rules_among(struct db *db, const struct rule *rule, const struct rules_scope *scope,
                        const char *kind, const char *ids, i64 *out) MUST_CHECK;
/* Which steps have work (bit 1 << step). */
struct err *rules_reach(struct db *db, const struct rules *rules, const struct rules_scope *scope,
                        unsigned *out) MUST_CHECK;
