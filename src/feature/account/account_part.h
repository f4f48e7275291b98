/* SPDX-License-Identifier: Apache-2.0 */
/* Inside feature/account only: parts of the account page. */
#pragma once

#include "core/feature.h"

/* The card on the account page, and what it posts. */
struct err *account_settings_card(struct web *w) MUST_CHECK;
struct err *account_settings_post(struct web *w) MUST_CHECK;
