/* SPDX-License-Identifier: Apache-2.0 */
/* Names of people are found without an index: personal data stays in its row alone, so that erasing
 * it there is enough. There are few people beside records, and each is looked at. */
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "core/entity_sql.h"
#include "core/search_index.h"

bool search_personal_field(const struct field *f)
{
    return f->personal && f->listed && !f->secret &&
           (f->kind == FIELD_TEXT || f->kind == FIELD_EMAIL);
}

bool search_personal(const struct entity *e)
{
    for (size_t i = 0; !e->site && i < e->nfields; i++)
        if (search_personal_field(&e->fields[i]))
            return true;
    return false;
}

void search_personal_text(struct buf *out, const struct entity *e)
{
    const char *between = "";

    buf_str(out, "text_fold(");
    for (size_t i = 0; i < e->nfields; i++) {
        if (!search_personal_field(&e->fields[i]))
            continue;
        buf_printf(out, "%scoalesce(t.%s, '')", between, e->fields[i].name);
        between = " || ' ' || ";
    }
    buf_char(out, ')');
}

static bool starts_a_word(const struct words *of, const char *word)
{
    for (size_t i = 0; i < of->count; i++)
        if (text_starts(of->word[i], word))
            return true;
    return false;
}

static bool has_all(struct arena *a, const char *folded, const struct words *wanted)
{
    struct words of = search_words(a, search_plain(a, folded), SEARCH_PERSONAL_WORDS);

    for (size_t i = 0; i < wanted->count; i++)
        if (!starts_a_word(&of, wanted->word[i]))
            return false;
    return true;
}

struct err *search_people(struct web *w, const struct entity *e, const struct words *words,
                          struct hits *out)
{
    struct rows *r;
    struct buf b;

    *out = (struct hits){NULL, 0};
    if (!search_personal(e) || !e->title)
        return NULL;
    buf_init(&b, w->arena, 400);
    buf_printf(&b, "select t.id, t.number, t.%s, ", e->title);
    search_personal_text(&b, e);
    buf_printf(&b, " from %s t where t.org_id = $1 and text_has(", e->name);
    search_personal_text(&b, e);
    buf_printf(&b, ", $2) = 1 order by t.id desc limit %d", SEARCH_PEOPLE_MOST);
    TRY(db_query_text(w->db, &r, b.data, DB_VALS(num(w->org), str(words->word[0])), 2));
    out->list = NEW_ARRAY(w->arena, struct hit, row_count(r) + 1);
    while (row_next(r))
        if (has_all(w->arena, row_text(r, 3), words))
            out->list[out->count++] = (struct hit){.entity = e,
                                                   .id = row_num(r, 0),
                                                   .number = row_num(r, 1),
                                                   .title = row_text(r, 2),
                                                   .excerpt = ""};
    return NULL;
}
