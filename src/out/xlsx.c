/* SPDX-License-Identifier: Apache-2.0 */
#include "out/xlsx.h"

#include <stdlib.h>
#include <string.h>
#include <xlsxwriter.h>

#include "base/text.h"

#define CELL_MOST 32767
#define NAME_MOST 31
#define FORMATS (XLSX_BOOL + 1)

struct xlsx {
    struct arena *arena;
    lxw_workbook *book;
    lxw_worksheet *sheet;
    lxw_format *header, *marked, *format[FORMATS];
    lxw_row_t row;
    lxw_col_t column, columns;
    lxw_error failed;
};

static void note(struct xlsx *x, lxw_error e)
{
    if (e != LXW_NO_ERROR && x->failed == LXW_NO_ERROR)
        x->failed = e;
}

static lxw_format *new_format(struct xlsx *x, const char *number_format)
{
    lxw_format *f = workbook_add_format(x->book);

    format_set_align(f, LXW_ALIGN_VERTICAL_TOP);
    if (number_format)
        format_set_num_format(f, number_format);
    return f;
}

struct err *xlsx_begin(struct arena *a, const char *path, struct xlsx **out)
{
    struct xlsx *x = NEW(a, struct xlsx);
    lxw_workbook_options options = {.constant_memory = LXW_TRUE};

    x->arena = a;
    x->book = workbook_new_opt(path, &options);
    if (!x->book)
        return err_new(ERR_BUSY, "The server is short of memory. Try again later.");
    x->header = new_format(x, NULL);
    format_set_bold(x->header);
    format_set_bottom(x->header, LXW_BORDER_THIN);
    x->marked = new_format(x, "@");
    format_set_bg_color(x->marked, 0xFFC7CE);
    format_set_font_color(x->marked, 0x9C0006);
    x->format[XLSX_TEXT] = new_format(x, "@");
    x->format[XLSX_LONG] = new_format(x, "@");
    format_set_text_wrap(x->format[XLSX_LONG]);
    x->format[XLSX_NUMBER] = new_format(x, NULL);
    x->format[XLSX_MONEY] = new_format(x, "#,##0.00");
    x->format[XLSX_DATE] = new_format(x, "yyyy-mm-dd");
    x->format[XLSX_TIME] = new_format(x, "yyyy-mm-dd hh:mm");
    x->format[XLSX_BOOL] = new_format(x, NULL);
    *out = x;
    return NULL;
}

/* At most 31 characters, none of []:*?/\ and no apostrophe at the ends. */
static const char *sheet_name(struct arena *a, const char *name)
{
    char *copy = arena_str(a, name);
    size_t characters = 0;

    for (char *p = copy; *p; p++) {
        if (strchr("[]:*?/\\'", *p))
            *p = ' ';
        if (((unsigned char)*p & 0xC0) != 0x80 && ++characters > NAME_MOST) {
            *p = '\0';
            break;
        }
    }
    copy = text_trim(a, copy);
    return *copy ? copy : "Sheet";
}

static double width_of(enum xlsx_kind kind, const char *title)
{
    static const double widths[] = {
        [XLSX_TEXT] = 24, [XLSX_LONG] = 48, [XLSX_NUMBER] = 10, [XLSX_MONEY] = 14,
        [XLSX_DATE] = 12, [XLSX_TIME] = 17, [XLSX_BOOL] = 10};
    double words = (double)text_length(title) + 3;

    return words > widths[kind] ? words : widths[kind];
}

void xlsx_sheet(struct xlsx *x, const char *name, const struct xlsx_column *columns, size_t n)
{
    x->sheet = workbook_add_worksheet(x->book, sheet_name(x->arena, name));
    x->row = 0;
    x->column = 0;
    x->columns = (lxw_col_t)n;
    if (!x->sheet) { /* two sheets of one name */
        note(x, LXW_ERROR_SHEETNAME_ALREADY_USED);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        note(x, worksheet_set_column(x->sheet, (lxw_col_t)i, (lxw_col_t)i,
                                     width_of(columns[i].kind, columns[i].title), NULL));
        note(x, worksheet_write_string(x->sheet, 0, (lxw_col_t)i, columns[i].title, x->header));
    }
    if (n == 0)
        return;
    worksheet_freeze_panes(x->sheet, 1, 0);
    worksheet_repeat_rows(x->sheet, 0, 0);
    worksheet_set_landscape(x->sheet);
    x->row = 1;
}

static const char *cut(struct xlsx *x, const char *text)
{
    size_t characters = 0;

    if (strlen(text) <= CELL_MOST)
        return text;
    for (const char *p = text; *p; p++)
        if (((unsigned char)*p & 0xC0) != 0x80 && ++characters > CELL_MOST)
            return arena_strn(x->arena, text, (size_t)(p - text));
    return text;
}

void xlsx_text(struct xlsx *x, const char *text)
{
    enum xlsx_kind kind = text && strchr(text, '\n') ? XLSX_LONG : XLSX_TEXT;

    if (x->sheet && text && *text)
        note(x, worksheet_write_string(x->sheet, x->row, x->column, cut(x, text), x->format[kind]));
    x->column++;
}

void xlsx_marked(struct xlsx *x, const char *text, const char *comment)
{
    lxw_comment_options look = {.x_scale = 2, .y_scale = 1};

    if (x->sheet && text && *text)
        note(x, worksheet_write_string(x->sheet, x->row, x->column, cut(x, text), x->marked));
    else if (x->sheet)
        note(x, worksheet_write_blank(x->sheet, x->row, x->column, x->marked));
    if (x->sheet && comment && *comment)
        note(x, worksheet_write_comment_opt(x->sheet, x->row, x->column, cut(x, comment), &look));
    x->column++;
}

static void write_number(struct xlsx *x, double n, enum xlsx_kind kind)
{
    if (x->sheet)
        note(x, worksheet_write_number(x->sheet, x->row, x->column, n, x->format[kind]));
    x->column++;
}

void xlsx_number(struct xlsx *x, i64 n)
{
    write_number(x, (double)n, XLSX_NUMBER);
}

void xlsx_bool(struct xlsx *x, bool yes)
{
    if (x->sheet)
        note(x, worksheet_write_boolean(x->sheet, x->row, x->column, yes, x->format[XLSX_BOOL]));
    x->column++;
}

void xlsx_money(struct xlsx *x, i64 hundredths)
{
    write_number(x, (double)hundredths / 100.0, XLSX_MONEY);
}

/* Digits of "2026-03-01 14:05" from `at`; the text was checked by whoever made it. */
static int digits(const char *text, size_t at, size_t n)
{
    int value = 0;

    for (size_t i = 0; i < n && text[at + i] >= '0' && text[at + i] <= '9'; i++)
        value = value * 10 + (text[at + i] - '0');
    return value;
}

static void write_moment(struct xlsx *x, const char *text, enum xlsx_kind kind)
{
    size_t length = text ? strlen(text) : 0;
    lxw_datetime when = {0};

    /* Spreadsheets know no day before 1900: such a date stays text. */
    if (length < 10 || digits(text, 0, 4) < 1900) {
        xlsx_text(x, text);
        return;
    }
    when.year = digits(text, 0, 4);
    when.month = digits(text, 5, 2);
    when.day = digits(text, 8, 2);
    if (length >= 16) {
        when.hour = digits(text, 11, 2);
        when.min = digits(text, 14, 2);
    }
    if (x->sheet)
        note(x, worksheet_write_datetime(x->sheet, x->row, x->column, &when, x->format[kind]));
    x->column++;
}

void xlsx_date(struct xlsx *x, const char *date)
{
    write_moment(x, date, XLSX_DATE);
}

void xlsx_time(struct xlsx *x, const char *time)
{
    write_moment(x, time, XLSX_TIME);
}

void xlsx_blank(struct xlsx *x)
{
    x->column++;
}

void xlsx_end_row(struct xlsx *x)
{
    if (x->row + 1 >= LXW_ROW_MAX)
        note(x, LXW_ERROR_WORKSHEET_INDEX_OUT_OF_RANGE);
    else
        x->row++;
    x->column = 0;
}

void xlsx_filter(struct xlsx *x)
{
    if (x->sheet && x->columns && x->row > 0)
        note(x, worksheet_autofilter(x->sheet, 0, 0, x->row > 1 ? x->row - 1 : 1,
                                     (lxw_col_t)(x->columns - 1)));
}

struct err *xlsx_end(struct xlsx *x)
{
    note(x, workbook_close(x->book));
    if (x->failed == LXW_ERROR_WORKSHEET_INDEX_OUT_OF_RANGE)
        return err_new(ERR_LIMIT,
                       "A spreadsheet holds at most %d rows. Narrow the list down with "
                       "a filter, or take CSV.",
                       LXW_ROW_MAX - 1);
    if (x->failed != LXW_NO_ERROR)
        return err_detail(err_new(ERR_FAULT, "The spreadsheet could not be written."), "xlsx: %s",
                          lxw_strerror(x->failed));
    return NULL;
}
