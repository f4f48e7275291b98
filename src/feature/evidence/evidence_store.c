/* SPDX-License-Identifier: Apache-2.0 */
/* Files that come in, their versions, and who may see evidence. */
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "core/app.h"
#include "core/scan.h"
#include "core/upload.h"
#include "feature/evidence/evidence_part.h"

#define FILES_MOST 100
#define NAME_MOST 255
#define TITLE_MOST 200

/* --- who may see it --- */

/* True when one of the records that it is about is there and visible. */
static struct err *seen_by_record(struct web *w, i64 id, bool *seen)
{
    struct record_head *heads;
    struct ids ids = {0};
    struct rows *r;
    i64 *list;

    *seen = false;
    TRY(db_query(w->db, &r,
                 "select target from evidence_about where org_id = $1 and record = $2"
                 " order by target",
                 num(w->org), num(id)));
    list = NEW_ARRAY(w->arena, i64, row_count(r) + 1);
    while (row_next(r))
        list[ids.count++] = row_num(r, 0);
    ids.id = list;
    TRY(record_heads(w, ids, &heads));
    for (size_t i = 0; i < ids.count; i++)
        *seen |= heads[i].entity && !heads[i].hidden && !heads[i].removed;
    return NULL;
}

struct err *evidence_load(struct web *w, i64 id, struct evidence *out)
{
    struct err *failed = entity_load(w, &evidence_entity, id, out);
    bool seen;

    if (!failed || failed->code != ERR_MISSING)
        return failed;
    TRY(seen_by_record(w, id, &seen));
    if (seen)
        return entity_load_any(w, &evidence_entity, id, out);
    return err_new(ERR_MISSING, "There is no such evidence here, or you may not see it.");
}

/* "EV-3", "3" or the id: entity_find would not find what is only seen by its record. */
struct err *evidence_called(struct web *w, const char *text, struct evidence *out)
{
    struct rows *r;
    i64 n;

    if (text_starts(text, "EV-") || text_starts(text, "ev-"))
        text += 3;
    if (!text_i64(text, &n))
        n = 0;
    TRY(db_query(w->db, &r,
                 "select id from evidence where org_id = $1 and (number = $2 or id = $2)"
                 " order by case when number = $2 then 0 else 1 end limit 1",
                 num(w->org), num(n)));
    return evidence_load(w, row_next(r) ? row_num(r, 0) : 0, out);
}

struct err *evidence_asked(struct web *w, struct evidence *out)
{
    return evidence_called(w, web_param(w, 0), out);
}

/* --- files that come in --- */

/* The last part of what the sender calls a name, shortened at its beginning when too long. */
static const char *plain_name(struct arena *a, const char *name)
{
    const char *slash = strrchr(name, '/'), *back = strrchr(name, '\\');
    const char *from = slash > back ? slash : back;
    char *copy = text_trim(a, from ? from + 1 : name);

    for (char *p = copy; *p; p++)
        if ((unsigned char)*p < 0x20)
            *p = ' ';
    for (size_t n = text_length(copy); n > NAME_MOST; n--) {
        copy++;
        while (((unsigned char)*copy & 0xc0) == 0x80)
            copy++;
    }
    return *copy ? copy : "file";
}

struct err *evidence_take_path(struct web *w, const char *path, const char *name,
                               struct taken_file *out)
{
    *out = (struct taken_file){.name = plain_name(w->arena, name)};
    TRY(scan_file(w, path, out->name, &out->scan));
    out->type = blob_type(w->arena, path);
    return blob_put(w, path, &out->blob);
}

struct err *evidence_take_upload(struct web *w, const char *id, struct taken_file *out)
{
    struct upload_state u;

    TRY(upload_take(w, id, &u));
    TRY(evidence_take_path(w, u.path, u.filename, out));
    out->upload = u.id;
    return NULL;
}

static i64 bytes_of(const struct request *r)
{
    i64 bytes = 0;

    for (size_t i = 0; i < r->nuploads; i++)
        bytes += (i64)r->uploads[i].size;
    return bytes;
}

struct err *evidence_take(struct web *w)
{
    struct request *r = w->req;
    struct taken *t = NEW(w->arena, struct taken);

    t->list = NEW_ARRAY(w->arena, struct taken_file, FILES_MOST);
    w->prepared = t;
    if (r->nuploads)
        TRY(blob_reserve(w, bytes_of(r), (i64)r->nuploads));
    for (size_t i = 0; i < r->nuploads && t->count < FILES_MOST; i++)
        TRY(evidence_take_path(w, r->uploads[i].path, r->uploads[i].filename,
                               &t->list[t->count++]));
    for (size_t i = 0; i < r->form.count; i++) {
        if (!text_equal(r->form.list[i].name, "upload[]") || !*r->form.list[i].value)
            continue;
        if (t->count == FILES_MOST)
            return err_new(ERR_LIMIT, "At most %d files can be added at once.", FILES_MOST);
        TRY(evidence_take_upload(w, r->form.list[i].value, &t->list[t->count++]));
    }
    return NULL;
}

/* The name without its ending, as far as it fits. */
static const char *title_of(struct arena *a, const char *name)
{
    const char *dot = strrchr(name, '.');
    char *title = arena_strn(a, name, dot && dot > name ? (size_t)(dot - name) : strlen(name));

    for (char *p = title; *p; p++)
        if (*p == '_')
            *p = ' ';
    while (text_length(title) > TITLE_MOST) {
        size_t n = strlen(title) - 1;

        while (n > 0 && ((unsigned char)title[n] & 0xc0) == 0x80)
            n--;
        title[n] = '\0';
    }
    return text_empty(title) ? "File" : text_trim(a, title);
}

void evidence_defaults(struct web *w, struct evidence *e, const struct taken_file *f)
{
    if (f && text_empty(e->title))
        e->title = title_of(w->arena, f->name);
    if (!e->owner)
        e->owner = w->person;
    if (text_empty(e->collected))
        e->collected = w->today;
}

void evidence_put(struct evidence *e, const struct taken_file *f)
{
    if (!text_equal(e->file_hash, f->blob.hash))
        e->file_version++;
    e->kind = "file";
    e->file_hash = f->blob.hash;
    e->file_size = f->blob.size;
    e->file_name = f->name;
    e->file_type = f->type;
    e->scan = f->scan;
}

struct err *evidence_kept(struct web *w, const struct taken_file *f)
{
    TRY(blob_keep(w, &f->blob));
    return f->upload ? upload_done(w, f->upload) : NULL;
}

/* --- made out of a form --- */

/* The form's values; without the title when each file gives its own. */
static struct inputs inputs_of(struct web *w, bool own_title)
{
    struct inputs in = entity_form_inputs(w, &evidence_entity);
    size_t n = 0;

    for (size_t i = 0; i < in.count; i++)
        if (!own_title || !text_equal(in.list[i].name, "title"))
            in.list[n++] = in.list[i];
    in.count = n;
    return in;
}

static void add_about(struct web *w, struct evidence *e, i64 about)
{
    i64 *list = NEW_ARRAY(w->arena, i64, e->about.count + 1);

    for (size_t i = 0; i < e->about.count; i++) {
        if (e->about.id[i] == about)
            return;
        list[i] = e->about.id[i];
    }
    list[e->about.count] = about;
    e->about = (struct ids){list, e->about.count + 1};
}

static struct err *make_one(struct web *w, struct evidence *e, const struct taken_file *f,
                            struct inputs in, struct issues *out)
{
    i64 about = e->about.count ? e->about.id[0] : 0;

    TRY(entity_apply(w, &evidence_entity, e, in, false, out));
    if (about)
        add_about(w, e, about);
    evidence_defaults(w, e, f);
    if (f)
        evidence_put(e, f);
    if (out->count)
        return NULL;
    TRY(entity_write(w, &evidence_entity, e, w->reason, out));
    return f && !out->count ? evidence_kept(w, f) : NULL;
}

struct err *evidence_make(struct web *w, i64 about, struct issues *out, struct evidence *first)
{
    const struct taken *t = w->prepared;
    size_t count = t ? t->count : 0;
    bool own_title = count > 1 || (count == 1 && text_empty(web_form(w, "title")));

    for (size_t i = 0; i < count || i == 0; i++) {
        struct evidence e = {
            .about = {&about, about != 0}
        };

        TRY(make_one(w, &e, i < count ? &t->list[i] : NULL, inputs_of(w, own_title), out));
        if (i == 0)
            *first = e;
        if (out->count && i > 0) /* the first ones are written: undo all of it */
            return err_new(ERR_INVALID, "“%.100s” could not be added: %s", t->list[i].name,
                           out->list[0].text);
        if (out->count)
            return NULL;
    }
    return NULL;
}

/* --- versions --- */

static struct file_version version_of(const struct rows *r)
{
    return (struct file_version){.number = row_num(r, 0),
                                 .name = row_text(r, 1),
                                 .type = row_text(r, 2),
                                 .size = row_num(r, 3),
                                 .hash = row_text(r, 4),
                                 .at = row_num(r, 5),
                                 .who = row_text(r, 6)};
}

struct err *evidence_versions(struct web *w, i64 id, struct file_version **out, size_t *count)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select h.file_version, h.file_name, h.file_type, h.file_size, h.file_hash,"
                 " h.valid_from, coalesce(a.name, '') from evidence_history h"
                 " left join audit_event e on e.org_id = h.org_id and e.idx = h.log_idx"
                 " left join audit_actor a on a.org_id = h.org_id and a.actor = e.actor"
                 " where h.org_id = $1 and h.id = $2 and h.file_hash is not null and h.version ="
                 " (select min(x.version) from evidence_history x where x.org_id = h.org_id"
                 " and x.id = h.id and x.file_version = h.file_version)"
                 " and ($3 = 0 or h.valid_from <= $3) order by h.file_version desc",
                 num(w->org), num(id), num(w->asof)));
    *out = NEW_ARRAY(w->arena, struct file_version, row_count(r) + 1);
    *count = 0;
    while (row_next(r))
        (*out)[(*count)++] = version_of(r);
    return NULL;
}

struct err *evidence_version(struct web *w, const struct evidence *e, struct file_version *out)
{
    const char *asked = web_query(w, "version");
    struct file_version *list;
    size_t count;
    i64 n = e->file_version;

    if (asked && !text_i64(asked, &n))
        n = -1;
    TRY(evidence_versions(w, e->id, &list, &count));
    for (size_t i = 0; i < count; i++)
        if (list[i].number == n) {
            *out = list[i];
            return NULL;
        }
    if (!count)
        return err_new(ERR_MISSING, "This evidence has no file.");
    return err_new(ERR_MISSING, "This evidence has no version “%.20s” of its file.",
                   asked ? asked : "");
}
