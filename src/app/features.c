/* SPDX-License-Identifier: Apache-2.0 */
/* The features of the program, alphabetical: the only file that lists them. */
#include "app/parts.h"
#include "core/api.h"
#include "core/feature.h"
#include "feature/account/account.h"
#include "feature/asset/asset.h"
#include "feature/context/context.h"
#include "feature/control/control.h"
#include "feature/method/method.h"
#include "feature/organisation/organisation.h"
#include "feature/risk/risk.h"
#include "feature/soa/soa.h"
#include "feature/treatment/treatment.h"

const struct feature *const features[] = {
    &account_feature,
    &api_feature,
    &app_feature,
    &asset_feature,
    &context_feature,
    &control_feature,
    &method_feature,
    &organisation_feature,
    &risk_feature,
    &soa_feature,
    &treatment_feature,
    NULL,
};
