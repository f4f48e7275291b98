/* SPDX-License-Identifier: Apache-2.0 */
/* What features add to a new organisation, and what they derive anew when its profile changes. The
 * order is that of dependence. */
#include "feature/control/control.h"
#include "feature/method/method.h"
#include "feature/organisation/organisation.h"

organisation_step *const organisation_seeds[] = {method_seed, control_seed, NULL};
organisation_step *const organisation_profile_changed[] = {control_refresh, NULL};
