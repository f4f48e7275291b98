/* SPDX-License-Identifier: Apache-2.0 */
/* Founding an organisation: log, address, first person, profile and what the features seed. */
#include <string.h>

#include "base/clock.h"
#include "base/crypt.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/permit.h"
#include "core/trail.h"
#include "feature/organisation/organisation_web.h"

/* Writes a record that this code made: issues are a sentence for the caller. */
static struct err *put(struct web *w, const struct entity *e, void *record)
{
    struct issues issues = {.arena = w->arena};

    TRY(entity_write(w, e, record, NULL, &issues));
    if (issues.count)
        return err_new(ERR_INVALID, "%s: %s", e->label, issues.list[0].text);
    return NULL;
}

static struct err *check_slug(struct web *w, const char *slug)
{
    struct rows *r;

    if (!text_equal(slug, text_slug(w->arena, slug)) || strlen(slug) < 2)
        return err_new(ERR_INVALID,
                       "The short name “%.60s” may have small letters, digits and "
                       "hyphens only, at least two.",
                       slug);
    TRY(db_query(w->db, &r, "select organisation from directory where org_id = $1 and slug = $2",
                 num(0), str(slug)));
    if (row_next(r))
        return err_new(ERR_CLASH, "There is already an organisation with the short name “%.60s”.",
                       slug);
    return NULL;
}

static struct err *give_role(struct web *w, i64 person, const char *role, i64 duties)
{
    struct role_holder h = {
        .person = person, .role = role, .from_date = w->today, .duties = duties};

    return put(w, &role_holder_entity, &h);
}

struct founding {
    const struct organisation *given;
    i64 account;
    const char *person_name, *email;
    i64 org;
};

/* Runs in the new organisation's context. */
static struct err *fill(struct web *w, const struct founding *f)
{
    struct organisation o = *f->given;
    struct person p = {
        .name = f->person_name, .email = f->email, .state = "active", .account = f->account};
    struct profile profile = {.title = "Profile"};

    o.id = 0;
    TRY(trail_create(w, w->org));
    TRY(put(w, &organisation_entity, &o));
    TRY(put(w, &person_entity, &p));
    TRY(give_role(w, p.id, "admin", 0));
    TRY(give_role(w, p.id, "isms-manager", 0));
    TRY(give_role(w, p.id, "top-management", 0));
    for (size_t i = 0; organisation_seeds[i]; i++)
        TRY(organisation_seeds[i](w));
    TRY(put(w, &profile_entity, &profile));
    if (f->account)
        TRY(account_join(w, f->account, w->org, p.id));
    return trail_tail(w);
}

struct err *organisation_create(struct web *w, const struct organisation *given, i64 account,
                                const char *person_name, const char *email, i64 *org)
{
    struct founding f = {
        .given = given, .account = account, .person_name = person_name, .email = email};
    struct web inner = *w;

    TRY(check_slug(w, given->slug));
    if (!zone_valid(given->zone))
        return err_new(ERR_INVALID,
                       "“%.60s” is not a known time zone. Write it like "
                       "Europe/Berlin.",
                       given->zone);
    *org = crypt_random_i63();
    inner.org = *org;
    inner.slug = given->slug;
    inner.org_name = given->name;
    inner.zone = given->zone;
    inner.language = given->language;
    inner.today = clock_date(w->arena, w->now, given->zone);
    inner.trail = NULL;
    inner.person = 0;
    permit_all(inner.rights);
    TRY(fill(&inner, &f));
    return db_exec(w->db,
                   "insert into directory (org_id, slug, organisation, name) values ($1, $2, $3,"
                   " $4)",
                   num(0), str(given->slug), num(*org), str(given->name));
}

/* --- names in frozen texts --- */

/* Digits of "P-3" when all that `line` says after ": " is that; 0 = it says something else. */
static i64 person_of(struct arena *a, const char *line, size_t size)
{
    static const char mark[] = ": P-";
    const size_t n = sizeof mark - 1;
    i64 number;

    for (size_t i = 0; i + n < size; i++)
        if (!strncmp(line + i, ": ", 2))
            return !strncmp(line + i, mark, n) &&
                           text_i64(arena_strn(a, line + i + n, size - i - n), &number)
                       ? number
                       : 0;
    return 0;
}

static struct err *name_line(struct web *w, struct buf *b, const char *line, size_t size)
{
    i64 number = person_of(w->arena, line, size);
    struct rows *r;

    if (number > 0) {
        TRY(db_query(w->db, &r, "select name from person where org_id = $1 and number = $2",
                     num(w->org), num(number)));
        if (row_next(r)) {
            size_t key = (size_t)(strstr(line, ": ") - line) + 2;

            buf_printf(b, "%.*s%s (P-%lld)", (int)key, line, row_text(r, 0), number);
            return NULL;
        }
    }
    buf_add(b, line, size);
    return NULL;
}

struct err *people_named(struct web *w, const char *text, const char **out)
{
    struct buf b;

    buf_init(&b, w->arena, strlen(text) + 200);
    for (const char *p = text; *p;) {
        size_t size = strcspn(p, "\n");

        TRY(name_line(w, &b, p, size));
        p += size;
        if (*p == '\n') {
            buf_char(&b, '\n');
            p++;
        }
    }
    *out = b.data;
    return NULL;
}
