/* SPDX-License-Identifier: Apache-2.0 */
/* The checklist of a task is kept as text, as people write it in mails and notes, so that history,
 * export and search have it without more tables. */
#include <string.h>

#include "base/text.h"
#include "feature/task/task_part.h"

/* "- [x] Ask" -> "Ask", done. */
static struct task_step read_line(const char *line)
{
    struct task_step s = {line, false};

    if ((line[0] == '-' || line[0] == '*') && line[1] == ' ')
        line += 2;
    if (line[0] == '[' && line[1] && line[2] == ']' && (line[3] == ' ' || !line[3])) {
        s.done = line[1] == 'x' || line[1] == 'X';
        line += 3;
    }
    while (*line == ' ')
        line++;
    s.text = line;
    return s;
}

size_t steps_read(struct arena *a, const char *text, struct task_step **out)
{
    char **lines;
    size_t n = text_split(a, text, '\n', &lines), count = 0;

    *out = NEW_ARRAY(a, struct task_step, n + 1);
    for (size_t i = 0; i < n; i++) {
        struct task_step s = read_line(lines[i]);

        if (*s.text)
            (*out)[count++] = s;
    }
    return count;
}

const char *steps_write(struct arena *a, const struct task_step *list, size_t count)
{
    struct buf b;

    if (!count)
        return NULL;
    buf_init(&b, a, 200);
    for (size_t i = 0; i < count; i++)
        buf_printf(&b, "%s- [%c] %s", i ? "\n" : "", list[i].done ? 'x' : ' ', list[i].text);
    return b.data;
}
