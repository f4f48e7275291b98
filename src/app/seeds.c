/* SPDX-License-Identifier: Apache-2.0 */
/* What features add to a new organisation, and what they derive anew when its profile changes. The
 * order is that of dependence. */
#include "feature/organisation/organisation.h"

organisation_step *const organisation_seeds[] = {NULL};
organisation_step *const organisation_profile_changed[] = {NULL};
