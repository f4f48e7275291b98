/* SPDX-License-Identifier: Apache-2.0 */
/* Comments: fields, rules, rights, routes. */
#include "feature/comment/comment.h"

#include "base/text.h"
#include "feature/comment/comment_part.h"
#include "feature/organisation/organisation.h"

const struct permission comment_see = {"comment.see",
                                       "Read and write comments on records one sees"};
const struct permission comment_write = {"comment.write", "Write comments, questions and answers"};
const struct permission comment_read = {"comment.read", "See all comments"};
const struct permission comment_moderate = {"comment.moderate", "Take away comments of others"};

static const struct choice kinds[] = {
    {"comment",  "Comment", NULL},
    {"question",      "Question", "blue"},
    {"answer", "Answer", "teal"},
    {0   },
};
static const struct choice states[] = {
    {"open",     "Open", "orange"},
    {"resolved",  "Resolved", "green"},
    {"answered", "Answered", "green"},
    {"closed",   "Closed", "grey"},
    {0},
};

static const struct field fields[] = {
    TEXT(comment, title, "Begins with", .internal = true, .listed = true),
    CHOICE(comment, kind, "Kind", kinds, .internal = true, .listed = true, .sortable = true,
           .filtered = true),
    CHOICE(comment, state, "State", states, .internal = true, .listed = true, .sortable = true,
           .filtered = true),
    RECORD_REF(comment, about, "About", .internal = true, .listed = true),
    REF(comment, parent, "Reply to", comment_entity, .internal = true),
    LONG(comment, body, "Text", .internal = true, .markdown = true),
    REF(comment, author, "Written by", person_entity, .internal = true, .listed = true,
        .filtered = true, .concerns = true),
    REF(comment, asked, "Addressed to", person_entity, .internal = true, .listed = true,
        .filtered = true, .concerns = true),
    REF(comment, answer, "Accepted answer", comment_entity, .internal = true),
    TIME(comment, written, "Written at", .internal = true, .listed = true, .sortable = true),
    TIME(comment, edited, "Edited at", .internal = true),
    REF(comment, resolved_by, "Resolved by", person_entity, .internal = true),
    TIME(comment, resolved_at, "Resolved at", .internal = true),
    REF(comment, removed_by, "Taken away by", person_entity, .internal = true),
    TIME(comment, removed_at, "Taken away at", .internal = true),
    TEXT(comment, removed_why, "Why it was taken away", .internal = true),
    REFS(comment, mentioned, "Mentions", person_entity, .internal = true),
};

const struct entity comment_entity = ENTITY(
    comment, fields, .plural = "comments", .label = "Comment", .labels = "Comments", .prefix = "CM",
    .title = "title", .state = "state", .closed = "resolved answered closed", .about = "about",
    .order = "-number", .read = &comment_read, .write = &comment_write, .no_create = true,
    .clause = "7.4",
    .help = "What people say about records: remarks, questions and answers, each in its thread "
            "beside the record that it is about.",
    .empty = "Nobody has said anything yet. Open a record and its tab “Comments”.");

static const struct route routes[] = {
    {METHOD_GET,           "/comments", comment_list, &comment_see, 0, NULL, NULL},
    {METHOD_GET,        "/comments/people", comment_people_page, &comment_write, 0, NULL, NULL},
    {METHOD_POST,                   "/comments/preview", comment_preview, &comment_write, ROUTE_READ, NULL, NULL},
    {METHOD_POST,                "/preview", comment_preview_any, &member, ROUTE_READ, NULL, NULL},
    {METHOD_GET,           "/comments/:no", comment_show, &member, 0, NULL, NULL},
    {METHOD_GET, "/comments/:no/history", comment_history, &member, 0, NULL, NULL},
    {METHOD_GET,                   "/comments/:no/edit", comment_edit, &comment_write, 0, NULL, NULL},
    {METHOD_POST,                "/comments/:no", comment_save, &comment_write, 0, NULL, NULL},
    {METHOD_POST,          "/comments/:no/reply", comment_reply, &comment_write, 0, NULL, NULL},
    {METHOD_POST,     "/comments/:no/resolve", comment_resolve, &comment_write, 0, NULL, NULL},
    {METHOD_POST,          "/comments/:no/reopen", comment_reopen, &comment_write, 0, NULL, NULL},
    {METHOD_POST,                "/comments/:no/accept", comment_accept, &comment_write, 0, NULL, NULL},
    {METHOD_GET,          "/comments/:no/remove", comment_remove, &comment_write, 0, NULL, NULL},
    {METHOD_POST, "/comments/:no/remove", comment_remove, &comment_write, 0, NULL, NULL},
    {METHOD_POST,          "/comments/:no/restore", comment_put_back, &comment_write, 0, NULL, NULL},
    {METHOD_POST,                "/comments/:no/share", comment_share, &grant_right, 0, NULL, NULL},
    {METHOD_POST,           "/comments/:no/unshare", comment_unshare, &grant_right, 0, NULL, NULL},
    {METHOD_POST,        "/:plural/:no/comments", comment_add, &comment_see, 0, NULL, NULL},
    {METHOD_POST,                   "/:plural/:no/unshare", access_end, &grant_right, 0, NULL, NULL},
    {METHOD_GET,                "/questions", question_list, &member, 0, NULL, NULL},
    {METHOD_GET,           "/questions/new", question_new, &comment_see, 0, NULL, NULL},
    {METHOD_POST,     "/questions", question_add, &comment_see, 0, NULL, NULL},
    {METHOD_GET,                   "/:plural/:no/comments", comment_api_list, &comment_see, ROUTE_API, NULL,
     "Comments on a record"},
    {METHOD_POST,                "/:plural/:no/comments", comment_api_add, &comment_see, ROUTE_API, NULL,
     "Comment on a record, or reply"},
    {0          },
};

static const struct nav nav[] = {
    {"",           20, "Questions", "/questions", "message", &member, NULL},
    {"Check", 80, "Comments", "/comments", "message", &comment_read, NULL},
    {0  },
};

static const struct panel panels[] = {
    {"comments",           "Comments", 40, &comment_see, comment_panel_count, comment_panel},
    {"access",                  "Who sees it", 90, &grant_right, access_panel_count, access_panel},
    {0},
};

static const struct entity *const entities[] = {&comment_entity, NULL};
static const struct permission *const permissions[] = {
    &comment_see, &comment_write, &comment_read, &comment_moderate, &grant_right, NULL};

const struct feature comment_feature = {.name = "comment",
                                        .entities = entities,
                                        .permissions = permissions,
                                        .routes = routes,
                                        .nav = nav,
                                        .panels = panels};
