/* SPDX-License-Identifier: Apache-2.0 */
#include "core/convert.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "base/words.h"

#define CHUNK ((size_t)64 * 1024)
#define LOOK_MS 50 /* between two looks at the child's memory */

struct conversion {
    const struct convert_ask *ask;
    struct arena *arena;   /* of what is told */
    struct arena *scratch; /* of one frame */
    FILE *rows;
    struct convert_told *told;
    pid_t child;
    int pipe;
    unsigned char *buffer; /* bytes that are no whole frame yet */
    size_t filled;
    u64 taken;
    i64 last_row, deadline;
    bool begun, ended;
    enum convert_why why;
    u64 number;
};

/* --- the sentences --- */

static const char *reason_of_form(enum convert_why why)
{
    switch (why) {
    case WHY_NOT_ZIP:
        return tr("It is no workbook: that is a file that ends with .xlsx.");
    case WHY_NOT_XLSX:
        return tr("It is an archive, but not a workbook (.xlsx).");
    case WHY_OPEN_DOCUMENT:
        return tr("It is an OpenDocument sheet. Save it as .xlsx or as CSV UTF-8.");
    case WHY_BINARY:
        return tr("It is a binary workbook (.xlsb). Save it as .xlsx.");
    case WHY_ENCRYPTED:
        return tr("It is protected by a password. Save it without one.");
    case WHY_ENTRIES:
        return tr("It has far more parts than a workbook.");
    case WHY_NAME:
        return tr("It is not put together like a workbook: a part has a forbidden name, or is "
                  "there twice.");
    case WHY_OVERLAP:
        return tr("It is not put together like a workbook: the sizes of its parts are wrong.");
    case WHY_RATIO:
        return tr("It unpacks to far more than a workbook would.");
    case WHY_DOCTYPE:
        return tr("It contains a document type declaration, which no workbook has.");
    default:
        return NULL;
    }
}

static const char *reason_of_content(enum convert_why why)
{
    switch (why) {
    case WHY_TOO_LARGE:
        return tr("It is too large when it is unpacked. Split it, or save the sheet as CSV UTF-8.");
    case WHY_STRINGS:
        return tr("It holds too much text. Split it, or save the sheet as CSV UTF-8.");
    case WHY_MEMORY:
        return tr("It needs more memory than one file may take. Split it, or save the sheet as CSV "
                  "UTF-8.");
    case WHY_ENCODING:
        return tr("A part of it is not UTF-8. Save it again with a spreadsheet program.");
    case WHY_XML:
        return tr("It is damaged: a part is not well-formed. Save it again with a spreadsheet "
                  "program.");
    default:
        return tr(
            "It is damaged and cannot be unpacked. Save it again with a spreadsheet program.");
    }
}

/* Of a library; the number is a line. */
static struct err *refused_library(const struct conversion *c)
{
    const char *name = c->ask->name;
    i64 line = (i64)c->number;

    switch (c->why) {
    case WHY_YAML:
        return err_new(ERR_BAD, "“%.100s” cannot be read: line %lld is no YAML or JSON.", name,
                       line);
    case WHY_DEPTH:
        return err_new(ERR_BAD, "“%.100s” cannot be read: it is nested too deeply%s.", name,
                       line ? arena_printf(c->arena, tr(" in line %lld"), line) : "");
    case WHY_ALIAS:
        return err_new(ERR_BAD,
                       "“%.100s” cannot be read: line %lld uses a name (*name) that is not there, "
                       "contains itself, or is used too often.",
                       name, line);
    case WHY_NOT_LIBRARY:
        return err_new(ERR_BAD,
                       "“%.100s” is no library of controls that is known. Known are libraries of "
                       "CISO Assistant (YAML with “objects”) and OSCAL catalogues (with "
                       "“catalog”); other lists can be imported as CSV.",
                       name);
    case WHY_PROFILE:
        return err_new(ERR_BAD,
                       "“%.100s” is an OSCAL document, but not a catalogue. Import the catalogue "
                       "whose controls it names.",
                       name);
    case WHY_NO_CONTROLS:
        return err_new(ERR_BAD, "There are no controls in “%.100s”, and no mappings to Annex A.",
                       name);
    case WHY_DOCUMENTS:
        return err_new(ERR_BAD,
                       "“%.100s” holds more than one document: another begins in line %lld. Import "
                       "each as a file of its own.",
                       name, line);
    case WHY_KEY_TWICE:
        return err_new(ERR_BAD,
                       "“%.100s” cannot be read: line %lld names what the object around it has "
                       "already. Take one of them out.",
                       name, line);
    case WHY_TOO_LARGE:
    case WHY_MEMORY:
        return err_new(ERR_LIMIT, "“%.100s” holds more than a library of controls may. Split it.",
                       name);
    case WHY_ENCODING:
        return err_new(ERR_BAD, "“%.100s” cannot be read: it is not UTF-8%s.", name,
                       line > 1 ? arena_printf(c->arena, tr(" in line %lld"), line) : "");
    default:
        return NULL;
    }
}

static struct err *refused(const struct conversion *c)
{
    struct err *library = c->ask->library ? refused_library(c) : NULL;
    const char *reason = reason_of_form(c->why);
    enum err_code code = c->why == WHY_TOO_LARGE || c->why == WHY_STRINGS || c->why == WHY_MEMORY ||
                                 c->why == WHY_ENTRIES || c->why == WHY_ROW
                             ? ERR_LIMIT
                             : ERR_BAD;

    if (library)
        return library;
    if (c->why == WHY_ROW)
        return err_new(code, "“%.100s” cannot be read. Row %lld is larger than 4 MB.", c->ask->name,
                       (i64)c->number);
    if (c->why == WHY_ORDER)
        return err_new(code,
                       "“%.100s” cannot be read. Near row %lld its cells are out of order. Save it "
                       "again with a spreadsheet program.",
                       c->ask->name, (i64)c->number);
    if (c->why == WHY_NO_SHEET)
        return err_new(code, "“%.100s” has no sheet “%.60s”. It has %lld.", c->ask->name,
                       c->ask->sheet ? c->ask->sheet : "", (i64)c->number);
    return err_new(code, "“%.100s” cannot be read. %s", c->ask->name,
                   reason ? reason : reason_of_content(c->why));
}

static struct err *broke_off(const struct conversion *c, const char *why)
{
    log_event(LOG_WARN, "convert", "%s", why);
    if (c->ask->library)
        return err_detail(err_new(ERR_BAD,
                                  "The reader of libraries gave up on “%.100s”, so "
                                  "nothing was read.",
                                  c->ask->name),
                          "%s", why);
    return err_detail(err_new(ERR_BAD,
                              "The reader of workbooks gave up on “%.100s”, so nothing was read. "
                              "Save the sheet as CSV UTF-8 and import that.",
                              c->ask->name),
                      "%s", why);
}

static struct err *took_too_much(const struct conversion *c, const char *why)
{
    log_event(LOG_WARN, "convert", "%s", why);
    if (c->ask->library)
        return err_new(ERR_LIMIT,
                       "“%.100s” needs more time or memory than one file may take. Split it.",
                       c->ask->name);
    return err_new(ERR_LIMIT,
                   "“%.100s” needs more time or memory than one file may take. Split it, or save "
                   "the sheet as CSV UTF-8.",
                   c->ask->name);
}

/* --- frames --- */

static bool take_row(struct conversion *c, struct bytes frame, struct bytes body)
{
    struct convert_row row;

    if (!pipe_read_row(c->scratch, body, &row) || row.row <= c->last_row)
        return false;
    c->last_row = row.row;
    c->told->rows++;
    c->told->hidden_rows += row.hidden;
    if (row.cell[row.count - 1].column >= c->told->columns)
        c->told->columns = row.cell[row.count - 1].column + 1;
    return fwrite(frame.data, 1, frame.size, c->rows) == frame.size;
}

static bool take_merge(struct conversion *c, struct bytes body)
{
    struct convert_told *t = c->told;

    return t->nmerges < CONVERT_MERGES && pipe_read_merge(body, &t->merges[t->nmerges++]);
}

static bool take_hidden(struct conversion *c, struct bytes body)
{
    unsigned column;

    if (!pipe_read_hidden(body, &column))
        return false;
    c->told->hidden[column] = true;
    return true;
}

/* One frame that is there as a whole; false when the child breaks the rules. */
static bool take_frame(struct conversion *c, enum convert_frame kind, struct bytes frame)
{
    struct convert_told *t = c->told;
    struct bytes body = {frame.data + PIPE_HEAD, frame.size - PIPE_HEAD};

    if (c->ended || c->why || (kind != FRAME_REFUSE && (kind == FRAME_SHEETS) == c->begun))
        return false;
    switch (kind) {
    case FRAME_SHEETS:
        c->begun = true;
        return pipe_read_sheets(c->arena, body, &t->sheets, &t->nsheets, &t->chosen);
    case FRAME_ROW:
        return take_row(c, frame, body);
    case FRAME_MERGE:
        return take_merge(c, body);
    case FRAME_HIDDEN:
        return take_hidden(c, body);
    case FRAME_END:
        c->ended = true;
        return pipe_read_end(body, &t->end);
    case FRAME_REFUSE:
        return pipe_read_refuse(body, &c->why, &c->number);
    }
    return false;
}

static bool take_frames(struct conversion *c)
{
    size_t at = 0, size;
    enum convert_frame kind;

    while (c->filled - at >= PIPE_HEAD) {
        if (!pipe_head(c->buffer + at, &kind, &size))
            return false;
        if (c->filled - at < PIPE_HEAD + size)
            break;
        if (!take_frame(c, kind, (struct bytes){c->buffer + at, PIPE_HEAD + size}))
            return false;
        arena_reset(c->scratch);
        at += PIPE_HEAD + size;
    }
    memmove(c->buffer, c->buffer + at, c->filled - at);
    c->filled -= at;
    return true;
}

/* --- the child --- */

/* Bytes of memory that the child uses, 0 when the system does not tell. */
static u64 memory_of(pid_t child)
{
    char path[64], line[128];
    unsigned long long pages = 0;
    FILE *f;

    snprintf(path, sizeof(path), "/proc/%d/statm", (int)child);
    f = fopen(path, "re");
    if (f && fgets(line, sizeof(line), f) && sscanf(line, "%*u %llu", &pages) != 1)
        pages = 0;
    if (f)
        fclose(f);
    return pages * (u64)sysconf(_SC_PAGESIZE);
}

/* The child's own limit is of address space. A sanitizer's shadow needs terabytes of that, so there
 * the memory in use is what is watched, and it may be more. */
static u64 memory_most(void)
{
#ifdef SANITIZED
    return 3 * CONVERT_MEMORY;
#else
    return CONVERT_MEMORY;
#endif
}

static struct err *start(struct conversion *c, FILE *file)
{
    static char program[] = "/proc/self/exe", name[] = "cairn", verb[] = "convert";
    static char workbook[] = "xlsx", library[] = "library";
    static char options[] =
        "ASAN_OPTIONS=detect_leaks=0:quarantine_size_mb=4:allocator_may_return_null=1";
    char *sheet = text_empty(c->ask->sheet) ? NULL : arena_str(c->arena, c->ask->sheet);
    char *kind = c->ask->library ? library : workbook;
    char *argv[] = {name, verb, kind, sheet, NULL}, *envp[] = {options, NULL};
    posix_spawn_file_actions_t files;
    int ends[2], bad;

    if (pipe2(ends, O_CLOEXEC))
        return err_detail(err_new(ERR_BUSY, "The server is short of memory. Try again later."),
                          "pipe: %s", strerror(errno));
    posix_spawn_file_actions_init(&files);
    bad = posix_spawn_file_actions_adddup2(&files, fileno(file), STDIN_FILENO) ||
          posix_spawn_file_actions_adddup2(&files, ends[1], STDOUT_FILENO) ||
          posix_spawn_file_actions_addclosefrom_np(&files, 3);
    if (!bad)
        bad = posix_spawn(&c->child, program, &files, NULL, argv, envp);
    posix_spawn_file_actions_destroy(&files);
    close(ends[1]);
    c->pipe = ends[0];
    if (!bad)
        return NULL;
    close(c->pipe);
    return err_detail(err_new(ERR_BUSY, "The reader of workbooks did not start. Try again later."),
                      "posix_spawn: %s", strerror(bad));
}

/* Waits for bytes; looks at clock and memory meanwhile. */
static struct err *wait_for_bytes(struct conversion *c)
{
    struct pollfd p = {.fd = c->pipe, .events = POLLIN};

    while (poll(&p, 1, LOOK_MS) <= 0) {
        if (clock_ticks() > c->deadline)
            return took_too_much(c, "the child took too long");
        if (memory_of(c->child) > memory_most())
            return took_too_much(c, "the child took too much memory");
    }
    return NULL;
}

static struct err *listen(struct conversion *c)
{
    size_t room = CONVERT_ROW + 64 + PIPE_HEAD + CHUNK;

    for (;;) {
        ssize_t n;

        TRY(wait_for_bytes(c));
        n = read(c->pipe, c->buffer + c->filled,
                 room - c->filled < CHUNK ? room - c->filled : CHUNK);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return NULL;
        c->filled += (size_t)n;
        c->taken += (u64)n;
        if (!take_frames(c))
            return broke_off(c, "the child broke the rules of the pipe");
        if (c->told->rows > c->ask->most)
            return err_new(ERR_LIMIT,
                           "“%.100s” has more than %lld rows, which is the most that one import "
                           "takes. Split it.",
                           c->ask->name, c->ask->most);
        if (c->taken > CONVERT_OUT_MOST)
            return took_too_much(c, "the child said too much");
        if (clock_ticks() > c->deadline)
            return took_too_much(c, "the child took too long");
    }
}

/* The child ends here, whatever it does. */
static struct err *finish(struct conversion *c, struct err *failed)
{
    int status = 0;
    bool whole = c->ended && !c->filled;

    close(c->pipe);
    if (failed || whole || c->why)
        kill(c->child, SIGKILL);
    while (waitpid(c->child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (failed)
        return failed;
    if (c->why)
        return refused(c);
    if (whole)
        return NULL;
    if (WIFSIGNALED(status) &&
        (WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGABRT))
        return took_too_much(c, "the child reached a limit");
    return broke_off(c, WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "the child broke off");
}

struct err *convert_xlsx(struct arena *a, FILE *file, const struct convert_ask *ask, FILE *rows,
                         struct convert_told *out)
{
    struct conversion c = {.ask = ask, .arena = a, .rows = rows, .told = out};
    struct arena *own;
    struct stat st;
    struct err *failed;

    if (fflush(file) || fstat(fileno(file), &st) || (u64)st.st_size > CONVERT_FILE_MOST)
        return err_new(ERR_LIMIT, "“%.100s” is larger than %zu MB. Split it.", ask->name,
                       CONVERT_FILE_MOST >> 20);
    *out = (struct convert_told){
        .merges = NEW_ARRAY(a, struct convert_range, CONVERT_MERGES),
        .hidden = NEW_ARRAY(a, bool, CONVERT_COLUMNS),
    };
    c.deadline = clock_ticks() + CONVERT_WALL * SECOND;
    TRY(start(&c, file));
    own = arena_new(CONVERT_ROW * 4);
    c.scratch = arena_new(CONVERT_ROW * 16);
    c.buffer = arena_alloc(own, CONVERT_ROW + 64 + PIPE_HEAD + CHUNK);
    failed = listen(&c);
    failed = finish(&c, failed);
    arena_free(c.scratch);
    arena_free(own);
    if (!failed && (fflush(rows) || ferror(rows)))
        return err_new(ERR_BUSY, "The rows could not be kept: the disk is full.");
    return failed;
}
