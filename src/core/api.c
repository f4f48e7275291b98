/* SPDX-License-Identifier: Apache-2.0 */
#include "core/api.h"

#include <string.h>

#include "base/clock.h"
#include "base/crypt.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/command.h"
#include "core/export.h"
#include "core/list.h"
#include "core/route.h"

#define EVENTS_DEFAULT 50
#define EVENTS_MOST 200

/* --- what is asked for --- */

static struct err *kind_of(struct web *w, const struct entity **out)
{
    *out = feature_entity_plural(web_param(w, 0));
    if (*out && !(*out)->no_api)
        return NULL;
    return err_new(ERR_MISSING,
                   "There is no kind of record “%.40s”. All kinds are in "
                   "/api/v1/openapi.json.",
                   web_param(w, 0));
}

/* The record of "/:plural/:no", if this person may see it. */
static struct err *load_asked(struct web *w, const struct entity *e, struct record **out)
{
    struct err *failed;
    i64 id;

    *out = arena_alloc(w->arena, e->size);
    failed = entity_find(w, e, web_param(w, 1), &id);
    if (!failed)
        failed = entity_load(w, e, id, *out);
    if (failed && (failed->code == ERR_MISSING || failed->code == ERR_CLASH))
        return err_new(ERR_MISSING, "There is no %s “%.60s” here, or you may not see it.", e->label,
                       web_param(w, 1));
    return failed;
}

static struct err *with_status(struct err *e, int status)
{
    e->status = status;
    return e;
}

/* The body as an object; nothing else is taken. */
static struct err *read_object(struct web *w, json_t **out)
{
    const char *type = w->req->body_type;

    if (!w->req->body.size)
        return err_new(ERR_BAD, "The request has no body. Send a JSON object.");
    if (!text_equal(type, "application/json") && !text_equal(type, "application/merge-patch+json"))
        return with_status(err_new(ERR_BAD, "Send the body as application/json, not as %.60s.",
                                   type ? type : "nothing"),
                           415);
    TRY(json_parse(w->arena, (const char *)w->req->body.data, w->req->body.size, out));
    if (!json_is_object(*out))
        return err_new(ERR_BAD, "The body must be a JSON object, like {\"title\": \"...\"}.");
    return NULL;
}

/* "_reason" says why, as in forms. Taken out of the object. */
static struct err *take_reason(struct web *w, json_t *object)
{
    const json_t *reason = json_object_get(object, "_reason");

    if (!reason)
        return NULL;
    if (!json_is_string(reason))
        return err_new(ERR_BAD, "The value of “_reason” must be a text.");
    w->reason = arena_str(w->arena, json_string_value(reason));
    json_object_del(object, "_reason");
    return NULL;
}

/* --- answers --- */

/* Version and digest: derived values may change without a new version. If-Match compares the
 * version only. */
static const char *etag_of(struct web *w, const struct record *r, json_t *object)
{
    unsigned char hash[DIGEST_SIZE];
    const char *text = json_sorted(w->arena, object);

    crypt_sha256(text, strlen(text), hash);
    return arena_printf(w->arena, "\"%lld.%s\"", r->version, crypt_hex(w->arena, hash, 6));
}

static struct err *answer_record(struct web *w, const struct entity *e, const struct record *r,
                                 int status)
{
    json_t *object;

    TRY(entity_json(w, e, r, &object));
    web_header(w, "ETag", etag_of(w, r, object));
    web_answer_json(w, status, json_incref(object));
    return NULL;
}

void api_refuse(struct web *w, const struct issues *issues)
{
    json_t *p = json_object(), *list = json_array();

    for (size_t i = 0; i < issues->count; i++) {
        json_t *one = json_object();

        json_object_set_new(one, "field", json_string(issues->list[i].field));
        json_object_set_new(one, "text", json_string(issues->list[i].text));
        json_array_append_new(list, one);
    }
    json_object_set_new(p, "type", json_string("about:blank"));
    json_object_set_new(p, "title", json_string("Not accepted"));
    json_object_set_new(p, "status", json_integer(422));
    json_object_set_new(p, "detail",
                        json_string(issues->count == 1 ? issues->list[0].text
                                                       : "Several values cannot be accepted."));
    json_object_set_new(p, "request", json_string(w->req->id));
    json_object_set_new(p, "errors", list);
    web_answer_json(w, 422, p);
    w->req->response.type = "application/problem+json; charset=utf-8";
}

/* --- records --- */

static struct err *list_records(struct web *w)
{
    const struct entity *e;
    struct list_query q;
    struct list_result r;
    json_t *answer = json_own(w->arena, json_object()), *items = json_array(), *one;

    json_object_set_new(answer, "items", items);
    TRY(kind_of(w, &e));
    TRY(list_parse(w, e, &q));
    TRY(list_run(w, &q, false, &r));
    for (size_t i = 0; i < r.count; i++) {
        TRY(entity_json(w, e, (const char *)r.records + i * e->size, &one));
        json_array_append(items, one);
    }
    json_object_set_new(answer, "next", r.next ? json_string(r.next) : json_null());
    web_answer_json(w, 200, json_incref(answer));
    return NULL;
}

static bool etag_matches(const char *header, const char *etag)
{
    return header && (text_equal(header, "*") || strstr(header, etag));
}

static struct err *show_record(struct web *w)
{
    const struct entity *e;
    struct record *r;

    TRY(kind_of(w, &e));
    TRY(load_asked(w, e, &r));
    TRY(answer_record(w, e, r, 200));
    if (etag_matches(request_header(w->req, "If-None-Match"),
                     pairs_get(&w->req->response.headers, "ETag"))) {
        w->req->response.status = 304;
        w->req->response.type = NULL;
        w->req->response.body = (struct bytes){(const unsigned char *)"", 0};
    }
    return NULL;
}

/* Applies and writes; the answer is made here either way. */
static struct err *save(struct web *w, const struct entity *e, struct record *r, json_t *object)
{
    struct issues issues = {.arena = w->arena};
    struct inputs in = entity_json_inputs(w, object, &issues);
    bool fresh = r->id == 0;

    TRY(entity_apply(w, e, r, in, true, &issues));
    if (!issues.count)
        TRY(entity_write(w, e, r, w->reason, &issues));
    if (issues.count) {
        api_refuse(w, &issues);
        return NULL;
    }
    if (fresh)
        web_header(w, "Location",
                   arena_printf(w->arena, "/api/v1/%s/%s-%lld", e->plural, e->prefix, r->number));
    return answer_record(w, e, r, fresh ? 201 : 200);
}

struct err *api_body(struct web *w, json_t **object)
{
    TRY(read_object(w, object));
    return take_reason(w, *object);
}

struct err *api_write(struct web *w, const struct entity *e, struct record *r, json_t *object)
{
    return save(w, e, r, object);
}

static struct err *create_record(struct web *w)
{
    const struct entity *e;
    json_t *object;

    TRY(kind_of(w, &e));
    if (e->no_create || !e->write)
        return with_status(err_new(ERR_BAD, "A new %s cannot be made by the API.", e->label), 405);
    TRY(web_need(w, e->write));
    TRY(api_body(w, &object));
    return save(w, e, arena_alloc(w->arena, e->size), object);
}

/* The version of an If-Match header: "3" or "3.<digest>" in quotes; 0 = any, for "*". */
static struct err *header_version(const char *header, i64 *out)
{
    char digits[24];
    size_t n;

    *out = 0;
    if (text_equal(header, "*"))
        return NULL;
    n = header[0] == '"' ? strspn(header + 1, "0123456789") : 0;
    if (n > 0 && n < sizeof(digits) && (header[1 + n] == '"' || header[1 + n] == '.') &&
        header[strlen(header) - 1] == '"') {
        memcpy(digits, header + 1, n);
        digits[n] = '\0';
        if (text_i64(digits, out))
            return NULL;
    }
    return err_new(ERR_BAD, "If-Match must be the ETag of the record, like \"3\" with its quotes.");
}

/* Sets `expected` to the version that the caller has seen; 0 = any. Takes "version" out. */
static struct err *expected_version(struct web *w, const struct record *r, json_t *object,
                                    bool needed, i64 *expected)
{
    const char *header = request_header(w->req, "If-Match");
    const json_t *given = object ? json_object_get(object, "version") : NULL;

    *expected = 0;
    if (given && !json_is_integer(given))
        return err_new(ERR_BAD, "The value of “version” must be a whole number.");
    if (given)
        *expected = json_integer_value(given);
    if (given)
        json_object_del(object, "version");
    if (header) {
        i64 version;

        TRY(header_version(header, &version));
        if (version && version != r->version)
            return with_status(err_new(ERR_CLASH,
                                       "You have version %lld, but version %lld was saved "
                                       "meanwhile. Read the record again and repeat the change.",
                                       version, r->version),
                               412);
    } else if (needed && !given) {
        return with_status(err_new(ERR_BAD, "Say which version you change: send If-Match with the "
                                            "record's ETag, or a member “version”."),
                           428);
    }
    if (*expected && *expected != r->version)
        return err_new(ERR_CLASH,
                       "You have version %lld, but version %lld was saved meanwhile. "
                       "Read the record again and repeat the change.",
                       *expected, r->version);
    return NULL;
}

struct err *api_newest(struct web *w, const struct record *r, json_t *object)
{
    i64 expected;

    return expected_version(w, r, object, true, &expected);
}

static struct err *change_record(struct web *w)
{
    const struct entity *e;
    struct record *r;
    json_t *object;

    TRY(kind_of(w, &e));
    TRY(load_asked(w, e, &r));
    if (!e->write)
        return with_status(err_new(ERR_BAD, "A %s cannot be changed by the API.", e->label), 405);
    TRY(web_need(w, e->write));
    TRY(api_body(w, &object));
    TRY(api_newest(w, r, object));
    return save(w, e, r, object);
}

static struct err *remove_record(struct web *w)
{
    const struct entity *e;
    struct record *r;
    i64 expected;

    TRY(kind_of(w, &e));
    TRY(load_asked(w, e, &r));
    if (!e->write)
        return with_status(err_new(ERR_BAD, "A %s cannot be removed by the API.", e->label), 405);
    TRY(web_need(w, e->write));
    TRY(expected_version(w, r, NULL, false, &expected));
    TRY(entity_remove(w, e, r->id, r->version, web_query(w, "_reason")));
    web_status(w, 204);
    w->req->response.body = (struct bytes){(const unsigned char *)"", 0};
    return NULL;
}

static json_t *version_json(struct web *w, const struct version *v)
{
    json_t *o = json_object(), *changes = json_array();

    json_object_set_new(o, "version", json_integer(v->version));
    json_object_set_new(o, "at", json_string(clock_iso(w->arena, v->at)));
    json_object_set_new(o, "who", json_string(v->who ? v->who : ""));
    json_object_set_new(o, "action", json_string(v->action));
    json_object_set_new(o, "reason", json_string(v->reason ? v->reason : ""));
    json_object_set_new(o, "log_index", json_integer(v->log_idx));
    for (size_t i = 0; i < v->nchanges; i++) {
        json_t *c = json_object();

        json_object_set_new(c, "field", json_string(v->changes[i].field->name));
        json_object_set_new(c, "before",
                            json_string(v->changes[i].before ? v->changes[i].before : ""));
        json_object_set_new(c, "after",
                            json_string(v->changes[i].after ? v->changes[i].after : ""));
        json_array_append_new(changes, c);
    }
    json_object_set_new(o, "changes", changes);
    return o;
}

static struct err *list_versions(struct web *w)
{
    const struct entity *e;
    struct record *r;
    struct version *list;
    size_t count;
    json_t *answer = json_own(w->arena, json_object()), *items = json_array();

    json_object_set_new(answer, "items", items);
    TRY(kind_of(w, &e));
    TRY(load_asked(w, e, &r));
    TRY(entity_versions(w, e, r->id, &list, &count));
    for (size_t i = 0; i < count; i++)
        json_array_append_new(items, version_json(w, &list[i]));
    web_answer_json(w, 200, json_incref(answer));
    return NULL;
}

/* --- the log --- */

struct events_query {
    i64 after, record;
    int limit;
    const char *kind, *action;
};

static struct err *event_parameter(const struct pair *p, struct events_query *q)
{
    i64 n = 0;

    if (text_equal(p->name, "kind")) {
        q->kind = p->value;
    } else if (text_equal(p->name, "action")) {
        q->action = p->value;
    } else if (text_equal(p->name, "record")) {
        if (!text_i64(p->value, &q->record) || q->record < 1)
            return err_new(ERR_BAD, "The parameter “record” is the id of a record.");
    } else if (text_equal(p->name, "after")) {
        if (!text_i64(p->value, &q->after) || q->after < 0)
            return err_new(ERR_BAD, "The parameter “after” is the “next” of the page before.");
    } else if (text_equal(p->name, "limit")) {
        if (!text_i64(p->value, &n) || n < 1 || n > EVENTS_MOST)
            return err_new(ERR_BAD, "The parameter “limit” is a number from 1 to %d.", EVENTS_MOST);
        q->limit = (int)n;
    } else {
        return err_new(ERR_BAD,
                       "Events do not know the parameter “%.40s”. Allowed: after, limit, "
                       "kind, action, record.",
                       p->name);
    }
    return NULL;
}

static json_t *event_json(struct web *w, const struct rows *r)
{
    json_t *o = json_object();

    json_object_set_new(o, "index", json_integer(row_num(r, 0)));
    json_object_set_new(o, "at", json_string(clock_iso(w->arena, row_num(r, 1))));
    json_object_set_new(o, "actor", json_string(row_text(r, 2)));
    json_object_set_new(o, "actor_name", json_string(row_text(r, 7)));
    json_object_set_new(o, "action", json_string(row_text(r, 3)));
    json_object_set_new(o, "kind", json_string(row_text(r, 4)));
    json_object_set_new(o, "record",
                        row_num(r, 5) ? json_string(arena_printf(w->arena, "%lld", row_num(r, 5)))
                                      : json_null());
    json_object_set_new(o, "version", json_integer(row_num(r, 6)));
    return o;
}

static struct err *list_events(struct web *w)
{
    const struct permission *right = feature_permission("log.read");
    struct events_query q = {.after = INT64_MAX, .limit = EVENTS_DEFAULT, .kind = "", .action = ""};
    json_t *answer = json_own(w->arena, json_object()), *items = json_array();
    struct rows *r;
    i64 last = 0;

    json_object_set_new(answer, "items", items);
    TRY(web_need(w, right ? right : &operator_only));
    for (size_t i = 0; i < w->req->query.count; i++)
        TRY(event_parameter(&w->req->query.list[i], &q));
    TRY(db_query(w->db, &r,
                 "select e.idx, e.at, e.actor, e.action, e.kind, e.record, e.version, a.name"
                 " from audit_event e left join audit_actor a"
                 " on a.org_id = e.org_id and a.actor = e.actor"
                 " where e.org_id = $1 and e.idx < $2 and ($3 = '' or e.kind = $3)"
                 " and ($4 = '' or e.action = $4) and ($5 = 0 or e.record = $5)"
                 " order by e.idx desc limit $6",
                 num(w->org), num(q.after), str(q.kind), str(q.action), num(q.record),
                 num(q.limit + 1)));
    while (row_next(r) && json_array_size(items) < (size_t)q.limit) {
        json_array_append_new(items, event_json(w, r));
        last = row_num(r, 0);
    }
    json_object_set_new(answer, "next",
                        row_count(r) > (size_t)q.limit
                            ? json_string(arena_printf(w->arena, "%lld", last))
                            : json_null());
    web_answer_json(w, 200, json_incref(answer));
    return NULL;
}

/* --- organisations --- */

static struct err *find_organisations(struct web *w, struct rows **out)
{
    if (w->operator_token)
        return db_query(w->db, out,
                        "select organisation, slug, name from directory where org_id = $1"
                        " order by slug",
                        num(0));
    if (w->org)
        return db_query(w->db, out,
                        "select organisation, slug, name from directory where org_id = $1"
                        " and organisation = $2",
                        num(0), num(w->org));
    return db_query(w->db, out,
                    "select d.organisation, d.slug, d.name from member m join directory d"
                    " on d.org_id = m.org_id and d.organisation = m.organisation"
                    " where m.org_id = $1 and m.account = $2 order by d.slug",
                    num(0), num(w->account));
}

static struct err *list_organisations(struct web *w)
{
    json_t *answer = json_own(w->arena, json_object()), *items = json_array();
    struct rows *r;

    json_object_set_new(answer, "items", items);
    TRY(find_organisations(w, &r));
    while (row_next(r)) {
        json_t *o = json_object();

        json_object_set_new(o, "id", json_string(arena_printf(w->arena, "%lld", row_num(r, 0))));
        json_object_set_new(o, "slug", json_string(row_text(r, 1)));
        json_object_set_new(o, "name", json_string(row_text(r, 2)));
        json_array_append_new(items, o);
    }
    json_object_set_new(answer, "next", json_null());
    web_answer_json(w, 200, json_incref(answer));
    return NULL;
}

/* --- the document --- */

static struct err *show_openapi(struct web *w)
{
    web_answer_json(w, 200, json_incref(openapi_document(w->arena)));
    return NULL;
}

static int openapi_command(struct cli *c)
{
    const char *output = cli_option(c, "output");
    const struct route_entry *unused;
    struct err *failed;
    FILE *out;

    if (!route_list(&unused))
        route_init();
    failed = cli_file(c, output ? output : "-", true, &out);
    if (failed)
        return cli_fail(c, failed);
    fprintf(out, "%s\n", json_text(c->arena, openapi_document(c->arena)));
    return 0;
}

/* --- exports of every entity --- */

static struct err *page_kind(struct web *w, const struct entity **out)
{
    *out = feature_entity_plural(web_param(w, 0));
    if (*out && !(*out)->no_api && !(*out)->site)
        return NULL;
    return err_new(ERR_MISSING, "There is no page at this address.");
}

static struct err *any_export(struct web *w)
{
    const struct entity *e;

    TRY(page_kind(w, &e));
    return export_page(w, e);
}

static struct err *api_export(struct web *w)
{
    const struct entity *e;

    TRY(kind_of(w, &e));
    if (e->site)
        return err_new(ERR_MISSING, "There is no list of %s that could be exported.", e->labels);
    return export_page(w, e);
}

static struct err *clean_transfer(struct web *w, const char *body)
{
    (void)body;
    transfer_clean(w->arena, w->app->config.dir, "imports");
    transfer_clean(w->arena, w->app->config.dir, "exports");
    return NULL;
}

/* --- tables --- */

/* clang-format off */
static const struct route routes[] = {
    {METHOD_GET, "/openapi.json", show_openapi, &anyone, ROUTE_API, NULL,
     "This document, made from the program's own tables"},
    {METHOD_GET, "/organisations", list_organisations, &signed_in, ROUTE_API, NULL,
     "Organisations that the token may use"},
    {METHOD_GET, "/events", list_events, &member, ROUTE_API, NULL,
     "Entries of the organisation's log, newest first"},
    {METHOD_GET, "/:plural", list_records, &member, ROUTE_API, NULL, NULL},
    {METHOD_POST, "/:plural", create_record, &member, ROUTE_API, NULL, NULL},
    {METHOD_GET, "/:plural/:no", show_record, &member, ROUTE_API, NULL, NULL},
    {METHOD_PATCH, "/:plural/:no", change_record, &member, ROUTE_API, NULL, NULL},
    {METHOD_DELETE, "/:plural/:no", remove_record, &member, ROUTE_API, NULL, NULL},
    {METHOD_GET, "/:plural/:no/versions", list_versions, &member, ROUTE_API, NULL, NULL},
    {METHOD_GET, "/:plural/export", any_export, &export_run_right, ROUTE_SLOW, NULL, NULL},
    {METHOD_GET, "/:plural/export", api_export, &export_run_right, ROUTE_API | ROUTE_SLOW, NULL,
     NULL},
    {0},
};

static const struct command commands[] = {
    {"export", "KIND [--format csv|json|xlsx|pdf] [--output FILE] [NAME=VALUE]...",
     "Writes a list with all its fields to standard output or to a file; as PDF with the columns "
     "of the list. KIND is the name of a register, like risks. Filters, columns and order are "
     "those of the list's address: state=open, owner=P-3, q=laptop, sort=-number, cols=state.",
     export_command},
    {"openapi", "[--output FILE]",
     "Prints the description of the REST API as an OpenAPI 3.1 document.", openapi_command},
    {0},
};
/* clang-format on */

static const struct job_kind jobs[] = {
    {.name = "transfer",     .every = HOUR, .run = clean_transfer},
    {0}
};

static const struct permission *const permissions[] = {&export_run_right, NULL};

const struct feature api_feature = {.name = "api",
                                    .permissions = permissions,
                                    .routes = routes,
                                    .commands = commands,
                                    .jobs = jobs};
