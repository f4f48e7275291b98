/* SPDX-License-Identifier: Apache-2.0 */
/* Stores for tests. Whatever a crashed run left behind is found by its process number and removed
 * by the next run. */
#include "store.h"

#include <dirent.h>
#include <errno.h>
#include <libpq-fe.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "db/db.h"

#define PREFIX "cairn-store-"

static struct {
    char folder[200];
    char server[400]; /* URL of the server's first database */
    char tool[400];   /* tools/postgres, when we started the server */
    char template_url[500];
    pid_t owner;
    int count;
} store;

bool store_is_postgres(void)
{
    const char *engine = getenv("CAIRN_TEST_DB");

    return engine && strcmp(engine, "postgresql") == 0;
}

static void command(const char *format, ...) PRINTF(1, 2);
static void command(const char *format, ...)
{
    char text[1200];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (system(text) != 0)
        fprintf(stderr, "this failed: %s\n", text);
}

/* tools/postgres of the source tree, from where tests are usually started. */
static bool find_tool(char *out, size_t room)
{
    static const char *const places[] = {"tools/postgres", "../tools/postgres", NULL};
    const char *source = strstr(__FILE__, "tests/store.c");

    for (size_t i = 0; places[i]; i++)
        if (access(places[i], X_OK) == 0)
            return snprintf(out, room, "%s", places[i]) > 0;
    snprintf(out, room, "%.*stools/postgres", (int)(source - __FILE__), __FILE__);
    return access(out, X_OK) == 0;
}

static void remove_folder(const char *folder)
{
    char pid_file[300], tool[400];

    snprintf(pid_file, sizeof(pid_file), "%s/pg/cluster/postmaster.pid", folder);
    if (access(pid_file, F_OK) == 0 && find_tool(tool, sizeof(tool)))
        command("'%s' stop '%s/pg' >/dev/null 2>&1", tool, folder);
    command("rm -rf '%s'", folder);
}

static void at_end(void)
{
    if (getpid() == store.owner)
        remove_folder(store.folder);
}

/* Folders of processes that are no more. */
static void sweep(const char *base)
{
    DIR *dir = opendir(base);
    struct dirent *entry;

    while (dir && (entry = readdir(dir))) {
        char path[600];
        i64 pid;

        if (!text_starts(entry->d_name, PREFIX) ||
            !text_i64(entry->d_name + strlen(PREFIX), &pid) || pid <= 1)
            continue;
        if (kill((pid_t)pid, 0) == 0 || errno != ESRCH)
            continue;
        snprintf(path, sizeof(path), "%s/%s", base, entry->d_name);
        remove_folder(path);
    }
    if (dir)
        closedir(dir);
}

const char *store_folder(void)
{
    const char *base = getenv("CAIRN_TEST_DIR");

    if (store.owner == getpid())
        return store.folder;
    /* A socket address has room for about 100 bytes: a long scratch path is not used. */
    if (!base || !*base || strlen(base) > 60)
        base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    sweep(base);
    memset(&store, 0, sizeof(store));
    snprintf(store.folder, sizeof(store.folder), "%s/" PREFIX "%d", base, (int)getpid());
    command("rm -rf '%s'", store.folder);
    if (mkdir(store.folder, 0755) != 0)
        BUG("cannot make %s: %s", store.folder, strerror(errno));
    store.owner = getpid();
    atexit(at_end);
    return store.folder;
}

static struct err *start_server(void)
{
    char line[600];
    size_t n = 0;
    FILE *pipe;

    if (!find_tool(store.tool, sizeof(store.tool)))
        return err_new(ERR_FAULT, "tools/postgres is not found; start tests in the source folder.");
    snprintf(line, sizeof(line), "'%s' start '%s/pg'", store.tool, store_folder());
    pipe = popen(line, "r");
    if (pipe) {
        n = fread(store.server, 1, sizeof(store.server) - 1, pipe);
        n = pclose(pipe) == 0 ? n : 0;
    }
    store.server[n] = '\0';
    store.server[strcspn(store.server, "\n")] = '\0';
    return n ? NULL : err_new(ERR_FAULT, "The test server did not start.");
}

static struct err *server_ready(void)
{
    const char *url = getenv("CAIRN_TEST_URL");

    store_folder();
    setenv("CAIRN_TEST_PG", "1", 1);
    if (store.server[0])
        return NULL;
    if (!url || !*url)
        url = getenv("CAIRN_TEST_PG_URL");
    if (!url || !*url)
        return start_server();
    snprintf(store.server, sizeof(store.server), "%s", url);
    return NULL;
}

static struct err *server_do(const char *sql)
{
    PGconn *c = PQconnectdb(store.server);
    PGresult *r = PQexec(c, sql);
    struct err *e = NULL;

    if (PQresultStatus(r) != PGRES_COMMAND_OK)
        e = err_detail(err_new(ERR_FAULT, "The test server refused \"%s\".", sql), "%s",
                       PQerrorMessage(c));
    PQclear(r);
    PQfinish(c);
    return e;
}

/* The server's URL with another database in it. */
static char *url_of(struct arena *a, const char *database)
{
    const char *authority = strstr(store.server, "://") + 3;
    size_t head = (size_t)(authority - store.server) + strcspn(authority, "/?");
    const char *query = strchr(store.server, '?');

    return arena_printf(a, "%.*s/%s%s", (int)head, store.server, database, query ? query : "");
}

static void drop_database(void *name)
{
    char sql[200];

    snprintf(sql, sizeof(sql), "DROP DATABASE IF EXISTS %s WITH (FORCE)", (const char *)name);
    if (getpid() == store.owner && server_do(sql))
        fprintf(stderr, "a test database stays behind: %s\n", (const char *)name);
}

struct err *store_odd(struct arena *a, const char *options, const char **url)
{
    char *name;

    TRY(server_ready());
    name = arena_printf(a, "t%d_%d", (int)getpid(), ++store.count);
    TRY(server_do(arena_printf(a, "CREATE DATABASE %s %s", name, options)));
    arena_defer(a, drop_database, name);
    *url = url_of(a, name);
    return NULL;
}

static struct err *new_database(struct arena *a, const char *template, const char **url)
{
    return store_odd(a, arena_printf(a, "TEMPLATE %s ENCODING 'UTF8' LOCALE 'C.UTF-8'", template),
                     url);
}

static void remove_files(void *path)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};

    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        char name[600];

        snprintf(name, sizeof(name), "%s%s", (const char *)path, ends[i]);
        unlink(name);
    }
}

static struct err *new_file(struct arena *a, const char **url)
{
    const char *folder = store_folder(); /* its first call sets the count to 0 */
    char *path = arena_printf(a, "%s/%d.db", folder, ++store.count);

    arena_defer(a, remove_files, path);
    *url = arena_printf(a, "sqlite:%s", path);
    return NULL;
}

struct err *store_new(struct arena *a, const char **url)
{
    return store_is_postgres() ? new_database(a, "template0", url) : new_file(a, url);
}

static struct err *migrate(const char *url)
{
    struct db_config config = {.url = url, .mode = DB_WRITE, .timeout_ms = 60000};
    struct db *db;
    struct err *e;

    TRY(db_open(&config, &db));
    e = db_migrate(db);
    if (!e)
        e = db_checkpoint(db, true);
    db_close(db);
    return e;
}

/* Made once per process; its arena is kept, so the store stays until the end. */
static struct err *template_ready(void)
{
    static struct arena *kept;
    const char *url;

    if (kept && store.owner == getpid())
        return NULL;
    kept = arena_new(0);
    TRY(store_new(kept, &url));
    TRY(migrate(url));
    snprintf(store.template_url, sizeof(store.template_url), "%s", url);
    return NULL;
}

struct err *store_ready(struct arena *a, const char **url)
{
    struct db_config config = {.url = store.template_url, .mode = DB_READ};
    struct db *db;
    struct err *e;
    size_t n;

    TRY(template_ready());
    if (store_is_postgres()) {
        const char *name;
        const char *query = strchr(store.template_url, '?');

        /* The query may hold a socket path: the database is before it. */
        n = query ? (size_t)(query - store.template_url) : strlen(store.template_url);
        for (name = store.template_url + n; name[-1] != '/';)
            name--;
        n -= (size_t)(name - store.template_url);
        return new_database(a, arena_strn(a, name, n), url);
    }
    TRY(new_file(a, url));
    TRY(db_open(&config, &db));
    e = db_backup(db, *url + strlen("sqlite:"));
    db_close(db);
    return e;
}
