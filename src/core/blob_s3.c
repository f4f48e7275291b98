/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes in an S3 bucket, for several servers on one database. libcurl signs (AWS Signature Version
 * 4); the hash of the content is given to it, since it would not read the file for it. Objects are
 * <prefix>/<organisation>/<aa>/<sha256>. What is stored is written down first (blob_pending), so
 * that what nothing names is found without listing the bucket. */
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "base/words.h"
#include "core/blob_part.h"

#define CONNECT_SECONDS 10L
#define SLOW_BYTES 1024L /* a second, for SLOW_SECONDS: then the transfer is given up */
#define SLOW_SECONDS 30L
#define EMPTY_HASH "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define AT_ONCE 200

/* --- configuration --- */

struct err *blob_s3_config(struct arena *a, const char *text, struct blob_store *out)
{
    const char *url = text + strlen("s3:"), *query = strchr(url, '?');
    const char *rest = text_starts(url, "https://")  ? url + 8
                       : text_starts(url, "http://") ? url + 7
                                                     : NULL;
    size_t n = query ? (size_t)(query - url) : strlen(url);

    while (n > 0 && url[n - 1] == '/')
        n--;
    out->url = arena_strn(a, url, n);
    out->region = query && text_starts(query, "?region=") ? query + 8 : "us-east-1";
    out->key = getenv("AWS_ACCESS_KEY_ID");
    out->secret = getenv("AWS_SECRET_ACCESS_KEY");
    if (!rest || !strchr(out->url + (rest - url), '/') || strpbrk(url, " @#") ||
        strpbrk(out->region, "&:/"))
        return err_new(ERR_BAD,
                       "--files “%.150s” is not of the form s3:https://HOST/BUCKET?region=REGION.",
                       text);
    if (text_empty(out->key) || text_empty(out->secret))
        return err_new(ERR_BAD, "For files in S3 set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY "
                                "in the environment.");
    curl_global_init(CURL_GLOBAL_DEFAULT);
    return NULL;
}

/* --- one call --- */

struct call {
    struct web *w;
    const struct blob_id *id;
    const char *method;
    FILE *body; /* to send, or where the answer goes */
    const char *range;
    long status;
};

static struct curl_slist *headers_of(struct call *c)
{
    bool put = text_equal(c->method, "PUT");
    struct curl_slist *list =
        curl_slist_append(NULL, arena_printf(c->w->arena, "x-amz-content-sha256: %s",
                                             put ? c->id->hash : EMPTY_HASH));

    if (c->range)
        list = curl_slist_append(list, arena_printf(c->w->arena, "Range: %s", c->range));
    /* Not "Expect:" to switch that off: libcurl 7.88 would sign it and then not send it. */
    return list;
}

/* An error's text is not kept: only what a successful answer holds goes to the file. */
static size_t take(char *data, size_t one, size_t n, void *call)
{
    struct call *c = call;

    (void)one;
    if (!c->body || text_equal(c->method, "PUT"))
        return n;
    return fwrite(data, 1, n, c->body);
}

static void set_up(CURL *h, struct call *c, const struct blob_store *s)
{
    struct arena *a = c->w->arena;

    curl_easy_setopt(
        h, CURLOPT_URL,
        arena_printf(a, "%s/%lld/%.2s/%s", s->url, c->id->org, c->id->hash, c->id->hash));
    curl_easy_setopt(h, CURLOPT_AWS_SIGV4, arena_printf(a, "aws:amz:%s:s3", s->region));
    curl_easy_setopt(h, CURLOPT_USERPWD, arena_printf(a, "%s:%s", s->key, s->secret));
    curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "https,http");
    curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
    curl_easy_setopt(h, CURLOPT_LOW_SPEED_LIMIT, SLOW_BYTES);
    curl_easy_setopt(h, CURLOPT_LOW_SPEED_TIME, SLOW_SECONDS);
    curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(h, CURLOPT_WRITEDATA, c);
    if (text_equal(c->method, "PUT")) {
        curl_easy_setopt(h, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(h, CURLOPT_READDATA, c->body);
        curl_easy_setopt(h, CURLOPT_INFILESIZE_LARGE, (curl_off_t)c->id->size);
    } else if (!text_equal(c->method, "GET")) {
        curl_easy_setopt(h, CURLOPT_CUSTOMREQUEST, c->method);
    }
}

static struct err *call_s3(struct call *c)
{
    CURL *h = curl_easy_init();
    struct curl_slist *headers = headers_of(c);
    CURLcode code;

    set_up(h, c, blob_store_of(c->w));
    curl_easy_setopt(h, CURLOPT_HTTPHEADER, headers);
    code = curl_easy_perform(h);
    curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &c->status);
    curl_slist_free_all(headers);
    curl_easy_cleanup(h);
    if (code == CURLE_OK && (c->status / 100 == 2 || c->status == 404))
        return NULL;
    return err_detail(err_new(ERR_BUSY, "The place where files are kept does not answer as it "
                                        "should. Please try again in a moment."),
                      "S3 %s: %s, status %ld", c->method, curl_easy_strerror(code), c->status);
}

/* --- what is on its way --- */

static struct err *announce(struct web *w, void *ctx)
{
    const struct blob_id *id = ctx;
    i64 changed;

    TRY(db_change(w->db, &changed,
                  "insert into blob_pending (org_id, hash, at, dropping) values ($1, $2, $3, 0)"
                  " on conflict (org_id, hash) do update set at = excluded.at"
                  " where blob_pending.dropping = 0",
                  num(id->org), str(id->hash), num(w->now)));
    if (changed)
        return NULL;
    return err_new(ERR_BUSY, "An unused copy of this very file is being removed at this moment. "
                             "Please send it again.");
}

static void close_file(void *file)
{
    fclose(file);
}

static struct err *s3_put(struct web *w, const struct blob_id *id, const char *path)
{
    struct call c = {.w = w, .id = id, .method = "PUT", .body = fopen(path, "re")};
    struct blob_id copy = *id;

    if (!c.body)
        return err_detail(err_new(ERR_FAULT, "The file could not be read."), "%s: %s", path,
                          strerror(errno));
    arena_defer(w->arena, close_file, c.body);
    TRY(app_write(w, announce, &copy));
    TRY(call_s3(&c));
    if (c.status == 404)
        return err_detail(err_new(ERR_FAULT, "The place where files are kept is not there."),
                          "S3 PUT: 404");
    return NULL;
}

static struct err *s3_get(struct web *w, const struct blob_id *id, i64 from, i64 size,
                          struct blob_file *out)
{
    struct call c = {.w = w, .id = id, .method = "GET"};
    struct err *failed;
    struct stat st;
    int fd;

    *out = (struct blob_file){.temporary = true};
    TRY(blob_temporary(w, &out->path, &fd));
    c.body = fdopen(fd, "w");
    if (size != id->size)
        c.range = arena_printf(w->arena, "bytes=%lld-%lld", from, from + size - 1);
    failed = c.body ? call_s3(&c) : err_new(ERR_FAULT, "The file could not be read.");
    if (c.body && fclose(c.body) && !failed)
        failed = err_detail(err_new(ERR_FAULT, "The file could not be read."), "write: %s",
                            strerror(errno));
    if (failed)
        return failed;
    if (c.status == 404 || stat(out->path, &st) || st.st_size != size)
        return err_new(ERR_MISSING, "There is no such file here.");
    return NULL;
}

static struct err *s3_drop(struct web *w, const struct blob_id *id)
{
    struct call c = {.w = w, .id = id, .method = "DELETE"};

    return call_s3(&c);
}

/* --- what nothing names --- */

/* Marked first, so that nobody stores the same bytes while they are removed. */
static struct err *mark(struct web *w, void *ctx)
{
    struct rows **out = ctx;

    /* every organisation */
    TRY(db_exec(
        w->db,
        "delete from blob_pending where org_id >= $1 and exists (select 1 from stored_file b"
        " where b.org_id = blob_pending.org_id and b.hash = blob_pending.hash)",
        num(0)));
    /* every organisation */
    TRY(db_exec(w->db, "update blob_pending set dropping = 1 where org_id >= $1 and at < $2",
                num(0), num(w->now - BLOB_KEPT)));
    /* every organisation */
    return db_query(w->db, out,
                    "select org_id, hash from blob_pending where org_id >= $1 and dropping = 1"
                    " order by org_id, hash limit $2",
                    num(0), num(AT_ONCE));
}

static struct err *forget(struct web *w, void *ctx)
{
    const struct blob_id *id = ctx;

    return db_exec(w->db,
                   "delete from blob_pending where org_id = $1 and hash = $2 and dropping = 1",
                   num(id->org), str(id->hash));
}

static struct err *s3_collect(struct web *w)
{
    struct rows *r;

    TRY(app_write(w, mark, &r));
    while (row_next(r)) {
        struct blob_id id = {.org = row_num(r, 0), .hash = row_str(r, 1)};

        TRY(s3_drop(w, &id));
        TRY(app_write(w, forget, &id));
    }
    if (row_count(r))
        log_event(LOG_INFO, "files", "removed=%zu", row_count(r));
    return NULL;
}

const struct blob_store blob_s3 = {
    .put = s3_put, .get = s3_get, .drop = s3_drop, .collect = s3_collect};
