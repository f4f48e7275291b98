/* SPDX-License-Identifier: Apache-2.0 */
/* The features of the program, alphabetical: the only file that lists them. */
#include "app/parts.h"
#include "core/feature.h"
#include "feature/account/account.h"
#include "feature/asset/asset.h"
#include "feature/method/method.h"
#include "feature/organisation/organisation.h"

const struct feature *const features[] = {
    &account_feature, &app_feature, &asset_feature, &method_feature, &organisation_feature, NULL,
};
