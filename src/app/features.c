/* SPDX-License-Identifier: Apache-2.0 */
/* The features of the program, alphabetical: the only file that lists them. */
#include "app/parts.h"
#include "core/api.h"
#include "core/feature.h"
#include "feature/account/account.h"
#include "feature/assessment/assessment.h"
#include "feature/asset/asset.h"
#include "feature/context/context.h"
#include "feature/control/control.h"
#include "feature/guide/guide.h"
#include "feature/home/home.h"
#include "feature/log/log.h"
#include "feature/method/method.h"
#include "feature/organisation/organisation.h"
#include "feature/readiness/readiness.h"
#include "feature/risk/risk.h"
#include "feature/search/search.h"
#include "feature/soa/soa.h"
#include "feature/treatment/treatment.h"

const struct feature *const features[] = {
    &account_feature,    &api_feature,       &app_feature,
    &assessment_feature, &asset_feature,     &context_feature,
    &control_feature,    &guide_feature,     &home_feature,
    &log_feature,        &method_feature,    &organisation_feature,
    &readiness_feature,  &risk_feature,      &search_feature,
    &soa_feature,        &treatment_feature, NULL,
};
