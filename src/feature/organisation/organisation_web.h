/* SPDX-License-Identifier: Apache-2.0 */
/* Inside feature/organisation only: handlers of its own pages. */
#pragma once

#include "core/work.h"
#include "feature/account/account.h"
#include "feature/organisation/organisation.h"

struct err *organisation_new(struct web *w);   /* the form of a new organisation */
struct err *organisation_found(struct web *w); /* creates it */
struct err *organisation_show(struct web *w);
struct err *organisation_edit(struct web *w);
struct err *organisation_save(struct web *w);
struct err *profile_page(struct web *w); /* the questionnaire */
struct err *profile_save(struct web *w);
struct err *person_show(struct web *w);
struct err *person_save(struct web *w);
/* then to the hand-over, when somebody leaves */ /* with roles, what they own, invitation */
/* --- roles of a person (role_accept.c) --- */
struct err *roles_draw(struct web *w, const struct person *p); /* the card on their page */
struct err *role_accept(struct web *w); /* the holder says that they know and accept it */
extern const struct work_source role_work[];
struct err *person_invite(struct web *w); /* makes and shows the one-time link */
