/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence: what shows that something is done. A file (its versions are those of the record: each
 * upload is one, and all are kept), a link, or a note why no document is needed. One piece may show
 * something about many records. It is seen by who may read evidence, by its owner, and by everybody
 * who sees one of the records that it is about. */
#pragma once

#include "core/entity.h"

struct evidence {
    RECORD;
    const char *title;
    const char *kind; /* file, link, note */
    struct ids about;
    const char *description;
    i64 owner;
    const char *collected, *valid_until;
    const char *url, *reason;
    const char *retention, *hold;
    const char *file_name, *file_type;
    i64 file_size, file_version;
    const char *file_hash, *scan;
};
extern const struct entity evidence_entity;

extern const struct feature evidence_feature;
extern const struct permission evidence_read, evidence_write, evidence_hold, evidence_erase;

/* Loads it if this person may see it by any of the three ways; else ERR_MISSING. */
struct err *evidence_load(struct web *w, i64 id, struct evidence *out) MUST_CHECK;

/* Evidence that is valid until a day from `from` to `until` (ISO, NULL = any), soonest first: for
 * reminders. Of the whole organisation w->org, whoever asks. */
struct evidence_due {
    i64 id, number, owner; /* owner 0: nobody yet */
    const char *title, *valid_until;
};
struct err *evidence_due(struct web *w, const char *from, const char *until,
                         struct evidence_due **out, size_t *count) MUST_CHECK;
