/* SPDX-License-Identifier: Apache-2.0 */
/* What features add to a new organisation, what they derive anew when its profile changes, and what
 * moves with a new version of the risk method. The order is that of dependence. */
#include "feature/control/control.h"
#include "feature/method/method.h"
#include "feature/notice/notice.h"
#include "feature/organisation/organisation.h"
#include "feature/risk/risk.h"
#include "feature/treatment/treatment.h"

organisation_step *const organisation_seeds[] = {method_seed, control_seed, notice_seed, NULL};
const struct method_mover *const method_movers[] = {&risk_mover, NULL};
method_follower *const method_followers[] = {treatment_follow, NULL};
organisation_step *const organisation_profile_changed[] = {control_refresh, NULL};
