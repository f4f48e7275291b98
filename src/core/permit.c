/* SPDX-License-Identifier: Apache-2.0 */
/* Roles and their rights, from content/rights.tsv (permission x role) and content/roles.tsv. A row
 * whose permission no feature declares is reported and ignored: it takes nothing away from anybody.
 * A permission without a row would be a right that nobody could ever get, so that is refused. */
#include "core/permit.h"

#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "core/app.h"
#include "core/content_table.h"

struct permits {
    const char **roles; /* in the order of roles.tsv */
    size_t nroles;
    u64 (*rights)[RIGHTS_WORDS]; /* per role */
};

static int role_index(const struct permits *p, const char *role)
{
    for (size_t i = 0; role && i < p->nroles; i++)
        if (strcmp(p->roles[i], role) == 0)
            return (int)i;
    return -1;
}

static void set_bit(u64 rights[RIGHTS_WORDS], int bit)
{
    rights[bit / 64] |= (u64)1 << (bit % 64);
}

static struct err *check_columns(const struct permits *p, const struct content_table *t)
{
    if (t->ncolumns < 2 || strcmp(t->columns[0], "permission") != 0 ||
        strcmp(t->columns[1], "title") != 0)
        return err_new(ERR_BAD, "%s:1: The first two columns must be \"permission\" and \"title\".",
                       t->path);
    for (size_t i = 2; i < t->ncolumns; i++)
        if (role_index(p, t->columns[i]) < 0)
            return err_new(ERR_BAD, "%s:1: \"%s\" is not a role of roles.tsv.", t->path,
                           t->columns[i]);
    for (size_t i = 0; i < p->nroles; i++)
        if (!content_has_column(t, p->roles[i]))
            return err_new(ERR_BAD, "%s:1: There is no column for the role \"%s\".", t->path,
                           p->roles[i]);
    return NULL;
}

/* `bit` is -1 for a permission that nobody declares; its cells are checked all the same. */
static struct err *read_row(struct permits *p, const struct content_table *t, size_t row, int bit)
{
    for (size_t i = 0; i < p->nroles; i++) {
        const char *cell = content_cell(t, row, p->roles[i]);

        if (*cell && strcmp(cell, "x") != 0)
            return err_new(ERR_BAD,
                           "%s:%zu: Column \"%s\" holds \"%.20s\". Write x, or leave it "
                           "empty.",
                           t->path, content_line(row), p->roles[i], cell);
        if (*cell && bit >= 0)
            set_bit(p->rights[i], bit);
    }
    return NULL;
}

static struct err *read_rights(struct arena *a, struct permits *p, const struct content_table *t)
{
    struct buf unknown;

    buf_init(&unknown, a, 200);
    for (size_t row = 0; row < t->nrows; row++) {
        const struct permission *permission = feature_permission(t->codes[row]);

        if (!permission)
            buf_printf(&unknown, "%s%s", unknown.size ? "," : "", t->codes[row]);
        TRY(read_row(p, t, row, permission ? feature_permission_index(permission) : -1));
    }
    if (unknown.size)
        log_event(LOG_DEBUG, "rights", "file=%s unused=%s", t->path, unknown.data);
    return NULL;
}

static struct err *check_complete(const struct content_table *t)
{
    const struct permission *const *all;
    size_t n = feature_permissions(&all);

    for (size_t i = 0; i < n; i++)
        if (content_row(t, all[i]->name) < 0)
            return err_new(ERR_BAD,
                           "%s: There is no row for the permission \"%s\" (%s). Add one and "
                           "mark the roles that hold it.",
                           t->path, all[i]->name, all[i]->title);
    return NULL;
}

struct err *permit_load(struct app *app)
{
    const struct content_table *roles = content_table(app->content, "roles");
    const struct content_table *rights = content_table(app->content, "rights");
    struct permits *p = NEW(app->arena, struct permits);

    if (!roles || !rights)
        return err_new(ERR_BAD, "The content has no roles.tsv or no rights.tsv.");
    p->nroles = content_rows(roles);
    p->roles = roles->codes;
    p->rights = arena_array(app->arena, p->nroles + 1, sizeof(*p->rights));
    TRY(check_columns(p, rights));
    TRY(read_rights(app->arena, p, rights));
    TRY(check_complete(rights));
    app->permits = p;
    return NULL;
}

bool permit_role_has(const struct app *app, const char *role, const struct permission *permission)
{
    const struct permits *p = app->permits;
    int i = role_index(p, role), bit = feature_permission_index(permission);

    return i >= 0 && bit >= 0 && (p->rights[i][bit / 64] >> (bit % 64) & 1);
}

void permit_add_role(const struct app *app, const char *role, u64 rights[RIGHTS_WORDS])
{
    const struct permits *p = app->permits;
    int i = role_index(p, role);

    for (size_t k = 0; i >= 0 && k < RIGHTS_WORDS; k++)
        rights[k] |= p->rights[i][k];
}

bool permit_covers(const struct app *app, const char *role, const u64 rights[RIGHTS_WORDS])
{
    const struct permits *p = app->permits;
    int i = role_index(p, role);

    for (size_t k = 0; i >= 0 && k < RIGHTS_WORDS; k++)
        if (p->rights[i][k] & ~rights[k])
            return false;
    return i >= 0;
}

void permit_all(u64 rights[RIGHTS_WORDS])
{
    const struct permission *const *all;
    size_t n = feature_permissions(&all);

    memset(rights, 0, RIGHTS_WORDS * sizeof(*rights));
    for (size_t i = 0; i < n; i++)
        set_bit(rights, feature_permission_index(all[i]));
}

size_t permit_roles(const struct app *app, const char *const **out)
{
    *out = app->permits->roles;
    return app->permits->nroles;
}
