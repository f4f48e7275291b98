/* SPDX-License-Identifier: Apache-2.0 */
/* The protocol of resumable uploads. Whoever writes to the file of an upload holds a shared lock on
 * it; whoever takes the finished file must get the exclusive one, so nobody can change a file after
 * its hash was computed. */
#include "core/upload.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/blob_part.h"
#include "core/export.h"

#define UPLOADS_MOST 50 /* of one account at a time */
#define NAME_MOST 255

static const char *path_of(struct web *w, i64 id)
{
    return arena_printf(w->arena, "%s/uploads/%lld-%lld", w->app->config.dir, w->org, id);
}

static struct err *with_status(struct err *e, int status)
{
    e->status = status;
    return e;
}

static struct err *no_upload(void)
{
    return err_new(ERR_MISSING, "There is no such upload, or it has ended. Uploads are kept for a "
                                "day. Begin it again.");
}

static struct err *find(struct web *w, const char *text, struct upload_state *out)
{
    struct rows *r;
    struct stat st;
    i64 id;

    if (!text || !text_i64(text, &id))
        return no_upload();
    TRY(db_query(w->db, &r,
                 "select id, size, filename from upload where org_id = $1 and id = $2"
                 " and account = $3",
                 num(w->org), num(id), num(w->account)));
    if (!row_next(r))
        return no_upload();
    *out = (struct upload_state){.id = row_num(r, 0),
                                 .size = row_num(r, 1),
                                 .filename = row_str(r, 2),
                                 .path = path_of(w, id)};
    if (!lstat(out->path, &st) && S_ISREG(st.st_mode))
        out->offset = st.st_size;
    return NULL;
}

static const char *address_of(struct web *w, i64 id)
{
    if (w->face == FACE_API)
        return arena_printf(w->arena, "/api/v1/uploads/%lld", id);
    return web_url(w, "/uploads/%lld", id);
}

static void tell(struct web *w, const struct upload_state *u)
{
    web_header(w, "Upload-Offset", arena_printf(w->arena, "%lld", u->offset));
    web_header(w, "Upload-Length", arena_printf(w->arena, "%lld", u->size));
    web_header(w, "Upload-Complete", u->offset == u->size ? "?1" : "?0");
}

static json_t *state_json(struct web *w, const struct upload_state *u)
{
    return json_pack("{s:s, s:s, s:I, s:I, s:b, s:s}", "id", arena_printf(w->arena, "%lld", u->id),
                     "filename", u->filename, "size", u->size, "offset", u->offset, "complete",
                     u->offset == u->size, "address", address_of(w, u->id));
}

/* --- begin --- */

/* Name and size out of a form or a JSON object. */
static struct err *read_wish(struct web *w, const char **filename, i64 *size)
{
    const char *text = web_form(w, "size");
    json_t *o, *n;

    *filename = web_form(w, "filename");
    *size = -1;
    if (text)
        text_i64(text, size);
    if (w->req->body.size) {
        TRY(json_parse(w->arena, (const char *)w->req->body.data, w->req->body.size, &o));
        *filename = json_string_value(json_object_get(o, "filename"));
        n = json_object_get(o, "size");
        *size = json_is_integer(n) ? json_integer_value(n) : -1;
    }
    if (text_empty(*filename) || strlen(*filename) > NAME_MOST ||
        !text_valid(*filename, strlen(*filename)) || strpbrk(*filename, "\n\t"))
        return err_new(ERR_INVALID,
                       "Give the name of the file as “filename”, in one line of at "
                       "most %d characters.",
                       NAME_MOST);
    if (*size < 1)
        return err_new(ERR_INVALID, "Give the size of the file in bytes as “size”, at least 1.");
    return NULL;
}

static struct err *check_count(struct web *w)
{
    struct rows *r;

    TRY(db_query(w->db, &r, "select count(*) from upload where org_id = $1 and account = $2",
                 num(w->org), num(w->account)));
    if (row_next(r) && row_num(r, 0) >= UPLOADS_MOST)
        return with_status(err_new(ERR_LIMIT,
                                   "%d uploads of yours are under way. Finish or cancel some of "
                                   "them first.",
                                   UPLOADS_MOST),
                           429);
    return NULL;
}

struct err *upload_create(struct web *w)
{
    struct upload_state u = {.id = web_id()};

    TRY(read_wish(w, &u.filename, &u.size));
    TRY(check_count(w));
    TRY(blob_reserve(w, u.size, 1));
    TRY(db_exec(w->db,
                "insert into upload (org_id, id, account, filename, size, created)"
                " values ($1, $2, $3, $4, $5, $6)",
                num(w->org), num(u.id), num(w->account), str(u.filename), num(u.size),
                num(w->now)));
    tell(w, &u);
    web_header(w, "Location", address_of(w, u.id));
    web_answer_json(w, 201, state_json(w, &u));
    return NULL;
}

/* --- bytes --- */

static void close_fd(void *fd)
{
    close((int)(intptr_t)fd);
}

/* The file, locked; ERR_MISSING when it was taken away in the meantime. */
static struct err *open_file(struct web *w, const struct upload_state *u, int how, int *fd)
{
    const char *folder = arena_printf(w->arena, "%s/uploads", w->app->config.dir);
    struct stat mine, named;

    if (mkdir(folder, 0700) && errno != EEXIST)
        return err_detail(err_new(ERR_FAULT, "The file could not be stored."), "%s: %s", folder,
                          strerror(errno));
    *fd = open(u->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (*fd < 0)
        return err_detail(err_new(ERR_FAULT, "The file could not be stored."), "%s: %s", u->path,
                          strerror(errno));
    arena_defer(w->arena, close_fd, (void *)(intptr_t)*fd);
    if (flock(*fd, how | LOCK_NB))
        return err_new(ERR_CLASH, "Another request is busy with this upload. Ask how far it is, "
                                  "then go on from there.");
    if (fstat(*fd, &mine) || lstat(u->path, &named) || mine.st_ino != named.st_ino)
        return no_upload();
    return NULL;
}

static bool is_bytes(const char *type)
{
    return text_equal(type, "application/partial-upload") ||
           text_equal(type, "application/offset+octet-stream");
}

struct err *upload_head(struct web *w)
{
    const char *offset = request_header(w->req, "Upload-Offset");
    const char *length = request_header(w->req, "Content-Length");
    struct upload_state u;
    struct sink *sink = NEW(w->arena, struct sink);
    i64 from, bytes;
    struct stat st;

    TRY(find(w, web_param(w, 0), &u));
    if (!is_bytes(w->req->body_type))
        return with_status(err_new(ERR_BAD, "Send the bytes as application/partial-upload."), 415);
    if (!offset || !text_i64(offset, &from) || from < 0)
        return err_new(ERR_BAD, "Say in the header Upload-Offset from which byte on this goes.");
    if (u.offset == u.size)
        return err_new(ERR_CLASH, "This upload is whole already.");
    TRY(open_file(w, &u, LOCK_SH, &sink->fd));
    if (fstat(sink->fd, &st) || from != st.st_size)
        return err_new(ERR_CLASH,
                       "%lld bytes of this upload are here, so it does not go on at "
                       "byte %lld. Go on at %lld.",
                       (i64)st.st_size, from, (i64)st.st_size);
    sink->offset = (u64)from;
    sink->room = (u64)(u.size - from);
    if (length && text_i64(length, &bytes) && bytes > u.size - from)
        return err_new(ERR_LIMIT, "The file was announced with %lld bytes, and this would be more.",
                       u.size);
    w->req->sink = sink;
    return NULL;
}

struct err *upload_bytes(struct web *w)
{
    struct upload_state u;

    if (!w->req->sink)
        return with_status(err_new(ERR_BAD, "Send the bytes as application/partial-upload."), 415);
    flock(w->req->sink->fd, LOCK_UN); /* all is written: the next request need not wait */
    TRY(find(w, web_param(w, 0), &u));
    tell(w, &u);
    w->req->response.status = 204;
    w->req->response.body = (struct bytes){(const unsigned char *)"", 0};
    return NULL;
}

struct err *upload_show(struct web *w)
{
    struct upload_state u;

    TRY(find(w, web_param(w, 0), &u));
    tell(w, &u);
    web_answer_json(w, 200, state_json(w, &u));
    return NULL;
}

/* --- the end --- */

struct err *upload_cancel(struct web *w)
{
    struct upload_state u;

    TRY(find(w, web_param(w, 0), &u));
    TRY(upload_done(w, u.id));
    unlink(u.path);
    w->req->response.status = 204;
    w->req->response.body = (struct bytes){(const unsigned char *)"", 0};
    return NULL;
}

static struct err *take_copy(struct web *w, struct upload_state *u)
{
    int from = open(u->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), to;
    struct err *failed;
    bool good;

    if (from < 0)
        return no_upload();
    failed = blob_temporary(w, &u->path, &to);
    good = !failed && blob_copy(from, to);
    close(from);
    if (!failed && (close(to) || !good))
        failed = err_detail(err_new(ERR_FAULT, "The file could not be stored."), "copy: %s",
                            strerror(errno));
    return failed;
}

struct err *upload_take(struct web *w, const char *id, struct upload_state *out)
{
    struct err *busy;
    int fd;

    TRY(find(w, id, out));
    if (out->offset != out->size)
        return err_new(ERR_INVALID,
                       "The upload of “%.100s” is not whole: %lld of %lld bytes are here. Send the "
                       "rest first.",
                       out->filename, out->offset, out->size);
    busy = open_file(w, out, LOCK_EX, &fd);
    /* A connection that has died silently may still hold the file: then a copy is taken, which it
     * cannot write to. */
    return busy && busy->code == ERR_CLASH ? take_copy(w, out) : busy;
}

struct err *upload_done(struct web *w, i64 id)
{
    return db_exec(w->db, "delete from upload where org_id = $1 and id = $2 and account = $3",
                   num(w->org), num(id), num(w->account));
}

static struct err *forget(struct web *w, void *ctx)
{
    (void)ctx;
    /* every organisation */
    TRY(db_exec(w->db, "delete from upload where org_id >= $1 and created < $2", num(0),
                num(w->now - DAY)));
    /* every organisation: what somebody uploaded the day before yesterday limits nobody */
    return db_exec(w->db, "delete from upload_use where org_id >= $1 and day < $2", num(0),
                   str(clock_date(w->arena, w->now - 3 * DAY, NULL)));
}

struct err *upload_clean(struct web *w)
{
    TRY(app_write(w, forget, NULL));
    transfer_clean(w->arena, w->app->config.dir, "uploads");
    return NULL;
}
