/* SPDX-License-Identifier: Apache-2.0 */
/* Reports: what is known about risks and their treatment, for two readers. Top management gets two
 * pages, an auditor everything. Each comes as PDF, DOCX or XLSX, from page, API and command line.
 */
#pragma once

#include "core/feature.h"

extern const struct feature report_feature;
extern const struct permission report_run;
