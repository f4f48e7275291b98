/* SPDX-License-Identifier: Apache-2.0 */
/* Inside core/import.c only: imports by script, as a command or over the API. */
#pragma once

#include "core/command.h"

int import_command(struct cli *c);
int import_undo_command(struct cli *c);
/* prepare and handler of POST /api/v1/:plural/import. */
struct err *import_api_prepare(struct web *w) MUST_CHECK;
struct err *import_api_done(struct web *w) MUST_CHECK;
