/* SPDX-License-Identifier: Apache-2.0 */
/* Who was drawn to score a risk a second time does not look at the first score before: these risks
 * have no levels for this person, on whatever way they are read (core/entity_veil.c). */
#include "base/words.h"
#include "feature/risk/risk_part.h"

static struct err *blind_rows(struct web *w, struct rows **r)
{
    if (w->asof) /* the past does not show what today hides */
        return db_query(w->db, r,
                        "select risk, number from now_rating where org_id = $1 and assessor = $2"
                        " and state = 'open' order by risk",
                        num(w->org), num(w->person));
    return db_query(w->db, r,
                    "select risk, number from rating where org_id = $1 and assessor = $2"
                    " and state = 'open' order by risk",
                    num(w->org), num(w->person));
}

struct err *risk_blind(struct web *w, struct ids *out)
{
    struct rows *r;
    i64 *list;

    *out = (struct ids){0};
    if (!w->person)
        return NULL;
    TRY(blind_rows(w, &r));
    out->id = list = NEW_ARRAY(w->arena, i64, row_count(r) + 1);
    while (row_next(r))
        if (!out->count || list[out->count - 1] != row_num(r, 0))
            list[out->count++] = row_num(r, 0);
    return NULL;
}

struct err *risk_blind_list(struct web *w, const char **out)
{
    struct ids blind;
    struct buf b;

    TRY(risk_blind(w, &blind));
    buf_init(&b, w->arena, 64);
    buf_char(&b, '[');
    for (size_t i = 0; i < blind.count; i++)
        buf_printf(&b, "%s%lld", i ? "," : "", blind.id[i]);
    buf_char(&b, ']');
    *out = b.data;
    return NULL;
}

struct err *risk_blind_ids(struct web *w, struct rows *r, struct ids *out)
{
    i64 *list = NEW_ARRAY(w->arena, i64, row_count(r) + 1);

    *out = (struct ids){list, 0};
    while (row_next(r))
        list[out->count++] = row_num(r, 0);
    return NULL;
}

struct err *risk_refuse_blind_whole(struct web *w)
{
    struct ids blind;

    TRY(risk_blind(w, &blind));
    if (!blind.count)
        return NULL;
    return err_new(ERR_DENIED,
                   "You are to score %zu risks a second time without seeing the first score, and "
                   "what is written here counts or lists levels of all risks. Give your scores "
                   "first, under “Second scores”.",
                   blind.count);
}

struct err *risk_refuse_blind(struct web *w, i64 id)
{
    struct rows *r;

    if (!w->person)
        return NULL;
    TRY(blind_rows(w, &r));
    while (row_next(r))
        if (row_num(r, 0) == id)
            return err_new(ERR_DENIED,
                           "You were drawn to score this risk a second time without seeing the "
                           "first score. Give your score first: SS-%lld under “Second scores”.",
                           row_num(r, 1));
    return NULL;
}
