/* SPDX-License-Identifier: Apache-2.0 */
/* Entities: a plain struct and a table of fields bound by offset. From the table come form, list,
 * details, parsing, validation, load, save with version check, history, log entry, JSON, CSV and
 * the API. Not derived: rules across fields (`check`), computed columns (`derive`), workflows and
 * pages of a feature's own. All writes to record tables go through entity_write / entity_remove.
 *
 * The live table is named like the entity and has: org_id, id, number, version, and one column per
 * field (REFS fields: a table "<entity>_<field>"(org_id, record, target) instead). Its twin
 * "<entity>_history" has the same columns without derived ones plus valid_from, valid_to, log_idx,
 * salt; link tables have twins "<entity>_<field>_history". */
#pragma once

#include "core/feature.h"

enum field_kind {
    FIELD_TEXT,   /* const char *, one line */
    FIELD_LONG,   /* const char *, several lines */
    FIELD_EMAIL,  /* const char *, checked and folded for comparison */
    FIELD_INT,    /* i64 */
    FIELD_MONEY,  /* i64 minor units (1/100) */
    FIELD_DATE,   /* const char * "YYYY-MM-DD" */
    FIELD_TIME,   /* i64 microseconds UTC; never in forms */
    FIELD_BOOL,   /* i64 0 or 1 */
    FIELD_CHOICE, /* const char * code out of `choices` */
    FIELD_SET,    /* i64 bit set over `choices` */
    FIELD_CODE,   /* const char * code of a content catalogue `catalogue` */
    FIELD_REF,    /* i64 id of a record of `*ref`, 0 = none */
    FIELD_REFS,   /* struct ids of records of `*ref`; of any kind when that is NULL (RECORDS) */
    FIELD_LEVEL,  /* i64, 0 = not scored, checked against the method in `check`/`derive` */
    FIELD_RECORD, /* i64 id of a record of any kind, 0 = none; no foreign key: it may be removed
                   * and come back. People and programs write its number, "R-42". */
};

struct choice {
    const char *code, *label, *tone; /* tone: green yellow orange red blue purple grey or NULL */
};

/* What the day of a DATE field asks of people: My work and the calendar walk these (core/work.h).
 */
enum field_dated {
    DATED_NOT,
    DATED_DUE,    /* the record is work that is to be done by that day */
    DATED_REVIEW, /* the record is looked at again on that day */
    DATED_EXPIRY, /* after that day it does not hold any more */
    DATED_EVENT,  /* something happens; nothing has to be done */
};

struct ids {
    const i64 *id; /* ascending, distinct */
    size_t count;
};

struct field {
    const char *name, *label;
    enum field_kind kind;
    size_t offset;
    bool required; /* may not be empty */
    bool listed;   /* a column of the list by default */
    bool sortable; /* has an index (org_id, name, id); a test checks. See list_sorts */
    bool filtered; /* offered as a filter */
    bool quiet;    /* a filter that links use, not offered in the bar */
    bool fixed;    /* set at creation, never changed by input */
    bool internal; /* never bindable from input; set by code (state of a workflow, author) */
    bool derived;  /* computed by `derive`; stored and indexed, outside history, hash and input */
    bool personal; /* personal data: own commitment part, cleared by redaction, never in search */
    bool was_open; /* personal only since a later program: rows of before commit to it openly */
    bool late;     /* a number or SET that joined its kind later: 0 counts as absent in the log */
    bool secret;   /* never shown, exported, logged or searched (hashes of tokens) */
    bool concerns; /* REF or REFS to people: they may see the record */
    bool unfolded; /* left out of full text search */
    bool reasoned; /* changing what it says asks for a reason, also when code does it */
    bool supplied; /* may hold a text that came with the program: shown in the reader's language */
    bool veil;     /* not shown of records that `veiled` of the entity names */
    bool file;     /* TEXT: the SHA-256 of a stored file (core/blob.h); verify looks for it */
    bool markdown; /* of LONG: people write Markdown, pages draw it (out/markdown.h) */
    int max;       /* characters of text; 0 = 200 for TEXT, 10,000 for LONG */
    i64 least, most; /* range of INT, MONEY, LEVEL when most > least */
    /* The highest value of a LEVEL that this record may have, where a scale says it; `most` is then
     * what any scale can have. */
    struct err *(*highest)(struct web *w, const struct field *f, const void *record, i64 *out);
    const struct choice *choices; /* ended by {.code = NULL} */
    const struct entity *ref;
    const char *initial;   /* what a new record has when the input does not say, as input text */
    const char *catalogue; /* "asset_types", "threats", ... (core/content.h) */
    const char *help, *example, *group; /* one sentence; e.g. value; heading in form and details */
    enum field_dated dated;             /* of a DATE field */
    /* Draws the input in the form instead of the usual one; label, hint and error stay. */
    struct err *(*input)(struct web *w, const struct field *f, const void *record);
    /* What a text stands for, where people read it: see field_told. */
    struct err *(*told)(struct web *w, const struct field *f, const void *record, const char **out);
};

/* The first members of every record struct. */
#define RECORD                   \
    struct {                     \
        i64 id, number, version; \
    }
struct record {
    RECORD;
};

#define FIELD_AT_(T, m, type)                                                                     \
    (offsetof(struct T, m) +                                                                      \
     (sizeof(char[__builtin_types_compatible_p(__typeof__(((struct T *)0)->m), type) ? 1 : -1]) - \
      1))
#define FIELD_(T, m, l, k, type, ...)                                                       \
    {                                                                                       \
        .name = #m, .label = (l), .kind = (k), .offset = FIELD_AT_(T, m, type), __VA_ARGS__ \
    }
#define TEXT(T, m, l, ...) FIELD_(T, m, l, FIELD_TEXT, const char *, ##__VA_ARGS__)
#define LONG(T, m, l, ...) FIELD_(T, m, l, FIELD_LONG, const char *, ##__VA_ARGS__)
#define EMAIL(T, m, l, ...) FIELD_(T, m, l, FIELD_EMAIL, const char *, ##__VA_ARGS__)
#define INT(T, m, l, ...) FIELD_(T, m, l, FIELD_INT, i64, ##__VA_ARGS__)
#define MONEY(T, m, l, ...) FIELD_(T, m, l, FIELD_MONEY, i64, ##__VA_ARGS__)
#define DATE(T, m, l, ...) FIELD_(T, m, l, FIELD_DATE, const char *, ##__VA_ARGS__)
#define TIME(T, m, l, ...) FIELD_(T, m, l, FIELD_TIME, i64, ##__VA_ARGS__)
#define BOOL(T, m, l, ...) FIELD_(T, m, l, FIELD_BOOL, i64, ##__VA_ARGS__)
#define CHOICE(T, m, l, c, ...) \
    FIELD_(T, m, l, FIELD_CHOICE, const char *, .choices = (c), ##__VA_ARGS__)
#define SET(T, m, l, c, ...) FIELD_(T, m, l, FIELD_SET, i64, .choices = (c), ##__VA_ARGS__)
#define CODE(T, m, l, cat, ...) \
    FIELD_(T, m, l, FIELD_CODE, const char *, .catalogue = (cat), ##__VA_ARGS__)
#define REF(T, m, l, e, ...) FIELD_(T, m, l, FIELD_REF, i64, .ref = &(e), ##__VA_ARGS__)
#define REFS(T, m, l, e, ...) FIELD_(T, m, l, FIELD_REFS, struct ids, .ref = &(e), ##__VA_ARGS__)
#define LEVEL(T, m, l, ...) FIELD_(T, m, l, FIELD_LEVEL, i64, ##__VA_ARGS__)
#define RECORD_REF(T, m, l, ...) FIELD_(T, m, l, FIELD_RECORD, i64, ##__VA_ARGS__)
#define RECORDS(T, m, l, ...) FIELD_(T, m, l, FIELD_REFS, struct ids, ##__VA_ARGS__)

struct entity {
    const char *name, *plural;  /* "risk", "risks": table and address */
    const char *label, *labels; /* "Risk", "Risks" */
    const char *prefix;         /* "R": R-42 */
    const struct field *fields;
    size_t nfields, size;
    const char *title; /* name of the field that titles the record */
    const char *state; /* name of the CHOICE field that is its state, or NULL */
    /* Name of a RECORD_REF field: the kind's read right alone does not show this record, the person
     * must be able to read that record's kind too. NULL for most. */
    const char *about;
    const char *order; /* default sort: "-current_score" or "name"; NULL = number */
    /* Codes of `state` in which nothing has to be done about the record any more, joined by blanks:
     * "done cancelled"; at most four. NULL = it stays open. */
    const char *closed;
    const struct permission *read, *write;
    /* Rules across fields, on input that passed the single-field checks. */
    void (*check)(const void *record, struct issues *out);
    /* Sets derived fields: a pure function of the record, its method version and reference tables.
     * Also run by `cairn verify`, which compares. May refuse values through `out`. */
    struct err *(*derive)(struct web *w, void *record, struct issues *out);
    /* A query over other records that forbids removal: adds sentences that name them. */
    struct err *(*depends)(struct web *w, i64 id, struct issues *out);
    /* Updates OTHER records that depend on this one, in the same transaction: their derived columns
     * by entity_rederive, what follows from this one by a write of theirs. Called after the row was
     * written, and after it was removed. */
    struct err *(*spread)(struct web *w, const void *record);
    bool spreads_later; /* nothing can depend on a record that was just made: no spread then */
    /* The records of which the person of `w` may not see the fields marked `veil` yet (someone who
     * is to judge for themselves); as of today also when a past day is shown. NULL for most. */
    struct err *(*veiled)(struct web *w, struct ids *out);
    bool reason; /* every change and the removal need a reason */
    /* Codes of `state` in which a change of what people enter, and the removal, need a reason,
     * joined by blanks: "approved". NULL = none. */
    const char *decided;
    /* Whether what the `reasoned` fields of a stored record say was decided; while it was not they
     * may change without a reason. NULL = as soon as they say anything. */
    struct err *(*settled)(struct web *w, const void *record, bool *out);
    bool few;                          /* never more than thousands: sorted without an index */
    bool no_api;                       /* not offered by the REST API (accounts, sessions) */
    bool no_create;                    /* made by code only (Annex A controls are seeded) */
    bool no_pages;                     /* no default pages: the feature has its own */
    bool site;                         /* lives in the system organisation (org_id 0): accounts */
    const char *help, *clause, *empty; /* page help, clause, what to do when the list is empty */
};

#define ENTITY(T, f, ...)                                                                        \
    {                                                                                            \
        .name = #T, .fields = (f), .nfields = COUNT_OF(f), .size = sizeof(struct T), __VA_ARGS__ \
    }

/* --- fields --- */
const struct field *entity_field(const struct entity *e, const char *name);
const char *field_str(const struct field *f, const void *record); /* for text kinds */
i64 field_num(const struct field *f, const void *record);         /* for number kinds */
void field_set_str(const struct field *f, void *record, const char *text);
void field_set_num(const struct field *f, void *record, i64 n);
const struct ids *field_ids(const struct field *f, const void *record); /* for REFS */
/* What a REF, RECORD or REFS field refers to; lives in the record. */
struct ids field_targets(const struct field *f, const void *record);
void field_set_ids(const struct field *f, void *record, struct ids ids);
const struct choice *choice_find(const struct choice *list, const char *code);
/* The value as people read it: labels of choices and codes, titles of references, "—" when empty
 * is the caller's. Queries titles of references (one query per REFS field). */
struct err *field_show(struct web *w, const struct field *f, const void *record, const char **out)
    MUST_CHECK;
/* The same where nobody reads it back in: a text with codes (`told`) in words. */
struct err *field_told(struct web *w, const struct field *f, const void *record, const char **out)
    MUST_CHECK;
/* The value as the API writes it (codes, ids as strings, ISO dates). entity_json writes the number
 * of a RECORD_REF instead of its id. */
json_t *field_json(struct web *w, const struct field *f, const void *record);

/* --- reading: visibility applied; invisible and foreign ids are ERR_MISSING --- */
struct err *entity_load(struct web *w, const struct entity *e, i64 id, void *record) MUST_CHECK;
/* Loads without asking who may see it: for a feature that knows by a rule of its own that this
 * person may; ERR_MISSING when there is no live row. */
struct err *entity_load_any(struct web *w, const struct entity *e, i64 id, void *record) MUST_CHECK;
/* By what people write: "R-42", "42" (number), the id, or (for imports) an exact title or e-mail.
 * ERR_MISSING with a sentence that repeats what was asked for. */
struct err *entity_find(struct web *w, const struct entity *e, const char *text, i64 *id)
    MUST_CHECK;
/* A title of the kind as it is shown: one that came with the program in the reader's language. */
const char *entity_title_shown(struct web *w, const struct entity *e, const char *title);
/* Titles of records by id, "" for an unknown one; `numbers` may be NULL. */
struct err *entity_title(struct web *w, const struct entity *e, i64 id, const char **title,
                         i64 *number) MUST_CHECK;
/* --- a record of any kind --- */
/* By what people write ("R-42", "r-0042") or the id as text: kind and id of a live record that this
 * person may see; ERR_MISSING with a sentence otherwise (then both are empty). */
struct err *record_find(struct web *w, const char *text, const struct entity **e, i64 *id)
    MUST_CHECK;
/* What is known of an id, whatever its kind. */
struct record_head {
    const struct entity *entity; /* NULL: no such record ever; then the texts are "" */
    i64 id, number;
    const char *label, *title; /* "R-42"; the title is "" when hidden */
    bool removed;              /* number and title are those of its last version */
    bool hidden;               /* this person may not see it: number only, no link */
};
/* One query for the live ones; `*out` has ids.count entries in the order of the ids. */
struct err *record_heads(struct web *w, struct ids ids, struct record_head **out) MUST_CHECK;
struct err *record_head(struct web *w, i64 id, struct record_head *out) MUST_CHECK;
/* The address of its page, or NULL when there is none for this person. */
const char *record_head_url(struct web *w, const struct record_head *h);
/* "R-42 Ransomware", "R-42 Ransomware (removed)", "R-42" when hidden. */
const char *record_head_text(struct web *w, const struct record_head *h);

/* --- fields that are hidden from this person for now (`veiled` of the entity) --- */
struct err *entity_hidden(struct web *w, const struct entity *e, i64 id, bool *hidden) MUST_CHECK;
/* Puts a copy with empty fields in the place of a record of which something is hidden: before it is
 * drawn, exported or sent. Never before a write. */
struct err *entity_veil(struct web *w, const struct entity *e, const void **record, bool *hidden)
    MUST_CHECK;
/* All of them, NULL = none can be. */
struct err *entity_veiled_ids(struct web *w, const struct entity *e, const struct ids **out)
    MUST_CHECK;

/* True when the person of `w` may see all records of the kind; otherwise only those that concern
 * them or were granted. */
bool entity_sees_all(const struct web *w, const struct entity *e);

/* A record of any kind whose field points to another one. */
struct near {
    const struct entity *entity;
    const struct field *field;
    i64 id, number;
    const char *title;
};
/* What points to a record by REF or REFS, of all kinds, at most `most` for each field; only what
 * this person may see. Who wrote a record (references set by code, unless they are filters) is left
 * out. One statement. */
struct err *entity_pointing(struct web *w, const struct entity *e, i64 id, int most,
                            struct near **out, size_t *count) MUST_CHECK;
/* True when that person, as their roles are today, may see the record: by role, because it concerns
 * them, or by a grant (core/grant.h). Who has left sees nothing. */
struct err *entity_seen_by(struct web *w, const struct entity *e, i64 id, i64 person, bool *sees)
    MUST_CHECK;

/* The tabs of a record's page (struct panel of the features), drawn right after page_body. When the
 * address asks for a tab other than the first ("?tab=tasks"), draws that one and sets `*drawn`: the
 * page then ends. */
struct err *entity_tab(struct web *w, const struct entity *e, const void *record, bool *drawn)
    MUST_CHECK;

/* --- writing (needs w->writable) --- */
/* One value of the input: from a form, a JSON member or a CSV cell. NULL value = make it empty. */
struct input {
    const char *name, *value;
};
struct inputs {
    struct input *list;
    size_t count;
};
/* The posted form as input: fields of the entity only, check boxes and REFS ("name[]") joined by
 * ",". Fields that the form does not contain stay as they are; so a BOOL, SET or REFS of a form
 * starts with a hidden "name[]" of value "", which says "empty" when nothing is ticked. */
struct inputs entity_form_inputs(struct web *w, const struct entity *e);
/* The members of a JSON object as input, all of them: null = empty, true/false, numbers and text as
 * they are, arrays of those joined by ",". Other members (objects) get an issue. */
struct inputs entity_json_inputs(struct web *w, const json_t *object, struct issues *out);
/* Parses and checks `in` onto `record`; unknown, internal, derived and (on an existing record)
 * fixed names are refused with an issue when `strict`, ignored otherwise. Resolves references. */
struct err *entity_apply(struct web *w, const struct entity *e, void *record, struct inputs in,
                         bool strict, struct issues *out) MUST_CHECK;
/* Sets the `initial` values of a new record's fields that are still empty: called by entity_apply
 * for what the input does not name, and by the page of a new record. */
struct err *entity_initial(struct web *w, const struct entity *e, void *record, struct inputs in,
                           struct issues *out) MUST_CHECK;
/* Creates (record->id == 0) or changes the record: permission, required, check, derive, version
 * (record->version must be the one read; else ERR_CLASH), changed columns only, links, header,
 * search text, log entry and history by the tail. Issues are added to `out` and nothing is written
 * when there are any. An unchanged record is not written. `reason` may be NULL. */
struct err *entity_write(struct web *w, const struct entity *e, void *record, const char *reason,
                         struct issues *out) MUST_CHECK;
/* The same with the right of the kind lent for this one write: to somebody who need not hold it but
 * may do just this, which the caller has checked (an owner confirms, a doer reports). */
struct err *entity_write_lent(struct web *w, const struct entity *e, void *record,
                              const char *reason, struct issues *out) MUST_CHECK;
/* A change that needs a reason: the first field by which it does, and what somebody is told who
 * does not say why. Both NULL when it needs none: see `reason`, `decided` and `settled` of the
 * entity and `reasoned` of its fields. */
struct reason_asked {
    const struct field *cause;
    const char *text;
};
struct err *entity_reason_asked(struct web *w, const struct entity *e, const void *before,
                                const void *after, struct reason_asked *out) MUST_CHECK;
/* True when every change of this record by people, and its removal, need a reason. */
bool entity_reason_always(const struct entity *e, const void *record);
/* True when some changes of the kind need a reason. */
bool entity_reason_known(const struct entity *e);
/* Why the record cannot be removed now, as a sentence with the numbers of what refers to it; NULL
 * when nothing stands against it. Reads only, so that a page can tell before anybody tries. */
struct err *entity_kept_by(struct web *w, const struct entity *e, i64 id, const char **why)
    MUST_CHECK;
/* Removes the live row (history stays). ERR_CLASH with the reason while something depends on it. */
struct err *entity_remove(struct web *w, const struct entity *e, i64 id, i64 version,
                          const char *reason) MUST_CHECK;
/* Re-inserts a removed record as its next version, with its number. ERR_CLASH when something it
 * refers to is gone. */
struct err *entity_restore(struct web *w, const struct entity *e, i64 id) MUST_CHECK;
/* Recomputes the derived columns of one record and stores those that differ: no version, no
 * history. When any differed, the entity's own `spread` follows. */
struct err *entity_rederive(struct web *w, const struct entity *e, i64 id) MUST_CHECK;

/* --- representation --- */
/* The record as the API gives it: id, number ("R-42"), version, fields, derived ones. */
struct err *entity_json(struct web *w, const struct entity *e, const void *record, json_t **out)
    MUST_CHECK;
/* Canonical row: sorted "key=value" lines of non-NULL, non-derived fields (personal ones apart) and
 * of the number (not in the personal part): what the log commits to (decisions.md 3). Values are
 * escaped (\n, \\), REFS are ids ascending, joined by ",". Each line ends with \n. */
const char *entity_canonical(struct arena *a, const struct entity *e, const void *record,
                             bool personal);
/* The same as programs wrote it before fields marked `was_open` became personal; NULL when the kind
 * has none of them. */
const char *entity_canonical_before(struct arena *a, const struct entity *e, const void *record,
                                    bool personal);
void record_label(struct arena *a, const struct entity *e, i64 number, const char **out); /* R-42 */

/* --- version history of one record --- */
struct version {
    i64 version, at, log_idx;
    const char *who, *reason; /* actor as shown, reason or "" */
    const char *action;       /* create, change, remove, restore */
    struct change {
        const struct field *field;
        const char *before, *after; /* as people read them */
    } * changes;
    size_t nchanges;
};
/* The versions of a record, newest first, with the fields that changed; at most 200. */
struct err *entity_versions(struct web *w, const struct entity *e, i64 id, struct version **out,
                            size_t *count) MUST_CHECK;
/* One page of them: those below a version (0 = from the newest), at most `limit`; removals stand
 * between them and are not counted. */
struct err *entity_versions_below(struct web *w, const struct entity *e, i64 id, i64 below,
                                  int limit, struct version **out, size_t *count) MUST_CHECK;

/* The field "_reason" of a form with what was sent, its hint, and the error when it is missing;
 * `needed`: the form cannot be sent without. `issues` may be NULL. */
void entity_reason_field(struct web *w, const struct entity *e, bool needed,
                         const struct issues *issues);

/* --- default pages; a route names one of these or the feature's own handler that calls them --- */
struct err *entity_list_page(struct web *w, const struct entity *e) MUST_CHECK;
/* The same with one more thing to do with ticked rows: the address that gets their id[], and the
 * button's label. */
struct err *entity_pick_page(struct web *w, const struct entity *e, const char *address,
                             const char *label) MUST_CHECK;
struct err *entity_show_page(struct web *w, const struct entity *e) MUST_CHECK;
struct err *entity_new_page(struct web *w, const struct entity *e) MUST_CHECK;
struct err *entity_edit_page(struct web *w, const struct entity *e) MUST_CHECK;
/* POST of the form: create or change, then 303 to the record; 422 redraws the form with issues;
 * 409 shows both versions when somebody else saved first. */
struct err *entity_save_page(struct web *w, const struct entity *e) MUST_CHECK;
struct err *entity_remove_page(struct web *w, const struct entity *e) MUST_CHECK;
struct err *entity_restore_page(struct web *w, const struct entity *e) MUST_CHECK;
