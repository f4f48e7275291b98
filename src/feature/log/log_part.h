/* SPDX-License-Identifier: Apache-2.0 */
/* Inside feature/log only. */
#pragma once

#include "base/json.h"
#include "core/command.h"
#include "feature/log/log.h"

/* --- pages --- */
struct err *log_list(struct web *w);
struct err *log_entry(struct web *w);
struct err *log_checkpoint(struct web *w);
struct err *log_proof(struct web *w);
struct err *log_verify_page(struct web *w);
/* "Risk R-12 “Fire”" with its link, as far as this person may see it. */
void log_draw_subject(struct web *w, const char *kind, i64 record, i64 number, const char *title);
/* "changed" for "change"; the action itself when it is not known. */
const char *log_action_words(const char *action);

/* --- commands --- */
int verify_run(struct cli *c);
int backup_run(struct cli *c);
int restore_run(struct cli *c);

/* --- a backup: one ZIP file (archive.c) --- */
#define BACKUP_FORMAT "cairn-backup"
#define BACKUP_VERSION 1

struct member {
    const char *name; /* "cairn.db", "blobs/..." */
    const char *path; /* of the file on disk */
    i64 size;
    const char *sha256;
};
struct members {
    struct member *list;
    size_t count, room;
};
/* Adds a file with its size and hash; a directory with all that is below it. */
struct err *members_add(struct arena *a, struct members *m, const char *name, const char *path)
    MUST_CHECK;
/* Writes manifest and members to `path`: whole or not at all. */
struct err *archive_write(struct arena *a, const char *path, const json_t *manifest,
                          const struct members *m) MUST_CHECK;
/* Opens a backup and reads its manifest. Everything that is wrong with the file is ERR_BAD with a
 * sentence that says what. The archive is closed with the arena. */
struct archive;
struct err *archive_open(struct arena *a, const char *path, struct archive **out, json_t **manifest)
    MUST_CHECK;
/* Writes all members below `dir` and compares sizes and hashes with the manifest; ERR_BAD when one
 * differs, is missing, or is not in the manifest. */
struct err *archive_extract(struct archive *z, const json_t *manifest, const char *dir) MUST_CHECK;
/* SHA-256 of a file as hex, and its size. */
struct err *file_digest(struct arena *a, const char *path, const char **hex, i64 *size) MUST_CHECK;
/* A private copy of a file; `to` must not exist. */
struct err *file_copy(struct arena *a, const char *from, const char *to) MUST_CHECK;
/* Removes a directory and all in it; for directories that this program has just made. */
void remove_tree(const char *dir);

/* --- restore, the part inside the store (restore_store.c) --- */
struct restoring {
    const json_t *manifest;
    bool accept_rollback;
    size_t forks, logs, findings;
    const char *finding; /* the first one */
};
/* Compares with the signer's memory, ends sessions, links and tokens, writes an entry "restored" to
 * each log, verifies. ERR_CLASH when the memory is ahead and that was not accepted; ERR_INVALID
 * when the check finds something. */
struct err *restore_store(struct web *w, struct restoring *r) MUST_CHECK;
