/* SPDX-License-Identifier: Apache-2.0 */
#include "feature/treatment/three_fixture.h"

#include "base/text.h"

/* A risk of the risk owner, scored by the ISMS manager. */
i64 three_risk(struct test *t, const char *title, i64 likelihood, i64 impact)
{
    api(t, "isms-manager", METHOD_POST, "/api/v1/risks",
        arena_printf(t->arena,
                     "{\"title\":\"%s\",\"owner\":\"%lld\",\"properties\":\"c\","
                     "\"inherent_likelihood\":%lld,\"inherent_impact\":%lld,"
                     "\"current_likelihood\":%lld,\"current_impact\":%lld}",
                     title, person_of(t, "risk-owner"), likelihood, impact, likelihood, impact));
    expect_status(t, 201);
    return strtoll(json_string_value(json_object_get(answer_json(t), "id")), NULL, 10);
}

i64 three_control(struct test *t)
{
    return value(t, "select id from control where org_id = $1 and code = '8.24'", num(t->org));
}

i64 three_treatments(struct test *t)
{
    return value(t, "select count(*) from treatment where org_id = $1", num(t->org));
}

struct three three_make(struct test *t)
{
    struct three r = {
        {three_risk(t, "Tablet is stolen", 4, 4), three_risk(t, "Phone is lost", 4, 5),
         three_risk(t, "Disk is sold", 3, 4)}
    };

    login(t, "isms-manager");
    return r;
}

const char *three_form(struct test *t, const struct three *r, int ticked, const char *more)
{
    struct buf b;

    buf_init(&b, t->arena, 400);
    buf_printf(&b, "title=Encrypt&option=modify&controls%%5B%%5D=%lld%s", three_control(t), more);
    for (int i = 0; i < 3; i++)
        buf_printf(&b, "&row%%5B%%5D=%lld", r->id[i]);
    for (int i = 0; i < ticked; i++)
        buf_printf(&b, "&pick%%5B%%5D=%lld", r->id[i]);
    return b.data;
}

void three_follow(struct test *t)
{
    visit(t, METHOD_GET, arena_str(t->arena, header(t, "Location")), NULL);
}
