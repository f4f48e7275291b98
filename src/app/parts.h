/* SPDX-License-Identifier: Apache-2.0 */
/* The program's own commands: those that belong to no feature. */
#pragma once

#include "core/command.h"

/* A feature with commands only; src/app/features.c lists it. */
extern const struct feature app_feature;

int serve_run(struct cli *c);       /* cairn serve */
int init_run(struct cli *c);        /* cairn init */
int version_run(struct cli *c);     /* cairn version */
int help_run(struct cli *c);        /* cairn help */
int man_run(struct cli *c);         /* cairn man */
int routes_run(struct cli *c);      /* cairn routes */
int permissions_run(struct cli *c); /* cairn permissions */

/* The options of cairn serve for mail and webhooks, into c->config. */
struct err *serve_read_outbound(struct cli *c) MUST_CHECK;
/* Options of serve: --body-limit, --upload-limit, quotas, --clamd (limits.c). */
struct err *read_limits(struct cli *c, struct server_config *s) MUST_CHECK;

/* Makes a new store in c->config.dir, which must be empty or not exist; removes what it made when
 * it fails. ERR_CLASH when there is a store already, ERR_BAD when other files are there. */
struct err *store_create(struct cli *c) MUST_CHECK;
/* Removes the files of a store in a directory that was empty a moment ago. */
void store_undo(struct cli *c);
