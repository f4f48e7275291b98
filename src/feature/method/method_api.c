/* SPDX-License-Identifier: Apache-2.0 */
/* A version as one JSON object, out and in: for the API and the command line. What comes in becomes
 * a draft; only people approve. */
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "core/app.h"
#include "core/command.h"
#include "feature/method/method_part.h"

#define FILE_MOST ((size_t)1024 * 1024)

/* --- out --- */

static json_t *text_json(const char *text)
{
    return text ? json_string(text) : json_null();
}

static json_t *triggers_json(i64 triggers)
{
    const struct choice *c = entity_field(&method_entity, "triggers")->choices;
    json_t *list = json_array();

    for (int i = 0; c[i].code; i++)
        if (triggers >> i & 1)
            json_array_append_new(list, json_string(c[i].code));
    return list;
}

static struct err *whole_json(struct web *w, const struct method *m, json_t **out)
{
    const char *number = arena_printf(w->arena, "M-%lld", m->number);
    struct scales s;
    json_t *o;

    TRY(scales_load(w, m, &s));
    o = json_own(w->arena, json_object());
    json_object_set_new(o, "number", json_string(number));
    json_object_set_new(o, "state", text_json(m->state));
    json_object_set_new(o, "title", text_json(m->title));
    json_object_set_new(o, "acceptance", json_integer(m->acceptance));
    json_object_set_new(o, "never_above", json_integer(m->never_above));
    json_object_set_new(o, "accept_months", json_integer(m->accept_months));
    json_object_set_new(o, "acceptance_rule", text_json(m->acceptance_rule));
    json_object_set_new(o, "impact_rule", text_json(m->impact_rule));
    json_object_set_new(o, "existing_rule", text_json(m->existing_rule));
    json_object_set_new(o, "ranking", text_json(m->ranking));
    json_object_set_new(o, "review_months", json_integer(m->review_months));
    json_object_set_new(o, "triggers", triggers_json(m->triggers));
    json_object_set_new(o, "scales", scales_json(&s));
    *out = o;
    return NULL;
}

struct err *method_api_get(struct web *w)
{
    struct method m;
    json_t *o;

    TRY(method_asked(w, &m));
    TRY(whole_json(w, &m, &o));
    web_answer_json(w, 200, json_incref(o));
    return NULL;
}

/* --- in --- */

/* Fields as the API takes them elsewhere; number and state of where it came from are passed over.
 */
static struct err *read_fields(struct web *w, const json_t *root, struct method *m,
                               struct issues *issues)
{
    json_t *fields = json_own(w->arena, json_deep_copy(root));

    json_object_del(fields, "scales");
    json_object_del(fields, "number");
    json_object_del(fields, "state");
    if (json_is_integer(json_object_get(fields, "never_above")) &&
        !json_integer_value(json_object_get(fields, "never_above")))
        json_object_set_new(fields, "never_above", json_null());
    return entity_apply(w, &method_entity, m, entity_json_inputs(w, fields, issues), true, issues);
}

/* The draft that takes it up: the one that is in work beside the version in use, the one in use
 * while that is a draft without scores, or a new version. */
static struct err *draft_for(struct web *w, struct method *m)
{
    struct method in_use;
    struct rows *r;

    TRY(method_current(w, &in_use));
    TRY(db_query(w->db, &r,
                 "select id from method where org_id = $1 and state = 'draft' and (id <> $2"
                 " or not exists (select 1 from risk k where k.org_id = $1 and k.method = $2))"
                 " order by number desc limit 1",
                 num(w->org), num(in_use.id)));
    if (row_next(r))
        return method_load(w, row_num(r, 0), m);
    return method_new_version(w, &in_use, m);
}

static struct err *take_in(struct web *w, const json_t *root, struct method *m,
                           struct issues *issues)
{
    struct method in_use;
    struct scales s;

    if (!json_is_object(root)) {
        issue(issues, "", "A method is a JSON object; “cairn method export” writes one.");
        return NULL;
    }
    scales_read(w->arena, json_object_get(root, "scales"), &s, issues);
    if (!issues->count)
        scales_check(&s, issues);
    if (issues->count)
        return NULL;
    TRY(draft_for(w, m));
    TRY(read_fields(w, root, m, issues));
    if (m->base) {
        TRY(method_load(w, m->base, &in_use));
        if (s.before_likelihoods != in_use.levels || s.before_impacts != in_use.impact_levels)
            scales_even_map(&s, in_use.levels, in_use.impact_levels);
    } else {
        s.before_likelihoods = s.before_impacts = 0;
    }
    if (issues->count)
        return NULL;
    return method_store(w, m, &s, "taken in", issues);
}

/* What was written before an issue was found must not stay. */
static struct err *refused(const struct issues *issues)
{
    return err_new(ERR_INVALID, "%s%s%s", issues->list[0].field, *issues->list[0].field ? ": " : "",
                   issues->list[0].text);
}

struct err *method_api_post(struct web *w)
{
    struct issues issues = {.arena = w->arena};
    struct method m;
    json_t *root, *o;

    if (!text_equal(w->req->body_type, "application/json"))
        return err_new(ERR_BAD, "Send a JSON object as application/json.");
    TRY(json_parse(w->arena, (const char *)w->req->body.data, w->req->body.size, &root));
    TRY(take_in(w, root, &m, &issues));
    if (issues.count)
        return refused(&issues);
    TRY(whole_json(w, &m, &o));
    web_answer_json(w, 201, json_incref(o));
    return NULL;
}

/* --- command line --- */

struct call {
    struct cli *c;
    struct method m;
    json_t *root;
    struct method_moves moves;
};

static struct err *named(struct web *w, struct cli *c, struct method *m)
{
    const char *name = cli_argument(c, 0);
    i64 id;

    if (!name)
        return method_current(w, m);
    TRY(entity_find(w, &method_entity, name, &id));
    return method_load(w, id, m);
}

static struct err *read_whole(struct web *w, void *ctx)
{
    struct call *call = ctx;

    TRY(named(w, call->c, &call->m));
    return whole_json(w, &call->m, &call->root);
}

static int print_whole(struct cli *c, const struct call *call)
{
    FILE *out = c->out;
    const char *path = cli_option(c, "output");
    struct err *failed = path ? cli_file(c, path, true, &out) : NULL;

    if (failed)
        return cli_fail(c, failed);
    json_dumpf(call->root, out, JSON_INDENT(2));
    fputc('\n', out);
    return 0;
}

static int export_run(struct cli *c)
{
    struct call call = {.c = c};
    struct web *w;
    struct err *failed = cli_open(c, false, true, &w);

    if (!failed)
        failed = app_read(w, read_whole, &call);
    return failed ? cli_fail(c, failed) : print_whole(c, &call);
}

static struct err *read_show(struct web *w, void *ctx)
{
    struct call *call = ctx;
    struct method *m = &call->m;
    struct scales s;
    FILE *out = call->c->out;

    TRY(named(w, call->c, m));
    TRY(scales_load(w, m, &s));
    fprintf(out,
            "M-%lld %s (%s)\nacceptance level %lld, impact rule %s, repeated every %lld "
            "months\n\n",
            m->number, m->title, m->state, m->acceptance, m->impact_rule, m->review_months);
    for (i64 l = s.likelihoods; l >= 1; l--) {
        fprintf(out, "%2lld %-24.24s", l, s.likelihood[l - 1]);
        for (i64 i = 1; i <= s.impacts; i++)
            fprintf(out, " %4lld%c", s.cells[l - 1][i - 1],
                    scale_bands[scales_band(&s, s.cells[l - 1][i - 1])][0]);
        fputc('\n', out);
    }
    fprintf(out, "%27s", "");
    for (i64 i = 1; i <= s.impacts; i++)
        fprintf(out, " %4lld ", i);
    fprintf(out, "\n\nl low, m medium, h high, c critical\n");
    if (!m->base || (!text_equal(m->state, "draft") && !text_equal(m->state, "submitted")))
        return NULL;
    TRY(method_count_moves(w, m, &call->moves));
    fprintf(out,
            "%lld open risks: band changes %lld, above acceptance only now %lld, no longer above "
            "%lld\n",
            call->moves.risks, call->moves.band, call->moves.over, call->moves.under);
    return NULL;
}

static int show_run(struct cli *c)
{
    struct call call = {.c = c};
    struct web *w;
    struct err *failed = cli_open(c, false, true, &w);

    if (!failed)
        failed = app_read(w, read_show, &call);
    return failed ? cli_fail(c, failed) : 0;
}

static struct err *write_import(struct web *w, void *ctx)
{
    struct issues issues = {.arena = w->arena};
    struct call *call = ctx;

    TRY(take_in(w, call->root, &call->m, &issues));
    return issues.count ? refused(&issues) : NULL;
}

static struct err *read_file(struct cli *c, struct web *w, json_t **out)
{
    char *data = arena_alloc(w->arena, FILE_MOST + 1);
    FILE *in;
    size_t n;

    TRY(cli_file(c, cli_argument(c, 0), false, &in));
    n = fread(data, 1, FILE_MOST + 1, in);
    if (n > FILE_MOST)
        return err_new(ERR_INVALID, "The file is larger than 1 MB, so it is no method.");
    return json_parse(w->arena, data, n, out);
}

static int import_run(struct cli *c)
{
    struct call call = {.c = c};
    struct web *w;
    struct err *failed = cli_open(c, true, true, &w);

    if (!failed)
        failed = read_file(c, w, &call.root);
    if (!failed)
        failed = app_write(w, write_import, &call);
    if (failed)
        return cli_fail(c, failed);
    fprintf(c->out, "M-%lld %s is a draft now\n", call.m.number, call.m.title);
    return 0;
}

const struct command method_commands[] = {
    {"method show",                              "[METHOD]",
     "Prints a version of the risk method with its matrix, and for a draft how many risks would "
     "move. Without METHOD the version in use.", show_run},
    {"method export", "[METHOD] [--output FILE]",
     "Writes a version of the risk method with its scales, matrix and bands as JSON. Without "
     "METHOD "
     "the version in use.", export_run},
    {"method import",                                          "FILE",
     "Takes in a risk method from JSON as a draft. Nothing that was scored moves before top "
     "management has approved it.", import_run},
    {0               },
};
