/* SPDX-License-Identifier: Apache-2.0 */
/* `cairn verify`: findings, and what entries say of others: which parts were erased, which keys
 * signed before a restore. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "core/app.h"
#include "core/trail_part.h"

/* --- findings --- */

void verify_finding(struct verify *v, i64 idx, const char *format, ...)
{
    struct verify_result *r = v->result;
    va_list args;

    if (r->count > FINDINGS_MAX)
        return;
    if (!r->findings)
        r->findings = NEW_ARRAY(v->out, struct finding, FINDINGS_MAX + 1);
    va_start(args, format);
    r->findings[r->count++] = (struct finding){
        .org = v->org,
        .idx = idx,
        .text = r->count == FINDINGS_MAX ? "There are more findings than are listed here."
                                         : arena_vprintf(v->out, format, args),
    };
    va_end(args);
}

static int by_part(const void *x, const void *y)
{
    const struct redaction *a = x, *b = y;

    if (a->idx != b->idx)
        return a->idx < b->idx ? -1 : 1;
    return strcmp(a->part, b->part);
}

bool verify_redacted(struct verify *v, i64 idx, const char *part)
{
    struct redaction key = {.idx = idx, .part = part};
    struct verify_result *r = v->result;
    const struct redaction *found =
        v->nredactions ? bsearch(&key, v->redactions, v->nredactions, sizeof(key), by_part) : NULL;

    if (!found)
        return false;
    r->redacted++;
    if (!r->told)
        r->told = NEW_ARRAY(v->out, struct finding, FINDINGS_MAX);
    if (r->ntold < FINDINGS_MAX)
        r->told[r->ntold++] = (struct finding){
            .org = v->org,
            .idx = idx,
            .text = arena_printf(v->out, "Entry %lld: its %s redacted by #%lld.", idx,
                                 strcmp(part, "context") == 0    ? "address and browser were"
                                 : strcmp(part, "personal") == 0 ? "personal data was"
                                                                 : "texts were",
                                 found->by)};
    return true;
}

void verify_use(struct verify *v, struct arena *a)
{
    v->w->arena = a;
    db_use_arena(v->w->db, a);
}

/* --- what entries say of others --- */

/* Entries of an action with their contexts, in order. They are proved later, in the walk. */
static struct err *entries_of(struct verify *v, const char *action, struct rows **out)
{
    return db_query(v->w->db, out,
                    "select v.idx, p.body from audit_event v join audit_payload p on"
                    " p.org_id = v.org_id and p.idx = v.idx and p.part = 'context'"
                    " where v.org_id = $1 and v.action = $2 order by v.idx",
                    num(v->org), str(action));
}

/* The body within a context; NULL when there is none. */
static json_t *body_of(struct arena *a, const char *context)
{
    json_t *outer, *inner;
    const char *body;

    if (!context || json_parse(a, context, strlen(context), &outer))
        return NULL;
    body = json_string_value(json_object_get(outer, "body"));
    return body && !json_parse(a, body, strlen(body), &inner) ? inner : NULL;
}

/* --- redactions --- */

static void add_redaction(struct verify *v, i64 by, const json_t *idx, const char *part)
{
    struct redaction one = {.idx = json_integer_value(idx), .by = by};

    if (!part || !(json_is_integer(idx) || json_is_string(idx)) ||
        (json_is_string(idx) && !text_i64(json_string_value(idx), &one.idx)) || one.idx >= by)
        return;
    if (v->nredactions == v->redaction_room) {
        size_t room = v->redaction_room ? v->redaction_room * 2 : 64;
        struct redaction *bigger = NEW_ARRAY(v->out, struct redaction, room);

        if (v->nredactions)
            memcpy(bigger, v->redactions, v->nredactions * sizeof(*bigger));
        v->redactions = bigger;
        v->redaction_room = room;
    }
    one.part = arena_str(v->out, part);
    v->redactions[v->nredactions++] = one;
}

/* The body of a "redact" entry: {"parts": [[17, "personal"], ...]}, or {"idx": 17, "part": ...}. */
static void parse_redactions(struct verify *v, i64 by, const char *context)
{
    json_t *inner = body_of(v->w->arena, context), *one;
    size_t i;

    if (json_object_get(inner, "part"))
        add_redaction(v, by, json_object_get(inner, "idx"),
                      json_string_value(json_object_get(inner, "part")));
    json_array_foreach(json_object_get(inner, "parts"), i, one)
        add_redaction(v, by, json_array_get(one, 0), json_string_value(json_array_get(one, 1)));
}

static struct err *load_redactions(struct verify *v)
{
    struct rows *r;

    v->nredactions = v->redaction_room = 0;
    TRY(entries_of(v, "redact", &r));
    while (row_next(r))
        parse_redactions(v, row_num(r, 0), row_str(r, 1));
    if (v->nredactions)
        qsort(v->redactions, v->nredactions, sizeof(*v->redactions), by_part);
    return NULL;
}

/* --- restores --- */

static bool unhex(const char *text, unsigned char out[32])
{
    static const char digits[] = "0123456789abcdef";

    for (int i = 0; i < 64; i++) {
        const char *at = text[i] ? strchr(digits, text[i]) : NULL;

        if (!at)
            return false;
        out[i / 2] = (unsigned char)(out[i / 2] << 4 | (at - digits));
    }
    return text[64] == '\0';
}

/* The body of a "restored" entry names the key of the backup: {"key": {"name", "public"}}. */
static bool parse_key(struct arena *a, const char *context, struct former_key *out)
{
    const json_t *key = json_object_get(body_of(a, context), "key");
    const char *public = json_string_value(json_object_get(key, "public"));

    out->name = json_string_value(json_object_get(key, "name"));
    return out->name && public && unhex(public, out->public);
}

/* Proved in the walk as well: the log that names these keys is signed by the present one. */
static struct err *load_keys(struct verify *v)
{
    struct rows *r;
    struct former_key found;

    v->nkeys = 0;
    TRY(entries_of(v, "restored", &r));
    v->keys = NEW_ARRAY(v->out, struct former_key, row_count(r) + 1);
    while (row_next(r)) {
        if (!parse_key(v->w->arena, row_str(r, 1), &found))
            continue;
        found.name = arena_str(v->out, found.name);
        found.until = row_num(r, 0);
        v->keys[v->nkeys++] = found;
    }
    return NULL;
}

struct err *verify_load(struct verify *v)
{
    TRY(load_redactions(v));
    return load_keys(v);
}
