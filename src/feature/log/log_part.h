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
/* Adds a file whose size and hash are known. */
void members_put(struct arena *a, struct members *m, const struct member *one);
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
/* Names in a directory, sorted, without those that begin with a dot. */
size_t names_in(struct arena *a, const char *path, const char ***out);
/* SHA-256 of a file as hex, and its size. */
struct err *file_digest(struct arena *a, const char *path, const char **hex, i64 *size) MUST_CHECK;
/* A private copy of a file; `to` must not exist. */
struct err *file_copy(struct arena *a, const char *from, const char *to) MUST_CHECK;
/* Removes a directory and all in it; for directories that this program has just made. */
void remove_tree(const char *dir);

/* --- the keys in a backup (backup_keys.c) --- */
#define KEYS_SEALED "keys.sealed"
/* Writes signer and csrf keys of `dir` to `file`, sealed with the passphrase. */
struct err *keys_seal(struct arena *a, const char *dir, const char *passphrase, const char *file)
    MUST_CHECK;
/* Writes the keys that `file` holds into `dir`. */
struct err *keys_open(struct arena *a, const char *file, const char *passphrase, const char *dir)
    MUST_CHECK;
/* Asks for the passphrase on a terminal (twice when `fresh`), else takes the first line of standard
 * input. */
struct err *keys_ask(struct cli *c, bool fresh, const char **out) MUST_CHECK;

/* --- restore, the part inside the store (restore_store.c) --- */
struct restoring {
    const json_t *manifest;
    bool accept_rollback;
    const char *erasures; /* the list of what is to be erased again */
    size_t forks, logs, findings, lost, erased;
    i64 files;
    const char *finding; /* the first one */
};
/* Compares with the signer's memory, ends sessions, links and tokens, writes an entry "restored" to
 * each log, verifies. ERR_CLASH when the memory is ahead and that was not accepted; ERR_INVALID
 * when the check finds something. */
struct err *restore_store(struct web *w, struct restoring *r) MUST_CHECK;
