/* SPDX-License-Identifier: Apache-2.0 */
/* cairn verify: the check of the log from the command line, and the log as a file. */
#include <string.h>

#include "base/text.h"
#include "core/trail.h"
#include "feature/log/log_part.h"

static const char *org_name(struct web *w, i64 org)
{
    struct rows *r;

    if (org == 0)
        return "system";
    if (org == -1 ||
        db_query(w->db, &r, "select slug from directory where org_id = $1 and organisation = $2",
                 num(0), num(org)) ||
        !row_next(r))
        return arena_printf(w->arena, "%lld", org);
    return row_text(r, 0);
}

static void print_text(struct cli *c, struct web *w, const struct verify_result *v)
{
    for (size_t i = 0; i < v->count; i++)
        fprintf(c->out, "%s: %s\n", org_name(w, v->findings[i].org), v->findings[i].text);
    for (size_t i = 0; i < v->ntold; i++)
        fprintf(c->out, "%s: %s\n", org_name(w, v->told[i].org), v->told[i].text);
    for (size_t i = 0; i < v->count; i++)
        if (v->findings[i].idx >= 0) {
            fprintf(c->out, "first bad entry: %s %lld\n", org_name(w, v->findings[i].org),
                    v->findings[i].idx);
            break;
        }
    fprintf(c->out,
            "%lld %s, %lld entries, %lld versions of records, %lld checkpoints, %lld redacted, "
            "%lld %s: %zu %s\n",
            v->logs, v->logs == 1 ? "log" : "logs", v->entries, v->rows, v->checkpoints,
            v->redacted, v->files, v->files == 1 ? "file" : "files", v->count,
            v->count == 1 ? "finding" : "findings");
}

static void print_json(struct cli *c, struct web *w, const struct verify_result *v)
{
    json_t *o = json_own(w->arena, json_object()), *list = json_array(), *told = json_array();

    json_object_set_new(o, "logs", json_integer(v->logs));
    json_object_set_new(o, "entries", json_integer(v->entries));
    json_object_set_new(o, "rows", json_integer(v->rows));
    json_object_set_new(o, "checkpoints", json_integer(v->checkpoints));
    json_object_set_new(o, "redacted", json_integer(v->redacted));
    json_object_set_new(o, "files", json_integer(v->files));
    json_object_set_new(o, "findings", list);
    json_object_set_new(o, "told", told);
    for (size_t i = 0; i < v->ntold; i++)
        json_array_append_new(told, json_pack("{s:s,s:I,s:s}", "log", org_name(w, v->told[i].org),
                                              "index", v->told[i].idx, "text", v->told[i].text));
    for (size_t i = 0; i < v->count; i++)
        json_array_append_new(list,
                              json_pack("{s:s,s:I,s:s}", "log", org_name(w, v->findings[i].org),
                                        "index", v->findings[i].idx, "text", v->findings[i].text));
    fprintf(c->out, "%s\n", json_text(w->arena, o));
}

static struct err *export_logs(struct cli *c, struct web *w, i64 org)
{
    const char *path = cli_option(c, "export");
    FILE *out;
    struct rows *r;

    if (!path)
        return NULL;
    TRY(cli_file(c, path, true, &out));
    /* every organisation, or the one that was asked for */
    TRY(db_query(w->db, &r,
                 "select org_id from audit_frontier where org_id = $1 or $2 = 1 order by org_id",
                 num(org), num(org == -1)));
    while (row_next(r))
        TRY(trail_export(w, row_num(r, 0), out));
    return NULL;
}

int verify_run(struct cli *c)
{
    struct verify_result v;
    struct web *w;
    struct err *failed = cli_open(c, false, cli_option(c, "org") != NULL, &w);
    i64 org;

    if (failed)
        return cli_fail(c, failed);
    org = cli_option(c, "org") ? w->org : -1;
    failed = trail_verify(w, org, &v);
    if (!failed && !cli_flag(c, "no-files"))
        failed = trail_verify_files(w, org, &v);
    if (!failed)
        failed = export_logs(c, w, org);
    if (failed)
        return cli_fail(c, failed);
    if (text_equal(cli_option(c, "format"), "json"))
        print_json(c, w, &v);
    else
        print_text(c, w, &v);
    return v.count ? 1 : 0;
}
