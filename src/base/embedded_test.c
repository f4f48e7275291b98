/* SPDX-License-Identifier: Apache-2.0 */
#include "base/embedded.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

#include "test.h"

extern const struct test_case embedded_tests[];

static void files_are_sorted(void **state)
{
    (void)state;
    const struct embedded_file *all;
    size_t n = embedded_list("", &all);
    assert_true(n > 20);
    for (size_t i = 1; i < n; i++)
        assert_true(strcmp(all[i - 1].name, all[i].name) < 0);
}

static void every_file_is_found_and_whole(void **state)
{
    (void)state;
    const struct embedded_file *all;
    size_t n = embedded_list("", &all);
    for (size_t i = 0; i < n; i++) {
        unsigned char digest[SHA256_DIGEST_LENGTH];
        char hex[2 * SHA256_DIGEST_LENGTH + 1];
        SHA256(all[i].data, all[i].size, digest);
        for (size_t k = 0; k < sizeof digest; k++)
            snprintf(hex + 2 * k, 3, "%02x", digest[k]);
        assert_string_equal(all[i].hash, hex);
        assert_int_equal(all[i].data[all[i].size], 0);
        assert_ptr_equal(embedded_find(all[i].name), &all[i]);
    }
}

static void a_prefix_gives_its_files_only(void **state)
{
    (void)state;
    const struct embedded_file *first;
    size_t n = embedded_list("migrations/", &first);
    assert_true(n >= 1);
    for (size_t i = 0; i < n; i++)
        assert_memory_equal(first[i].name, "migrations/", 11);
    assert_int_equal(embedded_list("no such folder/", &first), 0);
    assert_null(first);
    assert_null(embedded_find("migrations/"));
    assert_null(embedded_find(""));
}

static void an_address_leads_back_to_its_file(void **state)
{
    (void)state;
    bool current = false;
    const char *url = embedded_url("cairn.css");
    const struct embedded_file *file = embedded_by_url(url, &current);
    assert_non_null(file);
    assert_true(current);
    assert_string_equal(file->type, "text/css; charset=utf-8");
    assert_true(file->gz_size > 0 && file->gz_size < file->size / 4);
}

static void an_old_address_still_finds_the_file(void **state)
{
    (void)state;
    bool current = true;
    assert_non_null(embedded_by_url("/static/0123456789abcdef/cairn.css", &current));
    assert_false(current);
}

static void nothing_but_assets_has_an_address(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "/static/",
        "/static/cairn.css",
        "/static/x/../content/roles.tsv",
        "/static/x//cairn.css",
        "/content/roles.tsv",
        "",
        "/static/x/",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_null(embedded_by_url(wrong[i], NULL));
}

static void the_style_sheet_holds_no_data_address(void **state)
{
    (void)state;
    const struct embedded_file *css = embedded_find("static/cairn.css");
    assert_non_null(css);
    assert_null(strstr((const char *)css->data, "url(data:"));
    assert_null(strstr((const char *)css->data, "url(\"data:"));
    assert_null(strstr((const char *)css->data, "url(http"));
}

const struct test_case embedded_tests[] = {
    TEST("embedded files are sorted by name", files_are_sorted),
    TEST("every embedded file is found by its name and has its hash",
         every_file_is_found_and_whole),
    TEST("a prefix gives the files below it and no other", a_prefix_gives_its_files_only),
    TEST("the address of an asset leads back to it, compressed", an_address_leads_back_to_its_file),
    TEST("an address of an older release still finds the file",
         an_old_address_still_finds_the_file),
    TEST("nothing but assets can be asked for", nothing_but_assets_has_an_address),
    TEST("the style sheet needs no data: pictures", the_style_sheet_holds_no_data_address),
    TEST_END,
};
