/* SPDX-License-Identifier: Apache-2.0 */
/* What a file is, by its content: libmagic, without those of its readers that unpack or follow
 * structures, on the first bytes only. What the sender says about a file is never asked. */
#include <ctype.h>
#include <fcntl.h>
#include <magic.h>
#include <pthread.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "base/words.h"
#include "core/blob.h"

#define HEAD ((size_t)64 * 1024)
#define CAREFUL \
    (MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_ELF | MAGIC_NO_CHECK_CDF | MAGIC_NO_CHECK_TAR)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static magic_t cookie; /* one for all: loading its table takes longer than asking it */

/* The answer of libmagic with these flags, in the arena; NULL when it gives none. */
static const char *ask(struct arena *a, struct bytes data, int flags)
{
    const char *text = NULL;

    pthread_mutex_lock(&lock);
    if (!cookie) {
        cookie = magic_open(CAREFUL);
        if (cookie && magic_load(cookie, NULL)) {
            log_event(LOG_ERROR, "magic", "%s", magic_error(cookie));
            magic_close(cookie);
            cookie = NULL;
        }
    }
    if (cookie && !magic_setflags(cookie, CAREFUL | flags))
        text = arena_str(a, magic_buffer(cookie, data.data, data.size));
    pthread_mutex_unlock(&lock);
    return text;
}

static bool begins(struct bytes data, size_t at, const char *with, size_t n)
{
    return data.size >= at + n && memcmp(data.data + at, with, n) == 0;
}

/* The kinds that pages show are checked once more, and here the first bytes decide. */
static const char *plain_type(struct bytes data)
{
    if (begins(data, 0, "\x89PNG\r\n\x1a\n", 8))
        return "image/png";
    if (begins(data, 0, "\xff\xd8\xff", 3))
        return "image/jpeg";
    if (begins(data, 0, "GIF87a", 6) || begins(data, 0, "GIF89a", 6))
        return "image/gif";
    if (begins(data, 0, "RIFF", 4) && begins(data, 8, "WEBP", 4))
        return "image/webp";
    if (begins(data, 0, "%PDF-", 5))
        return "application/pdf";
    return NULL;
}

static bool claims_shown(const char *type)
{
    return blob_shown(type) || text_equal(type, "application/pdf");
}

static bool well_formed(const char *type)
{
    size_t n = type ? strlen(type) : 0;

    return n > 2 && n < 128 && strchr(type, '/') &&
           strspn(type, "abcdefghijklmnopqrstuvwxyz0123456789/.+-_") == n;
}

const char *blob_type(struct arena *a, const char *path)
{
    unsigned char head[HEAD];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t n = fd >= 0 ? pread(fd, head, sizeof(head), 0) : -1;
    struct bytes data = {head, n > 0 ? (size_t)n : 0};
    const char *type = plain_type(data);

    if (fd >= 0)
        close(fd);
    if (type || !data.size)
        return type ? type : "application/octet-stream";
    type = ask(a, data, MAGIC_MIME_TYPE);
    return well_formed(type) && !claims_shown(type) ? type : "application/octet-stream";
}

bool blob_shown(const char *type)
{
    static const char *const kinds[] = {"image/png", "image/jpeg", "image/gif", "image/webp"};

    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (text_equal(type, kinds[i]))
            return true;
    return false;
}

/* "... 640 x 480, 8-bit ..." or "... 640x480 ...": the largest such pair. */
i64 blob_pixels(struct arena *a, struct bytes head)
{
    const char *text = ask(a, head, MAGIC_NONE);
    i64 most = 0;

    for (const char *p = text; p && *p; p++) {
        const char *x = p;
        i64 wide = 0, high = 0;

        if (!isdigit((unsigned char)*p) || (p > text && isdigit((unsigned char)p[-1])))
            continue;
        for (; isdigit((unsigned char)*x) && wide < 10000000; x++)
            wide = wide * 10 + (*x - '0');
        x += strspn(x, " ");
        if (*x != 'x')
            continue;
        x += 1 + strspn(x + 1, " ");
        for (; isdigit((unsigned char)*x) && high < 10000000; x++)
            high = high * 10 + (*x - '0');
        if (wide > 0 && high > 0)
            most = wide > most ? wide : most;
        if (wide > 0 && high > most)
            most = high;
    }
    return most;
}

const char *blob_odd_name(struct arena *a, const char *filename, const char *type)
{
    static const struct {
        const char *ending, *kind;
    } known[] = {
        {".pdf",  "application/pdf"},
        {".png",  "image/png"      },
        {".jpg",  "image/jpeg"     },
        {".jpeg", "image/jpeg"     },
        {".gif",  "image/gif"      },
        {".webp", "image/webp"     },
        {".txt",  "text/"          },
        {".csv",  "text/"          },
        {".docx", "application/"   },
        {".xlsx", "application/"   },
        {".zip",  "application/zip"},
    };
    const char *dot = strrchr(filename, '.');

    for (size_t i = 0; dot && i < COUNT_OF(known); i++) {
        bool program =
            strstr(type, "executable") || strstr(type, "dosexec") || strstr(type, "script");

        if (strcasecmp(dot, known[i].ending) == 0 && (program || !text_starts(type, known[i].kind)))
            return arena_printf(a, "The name ends in %s, but the content is %s.", known[i].ending,
                                type);
    }
    return NULL;
}
