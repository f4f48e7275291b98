/* SPDX-License-Identifier: Apache-2.0 */
/* What the people of the example company say, and what is left half done: comments, questions, a
 * draft. */
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "feature/comment/comment.h"
#include "feature/demo/demo_part.h"
#include "feature/organisation/organisation.h"

/* A record of any kind: "risk/phish-mail", "control/8.13". */
struct err *demo_any(struct web *w, const struct demo_story *s, const char *text, i64 *id)
{
    const char *slash = strchr(text, '/');
    const struct entity *e =
        slash ? feature_entity(arena_strn(w->arena, text, (size_t)(slash - text))) : NULL;

    *id = 0;
    return e ? demo_find(w, s, e, slash + 1, id) : NULL;
}

static struct err *settle(struct web *w, const struct demo_story *s, const struct demo_row *r)
{
    i64 root, answer;

    TRY(demo_find(w, s, &comment_entity, demo_cell(r, "of"), &root));
    TRY(demo_find(w, s, &comment_entity, demo_cell(r, "answer"), &answer));
    if (!root)
        return demo_wrong(r, "it settles no comment of the story.");
    return comment_settle(w, root, answer);
}

struct err *demo_say(struct web *w, struct demo_story *s, const struct demo_row *r)
{
    struct issues issues = {.arena = w->arena};
    struct comment c = {.kind = demo_cell(r, "kind"), .body = demo_cell(r, "body")};
    const char *about = demo_cell(r, "about"), *asked = demo_cell(r, "asked");
    const char *reply = demo_cell(r, "reply");

    if (*demo_cell(r, "of"))
        return settle(w, s, r);
    if (*demo_cell(r, "title"))
        c.title = demo_cell(r, "title");
    if (*about)
        TRY(demo_any(w, s, about, &c.about));
    if (*asked)
        TRY(demo_find(w, s, &person_entity, asked, &c.asked));
    if (*reply)
        TRY(demo_find(w, s, &comment_entity, reply, &c.parent));
    if ((*about && !c.about) || (*asked && !c.asked) || (*reply && !c.parent))
        return demo_wrong(r, "it names something that is not in the story yet.");
    TRY(comment_say(w, &c, &issues));
    if (issues.count)
        return demo_wrong(r, issues.list[0].text);
    demo_remember(s, &comment_entity, demo_cell(r, "ref"), c.id);
    return NULL;
}

struct err *demo_draft(struct web *w, i64 account)
{
    json_t *body =
        json_own(w->arena, json_pack("[[s, s], [s, s]]", "title",
                                     "Nobody reads the alarms of the weekend", "description",
                                     "Ask Yuki how many there were since "
                                     "Easter, then score it."));

    if (!account)
        return NULL;
    return db_exec(w->db,
                   "insert into draft (org_id, account, kind, record, version, at, body)"
                   " values ($1, $2, 'risk', 0, 0, $3, $4) on conflict (org_id, account, kind,"
                   " record) do nothing",
                   num(w->org), num(account), num(w->now), str(json_text(w->arena, body)));
}
