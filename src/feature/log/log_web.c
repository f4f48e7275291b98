/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of the log: the list, one entry with its proof, the result of the check, and two texts that
 * somebody outside can keep and check with other tools. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/language.h"
#include "core/page.h"
#include "core/trail.h"
#include "feature/log/log_part.h"

#define PAGE_ROWS 50

/* --- words --- */

static const char *const words[][2] = {
    {"create",           N_("created")                 },
    {"change",           N_("changed")                 },
    {"remove",           N_("removed")                 },
    {"restore",          N_("restored")                },
    {"decision",         N_("decided")                 },
    {"export",           N_("exported")                },
    {"import",           N_("imported")                },
    {"login",            N_("signed in")               },
    {"login.failed",     N_("failed to sign in")       },
    {"login.refused",    N_("was not signed in")       },
    {"logout",           N_("signed out")              },
    {"denied",           N_("was refused")             },
    {"throttled",        N_("tried too often")         },
    {"account.joined",   N_("joined with an account")  },
    {"password.changed", N_("changed a password")      },
    {"password.reset",   N_("reset a password")        },
    {"account.invite",   N_("invited")                 },
    {"installed",        N_("installed Cairn")         },
    {"setup",            N_("set up the first account")},
    {"demo",             N_("made the example company")},
    {"redact",           N_("redacted")                },
    {"restored",         N_("restored a backup")       },
    {"access.granted",   N_("shared")                  },
    {"access.ended",     N_("stopped sharing")         },
};

const char *log_action_words(const char *action)
{
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (text_equal(words[i][0], action))
            return words[i][1];
    return action;
}

void log_draw_subject(struct web *w, const char *kind, i64 record, i64 number, const char *title)
{
    const struct entity *e = feature_entity(kind);
    struct html *h = w->html;

    if (!e) {
        html(h, "%s", kind);
        return;
    }
    html(h, "%s ", tr(e->label));
    if (!record) {
        return;
    } else if (!number) {
        html(h, "<span class='mute'>{(removed)}</span>");
    } else if (e->site || !entity_sees_all(w, e)) {
        html(h, "<span class='record-number'>%s-%lld</span>", e->prefix, number);
    } else {
        html(h, "<a href='%s'><span class='record-number'>%s-%lld</span> %s</a>",
             web_url(w, "/%s/%lld", e->plural, record), e->prefix, number,
             entity_title_shown(w, e, title));
    }
}

static void draw_actor(struct web *w, const char *actor, const char *name)
{
    i64 id;

    if (text_starts(actor, "person:") && text_i64(actor + 7, &id) && id)
        html(w->html, "<a href='%s'>%s</a>", web_url(w, "/people/%lld", id),
             text_empty(name) ? actor : name);
    else if (text_starts(actor, "cli:"))
        html(w->html, "{Command line (%s)}", actor + 4);
    else if (text_starts(actor, "job:"))
        html(w->html, "{Cairn (%s)}", actor + 4);
    else
        html(w->html, "%s", text_empty(name) ? actor : name);
}

/* --- the list --- */

struct query {
    const char *action, *kind, *actor, *from, *until;
    i64 least, most, before; /* instants and index */
};

static const char *asked(struct web *w, const char *name)
{
    const char *text = web_query(w, name);

    return text ? text : "";
}

static struct err *read_day(struct web *w, const char *name, int shift, i64 *at)
{
    const char *day = asked(w, name);

    if (!*day)
        return NULL;
    if (!date_valid(day) || !date_end(date_add(w->arena, day, 0, shift), w->zone, at))
        return err_new(ERR_BAD, "The parameter “%s” is a date like 2026-03-01.", name);
    return NULL;
}

static struct err *read_query(struct web *w, struct query *q)
{
    *q = (struct query){.action = asked(w, "action"),
                        .kind = asked(w, "kind"),
                        .actor = asked(w, "actor"),
                        .from = asked(w, "from"),
                        .until = asked(w, "until"),
                        .most = INT64_MAX,
                        .before = INT64_MAX};
    TRY(read_day(w, "from", -1, &q->least));
    TRY(read_day(w, "until", 0, &q->most));
    if (*asked(w, "after") && (!text_i64(asked(w, "after"), &q->before) || q->before < 0))
        return err_new(ERR_BAD, "The parameter “after” is the number of an entry.");
    return NULL;
}

static struct err *find_rows(struct web *w, const struct query *q, struct rows **out)
{
    return db_query(w->db, out,
                    "select v.idx, v.at, v.actor, a.name, v.action, v.kind, v.record, v.version,"
                    " r.number, r.title from audit_event v"
                    " left join audit_actor a on a.org_id = v.org_id and a.actor = v.actor"
                    " left join record r on r.org_id = v.org_id and r.id = v.record"
                    " where v.org_id = $1 and v.idx < $2 and ($3 = '' or v.action = $3)"
                    " and ($4 = '' or v.kind = $4) and ($5 = '' or v.actor = $5)"
                    " and v.at > $6 and v.at <= $7 order by v.idx desc limit $8",
                    num(w->org), num(q->before), str(q->action), str(q->kind), str(q->actor),
                    num(q->least), num(q->most), num(PAGE_ROWS + 1));
}

static void draw_option(struct web *w, const char *value, const char *label, const char *current)
{
    html(w->html, "<option value='%s'%s>%s</option>", value,
         text_equal(value, current) ? " selected" : "", label);
}

static void draw_kinds(struct web *w, const char *current)
{
    html(w->html,
         "<div class='col-6 col-lg'><label class='form-label' for='log-kind'>{What}</label><select "
         "class='form-select' id='log-kind' name='kind'>");
    draw_option(w, "", tr("Everything"), current);
    for (size_t f = 0; features[f]; f++)
        for (size_t i = 0; features[f]->entities && features[f]->entities[i]; i++)
            if (!features[f]->entities[i]->site)
                draw_option(w, features[f]->entities[i]->name, tr(features[f]->entities[i]->labels),
                            current);
    html(w->html, "</select></div>");
}

static void draw_actions(struct web *w, const char *current)
{
    bool known = !*current;

    html(w->html, "<div class='col-6 col-lg'><label class='form-label' "
                  "for='log-action'>{Action}</label><select class='form-select' id='log-action' "
                  "name='action'>");
    draw_option(w, "", tr("Every action"), current);
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        draw_option(w, words[i][0], tr(words[i][1]), current);
        known = known || text_equal(words[i][0], current);
    }
    if (!known)
        draw_option(w, current, current, current);
    html(w->html, "</select></div>");
}

static struct err *draw_actors(struct web *w, const char *current)
{
    struct rows *r;
    bool known = !*current;

    TRY(db_query(w->db, &r,
                 "select actor, name from audit_actor where org_id = $1 order by name, actor"
                 " limit 500",
                 num(w->org)));
    html(w->html,
         "<div class='col-6 col-lg'><label class='form-label' for='log-actor'>{Who}</label><select "
         "class='form-select' id='log-actor' name='actor'>");
    draw_option(w, "", tr("Everybody"), current);
    while (row_next(r)) {
        draw_option(w, row_text(r, 0), row_text(r, 1), current);
        known = known || text_equal(row_text(r, 0), current);
    }
    if (!known)
        draw_option(w, current, current, current);
    html(w->html, "</select></div>");
    return NULL;
}

static struct err *draw_filters(struct web *w, const struct query *q)
{
    struct html *h = w->html;

    html(h,
         "<details class='mb-3'%s><summary>{Filter}</summary><form method='get' action='%s' "
         "class='row g-2 align-items-end mt-1'>",
         *q->kind || *q->action || *q->actor || *q->from || *q->until ? " open" : "",
         web_url(w, "/log"));
    draw_kinds(w, q->kind);
    draw_actions(w, q->action);
    TRY(draw_actors(w, q->actor));
    html(h,
         "<div class='col-6 col-lg'><label class='form-label' for='log-from'>{From}</label><input "
         "class='form-control' type='date' id='log-from' name='from' value='%s'></div>",
         q->from);
    html(
        h,
        "<div class='col-6 col-lg'><label class='form-label' for='log-until'>{Until}</label><input "
        "class='form-control' type='date' id='log-until' name='until' value='%s'></div>",
        q->until);
    html(h,
         "<div class='col-auto'><button class='btn btn-primary'>{Show}</button> <a class='btn' "
         "href='%s'>{Show all}</a></div></form></details>",
         web_url(w, "/log"));
    return NULL;
}

static void draw_row(struct web *w, const struct rows *r)
{
    struct html *h = w->html;

    html(h, "<tr><td class='list-main'><a href='%s'><span class='record-number'>%lld</span></a> ",
         web_url(w, "/log/%lld", row_num(r, 0)), row_num(r, 0));
    draw_actor(w, row_text(r, 2), row_text(r, 3));
    html(h, " %s</td><td data-label='{What}'><div>", tr(log_action_words(row_text(r, 4))));
    if (*row_text(r, 5))
        log_draw_subject(w, row_text(r, 5), row_num(r, 6), row_num(r, 8), row_text(r, 9));
    else
        html(h, "<span class='mute'>—</span>");
    if (row_num(r, 7))
        html(h, " <span class='mute'>{version %lld}</span>", row_num(r, 7));
    html(h, "</div></td><td data-label='{When}' class='text-nowrap'>%s</td></tr>",
         web_time(w, row_num(r, 1)));
}

static void draw_more(struct web *w, const struct query *q, i64 last)
{
    html(w->html,
         "<nav class='pager' aria-label='{Pages}'><a class='btn' "
         "href='%s?after=%lld&amp;kind=%s&amp;action=%s&amp;actor=%s&amp;from=%s&amp;until=%s'>{"
         "Older entries}</a></nav>",
         web_url(w, "/log"), last, text_url(w->arena, q->kind), text_url(w->arena, q->action),
         text_url(w->arena, q->actor), q->from, q->until);
}

static void draw_rows(struct web *w, const struct query *q, struct rows *r)
{
    i64 last = 0;
    int n = 0;

    html(w->html, "<div class='table-responsive'><table class='table list'><caption "
                  "class='visually-hidden'>{Entries of the log, newest "
                  "first}</caption><thead><tr><th scope='col'>{Who}</th><th "
                  "scope='col'>{What}</th><th scope='col'>{When}</th></tr></thead><tbody>");
    while (n < PAGE_ROWS && row_next(r)) {
        draw_row(w, r);
        last = row_num(r, 0);
        n++;
    }
    html(w->html, "</tbody></table></div>");
    if (!n)
        page_empty(w, "No entry fits. Choose fewer conditions.", web_url(w, "/log"), "Show all");
    if (row_count(r) > PAGE_ROWS)
        draw_more(w, q, last);
}

static const char help[] =
    "Everything that happens leaves an entry here: who did what, when. Entries are chained by "
    "hashes and signed, so that nobody can change or remove one unseen, not even whoever runs the "
    "server. Keep a checkpoint outside of the system from time to time: with it you can prove "
    "later "
    "that the log was not rewritten.";

struct err *log_list(struct web *w)
{
    struct query q;
    struct rows *r;

    TRY(read_query(w, &q));
    TRY(find_rows(w, &q, &r));
    page_begin(w, "Check", "Log");
    page_action(w, "default", web_url(w, "/log/checkpoint"), "Checkpoint");
    if (web_may(w, &log_verify) && !w->asof)
        form_button(w, web_url(w, "/log/verify"), "primary", "Verify the log", NULL, NULL);
    page_help(w, help, "7.5.3");
    page_body(w);
    card_begin(w, NULL, NULL);
    TRY(draw_filters(w, &q));
    draw_rows(w, &q, r);
    card_end(w);
    page_end(w);
    return NULL;
}

/* --- one entry --- */

static struct err *asked_index(struct web *w, i64 *idx)
{
    if (!text_i64(web_param(w, 0), idx) || *idx < 0)
        return err_new(ERR_MISSING, "The log has no entry “%.40s”.", web_param(w, 0));
    return NULL;
}

static void draw_hash(struct web *w, const char *label, const unsigned char *hash)
{
    static const unsigned char none[DIGEST_SIZE];

    html(w->html, "<dt>%s</dt><dd>", label);
    if (memcmp(hash, none, DIGEST_SIZE) == 0)
        html(w->html, "<span class='mute'>{none}</span></dd>");
    else
        html(w->html, "<code class='text-break'>%s</code></dd>",
             crypt_hex(w->arena, hash, DIGEST_SIZE));
}

/* What the payload holds: reason, address, program, text. */
static struct err *draw_payload(struct web *w, const struct trail_entry *e)
{
    static const char *const names[][2] = {
        {"reason",  N_("Reason") },
        {"address", N_("From")   },
        {"agent",   N_("With")   },
        {"body",    N_("Details")}
    };
    struct rows *r;
    json_t *o;

    TRY(db_query(w->db, &r,
                 "select body from audit_payload where org_id = $1 and idx = $2"
                 " and part = 'context'",
                 num(w->org), num(e->idx)));
    if (!row_next(r))
        return NULL;
    TRY(json_parse(w->arena, row_text(r, 0), strlen(row_text(r, 0)), &o));
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const char *text = json_string_value(json_object_get(o, names[i][0]));

        if (text)
            html(w->html, "<dt>%s</dt><dd class='text-break'>%s</dd>", tr(names[i][1]),
                 i ? text : words_supplied(w->arena, text));
    }
    return NULL;
}

static struct err *draw_facts(struct web *w, const struct trail_entry *e)
{
    struct html *h = w->html;
    struct rows *r;
    bool known;

    TRY(db_query(w->db, &r,
                 "select v.actor, a.name, r.number, r.title from audit_event v"
                 " left join audit_actor a on a.org_id = v.org_id and a.actor = v.actor"
                 " left join record r on r.org_id = v.org_id and r.id = v.record"
                 " where v.org_id = $1 and v.idx = $2",
                 num(w->org), num(e->idx)));
    card_begin(w, "What happened", NULL);
    html(h, "<dl class='facts'><dt>{Who}</dt><dd>");
    known = row_next(r);
    if (known)
        draw_actor(w, row_text(r, 0), row_text(r, 1));
    html(h,
         "</dd><dt>{Action}</dt><dd>%s</dd><dt>{When}</dt><dd>%s <span class='mute'>%s</span></dd>",
         tr(log_action_words(e->action)), web_time(w, e->at), clock_iso(w->arena, e->at));
    if (*e->kind) {
        html(h, "<dt>{What}</dt><dd>");
        log_draw_subject(w, e->kind, e->record, known ? row_num(r, 2) : 0,
                         known ? row_text(r, 3) : "");
        html(h, "</dd>");
    }
    if (e->before || e->after)
        html(h, "<dt>{Version}</dt><dd>%s%s%s</dd>",
             e->before ? arena_printf(w->arena, "%lld", e->before) : tr("new"), " → ",
             e->after ? arena_printf(w->arena, "%lld", e->after) : tr("removed"));
    if (*e->request)
        html(h, "<dt>{Request}</dt><dd><code>%s</code></dd>", e->request);
    TRY(draw_payload(w, e));
    html(h, "</dl>");
    card_end(w);
    return NULL;
}

static void draw_proof(struct web *w, const struct trail_proof *p)
{
    struct html *h = w->html;

    card_begin(w, "Proof", NULL);
    html(h,
         "<p>{This entry is number %lld of a log of %lld entries. With the %zu hashes below, its "
         "own hash leads to the root of the log%s.}</p>",
         p->entry.idx, p->size, p->hashes.size / TLOG_HASH,
         p->note ? tr(", which the checkpoint signs") : tr("; the next checkpoint will sign it"));
    html(h, "<dl class='facts'>");
    draw_hash(w, tr("Content"), p->entry.row);
    draw_hash(w, tr("Personal part"), p->entry.personal);
    draw_hash(w, tr("Circumstances"), p->entry.context);
    draw_hash(w, tr("Entry"), p->leaf);
    draw_hash(w, tr("Root of the log"), p->root);
    html(h, "</dl><details><summary>{Hashes on the way}</summary><ol>");
    for (size_t i = 0; i + TLOG_HASH <= p->hashes.size; i += TLOG_HASH)
        html(h, "<li><code class='text-break'>%s</code></li>",
             crypt_hex(w->arena, p->hashes.data + i, TLOG_HASH));
    html(h, "</ol></details>");
    if (p->note)
        html(h,
             "<h3 class='h4 mt-3'>{Checkpoint}</h3><pre class='text-break'>%s</pre><a class='btn' "
             "href='%s'>{Proof as text}</a>",
             p->note, web_url(w, "/log/proof/%lld", p->entry.idx));
    card_end(w);
}

struct err *log_entry(struct web *w)
{
    struct trail_proof p;
    i64 idx;

    TRY(asked_index(w, &idx));
    TRY(trail_prove(w, w->org, idx, &p));
    page_begin(w, "Log", "Entry %lld", idx);
    page_action(w, "default", web_url(w, "/log"), "All entries");
    page_help(w, help, "7.5.3");
    page_body(w);
    html(w->html, "<div class='grid-2'>");
    TRY(draw_facts(w, &p.entry));
    draw_proof(w, &p);
    html(w->html, "</div>");
    page_end(w);
    return NULL;
}

/* --- texts --- */

static void answer_text(struct web *w, const char *text)
{
    web_answer_bytes(w, "text/plain; charset=utf-8",
                     (struct bytes){(const unsigned char *)text, strlen(text)}, NULL);
}

struct err *log_checkpoint(struct web *w)
{
    const char *note;

    TRY(trail_last_note(w, w->org, &note));
    if (!note)
        return err_new(ERR_BUSY,
                       "The first checkpoint is not signed yet. The server signs one within ten "
                       "seconds after a change; ask again in a moment.");
    answer_text(w, note);
    return NULL;
}

/* https://c2sp.org/tlog-proof: index, hashes, an empty line, the signed checkpoint. */
struct err *log_proof(struct web *w)
{
    struct trail_proof p;
    struct buf b;
    i64 idx;

    TRY(asked_index(w, &idx));
    TRY(trail_prove(w, w->org, idx, &p));
    if (!p.note)
        return err_new(ERR_BUSY,
                       "No checkpoint covers entry %lld yet. The server signs one within ten "
                       "seconds after a change; ask again in a moment.",
                       idx);
    buf_init(&b, w->arena, 2000);
    buf_printf(&b, "c2sp.org/tlog-proof@v1\nindex %lld\n", idx);
    for (size_t i = 0; i + TLOG_HASH <= p.hashes.size; i += TLOG_HASH)
        buf_printf(&b, "%s\n", crypt_base64(w->arena, p.hashes.data + i, TLOG_HASH));
    buf_printf(&b, "\n%s", p.note);
    answer_text(w, b.data);
    return NULL;
}

/* --- the check --- */

struct err *log_verify_page(struct web *w)
{
    struct verify_result v;
    i64 started = clock_ticks();

    TRY(trail_verify(w, w->org, &v));
    page_begin(w, "Log", "Check of the log");
    page_action(w, "default", web_url(w, "/log"), "Back to the log");
    page_body(w);
    if (v.count)
        page_notice(w, "danger",
                    "Something is wrong with the log. Do not repair anything; tell the "
                    "administrator and keep the server's disk as it is.");
    else
        page_notice(w, "success",
                    "Nothing was found. All entries, checkpoints and records fit together.");
    card_begin(w, "What was checked", NULL);
    html(w->html,
         "<dl class='facts'><dt>{Entries}</dt><dd>%lld</dd><dt>{Versions of "
         "records}</dt><dd>%lld</dd><dt>{Signed checkpoints}</dt><dd>%lld</dd><dt>{Redacted "
         "parts}</dt><dd>%lld</dd><dt>{Time}</dt><dd>{%lld ms}</dd></dl>",
         v.entries, v.rows, v.checkpoints, v.redacted, (clock_ticks() - started) / 1000);
    card_end(w);
    if (v.count) {
        card_begin(w, "Findings", NULL);
        html(w->html, "<ul>");
        for (size_t i = 0; i < v.count; i++)
            html(w->html, "<li>%s</li>", v.findings[i].text);
        html(w->html, "</ul>");
        card_end(w);
    }
    page_end(w);
    return NULL;
}
