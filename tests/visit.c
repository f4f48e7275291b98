/* SPDX-License-Identifier: Apache-2.0 */
/* Requests against the whole program, in process. */
#include "visit.h"

#include <fcntl.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

#include "base/clock.h"
#include "base/crypt.h"
#include "base/text.h"
#include "core/dispatch.h"
#include "core/permit.h"
#include "core/pool.h"
#include "core/ticker.h"
#include "core/trail.h"
#include "feature/account/account.h"
#include "feature/organisation/organisation.h"
#include "store.h"

static const char *const roles[] = {
    "admin",    "isms-manager",     "top-management",   "risk-owner", "department-head",
    "employee", "internal-auditor", "external-auditor", "adviser",    "supplier-contact",
};

/* --- answers come back through these instead of the network --- */

static void answered(struct request *r)
{
    dispatch_finish(NULL, r);
    sem_post(r->net);
}

/* The head was accepted: in a test the body is there already. */
static void proceed(struct request *r)
{
    sem_post(r->net);
}

/* --- the installation --- */

static struct err *make_account(struct web *w, const char *email, const char *name, i64 *id)
{
    static char *hash;

    if (!hash) {
        struct arena *a = arena_new(0);

        assert_ok(password_hash(a, "a long test password", &hash));
        hash = strdup(hash);
        arena_free(a);
    }
    return account_create(
        w, &(struct account){.email = email, .name = name, .password = arena_str(w->arena, hash)},
        id);
}

struct making {
    struct test *t;
};

static struct err *add_role_person(struct web *w, const char *role)
{
    const char *email = arena_printf(w->arena, "%s@acme.test", role);
    struct person p = {
        .name = arena_printf(w->arena, "Person %s", role), .email = email, .state = "active"};
    struct role_holder h = {
        .title = role, .role = role, .from_date = "2020-01-01", .acknowledged = "2020-01-02"};
    struct issues issues = {.arena = w->arena};
    i64 account;

    TRY(make_account(w, email, p.name, &account));
    p.account = account;
    TRY(entity_write(w, &person_entity, &p, NULL, &issues));
    h.person = p.id;
    TRY(entity_write(w, &role_holder_entity, &h, NULL, &issues));
    assert_int_equal(issues.count, 0);
    return account_join(w, account, w->org, p.id);
}

static struct err *make_acme(struct web *w, void *ctx)
{
    struct making *m = ctx;
    struct organisation o = {.name = "Acme",
                             .slug = "acme",
                             .zone = "Europe/Berlin",
                             .language = "en",
                             .currency = "EUR"};
    i64 account;

    TRY(make_account(w, "founder@acme.test", "Fay Founder", &account));
    TRY(organisation_create(w, &o, account, "Fay Founder", "founder@acme.test", &m->t->org));
    TRY(web_enter_org(w, m->t->org));
    for (size_t i = 0; i < COUNT_OF(roles); i++)
        TRY(add_role_person(w, roles[i]));
    return NULL;
}

static struct err *make_other(struct web *w, void *ctx)
{
    struct making *m = ctx;
    struct organisation o = {
        .name = "Other", .slug = "other", .zone = "UTC", .language = "en", .currency = "EUR"};
    i64 account;

    TRY(make_account(w, "other-admin@acme.test", "Olga Other", &account));
    return organisation_create(w, &o, account, "Olga Other", "other-admin@acme.test", &m->t->other);
}

static void system_write(struct test *t, struct err *(*fn)(struct web *w, void *ctx), void *ctx)
{
    struct arena *a = arena_new(0);
    struct web *w;

    assert_ok(app_web(t->app, a, FACE_JOB, "job:test", &w));
    assert_ok(app_write(w, fn, ctx));
    app_web_end(w);
    arena_free(a);
}

static struct err *make_log(struct web *w, void *ctx)
{
    (void)ctx;
    return trail_create(w, 0);
}

struct test *test_begin(void)
{
    struct arena *a = arena_new((size_t)1 << 30);
    struct test *t = NEW(a, struct test);
    struct making m = {t};
    struct app_config config = {.workers = 2};

    t->arena = a;
    assert_ok(store_ready(a, &config.database));
    config.dir = arena_printf(a, "%s/app-%lld", store_folder(), web_id());
    assert_ok(app_create_dir(config.dir));
    assert_ok(app_open(&config, &t->app));
    t->app->answer = answered;
    t->app->proceed = proceed;
    assert_ok(pool_start(t->app, 2));
    system_write(t, make_log, NULL);
    system_write(t, make_acme, &m);
    system_write(t, make_other, &m);
    assert_ok(app_web(t->app, a, FACE_JOB, "job:test", &t->w));
    assert_ok(web_enter_org(t->w, t->org));
    return t;
}

void test_end(struct test *t)
{
    app_web_end(t->w);
    arena_free(t->request);
    app_stop(t->app);
    app_close(t->app);
    arena_free(t->arena);
}

/* --- requests --- */

static void set_target(struct request *r, const char *target)
{
    size_t n = strcspn(target, "?");

    r->target = arena_str(r->arena, target);
    assert_ok(parse_path(r->arena, arena_strn(r->arena, target, n), &r->path));
    if (target[n])
        assert_ok(parse_pairs(r->arena, target + n + 1, strlen(target + n + 1), &r->query));
}

static void add_pair(struct request *r, struct pairs *p, const char *name, const char *value)
{
    struct pair *bigger = NEW_ARRAY(r->arena, struct pair, p->count + 1);

    if (p->count)
        memcpy(bigger, p->list, p->count * sizeof(*bigger));
    bigger[p->count].name = arena_str(r->arena, name);
    bigger[p->count].value = arena_str(r->arena, value);
    p->list = bigger;
    p->count++;
}

static struct request *new_request(struct test *t, enum http_method method, const char *target)
{
    static const char *const names[] = {"GET", "HEAD", "POST", "PATCH", "DELETE", "OTHER"};
    struct request *r;

    arena_free(t->request);
    t->request = arena_new(0);
    r = NEW(t->request, struct request);
    r->arena = t->request;
    r->id = "00000000000000aa";
    r->method = method;
    r->method_text = names[method];
    r->peer = t->peer ? t->peer : "192.0.2.1";
    r->started = clock_ticks();
    set_target(r, target);
    if (!t->no_host)
        add_pair(r, &r->headers, "Host", t->host ? t->host : "localhost");
    add_pair(r, &r->headers, "User-Agent", "test");
    for (int i = 0; i < t->nextra; i += 2)
        add_pair(r, &r->headers, t->extra[i], t->extra[i + 1]);
    t->nextra = 0;
    t->r = r;
    return r;
}

/* What net does with a body for the sink. */
static void write_raw(struct test *t, struct sink *to)
{
    size_t n = t->raw.size < to->room ? t->raw.size : (size_t)to->room;

    assert_int_equal(pwrite(to->fd, t->raw.data, n, (off_t)to->offset), (ssize_t)n);
    to->offset += n;
    to->room -= n;
}

static void give_files(struct test *t, struct request *r)
{
    if (t->nfiles) {
        r->uploads = NEW_ARRAY(r->arena, struct upload, t->nfiles);
        memcpy(r->uploads, t->files, t->nfiles * sizeof(*r->uploads));
        r->nuploads = t->nfiles;
    }
    t->nfiles = 0;
}

static void serve(struct test *t)
{
    struct request *r = t->r;
    sem_t sem;

    give_files(t, r);
    if (t->raw.data)
        r->body_type = "application/partial-upload";

    sem_init(&sem, 0, 0);
    r->net = &sem;
    if (r->method != METHOD_GET && r->method != METHOD_HEAD) {
        dispatch_headers(t->app, r);
        sem_wait(&sem);
        if (r->response.status) {
            t->raw.data = NULL;
            sem_destroy(&sem);
            return;
        }
        if (r->sink && t->raw.data)
            write_raw(t, r->sink);
    }
    t->raw.data = NULL;
    dispatch_request(t->app, r);
    sem_wait(&sem);
    sem_destroy(&sem);
}

static void take_cookie(struct test *t)
{
    const struct pairs *h = &t->r->response.headers;

    for (size_t i = 0; i < h->count; i++) {
        const char *v = h->list[i].value;

        if (!strcmp(h->list[i].name, "Set-Cookie") && text_starts(v, "cairn="))
            t->cookie = arena_strn(t->arena, v + 6, strcspn(v + 6, ";"));
    }
}

void visit_raw(struct test *t, enum http_method method, const char *target, const char *form)
{
    struct request *r = new_request(t, method, target);

    if (t->cookie && *t->cookie)
        add_pair(r, &r->cookies, "cairn", t->cookie);
    if (t->pre)
        add_pair(r, &r->cookies, "cairn-pre", t->pre);
    if (form) {
        r->body_type = "application/x-www-form-urlencoded";
        assert_ok(parse_pairs(r->arena, form, strlen(form), &r->form));
    }
    serve(t);
    take_cookie(t);
}

void visit(struct test *t, enum http_method method, const char *target, const char *form)
{
    char *full;

    if (method == METHOD_GET) {
        visit_raw(t, method, target, NULL);
        return;
    }
    full = arena_printf(t->arena, "_csrf=%s&_op=op%d-%lld%s%s", t->csrf ? t->csrf : "", t->ops++,
                        web_id(), form && *form ? "&" : "", form ? form : "");
    visit_raw(t, method, target, full);
}

/* A session made in the store: signing in through the page is tested where it belongs. */
struct signing {
    const char *email;
    const char *cookie, *csrf;
};

static struct err *sign_in(struct web *w, void *ctx)
{
    struct signing *s = ctx;
    unsigned char hash[DIGEST_SIZE];
    struct rows *r;

    TRY(db_query(w->db, &r, "select id, epoch from account where org_id = $1 and email = $2",
                 num(0), str(s->email)));
    assert_true(row_next(r));
    s->cookie = crypt_token(w->arena, 32);
    s->csrf = crypt_token(w->arena, 16);
    crypt_sha256(s->cookie, strlen(s->cookie), hash);
    return db_exec(w->db,
                   "insert into session (org_id, id, token_hash, account, epoch, csrf, created,"
                   " seen, expires) values ($1, $2, $3, $4, $5, $6, $7, $7, $8)",
                   num(0), num(web_id()), blob(hash, sizeof(hash)), num(row_num(r, 0)),
                   num(row_num(r, 1)), str(s->csrf), num(w->now), num(w->now + 12 * HOUR));
}

void login(struct test *t, const char *role)
{
    struct signing s = {.email = arena_printf(t->arena, "%s@acme.test", role)};
    struct arena *a = arena_new(0);
    struct web *w;

    assert_ok(app_web(t->app, a, FACE_JOB, "job:test", &w));
    assert_ok(app_write(w, sign_in, &s));
    t->cookie = arena_str(t->arena, s.cookie);
    t->csrf = arena_str(t->arena, s.csrf);
    app_web_end(w);
    arena_free(a);
}

void logout(struct test *t)
{
    t->cookie = t->csrf = NULL;
}

void attach(struct test *t, const char *filename, const void *data, size_t size)
{
    char *path = arena_printf(t->arena, "%s/upload-XXXXXX", store_folder());
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, size), (ssize_t)size);
    close(fd);
    assert_true(t->nfiles < COUNT_OF(t->files));
    t->files[t->nfiles++] = (struct upload){"file[]", arena_str(t->arena, filename), path, size};
}

void attach_raw(struct test *t, i64 offset, const void *data, size_t size)
{
    t->raw = (struct bytes){data, size};
    api_header(t, "Upload-Offset", arena_printf(t->arena, "%lld", offset));
    api_header(t, "Content-Length", arena_printf(t->arena, "%zu", size));
}

struct bytes answer_bytes(struct test *t)
{
    const struct response *a = &t->r->response;
    struct stat st;
    unsigned char *data;
    size_t size;
    int fd;

    if (!a->file)
        return (struct bytes){(const unsigned char *)body(t), a->body.size};
    fd = open(a->file, O_RDONLY);
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &st), 0);
    size = (size_t)(a->file_part ? a->file_size : st.st_size);
    data = arena_alloc(t->arena, size + 1);
    assert_int_equal(pread(fd, data, size, a->file_part ? (off_t)a->file_offset : 0),
                     (ssize_t)size);
    close(fd);
    return (struct bytes){data, size};
}

const char *docx_answer(struct test *t)
{
    struct bytes b = answer_bytes(t);
    zip_error_t failed;
    zip_source_t *source;
    zip_file_t *file;
    zip_stat_t st;
    char *text;
    zip_t *zip;

    zip_error_init(&failed);
    source = zip_source_buffer_create(b.data, b.size, 0, &failed);
    zip = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &failed);
    assert_non_null(zip);
    zip_stat_init(&st);
    assert_int_equal(zip_stat(zip, "word/document.xml", 0, &st), 0);
    file = zip_fopen(zip, "word/document.xml", 0);
    text = arena_alloc(t->arena, st.size + 1);
    assert_int_equal(zip_fread(file, text, st.size), st.size);
    text[st.size] = '\0';
    zip_fclose(file);
    zip_discard(zip);
    zip_error_fini(&failed);
    return text;
}

struct tokening {
    const char *email, *clear;
    i64 org;
};

static struct err *make_token(struct web *w, void *ctx)
{
    struct tokening *k = ctx;
    struct rows *r;

    TRY(db_query(w->db, &r, "select id from account where org_id = $1 and email = $2", num(0),
                 str(k->email)));
    assert_true(row_next(r));
    return token_create(
        w,
        &(struct token){
            .account = row_num(r, 0), .organisation = k->org, .scope = "write", .name = "test"},
        &k->clear);
}

static void use_token(struct test *t, const char *role)
{
    struct tokening k = {.email = arena_printf(t->arena, "%s@acme.test", role),
                         .org = text_equal(role, "other-admin") ? t->other : t->org};
    struct arena *a;
    struct web *w;

    if (text_equal(t->token_role, role))
        return;
    a = arena_new(0);
    assert_ok(app_web(t->app, a, FACE_JOB, "job:test", &w));
    assert_ok(app_write(w, make_token, &k));
    t->token = arena_str(t->arena, k.clear);
    t->token_role = arena_str(t->arena, role);
    app_web_end(w);
    arena_free(a);
}

void api_header(struct test *t, const char *name, const char *value)
{
    t->extra[t->nextra++] = name;
    t->extra[t->nextra++] = value;
}

void api(struct test *t, const char *role, enum http_method method, const char *target,
         const char *json)
{
    struct request *r;

    if (role)
        use_token(t, role);
    r = new_request(t, method, target);
    if (role)
        add_pair(r, &r->headers, "Authorization", arena_printf(r->arena, "Bearer %s", t->token));
    if (json) {
        r->body_type = "application/json";
        r->body = (struct bytes){(const unsigned char *)arena_str(r->arena, json), strlen(json)};
    }
    serve(t);
}

/* --- what came back --- */

const char *body(struct test *t)
{
    const struct bytes *b = &t->r->response.body;

    return b->data ? arena_strn(t->request, (const char *)b->data, b->size) : "";
}

int status(struct test *t)
{
    return t->r->response.status;
}

const char *header(struct test *t, const char *name)
{
    return pairs_get(&t->r->response.headers, name);
}

json_t *answer_json(struct test *t)
{
    json_t *value;

    assert_ok(json_parse(t->request, (const char *)t->r->response.body.data,
                         t->r->response.body.size, &value));
    return value;
}

void expect_status(struct test *t, int wanted)
{
    if (status(t) != wanted)
        fail_msg("%s %s answered %d instead of %d: %.1500s", t->r->method_text, t->r->target,
                 status(t), wanted, body(t));
}

void expect_text(struct test *t, const char *text)
{
    assert_contains(body(t), text);
}

/* The page without what is random in it: among all runs, some token reads like a number of a
 * record. */
static char *without_tokens(struct test *t)
{
    static const char *const starts[] = {"name='_csrf' value='", "name='_op' value='"};
    char *page = arena_str(t->arena, body(t));

    for (size_t i = 0; i < COUNT_OF(starts); i++)
        for (char *at = strstr(page, starts[i]); at; at = strstr(at, starts[i])) {
            at += strlen(starts[i]);
            memset(at, ' ', strcspn(at, "'"));
        }
    return page;
}

void expect_no_text(struct test *t, const char *text)
{
    if (strstr(without_tokens(t), text))
        fail_msg("“%s” is in the answer of %s %s", text, t->r->method_text, t->r->target);
}

i64 value_of(struct test *t, const char *sql, const struct val *v, size_t n)
{
    struct rows *r;

    db_use_arena(t->w->db, t->arena);
    assert_ok(db_query_text(t->w->db, &r, sql, v, n));
    assert_true(row_next(r));
    return row_num(r, 0);
}

i64 person_of(struct test *t, const char *role)
{
    return value(t, "select p.id from person p where p.org_id = $1 and p.email = $2", num(t->org),
                 str(arena_printf(t->arena, "%s@acme.test", role)));
}

void tick(struct test *t)
{
    ticker_round(t->app, false);
}

void change(struct test *t, struct err *(*fn)(struct web *w, void *ctx), void *ctx)
{
    assert_ok(app_write(t->w, fn, ctx));
}
