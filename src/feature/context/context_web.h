/* SPDX-License-Identifier: Apache-2.0 */
/* Inside feature/context only: handlers of its own pages. */
#pragma once

#include "feature/context/context.h"

struct err *party_list(struct web *w); /* flags parties without a requirement */
struct err *party_show(struct web *w); /* with its requirements */
struct err *requirement_list(struct web *w);
struct err *party_suggestions_page(struct web *w);
struct err *party_suggestions_post(struct web *w);
struct err *requirement_suggestions_page(struct web *w);
struct err *requirement_suggestions_post(struct web *w);
struct err *requirement_take_back(struct web *w); /* removes a dismissal */
