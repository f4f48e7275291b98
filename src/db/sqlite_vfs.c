/* SPDX-License-Identifier: Apache-2.0 */
/* SQLite's way to the file system, with one write mended. What a savepoint may have to undo is kept
 * in memory in one piece (sqlite.c); when it grows out of that, SQLite 3.40 hands the whole piece
 * to one write, of which it writes the length modulo 128 KB, then nothing, and says that the disk
 * is full. So such a file is written in smaller parts. */
#include <pthread.h>
#include <sqlite3.h>

#include "db/sqlite.h"

#define PART (64 * 1024)

static sqlite3_vfs ours;
static sqlite3_io_methods in_parts;
static const sqlite3_io_methods *real_methods;
static pthread_mutex_t methods_lock = PTHREAD_MUTEX_INITIALIZER;

static int write_in_parts(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 at)
{
    const char *from = bytes;
    int rc = SQLITE_OK;

    for (int done = 0; !rc && done < count; done += PART)
        rc = real_methods->xWrite(file, from + done, count - done < PART ? count - done : PART,
                                  at + done);
    return rc;
}

/* All files of this kind have the methods of the first. */
static bool take_methods(const sqlite3_io_methods *methods)
{
    bool same;

    pthread_mutex_lock(&methods_lock);
    if (!real_methods) {
        in_parts = *methods;
        in_parts.xWrite = write_in_parts;
        real_methods = methods;
    }
    same = real_methods == methods;
    pthread_mutex_unlock(&methods_lock);
    return same;
}

static int open_file(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags,
                     int *out)
{
    sqlite3_vfs *real = vfs->pAppData;
    int rc = real->xOpen(real, name, file, flags, out);

    if (!rc && flags & SQLITE_OPEN_SUBJOURNAL && take_methods(file->pMethods))
        file->pMethods = &in_parts;
    return rc;
}

void lite_vfs(void)
{
    sqlite3_vfs *real = sqlite3_vfs_find(NULL);

    if (!real || real == &ours)
        return;
    ours = *real;
    ours.zName = "cairn";
    ours.pNext = NULL;
    ours.pAppData = real;
    ours.xOpen = open_file;
    sqlite3_vfs_register(&ours, 1);
}
