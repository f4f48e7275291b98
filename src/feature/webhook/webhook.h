/* SPDX-License-Identifier: Apache-2.0 */
/* Webhooks: other programs are told of changes by signed HTTP requests. What is sent names the
 * record and what happened to it; the title goes along only while the person who is responsible for
 * the webhook may see the record, all else is fetched by the API with a token. */
#pragma once

#include "core/entity.h"

struct webhook {
    RECORD;
    const char *title;
    const char *url;
    i64 actions;
    const char *kinds; /* "risk, asset", or NULL: all */
    const char *state; /* new, on, off */
    const char *off_reason;
    i64 owner; /* who made the secret */
    i64 generation;
    const char *fingerprint;
};
extern const struct entity webhook_entity;
extern const struct feature webhook_feature;
extern const struct permission webhook_manage;
