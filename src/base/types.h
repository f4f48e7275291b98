/* SPDX-License-Identifier: Apache-2.0 */
/* The few scalar types and macros that every layer shares. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef long long i64; /* %lld prints it on every platform */
typedef unsigned long long u64;

#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))
#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF(f, a) __attribute__((format(printf, f, a)))

/* A run of bytes that somebody else owns. */
struct bytes {
    const unsigned char *data;
    size_t size;
};
