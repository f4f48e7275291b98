/* SPDX-License-Identifier: Apache-2.0 */
#include "core/svg.h"

#include "base/text.h"
#include "base/words.h"
#include "core/frame.h"

void svg_dial(struct web *w, int percent, const char *title, const char *label, const char *tone)
{
    struct html *h = w->html;
    const char *class = text_equal(tone, "good") ? " good" : text_equal(tone, "bad") ? " bad" : "";

    if (percent < 0)
        percent = 0;
    if (percent > 100)
        percent = 100;
    html(h,
         "<svg class='dial' viewBox='0 0 120 120' role='img'><title>%s</title><desc>{%d percent. "
         "%s}</desc><circle class='dial-track' cx='60' cy='60' r='52'/>",
         title, percent, label);
    if (percent > 0) /* an empty dash still draws a dot */
        html(h,
             "<circle class='dial-value%s' cx='60' cy='60' r='52' pathLength='100' "
             "stroke-dasharray='%d 100'/>",
             class, percent);
    html(h,
         "<text class='dial-number' x='60' y='64'>%d%%</text>"
         "<text class='dial-label' x='60' y='82'>%s</text></svg>",
         percent, label);
}

/* --- heat map --- */

static const char *axis_label(struct web *w, const char *const *labels, size_t i)
{
    return labels && labels[i] ? labels[i] : arena_printf(w->arena, "%zu", i + 1);
}

static void draw_cell(struct web *w, const struct heat *m, size_t row, size_t column)
{
    const struct heat_cell *c = &m->cells[row * m->columns + column];
    struct html *h = w->html;

    html(h, "<td class='heat-%s%s'", level_class(c->tone), c->count ? "" : " heat-none");
    if (c->current)
        html(h, " aria-current='true'");
    if (!c->address) {
        html(h, "><span>%lld</span></td>", c->count);
        return;
    }
    html(h, "><a href='%s' aria-label='%lld %s: %s %s, %s %s'>%lld</a></td>", c->address, c->count,
         tr(m->noun ? m->noun : N_("records")), tr(m->row_axis), axis_label(w, m->row_labels, row),
         tr(m->column_axis), axis_label(w, m->column_labels, column), c->count);
}

void heat_map(struct web *w, const struct heat *m)
{
    struct html *h = w->html;

    html(h,
         "<table class='heat%s'><caption class='visually-hidden'>{%s. Rows: %s, highest first. "
         "Columns: %s, lowest first.}</caption><tbody>",
         m->small ? " small" : "", tr(m->title), tr(m->row_axis), tr(m->column_axis));
    for (size_t row = m->rows; row-- > 0;) {
        html(h, "<tr><th scope='row'><abbr title='%s %s'>%zu</abbr></th>", tr(m->row_axis),
             axis_label(w, m->row_labels, row), row + 1);
        for (size_t column = 0; column < m->columns; column++)
            draw_cell(w, m, row, column);
        html(h, "</tr>");
    }
    html(h, "</tbody><tfoot><tr><td></td>");
    for (size_t column = 0; column < m->columns; column++)
        html(h, "<th scope='col'><abbr title='%s %s'>%zu</abbr></th>", m->column_axis,
             axis_label(w, m->column_labels, column), column + 1);
    html(h, "</tr></tfoot></table>");
}

/* --- steps --- */

void progress_steps(struct web *w, const char *title, const struct progress_step *steps, size_t n)
{
    struct html *h = w->html;

    html(h, "<ol class='step-bar' aria-label='%s'>", title);
    for (size_t i = 0; i < n; i++) {
        const struct progress_step *s = &steps[i];
        html(h, "<li class='%s'", s->now ? "now" : s->percent >= 100 ? "done" : "todo");
        if (s->now)
            html(h, " aria-current='step'");
        html(h, "><progress max='100' value='%d' aria-label='%s'>%d%%</progress>", s->percent,
             s->title, s->percent);
        if (s->address)
            html(h, "<a href='%s'>%zu %s</a></li>", s->address, i + 1, s->title);
        else
            html(h, "%zu %s</li>", i + 1, s->title);
    }
    html(h, "</ol>");
}

/* --- line --- */

void svg_sparkline(struct web *w, const char *title, const double *values, size_t n)
{
    struct html *h = w->html;
    double low;
    double high;

    if (n < 2)
        return;
    low = high = values[0];
    for (size_t i = 1; i < n; i++) {
        low = values[i] < low ? values[i] : low;
        high = values[i] > high ? values[i] : high;
    }
    html(h,
         "<svg class='sparkline' viewBox='0 0 100 40' preserveAspectRatio='none' "
         "role='img'><title>%s</title><desc>{From %.1f to %.1f, lowest %.1f, highest "
         "%.1f}</desc><polyline vector-effect='non-scaling-stroke' points='",
         title, values[0], values[n - 1], low, high);
    for (size_t i = 0; i < n; i++) {
        double part = high > low ? (values[i] - low) / (high - low) : 0.5;
        html(h, "%.1f,%.1f ", 100.0 * (double)i / (double)(n - 1), 37.0 - 34.0 * part);
    }
    html(h, "'/></svg>");
}
