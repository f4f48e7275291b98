/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence: fields, rules, routes. */
#include "feature/evidence/evidence.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/upload.h"
#include "feature/evidence/evidence_part.h"
#include "feature/organisation/organisation.h"

const struct permission evidence_read = {"evidence.read", "See all evidence"};
const struct permission evidence_write = {"evidence.write", "Add evidence to what one sees"};
const struct permission evidence_hold = {"evidence.hold",
                                         "Put evidence under legal hold and lift it"};
const struct permission evidence_erase = {"evidence.erase", "Erase the files of evidence for good"};

static const struct choice kinds[] = {
    {"file",    "File", "blue"},
    {"link",   "Link", "purple"},
    {"note",    "No document needed", "grey"},
    {0}
};

static const struct field fields[] = {
    TEXT(evidence, title, "Title", .required = true, .listed = true, .sortable = true,
         .help = "What somebody sees when they open it.",
         .example = "Report of the restore test of March"),
    CHOICE(evidence, kind, "Kind", kinds, .initial = "file", .required = true, .fixed = true,
           .listed = true, .sortable = true, .filtered = true),
    RECORDS(evidence, about, "Shows something about", .listed = true, .filtered = true,
            .quiet = true,
            .help = "Controls, risks, tasks or whatever it proves; one file often proves several."),
    LONG(evidence, description, "What it shows",
         .help = "What an auditor should look at, and what it does not show."),
    REF(evidence, owner, "Owner", person_entity, .listed = true, .sortable = true, .filtered = true,
        .concerns = true, .help = "Renews it before it is out of date."),
    DATE(evidence, collected, "Collected on", .listed = true, .sortable = true, .filtered = true,
         .help = "The day whose state it shows; empty: today."),
    DATE(evidence, valid_until, "Valid until", .listed = true, .sortable = true, .filtered = true,
         .dated = DATED_EXPIRY,
         .help = "From then on it proves nothing any more: the day of the next review or test."),
    TEXT(evidence, url, "Address", .max = 2000, .group = "If it is a link",
         .example = "https://wiki.example.com/backup/restore-test"),
    LONG(evidence, reason, "Why no document is needed", .max = 2000,
         .group = "If no document is needed",
         .example = "The lock of the server room can be seen by anybody who goes there."),
    DATE(evidence, retention, "Keep until", .reasoned = true, .group = "Keeping it",
         .help = "Before that day it cannot be removed: what law or contract ask for."),
    TEXT(evidence, hold, "Legal hold", .max = 500, .internal = true, .reasoned = true,
         .group = "Keeping it"),
    TEXT(evidence, file_name, "File name", .max = 255, .internal = true, .group = "File"),
    TEXT(evidence, file_type, "Type by content", .max = 128, .internal = true, .unfolded = true,
         .group = "File"),
    INT(evidence, file_size, "Bytes", .internal = true, .group = "File"),
    INT(evidence, file_version, "Version of the file", .internal = true, .group = "File"),
    TEXT(evidence, file_hash, "SHA-256", .max = 64, .internal = true, .unfolded = true,
         .file = true, .group = "File"),
    TEXT(evidence, scan, "Virus scan", .max = 200, .internal = true, .unfolded = true,
         .group = "File"),
};

static void check_link(const struct evidence *e, struct issues *out)
{
    const char *rest = e->url && text_starts(e->url, "https://")  ? e->url + 8
                       : e->url && text_starts(e->url, "http://") ? e->url + 7
                                                                  : "";

    if (!*rest || strpbrk(e->url, " <>\"\\"))
        issue(out, "url", "Give the whole address, beginning with https://.");
}

static void check(const void *record, struct issues *out)
{
    const struct evidence *e = record;

    if (text_equal(e->kind, "link"))
        check_link(e, out);
    else if (!text_empty(e->url))
        issue(out, "url", "Only a link has an address. Choose “Link” as kind, or empty this.");
    if (text_equal(e->kind, "note") && text_empty(e->reason))
        issue(out, "reason", "Say why no document is needed; an auditor will ask.");
    if (text_equal(e->kind, "file") && text_empty(e->file_hash))
        issue(out, "file",
              "Choose the file. For what has none choose another kind: a link, or no "
              "document needed.");
    if (e->collected && e->valid_until && strcmp(e->valid_until, e->collected) < 0)
        issue(out, "valid_until", "It was collected after that day (%s).", e->collected);
}

/* What has to be kept stays. */
static struct err *depends(struct web *w, i64 id, struct issues *out)
{
    struct rows *r;

    TRY(db_query(w->db, &r, "select hold, retention from evidence where org_id = $1 and id = $2",
                 num(w->org), num(id)));
    if (!row_next(r))
        return NULL;
    if (!row_null(r, 0))
        issue(out, "", "It is under legal hold: %.300s", row_text(r, 0));
    if (!row_null(r, 1) && strcmp(row_text(r, 1), w->today) >= 0)
        issue(out, "", "It has to be kept until %s.", row_text(r, 1));
    return NULL;
}

const struct entity evidence_entity = ENTITY(
    evidence, fields, .plural = "evidence", .label = "Evidence", .labels = "Evidence",
    .prefix = "EV", .title = "title", .order = "title", .read = &evidence_read,
    .write = &evidence_write, .check = check, .depends = depends, .clause = "7.5.3",
    .help = "What shows that you do what you say: a report, a screenshot, a list, a link to a "
            "system. Good evidence names its day, is about one thing, and is renewed before it is "
            "out of date. Everything is kept with its SHA-256, so that later nobody can say it was "
            "exchanged.",
    .empty = "No evidence yet. Add it where it belongs: on the page of a control, a risk or a "
             "task, under “Evidence”.");

struct err *evidence_due(struct web *w, const char *from, const char *until,
                         struct evidence_due **out, size_t *count)
{
    struct rows *r;
    size_t n = 0;

    TRY(db_query(w->db, &r,
                 "select id, number, owner, title, valid_until from evidence where org_id = $1"
                 " and valid_until >= $2 and valid_until <= $3 order by valid_until, id",
                 num(w->org), str(from ? from : ""), str(until ? until : "9999-12-31")));
    *out = NEW_ARRAY(w->arena, struct evidence_due, row_count(r) + 1);
    while (row_next(r))
        (*out)[n++] = (struct evidence_due){.id = row_num(r, 0),
                                            .number = row_num(r, 1),
                                            .owner = row_num(r, 2),
                                            .title = row_text(r, 3),
                                            .valid_until = row_text(r, 4)};
    *count = n;
    return NULL;
}

/* --- routes --- */

static struct err *edit(struct web *w)
{
    return entity_edit_page(w, &evidence_entity);
}
static struct err *save(struct web *w)
{
    return entity_save_page(w, &evidence_entity);
}
static struct err *remove_page(struct web *w)
{
    return entity_remove_page(w, &evidence_entity);
}
static struct err *restore(struct web *w)
{
    return entity_restore_page(w, &evidence_entity);
}

#define FILES (ROUTE_UPLOAD | ROUTE_FILES | ROUTE_SLOW)

/* clang-format off */
static const struct route routes[] = {
    {METHOD_GET, "/evidence", evidence_list, &member, 0, NULL, NULL},
    {METHOD_GET, "/evidence/new", evidence_new, &evidence_write, 0, NULL, NULL},
    {METHOD_POST, "/evidence", evidence_create, &evidence_write, FILES, evidence_take, NULL},
    {METHOD_GET, "/evidence/:no", evidence_show, &member, 0, NULL, NULL},
    {METHOD_GET, "/evidence/:no/edit", edit, &evidence_write, 0, NULL, NULL},
    {METHOD_POST, "/evidence/:no", save, &evidence_write, 0, NULL, NULL},
    {METHOD_GET, "/evidence/:no/remove", remove_page, &evidence_write, 0, NULL, NULL},
    {METHOD_POST, "/evidence/:no/remove", remove_page, &evidence_write, 0, NULL, NULL},
    {METHOD_POST, "/evidence/:no/restore", restore, &evidence_write, 0, NULL, NULL},
    {METHOD_POST, "/evidence/:no/file", evidence_new_version, &evidence_write, FILES, evidence_take, NULL},
    {METHOD_GET, "/evidence/:no/file", evidence_download, &member, 0, NULL, NULL},
    {METHOD_GET, "/evidence/:no/view", evidence_picture, &member, 0, NULL, NULL},
    {METHOD_GET, "/evidence/:no/page", evidence_page, &member, ROUTE_SLOW, NULL, NULL},
    {METHOD_POST, "/evidence/:no/hold", evidence_change_hold, &evidence_hold, 0, NULL, NULL},
    {METHOD_GET, "/evidence/:no/erase", evidence_erase_page, &evidence_erase, 0, NULL, NULL},
    {METHOD_POST, "/evidence/:no/erase", evidence_erase_page, &evidence_erase, 0, NULL, NULL},
    {METHOD_POST, "/:plural/:no/evidence", evidence_add, &evidence_write, FILES, evidence_take, NULL},
    {METHOD_POST, "/:plural/:no/evidence/detach", evidence_detach, &evidence_write, 0, NULL, NULL},
    {METHOD_POST, "/uploads", upload_create, &evidence_write, 0, NULL, NULL},
    {METHOD_GET, "/uploads/:upload", upload_show, &evidence_write, 0, NULL, NULL},
    {METHOD_PATCH, "/uploads/:upload", upload_bytes, &evidence_write, ROUTE_READ | ROUTE_RAW, NULL, NULL},
    {METHOD_DELETE, "/uploads/:upload", upload_cancel, &evidence_write, 0, NULL, NULL},
    {METHOD_POST, "/uploads", upload_create, &evidence_write, ROUTE_API, NULL,
     "Begin an upload: its file name and size; the answer says where its bytes go"},
    {METHOD_GET, "/uploads/:upload", upload_show, &evidence_write, ROUTE_API, NULL,
     "How far an upload is (HEAD tells it in the header Upload-Offset)"},
    {METHOD_PATCH, "/uploads/:upload", upload_bytes, &evidence_write, ROUTE_API | ROUTE_READ | ROUTE_RAW, NULL,
     "Bytes of an upload from Upload-Offset on, as application/partial-upload"},
    {METHOD_DELETE, "/uploads/:upload", upload_cancel, &evidence_write, ROUTE_API, NULL,
     "Give an upload up"},
    {METHOD_POST, "/evidence", evidence_api_create, &evidence_write, ROUTE_API | ROUTE_SLOW, evidence_api_prepare,
     "Create evidence; “upload” names a finished upload, which becomes its file"},
    {METHOD_PATCH, "/evidence/:no", evidence_api_change, &evidence_write, ROUTE_API | ROUTE_SLOW, evidence_api_prepare,
     "Change evidence; a finished “upload” becomes the next version of its file"},
    {METHOD_GET, "/evidence/:no/content", evidence_api_content, &member, ROUTE_API | ROUTE_RAW, NULL,
     "The file itself, or the version that ?version= asks for; takes Range"},
    {METHOD_GET, "/evidence/:no/files", evidence_api_files, &member, ROUTE_API, NULL,
     "The versions of the file with size, type and SHA-256"},
    {0},
};
/* clang-format on */

/* Housekeeping of files in general lives here too: evidence is what has them. */
static struct err *tend_files(struct web *w, const char *body)
{
    (void)body;
    TRY(upload_clean(w));
    return blob_collect(w);
}

static struct err *erase_files(struct web *w, const char *body)
{
    (void)body;
    return blob_drop_erased(w);
}

static const struct job_kind jobs[] = {
    {.name = "files",    .every = HOUR, .run = tend_files, .slow = true},
    {.name = "files.erase", .every = MINUTE, .run = erase_files},
    {0                 }
};

static const struct nav nav[] = {
    {"Do",        30, "Evidence", "/evidence", "paperclip", &member, &evidence_entity},
    {0}
};

static const struct entity *const entities[] = {&evidence_entity, NULL};
static const struct permission *const permissions[] = {&evidence_read, &evidence_write,
                                                       &evidence_hold, &evidence_erase, NULL};

const struct feature evidence_feature = {.name = "evidence",
                                         .entities = entities,
                                         .permissions = permissions,
                                         .routes = routes,
                                         .commands = evidence_commands,
                                         .jobs = jobs,
                                         .nav = nav,
                                         .panels = evidence_panels};
