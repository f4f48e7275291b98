/* SPDX-License-Identifier: Apache-2.0 */
#include "core/kept.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "db/engine.h"

#define SLOTS 1024
#define LARGEST ((size_t)16 * 1024) /* larger answers are not kept */
#define VALUES 8
#define TEXT 40

struct value {
    bool null;
    enum val_kind kind;
    i64 num;
    char text[TEXT];
};

struct key {
    u64 sql; /* hash of the text, which is compared too */
    i64 org, changes;
    size_t n;
    struct value vals[VALUES];
};

struct answer {
    struct key key;
    char *sql;
    struct rows *rows; /* one piece of memory */
    int users;         /* the slot is one of them */
};

static struct answer *slots[SLOTS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* False when the values are none to be compared cheaply. */
static bool make_key(const struct web *w, const char *sql, const struct val *vals, size_t n,
                     struct key *key)
{
    memset(key, 0, sizeof *key); /* with its holes: keys are compared as bytes */
    key->sql = 14695981039346656037ULL;
    for (const char *p = sql; *p; p++)
        key->sql = (key->sql ^ (unsigned char)*p) * 1099511628211ULL;
    key->org = w->org;
    key->changes = w->changes;
    key->n = n;
    if (n > VALUES)
        return false;
    for (size_t i = 0; i < n; i++) {
        key->vals[i].null = vals[i].null;
        key->vals[i].kind = vals[i].kind;
        if (vals[i].null)
            continue;
        if (vals[i].kind == VAL_NUM)
            key->vals[i].num = vals[i].num;
        else if (vals[i].kind == VAL_STR && vals[i].size < TEXT)
            memcpy(key->vals[i].text, vals[i].data, vals[i].size);
        else
            return false;
    }
    return true;
}

/* Not by the length of the log: a newer answer takes the place of the older one. */
static struct answer **slot_of(const struct key *key)
{
    u64 h = key->sql * 0x9e3779b97f4a7c15ULL ^ (u64)key->org * 0xc2b2ae3d27d4eb4fULL;

    for (size_t i = 0; i < key->n; i++) {
        h = (h ^ (u64)key->vals[i].num) * 0xff51afd7ed558ccdULL;
        for (const char *p = key->vals[i].text; *p; p++)
            h = (h ^ (unsigned char)*p) * 1099511628211ULL;
    }
    return &slots[(h ^ h >> 29 ^ h >> 47) % SLOTS];
}

static void let_go(void *arg)
{
    struct answer *a = arg;
    bool last;

    pthread_mutex_lock(&lock);
    last = --a->users == 0;
    pthread_mutex_unlock(&lock);
    if (!last)
        return;
    free(a->rows);
    free(a->sql);
    free(a);
}

static struct answer *find(const struct key *key, const char *sql)
{
    struct answer *a;

    pthread_mutex_lock(&lock);
    a = *slot_of(key);
    if (a && (memcmp(&a->key, key, sizeof *key) != 0 || strcmp(a->sql, sql) != 0))
        a = NULL;
    if (a)
        a->users++;
    pthread_mutex_unlock(&lock);
    return a;
}

static void store(const struct key *key, const char *sql, const struct rows *r)
{
    struct rows *copy = rows_keep(r, LARGEST);
    struct answer *a = copy ? calloc(1, sizeof *a) : NULL, *old;

    if (a)
        a->sql = strdup(sql);
    if (!a || !a->sql) {
        free(copy);
        free(a);
        return;
    }
    memcpy(&a->key, key, sizeof *key);
    a->rows = copy;
    a->users = 1;
    pthread_mutex_lock(&lock);
    old = *slot_of(key);
    *slot_of(key) = a;
    pthread_mutex_unlock(&lock);
    if (old)
        let_go(old);
}

struct err *kept_query(struct web *w, struct rows **out, const char *sql, const struct val *vals,
                       size_t n)
{
    struct answer *a;
    struct key key;

    if (!w->changes || w->writable || w->asof || !db_in_transaction(w->db) ||
        !make_key(w, sql, vals, n, &key))
        return db_query_text(w->db, out, sql, vals, n);
    a = find(&key, sql);
    if (a) {
        arena_defer(w->arena, let_go, a);
        *out = rows_share(w->arena, a->rows);
        return NULL;
    }
    TRY(db_query_text(w->db, out, sql, vals, n));
    store(&key, sql, *out);
    return NULL;
}
