/* SPDX-License-Identifier: Apache-2.0 */
#include "core/catalogue.h"

#include "base/text.h"
#include "core/app.h"

#define OWN_MOST 2000

static const char *own_label(struct web *w, const char *catalogue, const char *code)
{
    struct rows *r = NULL;
    struct err *failed = NULL;

    if (!w->org || !text_starts(code, CATALOGUE_OWN))
        return code;
    if (text_equal(catalogue, "threats"))
        failed = db_query(w->db, &r, "select title from threat where org_id = $1 and code = $2",
                          num(w->org), str(code));
    else if (text_equal(catalogue, "vulnerabilities"))
        failed = db_query(w->db, &r, "select title from weakness where org_id = $1 and code = $2",
                          num(w->org), str(code));
    return !failed && r && row_next(r) ? row_text(r, 0) : code;
}

const char *catalogue_label(struct web *w, const char *catalogue, const char *code)
{
    const struct content *c = w->app ? w->app->content : NULL;

    /* Catalogues without own entries may have codes that begin like them: "own-office". */
    if (c && content_row(content_table(c, catalogue), code) >= 0)
        return content_label(c, catalogue, code);
    return own_label(w, catalogue, code);
}

struct err *catalogue_own(struct web *w, const char *catalogue, struct catalogue_entry **out,
                          size_t *count)
{
    struct rows *r;

    *count = 0;
    *out = NULL;
    if (!w->org)
        return NULL;
    if (text_equal(catalogue, "threats"))
        TRY(db_query(w->db, &r,
                     "select code, title from threat where org_id = $1 and state = 'used'"
                     " order by title, id limit $2",
                     num(w->org), num(OWN_MOST)));
    else if (text_equal(catalogue, "vulnerabilities"))
        TRY(db_query(w->db, &r,
                     "select code, title from weakness where org_id = $1 and state = 'used'"
                     " order by title, id limit $2",
                     num(w->org), num(OWN_MOST)));
    else
        return NULL;
    *out = NEW_ARRAY(w->arena, struct catalogue_entry, row_count(r) + 1);
    while (row_next(r))
        (*out)[(*count)++] = (struct catalogue_entry){row_text(r, 0), row_text(r, 1)};
    return NULL;
}

struct err *catalogue_find_own(struct web *w, const char *catalogue, const char *text,
                               const char **code)
{
    struct rows *r = NULL;

    *code = NULL;
    if (text_equal(catalogue, "threats"))
        TRY(db_query(w->db, &r,
                     "select code from threat where org_id = $1 and state = 'used'"
                     " and (code = $2 or title = $2)"
                     " order by case when code = $2 then 0 else 1 end, id limit 1",
                     num(w->org), str(text)));
    else if (text_equal(catalogue, "vulnerabilities"))
        TRY(db_query(w->db, &r,
                     "select code from weakness where org_id = $1 and state = 'used'"
                     " and (code = $2 or title = $2)"
                     " order by case when code = $2 then 0 else 1 end, id limit 1",
                     num(w->org), str(text)));
    if (r && row_next(r))
        *code = row_text(r, 0);
    return NULL;
}
