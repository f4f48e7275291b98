/* SPDX-License-Identifier: Apache-2.0 */
/* The fuzz targets on their seeds, in the ordinary suite: each seed in tests/fuzz/seeds/TARGET must
 * keep the target's promises, "good-..." must be taken and "bad-..." refused. What a fuzzer finds
 * goes there under a name that tells what it is. The targets are included, not linked: as programs
 * of their own they all have the same entry point. */
#define FUZZ_REPLAY

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "test.h"

#include "fuzz/condition.c"
#include "fuzz/cookies.c"
#include "fuzz/csv.c"
#include "fuzz/date.c"
#include "fuzz/entry.c"
#include "fuzz/fold.c"
#include "fuzz/frames.c"
#include "fuzz/html.c"
#include "fuzz/import.c"
#include "fuzz/json.c"
#include "fuzz/library.c"
#include "fuzz/markdown.c"
#include "fuzz/multipart.c"
#include "fuzz/note.c"
#include "fuzz/pairs.c"
#include "fuzz/path.c"
#include "fuzz/table.c"

#define SEED_MAX ((size_t)64 * 1024)

struct replay {
    const char *name;
    bool (*run)(struct arena *a, const char *data, size_t size);
    size_t good, bad; /* seeds: a lost one fails the test, a new one is counted here */
};

static const struct replay replays[] = {
    {"condition", fuzz_condition, 5,  7},
    {"cookies",   fuzz_cookies,   4,  2},
    {"csv",       fuzz_csv,       6,  3},
    {"date",      fuzz_date,      6,  7},
    {"entry",     fuzz_entry,     3,  6},
    {"fold",      fuzz_fold,      7,  3},
    {"frames",    fuzz_frames,    2,  6},
    {"html",      fuzz_html,      7,  1},
    {"import",    fuzz_import,    7,  6},
    {"json",      fuzz_json,      4,  7},
    {"library",   fuzz_library,   3,  5},
    {"markdown",  fuzz_markdown,  12, 3},
    {"multipart", fuzz_multipart, 4,  7},
    {"note",      fuzz_note,      2,  4},
    {"pairs",     fuzz_pairs,     5,  6},
    {"path",      fuzz_path,      4,  9},
    {"table",     fuzz_table,     3,  8},
};

/* tests/fuzz of the source: beside this file, or below CAIRN_SOURCE when it has moved since. */
static const char *fuzz_folder(struct arena *a)
{
    const char *source = getenv("CAIRN_SOURCE"), *end = strrchr(__FILE__, '/');

    if (source && *source)
        return arena_printf(a, "%s/tests/fuzz", source);
    return arena_printf(a, "%.*s/fuzz", end ? (int)(end - __FILE__) : 1, end ? __FILE__ : ".");
}

/* A copy of exactly the file's bytes on the heap, so that reading past them is seen. */
static char *read_seed(const char *path, size_t *size)
{
    static char room[SEED_MAX];
    FILE *f = fopen(path, "rbe");
    char *copy;

    if (!f)
        fail_msg("%s cannot be read", path);
    *size = fread(room, 1, sizeof(room), f);
    fclose(f);
    assert_true(*size < sizeof(room));
    copy = malloc(*size ? *size : 1);
    assert_non_null(copy);
    memcpy(copy, room, *size);
    return copy;
}

static void replay_seed(const struct replay *r, const char *path, bool good)
{
    struct arena *a = arena_new(0);
    size_t size = 0;
    char *data = read_seed(path, &size);
    bool taken;

    print_message("%s\n", path);
    taken = r->run(a, data, size);
    free(data);
    arena_free(a);
    if (taken != good)
        fail_msg("%s was %s", path, taken ? "taken" : "refused");
}

static void replay(const char *name)
{
    struct arena *a = arena_new(0);
    const struct replay *r = replays;
    const char *folder;
    size_t good = 0, bad = 0;
    DIR *dir;

    while (strcmp(r->name, name) != 0)
        r++;
    folder = arena_printf(a, "%s/seeds/%s", fuzz_folder(a), name);
    dir = opendir(folder);
    if (!dir)
        fail_msg("the folder %s is missing; CAIRN_SOURCE tells where the source is", folder);
    for (struct dirent *d = readdir(dir); d; d = readdir(dir)) {
        bool is_good = strncmp(d->d_name, "good-", 5) == 0;

        if (d->d_name[0] == '.')
            continue;
        if (!is_good && strncmp(d->d_name, "bad-", 4) != 0)
            fail_msg("%s/%s: its name starts with neither good- nor bad-", folder, d->d_name);
        replay_seed(r, arena_printf(a, "%s/%s", folder, d->d_name), is_good);
        good += is_good;
        bad += !is_good;
    }
    closedir(dir);
    arena_free(a);
    assert_int_equal(good, r->good);
    assert_int_equal(bad, r->bad);
}

/* clang-format off */
#define REPLAY(name) static void replay_##name(void **state) { (void)state; replay(#name); }
/* clang-format on */
REPLAY(condition)
REPLAY(cookies)
REPLAY(csv)
REPLAY(date)
REPLAY(entry)
REPLAY(fold)
REPLAY(frames)
REPLAY(html)
REPLAY(import)
REPLAY(json)
REPLAY(library)
REPLAY(markdown)
REPLAY(multipart)
REPLAY(note)
REPLAY(pairs)
REPLAY(path)
REPLAY(table)

static bool has_replay(const char *file)
{
    size_t length = strlen(file) - 2;

    for (size_t i = 0; i < COUNT_OF(replays); i++)
        if (strlen(replays[i].name) == length && strncmp(replays[i].name, file, length) == 0)
            return true;
    return false;
}

static void every_target_is_replayed(void **state)
{
    struct arena *a = arena_new(0);
    DIR *dir = opendir(fuzz_folder(a));
    size_t count = 0;

    (void)state;
    assert_non_null(dir);
    for (struct dirent *d = readdir(dir); d; d = readdir(dir)) {
        size_t length = strlen(d->d_name);

        if (length < 3 || strcmp(d->d_name + length - 2, ".c") != 0)
            continue;
        if (!has_replay(d->d_name))
            fail_msg("tests/fuzz/%s is not replayed here", d->d_name);
        count++;
    }
    closedir(dir);
    arena_free(a);
    assert_int_equal(count, COUNT_OF(replays));
}

const struct test_case fuzz_tests[] = {
    TEST("conditions of content: malformed ones never hold", replay_condition),
    TEST("cookies: what is taken is tokens and text", replay_cookies),
    TEST("CSV: rows read, written and read again are the same", replay_csv),
    TEST("dates and zones: the cut after a date lies before the next one", replay_date),
    TEST("log entries: what decodes encodes to the same bytes", replay_entry),
    TEST("folding: folding twice is folding once", replay_fold),
    TEST("frames of the child that reads workbooks: rows come back as the same bytes",
         replay_frames),
    TEST("HTML: no text ends an element or an attribute", replay_html),
    TEST("files to import: columns are distinct, rows in order, cells valid", replay_import),
    TEST("JSON: documents come back equal", replay_json),
    TEST("libraries of controls: what the child says is what the parent takes", replay_library),
    TEST("Markdown: no text becomes markup of its own", replay_markdown),
    TEST("multipart forms: the same in pieces and at once", replay_multipart),
    TEST("checkpoints: only what signing would write is opened", replay_note),
    TEST("urlencoded pairs: written and read again they are the same", replay_pairs),
    TEST("paths: what is taken stays inside the tree", replay_path),
    TEST("tables of content: cells are clean, rows are found", replay_table),
    TEST("every fuzz target has a replay here", every_target_is_replayed),
    TEST_END,
};
