/* SPDX-License-Identifier: Apache-2.0 */
/* The record, its secret, and the feature's tables. */
#include "feature/webhook/webhook.h"

#include <string.h>

#include "base/clock.h"
#include "base/crypt.h"
#include "base/text.h"
#include "core/app.h"
#include "core/page.h"
#include "feature/notice/notice.h"
#include "feature/organisation/organisation.h"
#include "feature/webhook/webhook_part.h"

const struct permission webhook_manage = {"webhook.manage", "Manage webhooks"};

static const struct choice states[] = {
    {"new",     "Needs a secret", "orange"},
    {"on", "On", "green"},
    {"off",      "Off", "grey"},
    {0 }
};
static const struct choice actions[] = {
    {"create", "Created", NULL},
    {"change",    "Changed", NULL},
    {"remove", "Removed", NULL},
    {"restore",    "Restored", NULL},
    {0}
};

static const struct field fields[] = {
    TEXT(webhook, title, "Name", .required = true, .listed = true, .sortable = true,
         .example = "Ticket system"),
    TEXT(webhook, url, "Address", .required = true, .listed = true, .max = 2000, .unfolded = true,
         .help = "Where the requests go. A change of the address needs a new secret.",
         .example = "https://hooks.example.com/cairn"),
    SET(webhook, actions, "What is told", actions, .required = true,
        .initial = "create,change,remove,restore", .help = "What has to happen to a record."),
    TEXT(webhook, kinds, "Kinds of records", .max = 1000, .unfolded = true,
         .help = "As the API calls them, separated by commas. Empty means all kinds.",
         .example = "risk, asset"),
    CHOICE(webhook, state, "State", states, .internal = true, .listed = true, .filtered = true),
    TEXT(webhook, off_reason, "Why it is off", .max = 500, .internal = true),
    REF(webhook, owner, "Secret made by", person_entity, .internal = true, .listed = true,
        .help = "Titles of records are sent while this person may see them."),
    INT(webhook, generation, "Secrets made so far", .internal = true),
    TEXT(webhook, fingerprint, "Fingerprint of the secret", .internal = true, .secret = true,
         .unfolded = true),
};

/* --- rules --- */

static void check_kinds(const struct webhook *h, struct issues *out)
{
    struct arena *a = out->arena;
    char **names;
    size_t n = text_split(a, h->kinds ? h->kinds : "", ',', &names);

    for (size_t i = 0; i < n; i++) {
        const struct entity *e = feature_entity(names[i]);

        if (!e || e->site)
            issue(out, "kinds", "There is no kind “%.60s”. Write for example: risk, asset.",
                  names[i]);
    }
}

static void webhook_check(const void *record, struct issues *out)
{
    check_kinds(record, out);
}

/* No derived fields; but only here the installation's word on addresses is known. */
static struct err *webhook_derive(struct web *w, void *record, struct issues *out)
{
    struct webhook *h = record;
    struct err *bad;

    if (text_empty(h->state))
        h->state = "new";
    if (!out || text_empty(h->url))
        return NULL;
    bad = outbound_check(w->arena, h->url, w->app->config.private_webhooks);
    if (bad)
        issue(out, "url", "%s", bad->text);
    return NULL;
}

const struct entity webhook_entity = ENTITY(
    webhook, fields, .plural = "webhooks", .label = "Webhook", .labels = "Webhooks", .few = true,
    .prefix = "WH", .title = "title", .state = "state", .order = "title", .read = &webhook_manage,
    .write = &webhook_manage, .check = webhook_check, .derive = webhook_derive,
    .help = "Another program of yours is told when something changes: a ticket system, a "
            "chat, a dashboard. It gets a signed request that names the record and what "
            "happened, and asks the API for the rest.",
    .empty = "No webhooks. Add one when another program has to know at once that something "
             "changed here.");

/* --- the secret --- */

static void derive_key(struct web *w, const struct webhook *h, unsigned char out[DIGEST_SIZE])
{
    const char *about =
        arena_printf(w->arena, "webhook-secret|%lld|%lld|%lld", w->org, h->id, h->generation);
    struct bytes key = {w->app->csrf_key, sizeof(w->app->csrf_key)};

    crypt_hmac(key, about, strlen(about), out);
}

const char *webhook_secret(struct web *w, const struct webhook *h)
{
    unsigned char key[DIGEST_SIZE];

    derive_key(w, h, key);
    return arena_printf(w->arena, "whsec_%s", crypt_hex(w->arena, key, sizeof(key)));
}

const char *webhook_fingerprint(struct web *w, const struct webhook *h)
{
    const char *secret = webhook_secret(w, h);
    unsigned char d[DIGEST_SIZE];

    crypt_hmac((struct bytes){(const unsigned char *)secret, strlen(secret)}, h->url,
               strlen(h->url), d);
    return crypt_hex(w->arena, d, 8);
}

bool webhook_secret_holds(struct web *w, const struct webhook *h)
{
    return h->generation && text_equal(h->fingerprint, webhook_fingerprint(w, h));
}

const char *webhook_signature(struct arena *a, const char *secret, i64 at, const char *body)
{
    const char *signed_text = arena_printf(a, "%lld.%s", at / SECOND, body);
    unsigned char d[DIGEST_SIZE];

    crypt_hmac((struct bytes){(const unsigned char *)secret, strlen(secret)}, signed_text,
               strlen(signed_text), d);
    return arena_printf(a, "t=%lld,v1=%s", at / SECOND, crypt_hex(a, d, sizeof(d)));
}

bool webhook_wants(const struct webhook *h, const char *action, const char *kind)
{
    struct arena *a;
    char **names;
    bool found;
    size_t n;

    for (int i = 0; actions[i].code; i++)
        if (text_equal(actions[i].code, action) && !(h->actions >> i & 1))
            return false;
    if (!choice_find(actions, action))
        return false;
    a = arena_new(0);
    n = text_split(a, h->kinds ? h->kinds : "", ',', &names);
    found = n == 0;
    for (size_t i = 0; i < n; i++)
        found = found || text_equal(names[i], kind);
    arena_free(a);
    return found;
}

struct err *webhook_switch_off(struct web *w, i64 id, const char *why)
{
    struct issues issues = {.arena = w->arena};
    struct webhook h;
    struct notice n = {.kind = "system", .record = id};

    TRY(entity_load(w, &webhook_entity, id, &h));
    if (!text_equal(h.state, "on"))
        return NULL;
    h.state = "off";
    h.off_reason = why;
    TRY(entity_write(w, &webhook_entity, &h, NULL, &issues));
    n.cause = arena_printf(w->arena, "webhook:%lld:%lld", id, h.version);
    n.person = h.owner;
    TRY(notice_add(w, &n, "The webhook “%s” was switched off: %s", h.title, why));
    return notice_add_role(w, "admin", &n, "The webhook “%s” was switched off: %s", h.title, why);
}

/* --- routes --- */

static struct err *list(struct web *w)
{
    return entity_list_page(w, &webhook_entity);
}
static struct err *new_page(struct web *w)
{
    return entity_new_page(w, &webhook_entity);
}
static struct err *edit(struct web *w)
{
    return entity_edit_page(w, &webhook_entity);
}
static struct err *save(struct web *w)
{
    return entity_save_page(w, &webhook_entity);
}
static struct err *remove_page(struct web *w)
{
    return entity_remove_page(w, &webhook_entity);
}
static struct err *restore(struct web *w)
{
    return entity_restore_page(w, &webhook_entity);
}

static const struct route routes[] = {
    {METHOD_GET,    "/webhooks", list, &webhook_manage, 0, NULL, NULL},
    {METHOD_GET,         "/webhooks/new", new_page, &webhook_manage, 0, NULL, NULL},
    {METHOD_POST,            "/webhooks", save, &webhook_manage, 0, NULL, NULL},
    {METHOD_GET,         "/webhooks/:no", webhook_show, &webhook_manage, 0, NULL, NULL},
    {METHOD_GET,    "/webhooks/:no/edit", edit, &webhook_manage, 0, NULL, NULL},
    {METHOD_POST,     "/webhooks/:no", save, &webhook_manage, 0, NULL, NULL},
    {METHOD_GET,            "/webhooks/:no/remove", remove_page, &webhook_manage, 0, NULL, NULL},
    {METHOD_POST,         "/webhooks/:no/remove", remove_page, &webhook_manage, 0, NULL, NULL},
    {METHOD_POST,   "/webhooks/:no/restore", restore, &webhook_manage, 0, NULL, NULL},
    {METHOD_POST,         "/webhooks/:no/secret", webhook_new_secret, &webhook_manage, 0, NULL, NULL},
    {METHOD_POST,            "/webhooks/:no/on", webhook_on, &webhook_manage, 0, NULL, NULL},
    {METHOD_POST,         "/webhooks/:no/off", webhook_off, &webhook_manage, 0, NULL, NULL},
    {METHOD_POST,    "/webhooks/:no/test", webhook_test, &webhook_manage, 0, NULL, NULL},
    {METHOD_POST, "/webhooks/:no/deliveries/:delivery/again", webhook_again, &webhook_manage, 0,
     NULL, NULL},
    {METHOD_GET,            "/webhooks/:no/deliveries", webhook_api_deliveries, &webhook_manage, ROUTE_API,
     NULL, "The newest deliveries of a webhook, with what was answered"},
    {METHOD_POST,         "/webhooks/:no/secret", webhook_api_secret, &webhook_manage,
     ROUTE_API | ROUTE_NO_OP /* the answer must not be kept */, NULL,
     "Makes a new signing secret, switches the webhook on and gives the secret, this once"},
    {0   },
};

static const struct job_kind jobs[] = {
    {.name = "webhook.watch", .every = 2 * SECOND, .run = webhook_watch},
    {.name = "webhook.due",   .every = 2 * SECOND, .run = webhook_due},
    {.name = "webhook.tidy",   .every = HOUR, .run = webhook_tidy},
    {.name = "webhook.send",     .run = webhook_send, .slow = true},
    {0 },
};

static const struct nav nav[] = {
    {"System",    20, "Webhooks", "/webhooks", "send", &webhook_manage, NULL},
    {0},
};

static const struct entity *const entities[] = {&webhook_entity, NULL};
static const struct permission *const permissions[] = {&webhook_manage, NULL};

const struct feature webhook_feature = {.name = "webhook",
                                        .entities = entities,
                                        .permissions = permissions,
                                        .routes = routes,
                                        .jobs = jobs,
                                        .nav = nav};
