/* SPDX-License-Identifier: Apache-2.0 */
#include "core/import_record.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "core/entity_sql.h"
#include "core/import_rows.h"

const struct permission import_read = {"import.read", "See past imports"};

static const struct choice states[] = {
    {"running", "Running", "blue"},
    {"done",   "Done", "green"},
    {"stopped",    "Stopped", "orange"},
    {"taken-back",  "Taken back", "grey"},
    {"undone", "Undone", "grey"},
    {0}
};

static const struct choice modes[] = {
    {"all",  "All rows or none", NULL},
    {"good",  "Good rows only", NULL},
    {0}
};

static const struct field fields[] = {
    TEXT(import, file_name, "File", .internal = true, .listed = true, .max = 300),
    TEXT(import, kind, "Register", .internal = true, .listed = true),
    CHOICE(import, state, "State", states, .internal = true, .listed = true, .filtered = true),
    CHOICE(import, mode, "Rows wanted", modes, .internal = true),
    TEXT(import, source, "Other program", .internal = true,
         .help = "The program whose keys the records were matched by."),
    INT(import, rows_read, "Rows", .internal = true, .listed = true, .most = 9000000000000LL),
    INT(import, created, "Created", .internal = true, .listed = true, .most = 9000000000000LL),
    INT(import, changed, "Changed", .internal = true, .listed = true, .most = 9000000000000LL),
    INT(import, same, "Unchanged", .internal = true, .most = 9000000000000LL),
    INT(import, wrong, "Wrong", .internal = true, .listed = true, .most = 9000000000000LL),
    TEXT(import, who, "Imported by", .internal = true, .listed = true, .personal = true),
    TIME(import, started, "Started", .internal = true, .listed = true, .sortable = true),
    TIME(import, ended, "Ended", .internal = true),
    TEXT(import, file_hash, "SHA-256 of the file", .internal = true, .unfolded = true,
         .help = "Whoever has the file can prove with this that it is the one."),
    INT(import, file_size, "Bytes", .internal = true, .most = 9000000000000LL),
    LONG(import, note, "Note", .internal = true),
};

const struct entity import_entity =
    ENTITY(import, fields, .plural = "imports", .label = "Import", .labels = "Imports", .few = true,
           .prefix = "IM", .title = "file_name", .state = "state", .order = "-started",
           .read = &import_read, .write = &import_run_right, .no_create = true, .clause = "7.5",
           .help = "Every list that was brought in: by whom, from which file, and what it made of "
                   "the records. An import can be taken back as a whole.",
           .empty = "Nothing was imported yet. Every register has a button “Import”.");

/* --- writing it --- */

static struct err *save(struct web *w, struct import *r, const char *reason)
{
    struct issues issues = {.arena = w->arena};

    TRY(entity_write(w, &import_entity, r, reason, &issues));
    if (issues.count)
        return err_detail(err_new(ERR_FAULT, "The import could not be recorded."), "%s: %s",
                          issues.list[0].field, issues.list[0].text);
    return NULL;
}

/* A name of a file is data; only what a record may hold is kept of it. */
static const char *name_of(struct arena *a, const char *name)
{
    char *copy = arena_str(a, name);
    size_t n = strlen(copy);

    for (char *p = copy; *p; p++)
        if (*p == '\n' || *p == '\t')
            *p = ' ';
    while (text_length(copy) > 300) {
        copy[--n] = '\0';
        while (n && ((unsigned char)copy[n - 1] & 0xC0) == 0x80)
            copy[--n] = '\0';
    }
    return text_valid(copy, strlen(copy)) && !text_empty(copy) ? copy : "file";
}

static struct err *last_step(struct web *w, struct importing *im)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select step from import_effect where org_id = $1 and import = $2"
                 " order by step desc limit 1",
                 num(w->org), num(im->record)));
    im->state->step = row_next(r) ? row_num(r, 0) : 0;
    return NULL;
}

struct err *import_record_begin(struct web *w, struct importing *im)
{
    struct import r = {.file_name = name_of(w->arena, im->source->name),
                       .kind = im->e->name,
                       .state = "running",
                       .mode = im->good_rows ? "good" : "all",
                       .source = im->origin,
                       .rows_read = im->source->rows,
                       .who = w->person_name ? w->person_name : w->actor,
                       .started = w->now,
                       .file_hash = im->source->sha256,
                       .file_size = (i64)im->source->file_size};
    i64 mine = 1;

    if (im->record) { /* goes on after a break */
        TRY(entity_load(w, &import_entity, im->record, &r));
        im->number = r.number;
        return last_step(w, im);
    }
    TRY(save(w, &r, NULL));
    im->record = r.id;
    im->number = r.number;
    if (im->draft)
        TRY(db_change(w->db, &mine,
                      "update import_draft set state = 'running', import = $3 where org_id = $1"
                      " and id = $2 and import is null and state in ('checked', 'running')",
                      num(w->org), num(im->draft), num(im->record)));
    if (!mine)
        return err_new(ERR_CLASH, "This file is being imported already. Look at the list in a "
                                  "moment.");
    return NULL;
}

static struct err *close_record(struct web *w, struct importing *im, const char *state,
                                const char *note)
{
    struct import r = {.id = 0};

    TRY(entity_load(w, &import_entity, im->record, &r));
    r.state = state;
    r.rows_read = im->counts.rows;
    r.created = im->counts.created;
    r.changed = im->counts.changed;
    r.same = im->counts.same;
    r.wrong = im->counts.wrong;
    r.ended = clock_now();
    r.note = note;
    TRY(save(w, &r, NULL));
    if (!im->draft)
        return NULL;
    return db_exec(w->db,
                   "update import_draft set state = $3, problem = $4 where org_id = $1"
                   " and id = $2",
                   num(w->org), num(im->draft), str(state), str(note));
}

struct err *import_record_end(struct web *w, struct importing *im, const char *state)
{
    return close_record(w, im, state, NULL);
}

struct err *import_record_break(struct web *w, struct importing *im, const char *state,
                                const char *note)
{
    return close_record(w, im, state, note);
}

struct err *import_draft_stopped(struct web *w, const struct importing *im, const char *note)
{
    return im->draft ? db_exec(w->db,
                               "update import_draft set state = 'stopped', problem = $3"
                               " where org_id = $1 and id = $2",
                               num(w->org), num(im->draft), str(note))
                     : NULL;
}

struct err *import_effect(struct web *w, struct importing *im, i64 row, const void *record, i64 was)
{
    const struct record *head = record;

    return db_exec(w->db,
                   "insert into import_effect (org_id, import, step, row_no, record, was, version)"
                   " values ($1, $2, $3, $4, $5, $6, $7)",
                   num(w->org), num(im->record), num(++im->state->step), num(row), num(head->id),
                   num(was), num(head->version));
}

struct err *import_counts_of(struct importing *im)
{
    struct web *w = im->w;
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select sum(case when was = 0 then 1 else 0 end),"
                 " sum(case when was > 0 then 1 else 0 end) from import_effect"
                 " where org_id = $1 and import = $2",
                 num(w->org), num(im->record)));
    if (!row_next(r))
        return NULL;
    im->counts.created = row_num(r, 0);
    im->counts.changed = row_num(r, 1);
    im->counts.same = im->counts.rows - im->counts.wrong - im->counts.created - im->counts.changed;
    return NULL;
}
