/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions of content files. The first line is the condition, the second the answer to every
 * question but those that start with "u". Malformed ones never hold, and none is open and holds. */
#include "base/text.h"
#include "core/content_table.h"
#include "fuzz.h"

static const char condition_profile[] = "code\tkind\tchoices\n"
                                        "develops\tyesno\t\n"
                                        "cloud\tchoice\tnone=None; some=Some; all=All\n"
                                        "data\tset\thealth=Health; money=Money\n"
                                        "people\tint\t\n"
                                        "turnover\tmoney\t\n"
                                        "unknown\ttext\t\n";

static const char *condition_answer(void *ctx, const char *key)
{
    return *key == 'u' ? NULL : ctx;
}

static bool fuzz_condition(struct arena *a, const char *data, size_t size)
{
    const char *end = memchr(data, '\n', size), *form;
    size_t length = end ? (size_t)(end - data) : size;
    const char *condition = arena_strn(a, data, length);
    char *answer = end ? arena_strn(a, end + 1, size - length - 1) : arena_str(a, "");
    struct content_table *profile = NULL;
    bool open = true, holds;

    CHECK(!content_table_read(a, "profile.tsv", condition_profile, strlen(condition_profile),
                              &profile));
    form = content_condition_wrong(a, condition, NULL);
    holds = content_holds(condition, condition_answer, answer, &open);
    CHECK(!(holds && open));
    CHECK(holds == content_holds(condition, condition_answer, answer, NULL));
    CHECK(!form || (!holds && *form));
    CHECK(!form || content_condition_wrong(a, condition, profile));
    return !content_condition_wrong(a, condition, profile);
}

FUZZ_TARGET(condition);
