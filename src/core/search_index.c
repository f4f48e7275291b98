/* SPDX-License-Identifier: Apache-2.0 */
/* The index itself. SQLite: a contentless FTS5 table of terms; it has to be told the old terms when
 * a record changes, so search_row keeps the text they came from. PostgreSQL: one tsvector of terms.
 * Terms and queries are made in one place for both; positions are not stored. */
#include "core/search_index.h"

#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/entity_sql.h"

#define RUN(db, sql, ...) \
    db_exec_text((db), NULL, (sql), DB_VALS(__VA_ARGS__), DB_NVALS(__VA_ARGS__))

static bool is_sqlite(const struct db *db)
{
    return db_engine(db) == DB_SQLITE;
}

/* --- tables --- */

#define EDITION "1" /* raised whenever terms or tables change: then the index is made anew */

static const char *const sqlite_tables[] = {
    "DROP TABLE IF EXISTS search_fts",
    "DROP TABLE IF EXISTS search_row",
    "CREATE TABLE search_row (n INTEGER PRIMARY KEY, org_id INTEGER NOT NULL, id INTEGER NOT NULL,"
    " kind TEXT NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL)",
    "CREATE UNIQUE INDEX search_row_record ON search_row (org_id, id)",
    "CREATE VIRTUAL TABLE search_fts USING fts5(terms, content='', tokenize='ascii',"
    " detail='none', columnsize=0)",
};

static const char *const postgres_tables[] = {
    "DROP TABLE IF EXISTS search_index",
    "CREATE TABLE search_index (org_id bigint NOT NULL, id bigint NOT NULL, kind text NOT NULL,"
    " terms tsvector NOT NULL, PRIMARY KEY (org_id, id))",
    "CREATE INDEX search_index_terms ON search_index USING gin (terms)",
};

struct err *search_ready(struct db *db, bool *ready)
{
    struct rows *r;

    TRY(db_query(db, &r, "select value from content_state where name = $1", str("search")));
    *ready = row_next(r) && text_equal(row_text(r, 0), EDITION);
    return NULL;
}

struct err *search_setup(struct db *db)
{
    const char *const *tables = is_sqlite(db) ? sqlite_tables : postgres_tables;
    size_t n = is_sqlite(db) ? COUNT_OF(sqlite_tables) : COUNT_OF(postgres_tables);
    bool ready;

    if (!is_sqlite(db)) /* two servers may start at once */
        TRY(RUN(db, "SELECT pg_advisory_xact_lock(7205759403)"));
    TRY(search_ready(db, &ready));
    if (ready)
        return NULL;
    for (size_t i = 0; i < n; i++)
        TRY(RUN(db, tables[i]));
    /* every organisation */
    TRY(RUN(db, "update search_doc set dirty = 1 where dirty = 0"));
    return db_exec(db,
                   "insert into content_state (name, value) values ($1, $2)"
                   " on conflict (name) do update set value = excluded.value",
                   str("search"), str(EDITION));
}

/* --- terms --- */

#define TITLE_WORDS 200
#define BODY_WORDS 3000
#define BODY_TRIGRAMS 40000 /* a tsvector has room for 1 MB of terms */

struct doc {
    i64 org, id;
    const char *kind;
    const char *title, *body; /* plain */
};

/* How an engine wants terms: what stands before and after each, and between two. */
struct style {
    const char *before, *after, *between;
};
static const struct style sqlite_doc = {"", "", " "}, postgres_doc = {"'", "'", " "};

/* No term holds a quote or a backslash: words and trigrams are letters, digits and marks. */
static void add_terms(struct buf *b, const struct style *s, const char *mark,
                      const struct words *words)
{
    for (size_t i = 0; i < words->count; i++) {
        buf_str(b, b->size ? s->between : "");
        buf_str(b, s->before);
        buf_str(b, mark);
        buf_str(b, words->word[i]);
        buf_str(b, s->after);
    }
}

static const char *doc_terms(struct arena *a, const struct style *s, const struct doc *d)
{
    const char *mark = search_mark(a, d->org);
    const char *all = arena_printf(a, "%s\n%s", d->title, d->body);
    struct words title = search_words(a, d->title, TITLE_WORDS);
    struct words words = search_words(a, all, BODY_WORDS);
    struct words trigrams = search_trigrams(a, all, BODY_TRIGRAMS);
    struct buf b;

    buf_init(&b, a, 4000);
    add_terms(&b, s, arena_printf(a, "%st", mark), &title);
    add_terms(&b, s, arena_printf(a, "%sw", mark), &words);
    add_terms(&b, s, arena_printf(a, "%sg", mark), &trigrams);
    return b.data;
}

/* A query for records with all of the words; `kind` is t, w (prefixes) or g (exact). */
static const char *match_terms(struct web *w, char kind, const struct words *words)
{
    static const struct style sqlite = {"\"", "\"", " AND "};
    static const struct style sqlite_prefix = {"\"", "\"*", " AND "};
    static const struct style postgres = {"'", "'", " & "};
    static const struct style postgres_prefix = {"'", "':*", " & "};
    const struct style *s = is_sqlite(w->db) ? kind == 'g' ? &sqlite : &sqlite_prefix
                            : kind == 'g'    ? &postgres
                                             : &postgres_prefix;
    struct buf b;

    buf_init(&b, w->arena, 300);
    add_terms(&b, s, arena_printf(w->arena, "%s%c", search_mark(w->arena, w->org), kind), words);
    return b.data;
}

/* --- applying --- */

static struct err *sqlite_forget(struct db *db, struct arena *a, const struct doc *d, i64 *n)
{
    struct doc old = *d;
    struct rows *r;

    *n = 0;
    TRY(db_query_text(db, &r, "SELECT n, title, body FROM search_row WHERE org_id = $1 AND id = $2",
                      DB_VALS(num(d->org), num(d->id)), 2));
    if (!row_next(r))
        return NULL;
    *n = row_num(r, 0);
    old.title = row_text(r, 1);
    old.body = row_text(r, 2);
    return RUN(db, "INSERT INTO search_fts (search_fts, rowid, terms) VALUES ('delete', $1, $2)",
               num(*n), str(doc_terms(a, &sqlite_doc, &old)));
}

static struct err *sqlite_drop(struct db *db, struct arena *a, const struct doc *d)
{
    i64 n;

    TRY(sqlite_forget(db, a, d, &n));
    return n ? RUN(db, "DELETE FROM search_row WHERE n = $1", num(n)) : NULL;
}

static struct err *sqlite_add(struct db *db, struct arena *a, const struct doc *d)
{
    struct rows *r;
    i64 n;

    TRY(sqlite_forget(db, a, d, &n));
    TRY(db_query_text(
        db, &r,
        "INSERT INTO search_row (n, org_id, id, kind, title, body)"
        " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (n) DO UPDATE SET"
        " kind = excluded.kind, title = excluded.title, body = excluded.body"
        " RETURNING n",
        DB_VALS(num_or_null(n), num(d->org), num(d->id), str(d->kind), str(d->title), str(d->body)),
        6));
    if (!row_next(r))
        BUG("the row of the index has no number");
    return RUN(db, "INSERT INTO search_fts (rowid, terms) VALUES ($1, $2)", num(row_num(r, 0)),
               str(doc_terms(a, &sqlite_doc, d)));
}

static struct err *postgres_add(struct db *db, struct arena *a, const struct doc *d)
{
    return RUN(db,
               "INSERT INTO search_index (org_id, id, kind, terms)"
               " VALUES ($1, $2, $3, CAST($4 AS tsvector))"
               " ON CONFLICT (org_id, id) DO UPDATE SET kind = excluded.kind,"
               " terms = excluded.terms",
               num(d->org), num(d->id), str(d->kind), str(doc_terms(a, &postgres_doc, d)));
}

static struct err *apply_one(struct db *db, struct arena *a, const struct doc *d, bool gone)
{
    if (gone) {
        if (is_sqlite(db))
            TRY(sqlite_drop(db, a, d));
        else
            TRY(RUN(db, "DELETE FROM search_index WHERE org_id = $1 AND id = $2", num(d->org),
                    num(d->id)));
        return db_exec(db, "delete from search_doc where org_id = $1 and id = $2", num(d->org),
                       num(d->id));
    }
    TRY(is_sqlite(db) ? sqlite_add(db, a, d) : postgres_add(db, a, d));
    return db_exec(db, "update search_doc set dirty = 0 where org_id = $1 and id = $2", num(d->org),
                   num(d->id));
}

struct err *search_apply(struct web *w, int limit, bool *left)
{
    /* every organisation: one index serves them all */
    static const char claim[] = "select org_id, id, kind, text from search_doc where dirty = 1"
                                " order by org_id, id limit $1";
    static const char claim_free[] = "select org_id, id, kind, text from search_doc where dirty = 1"
                                     " order by org_id, id limit $1 for update skip locked";
    struct err *e = NULL;
    struct arena *a;
    struct rows *r;

    TRY(db_query_text(w->db, &r, is_sqlite(w->db) ? claim : claim_free, DB_VALS(num(limit)), 1));
    a = arena_new(0);
    while (!e && row_next(r)) {
        const char *text = row_text(r, 3), *end = strchrnul(text, '\n');
        struct doc d = {.org = row_num(r, 0), .id = row_num(r, 1), .kind = row_text(r, 2)};

        db_use_arena(w->db, a);
        d.title = search_plain(a, arena_strn(a, text, (size_t)(end - text)));
        d.body = search_plain(a, *end ? end + 1 : end);
        e = apply_one(w->db, a, &d, !*text);
        arena_reset(a);
    }
    db_use_arena(w->db, w->arena);
    arena_free(a);
    if (left)
        *left = !e && row_count(r) >= (size_t)limit;
    return e;
}

/* --- asking --- */

/* $1 match, $2 organisation, $3 limit, $4 kinds or kind, $5 person, $6 today. The engines must
 * begin with the index of terms, whatever their statistics say (after an import they say nothing):
 * hence the cross join of SQLite, the "+ 0" and CASE for PostgreSQL, and subqueries for the header.
 */
static const char *find_sql(struct web *w, const struct search_query *q)
{
    struct buf b;

    buf_init(&b, w->arena, 1000);
    buf_str(&b, "SELECT s.id, s.kind,"
                " (SELECT r.number FROM record r WHERE r.org_id = $2 AND r.id = s.id),"
                " (SELECT r.title FROM record r WHERE r.org_id = $2 AND r.id = s.id)");
    buf_str(&b, is_sqlite(w->db)
                    ? " FROM search_fts CROSS JOIN search_row s ON s.n = search_fts.rowid"
                      " WHERE search_fts MATCH $1 AND s.org_id = $2"
                    : " FROM search_index s WHERE s.terms @@ CAST($1 AS tsquery)"
                      " AND s.org_id + 0 = $2");
    if (q->limited) {
        buf_printf(&b,
                   " AND s.kind = $4 AND CASE WHEN EXISTS (SELECT 1 FROM %s t"
                   " WHERE t.org_id = $2 AND t.id = s.id AND ",
                   q->limited->name);
        entity_visible_sql(&b, q->limited, &(struct visible){2, 5, 6, q->past});
        buf_str(&b, ") THEN 1 ELSE 0 END = 1");
    } else {
        buf_str(&b, " AND s.kind IN (SELECT value FROM json_each($4))");
    }
    buf_str(&b, is_sqlite(w->db) ? " ORDER BY search_fts.rowid DESC LIMIT $3"
                                 : " ORDER BY s.id + 0 DESC LIMIT $3");
    return b.data;
}

struct err *search_find(struct web *w, const struct search_query *q, struct rows **out)
{
    const char *match = match_terms(w, q->in_title ? 't' : 'w', q->words);
    const char *kinds = q->limited ? q->limited->name : q->kinds;

    return db_query_text(
        w->db, out, find_sql(w, q),
        DB_VALS(str(match), num(w->org), num(q->limit), str(kinds), num(w->person), str(w->today)),
        q->limited ? 6 : 4);
}

struct err *search_contains(struct web *w, const struct entity *e, const char *folded, int limit,
                            struct rows **out)
{
    static const char sqlite[] =
        "SELECT s.id FROM search_fts CROSS JOIN search_row s ON s.n = search_fts.rowid"
        " CROSS JOIN search_doc d ON d.org_id = $2 AND d.id = s.id"
        " WHERE search_fts MATCH $1 AND s.org_id = $2 AND s.kind = $3 AND d.dirty = 0"
        " AND instr(d.text, $4) > 0 LIMIT $5";
    static const char postgres[] =
        "SELECT s.id FROM search_index s"
        " JOIN search_doc d ON d.org_id = $2 AND d.id = s.id"
        " WHERE s.terms @@ CAST($1 AS tsquery) AND s.org_id + 0 = $2 AND s.kind = $3"
        " AND d.dirty = 0 AND strpos(d.text, $4) > 0 LIMIT $5";
    const char *plain = search_plain(w->arena, folded);
    struct words trigrams = search_trigrams(w->arena, plain, SEARCH_TRIGRAMS);

    return db_query_text(w->db, out, is_sqlite(w->db) ? sqlite : postgres,
                         DB_VALS(str(match_terms(w, 'g', &trigrams)), num(w->org), str(e->name),
                                 str(folded), num(limit)),
                         5);
}
