/* SPDX-License-Identifier: Apache-2.0 */
/* What the sandboxed child says through its pipe. The stream is a run of frames: four bytes length
 * of the body, one byte kind, the body. Numbers are little-endian. Nothing in it is trusted: the
 * parent takes a frame only as the functions here have checked it.
 *
 *     SHEETS  u16 chosen, u16 count, count x {u8 hidden, u16 n, name}; always the first
 *     ROW     u32 row, u8 hidden, u16 count, count x {u16 column, u8 kind, u8 flags, u32 n, text};
 *             rows from 1 and ascending, columns from 0 and ascending
 *     MERGE   u32 first row, u16 first column, u32 last row, u16 last column
 *     HIDDEN  u16 column
 *     END     u32 formulas, u32 formulas without a stored value, u32 merged ranges, u8 epoch of
 * 1904 REFUSE  u8 why, u32 a number that belongs to it; the last */
#pragma once

/* Sanitizers map terabytes of address space, which no limit of memory allows. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif

#include "base/buf.h"

#define CONVERT_ROWS 1048576
#define CONVERT_COLUMNS 16384
#define CONVERT_SHEETS 200
#define CONVERT_NAME 120              /* bytes of a sheet's name: 31 characters */
#define CONVERT_CELL 131072           /* bytes of a cell: 32,767 characters */
#define CONVERT_ROW ((size_t)4 << 20) /* bytes of a row */
#define CONVERT_MERGES 1000           /* merged ranges that are told one by one */

enum convert_frame {
    FRAME_SHEETS = 'S',
    FRAME_ROW = 'R',
    FRAME_MERGE = 'M',
    FRAME_HIDDEN = 'H',
    FRAME_END = 'Z',
    FRAME_REFUSE = 'E'
};

enum convert_cell_kind { CELL_TEXT, CELL_NUMBER, CELL_DATE, CELL_BOOL, CELL_ERROR, CELL_KINDS };
#define CELL_FORMULA 1

struct convert_cell {
    unsigned column;
    enum convert_cell_kind kind;
    unsigned flags;
    const char *text; /* NUL-terminated in the parent */
    size_t size;
};

struct convert_row {
    i64 row;
    bool hidden;
    size_t count;
    struct convert_cell *cell;
};

struct convert_sheet {
    const char *name;
    bool hidden;
};

struct convert_range {
    i64 first_row, last_row;
    unsigned first_column, last_column;
};

/* Why a workbook is not read. The parent has the sentences. */
enum convert_why {
    WHY_NOT_ZIP = 1,
    WHY_NOT_XLSX,
    WHY_OPEN_DOCUMENT,
    WHY_BINARY,    /* .xlsb */
    WHY_ENTRIES,   /* too many parts */
    WHY_NAME,      /* a part's name leaves the archive, or is there twice */
    WHY_OVERLAP,   /* parts lie over each other, or sizes are wrong */
    WHY_TOO_LARGE, /* unpacked */
    WHY_RATIO,     /* packed too well */
    WHY_ENCRYPTED,
    WHY_DOCTYPE,
    WHY_ENCODING, /* of a part: not UTF-8 */
    WHY_XML,      /* not well-formed, or not what a sheet looks like */
    WHY_DAMAGED,  /* cannot be unpacked */
    WHY_STRINGS,  /* shared texts are too large */
    WHY_ROW,      /* one row is too large; its number */
    WHY_ORDER,    /* rows or cells are out of order; the row */
    WHY_NO_SHEET, /* there is no such sheet; how many there are */
    WHY_MEMORY,
    /* of libraries of controls (convert_library.c); the number is a line */
    WHY_YAML,        /* not well-formed */
    WHY_DEPTH,       /* nested too deeply */
    WHY_ALIAS,       /* a name (&x, *x) that is not there, holds itself, or is used too often */
    WHY_NOT_LIBRARY, /* well-formed, but none of the libraries that are known */
    WHY_PROFILE,     /* OSCAL, but not a catalogue */
    WHY_NO_CONTROLS, /* a library without controls */
    WHY_DOCUMENTS,   /* a second document begins */
    WHY_KEY_TWICE,   /* a key that its object has already */
    WHY_LAST = WHY_KEY_TWICE
};

/* --- writing, in the child --- */

/* Begins and ends a frame in `b`. */
void pipe_begin(struct buf *b, enum convert_frame kind);
void pipe_end(struct buf *b, size_t start);
void pipe_u8(struct buf *b, unsigned n);
void pipe_u16(struct buf *b, unsigned n);
void pipe_u32(struct buf *b, u64 n);
void pipe_bytes16(struct buf *b, const char *text, size_t size);
void pipe_row(struct buf *b, const struct convert_row *row);

/* --- reading, in the parent --- */

/* What is the head of a frame at `data`: its kind and the size of its body. False when there cannot
 * be such a frame. */
#define PIPE_HEAD ((size_t)5)
bool pipe_head(const unsigned char *data, enum convert_frame *kind, size_t *size);
/* The body of a frame as values in the arena; false when it is not exactly one such body. Texts are
 * valid UTF-8; numbers, dates and booleans look like ones. */
bool pipe_read_sheets(struct arena *a, struct bytes body, struct convert_sheet **list,
                      size_t *count, size_t *chosen);
bool pipe_read_row(struct arena *a, struct bytes body, struct convert_row *row);
bool pipe_read_merge(struct bytes body, struct convert_range *range);
bool pipe_read_hidden(struct bytes body, unsigned *column);
struct convert_end {
    u64 formulas, without_value, merges;
    bool epoch1904;
};
bool pipe_read_end(struct bytes body, struct convert_end *end);
bool pipe_read_refuse(struct bytes body, enum convert_why *why, u64 *number);
