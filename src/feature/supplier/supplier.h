/* SPDX-License-Identifier: Apache-2.0 */
/* Suppliers with what they may reach and what was agreed, and the places where one works and where
 * assets stand. */
#pragma once

#include "core/entity.h"

struct supplier {
    RECORD;
    const char *name;
    const char *kind;
    const char *service;
    const char *state;
    i64 owner;
    const char *country;
    const char *contact, *contact_email, *contact_phone;
    i64 data, access, dependence; /* 1 to 4; 0 = not judged */
    const char *personal_data;
    const char *dpa_on;
    const char *data_places;
    const char *sub_suppliers;
    const char *contract, *contract_from, *contract_until, *notice_by;
    i64 terms; /* bits: security terms that the contract has */
    const char *gap_reason;
    const char *duties, *exit_plan;
    const char *assessed, *assessment, *next_review;
    const char *external_id;
    /* derived */
    i64 criticality; /* 1 to 4; 0 while one of the three is not judged */
};
struct location {
    RECORD;
    const char *name;
    const char *kind;
    const char *state;
    const char *address, *country;
    i64 provider; /* a supplier that runs it; 0 = we ourselves */
    i64 owner;
    i64 in_scope;
    const char *access;
    const char *note;
};
extern const struct entity supplier_entity, location_entity;
extern const struct feature supplier_feature;
extern const struct permission supplier_read, supplier_write, location_read, location_write;

/* How critical a supplier is, 1 to 4: the higher of how much we depend on it and of what it could
 * spill, which is the lower of how sensitive our information is and how far it reaches (A.5.19). 0
 * while one of the three is 0. */
i64 supplier_criticality(i64 data, i64 access, i64 dependence);
