/* SPDX-License-Identifier: Apache-2.0 */
/* Which languages there are, and their words once somebody needs them. The table is filled when the
 * program starts and only grows by parsed words afterwards, under a lock. */
#include "core/language.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/embedded.h"
#include "base/log.h"
#include "base/text.h"
#include "base/words.h"
#include "core/feature.h"

#define FILE_MOST (16 << 20)

struct choice language_choices[LANGUAGES_MOST + 1] = {
    {"en", "English", NULL}
};

struct language {
    const char *text; /* the po file */
    size_t size;
    struct words *words; /* NULL = not parsed yet */
};
static struct language languages[LANGUAGES_MOST + 1];
static size_t nlanguages = 1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static size_t place_of(const char *code)
{
    size_t i = 0;

    while (i < nlanguages && !text_equal(language_choices[i].code, code))
        i++;
    return i;
}

static const char *own_name(struct arena *a, const char *text, const char *code)
{
    const char *at = strstr(text, "X-Name: ");

    if (!at)
        return code;
    at += strlen("X-Name: ");
    return arena_printf(a, "%.*s", (int)strcspn(at, "\\\n\""), at);
}

static struct err *add(struct arena *a, const char *file, const char *text, size_t size)
{
    const char *code = arena_printf(a, "%.*s", (int)(strlen(file) - strlen(".po")), file);
    size_t i = place_of(code);

    if (!text_valid(text, size))
        return err_new(ERR_BAD, "The language file %.60s is not valid UTF-8 text.", file);
    if (i == LANGUAGES_MOST)
        return err_new(ERR_BAD, "There are more than %d languages.", LANGUAGES_MOST);
    if (i == nlanguages)
        nlanguages++;
    language_choices[i] = (struct choice){code, own_name(a, text, code), NULL};
    languages[i] = (struct language){.text = text, .size = size};
    return NULL;
}

static bool is_po(const char *name)
{
    size_t n = strlen(name);

    return n > 3 && n < 16 && strcmp(name + n - 3, ".po") == 0 && name[0] != '.';
}

static struct err *add_file(struct arena *a, const char *folder, const char *name)
{
    FILE *f = fopen(arena_printf(a, "%s/%s", folder, name), "rbe");
    char *text;
    size_t size;

    if (!f)
        return err_new(ERR_BAD, "The language file %.60s cannot be read.", name);
    text = arena_alloc(a, FILE_MOST + 1);
    size = fread(text, 1, FILE_MOST, f);
    fclose(f);
    text[size] = '\0';
    return add(a, name, text, size);
}

static struct err *add_folder(struct arena *a, const char *folder)
{
    DIR *d = opendir(folder);
    struct err *failed = NULL;
    struct dirent *entry;

    if (!d)
        return errno == ENOENT ? NULL : err_new(ERR_BAD, "%.200s cannot be read.", folder);
    while (!failed && (entry = readdir(d)) != NULL)
        if (is_po(entry->d_name))
            failed = add_file(a, folder, entry->d_name);
    closedir(d);
    return failed;
}

struct err *language_load(struct arena *a, const char *folder)
{
    const struct embedded_file *files;
    size_t n = embedded_list("po/", &files);

    for (size_t i = 0; i < nlanguages; i++)
        words_free(languages[i].words);
    memset(languages, 0, sizeof languages);
    memset(language_choices + 1, 0, sizeof language_choices - sizeof language_choices[0]);
    nlanguages = 1;
    for (size_t i = 0; features[i]; i++)
        for (size_t k = 0; features[i]->sentences && features[i]->sentences[k]; k++)
            words_compose(features[i]->sentences[k]);
    for (size_t i = 0; i < n; i++) {
        const char *name = files[i].name + strlen("po/");
        if (is_po(name))
            TRY(add(a, name, (const char *)files[i].data, files[i].size));
    }
    return folder ? add_folder(a, arena_printf(a, "%s/po", folder)) : NULL;
}

static void wrong(int line, const char *why)
{
    log_event(LOG_WARN, "language", "line=%d %s", line, why);
}

const struct words *language_words(const char *code)
{
    size_t i = text_empty(code) ? 0 : place_of(code);
    const struct words *found;

    if (i == 0 || i >= nlanguages)
        return NULL;
    pthread_mutex_lock(&lock);
    if (!languages[i].words)
        languages[i].words = words_read(languages[i].text, languages[i].size, wrong);
    found = languages[i].words;
    pthread_mutex_unlock(&lock);
    return found;
}

/* "de-CH;q=0.8" -> the place of "de", and 800. */
static size_t read_range(const char *at, size_t size, int *weight)
{
    const char *q = memmem(at, size, ";q=", 3);
    size_t n = strcspn(at, "-;, ");
    size_t i = 0;

    *weight = 1000;
    if (q && q[3] == '0' && q[4] == '.' && q[5] >= '0' && q[5] <= '9')
        *weight = (q[5] - '0') * 100;
    else if (q && q[3] == '0')
        *weight = 0;
    while (i < nlanguages && (strlen(language_choices[i].code) != n ||
                              strncasecmp(language_choices[i].code, at, n) != 0))
        i++;
    return i;
}

const char *language_accepted(const char *header)
{
    int best = 0;
    size_t chosen = 0;

    for (const char *at = header ? header : ""; *at;) {
        size_t size = strcspn(at, ",");
        int weight;
        size_t i = read_range(at, size, &weight);
        if (i < nlanguages && weight > best) {
            best = weight;
            chosen = i;
        }
        at += size;
        at += strspn(at, ", ");
    }
    return language_choices[chosen].code;
}

static const char *shown_time(struct web *w, i64 at, const char *zone)
{
    const char *text = clock_text(w->arena, at, zone);

    return arena_printf(w->arena, "%s %s",
                        words_date(w->arena, arena_printf(w->arena, "%.10s", text)), text + 11);
}

const char *web_time(struct web *w, i64 at)
{
    return shown_time(w, at, text_empty(w->own_zone) ? w->zone : w->own_zone);
}

const char *web_org_time(struct web *w, i64 at)
{
    return shown_time(w, at, w->zone);
}
