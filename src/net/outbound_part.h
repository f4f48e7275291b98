/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of outbound. */
#pragma once

#include "net/outbound.h"

void outbound_init(void); /* libcurl's global start, once per process */
