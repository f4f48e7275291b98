/* SPDX-License-Identifier: Apache-2.0 */
#include "feature/notice/notice_fixture.h"

static struct err *all_done(struct web *w, void *ctx)
{
    (void)ctx;
    return db_exec(w->db, "update notice set read_at = 1, mail = -1 where org_id >= $1", num(0));
}

void notices_read(struct test *t)
{
    change(t, all_done, NULL);
}

void plan_treatment(struct test *t, i64 risk)
{
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/treatments",
          arena_printf(
              t->arena,
              "title=Backups&risk=%lld&option=modify&state=planned&expected_likelihood=1"
              "&expected_impact=1&controls%%5B%%5D=%lld",
              risk,
              value(t, "select id from control where org_id = $1 and code = '8.13'", num(t->org))));
    expect_status(t, 303);
}
