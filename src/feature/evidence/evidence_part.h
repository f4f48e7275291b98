/* SPDX-License-Identifier: Apache-2.0 */
/* Inside feature/evidence only. */
#pragma once

#include "core/blob.h"
#include "feature/evidence/evidence.h"

/* --- files on their way in (evidence_store.c) --- */
struct taken_file {
    struct blob blob;
    const char *name, *type, *scan;
    i64 upload; /* id of the resumable upload it came by, 0 = with the form */
};
struct taken {
    struct taken_file *list;
    size_t count;
};
/* route.prepare: looks at, scans and stores the files of the form ("file[]") and the finished
 * uploads it names ("upload[]"); leaves a struct taken in w->prepared. */
struct err *evidence_take(struct web *w) MUST_CHECK;
/* The same for one finished upload (API) or a file at hand (command line). */
struct err *evidence_take_upload(struct web *w, const char *id, struct taken_file *out) MUST_CHECK;
struct err *evidence_take_path(struct web *w, const char *path, const char *name,
                               struct taken_file *out) MUST_CHECK;
/* Makes the file the next version of the evidence: fields only, before entity_write. */
void evidence_put(struct evidence *e, const struct taken_file *f);
/* The file belongs to something from now on: after entity_write, in its transaction. */
struct err *evidence_kept(struct web *w, const struct taken_file *f) MUST_CHECK;
/* Makes evidence out of the posted form, one piece for each file in w->prepared or one without a
 * file, about the record `about` (0 = what the form says). `*first` gets the first one; with issues
 * nothing was written. */
struct err *evidence_make(struct web *w, i64 about, struct issues *out, struct evidence *first)
    MUST_CHECK;
/* What a new piece of evidence has when nobody says otherwise: owner, day, title. */
void evidence_defaults(struct web *w, struct evidence *e, const struct taken_file *f);

/* One version of the file. */
struct file_version {
    i64 number, at, size;
    const char *name, *type, *hash, *who;
};
/* Newest first. */
struct err *evidence_versions(struct web *w, i64 id, struct file_version **out, size_t *count)
    MUST_CHECK;
/* The version that ?version= asks for, without one the current; ERR_MISSING when there is none. */
struct err *evidence_version(struct web *w, const struct evidence *e, struct file_version *out)
    MUST_CHECK;
/* By number or id as text, or that of the address, if this person may see it. */
struct err *evidence_called(struct web *w, const char *text, struct evidence *out) MUST_CHECK;
struct err *evidence_asked(struct web *w, struct evidence *out) MUST_CHECK;

/* --- pages --- */
struct err *evidence_list(struct web *w);
struct err *evidence_new(struct web *w);
struct err *evidence_create(struct web *w);
struct err *evidence_show(struct web *w);
struct err *evidence_new_version(struct web *w);
struct err *evidence_change_hold(struct web *w);
struct err *evidence_erase_page(struct web *w);
/* evidence_view.c */
struct err *evidence_preview(struct web *w, const struct evidence *e) MUST_CHECK;
struct err *evidence_download(struct web *w);
struct err *evidence_picture(struct web *w);
struct err *evidence_page(struct web *w);              /* ?n=: a page of a PDF as picture */
const char *evidence_size(struct arena *a, i64 bytes); /* "1.4 MB" */
/* "Valid until 2026-03-01", late when that is over. */
void evidence_draw_validity(struct web *w, const struct evidence *e);
/* evidence_panel.c */
extern const struct panel evidence_panels[];
struct err *evidence_add(struct web *w);    /* POST /:plural/:no/evidence */
struct err *evidence_detach(struct web *w); /* POST /:plural/:no/evidence/detach */
/* The input of a field; a title may be left empty where the file's name can stand for it. */
struct err *evidence_field(struct web *w, const char *name, const struct evidence *e,
                           const struct issues *issues) MUST_CHECK;
/* File input with drop zone; several files at once. */
void evidence_file_input(struct web *w, bool many);

/* --- the API and the command line --- */
extern const struct command evidence_commands[];
struct err *evidence_api_create(struct web *w);
struct err *evidence_api_change(struct web *w);
struct err *evidence_api_prepare(struct web *w);
struct err *evidence_api_content(struct web *w);
struct err *evidence_api_files(struct web *w);
