/* SPDX-License-Identifier: Apache-2.0 */
/* What tools/embed.py generates and base/embedded.c reads. Nobody else includes this. */
#pragma once

#include <stddef.h>

#include "base/embedded.h"

extern const struct embedded_file embedded_files[];
extern const size_t embedded_count;
