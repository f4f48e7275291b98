/* SPDX-License-Identifier: Apache-2.0 */
/* The REST API of evidence, as far as the generic one does not do: files in and out. */
#include "base/clock.h"
#include "base/text.h"
#include "core/api.h"
#include "core/app.h"
#include "feature/evidence/evidence_part.h"

/* The finished upload that the object names is looked at, scanned and stored. */
struct err *evidence_api_prepare(struct web *w)
{
    struct taken_file *f = NEW(w->arena, struct taken_file);
    const json_t *upload;
    json_t *object;

    TRY(api_body(w, &object));
    upload = json_object_get(object, "upload");
    if (!upload || json_is_null(upload))
        return NULL;
    if (!json_is_string(upload))
        return err_new(ERR_BAD, "The value of “upload” must be the id of an upload, as text.");
    TRY(evidence_take_upload(w, json_string_value(upload), f));
    w->prepared = f;
    return NULL;
}

/* The object without "upload"; the file becomes that of the evidence. */
static struct err *take_object(struct web *w, struct evidence *e, json_t **object)
{
    struct taken_file *f = w->prepared;

    TRY(api_body(w, object));
    json_object_del(*object, "upload");
    if (f)
        evidence_put(e, f);
    return NULL;
}

static struct err *finish(struct web *w)
{
    struct taken_file *f = w->prepared;

    return f && w->req->response.status < 300 ? evidence_kept(w, f) : NULL;
}

struct err *evidence_api_create(struct web *w)
{
    struct taken_file *f = w->prepared;
    struct evidence e = {0};
    json_t *object;

    TRY(take_object(w, &e, &object));
    if (f && !json_object_get(object, "title")) {
        evidence_defaults(w, &e, f);
        json_object_set_new(object, "title", json_string(e.title));
    }
    if (!json_object_get(object, "collected"))
        json_object_set_new(object, "collected", json_string(w->today));
    TRY(api_write(w, &evidence_entity, (struct record *)&e, object));
    return finish(w);
}

struct err *evidence_api_change(struct web *w)
{
    struct evidence e;
    json_t *object;
    i64 id;

    TRY(web_record(w, &evidence_entity, &id));
    TRY(entity_load(w, &evidence_entity, id, &e));
    if (w->prepared && !text_equal(e.kind, "file"))
        return err_new(ERR_INVALID, "Only evidence that is a file has versions. Add the file as "
                                    "evidence of its own.");
    TRY(take_object(w, &e, &object));
    TRY(api_newest(w, (struct record *)&e, object));
    TRY(api_write(w, &evidence_entity, (struct record *)&e, object));
    return finish(w);
}

struct err *evidence_api_files(struct web *w)
{
    json_t *answer = json_own(w->arena, json_object()), *items = json_array();
    struct file_version *list;
    struct evidence e;
    size_t count;

    json_object_set_new(answer, "items", items);
    TRY(evidence_asked(w, &e));
    TRY(evidence_versions(w, e.id, &list, &count));
    for (size_t i = 0; i < count; i++)
        json_array_append_new(
            items, json_pack("{s:I, s:s, s:s, s:I, s:s, s:s}", "version", list[i].number,
                             "filename", list[i].name, "type", list[i].type, "size", list[i].size,
                             "sha256", list[i].hash, "added", clock_iso(w->arena, list[i].at)));
    json_object_set_new(answer, "next", json_null());
    web_answer_json(w, 200, json_incref(answer));
    return NULL;
}
