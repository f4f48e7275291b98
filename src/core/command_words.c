/* SPDX-License-Identifier: Apache-2.0 */
/* The words of a command's call, read against the command's usage text: what is unknown, missing,
 * doubled or not in its list is refused here, before the command sees anything. */
#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "core/command.h"

#define WORDS_MAX 40 /* options or arguments that a usage text may declare */
#define NEAR_MAX 40  /* longest word for which a near one is looked for */

struct spec {
    const char *name;  /* without dashes, or of an argument: "FILE" */
    const char *value; /* placeholder or list of an option's value; NULL: a flag */
    bool needed, repeated;
};

struct cli_words {
    struct spec options[WORDS_MAX], arguments[WORDS_MAX];
    size_t noptions, narguments;
    struct pairs given; /* options in the order of the call; flags have the value "" */
    const char **plain; /* positional arguments */
    size_t nplain;
};

static const struct spec everywhere[] = {
    {"data",     "DIR",   false, false},
    {"database", "URL",   false, false},
    {"org",      "NAME",  false, false},
    {"content",  "DIR",   false, false},
    {"files",    "PLACE", false, false},
    {"help",     NULL,    false, false},
};

/* --- the usage text --- */

/* One word of a usage text without its brackets, and how many were opened and closed. */
struct token {
    char *body;
    int opened, closed;
    bool repeated;
};

static struct token read_token(char *word)
{
    struct token t = {.body = word};
    size_t n;

    while (*t.body == '[') {
        t.body++;
        t.opened++;
    }
    for (n = strlen(t.body); n > 0; n = strlen(t.body)) {
        if (n > 3 && text_equal(t.body + n - 3, "...")) {
            t.repeated = true;
            t.body[n - 3] = '\0';
        } else if (t.body[n - 1] == ']') {
            t.closed++;
            t.body[n - 1] = '\0';
        } else {
            break;
        }
    }
    return t;
}

static struct spec *add_spec(struct spec *list, size_t *n, struct spec s)
{
    if (*n == WORDS_MAX)
        BUG("a usage text declares more than %d words", WORDS_MAX);
    list[*n] = s;
    return &list[(*n)++];
}

static const struct spec *find_option(const struct cli_words *w, const char *name)
{
    for (size_t i = 0; i < w->noptions; i++)
        if (text_equal(w->options[i].name, name))
            return &w->options[i];
    return NULL;
}

static void read_usage(struct arena *a, const char *usage, struct cli_words *w)
{
    char **words;
    size_t n = text_split(a, usage ? usage : "", ' ', &words);
    int depth = 0;

    for (size_t i = 0; i < n; i++) {
        struct token t = read_token(words[i]);
        struct spec s = {.repeated = t.repeated};

        depth += t.opened;
        s.needed = depth == 0;
        depth -= t.closed;
        if (!*t.body || text_equal(t.body, "|"))
            continue;
        if (!text_starts(t.body, "--")) {
            s.name = t.body;
            add_spec(w->arguments, &w->narguments, s);
            continue;
        }
        s.name = t.body + 2;
        if (!t.closed && !t.repeated && i + 1 < n && !strchr("[-|", words[i + 1][0])) {
            t = read_token(words[++i]);
            depth -= t.closed;
            s.value = t.body;
            s.repeated = t.repeated;
        }
        add_spec(w->options, &w->noptions, s);
    }
    for (size_t i = 0; i < COUNT_OF(everywhere); i++)
        if (!find_option(w, everywhere[i].name))
            add_spec(w->options, &w->noptions, everywhere[i]);
}

/* --- mistakes --- */

static size_t distance(const char *a, const char *b)
{
    size_t row[NEAR_MAX + 1], n = strlen(b);

    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 1; *a; a++, i++) {
        size_t corner = row[0];

        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t change = corner + (*a != b[j - 1]);
            size_t best = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;

            corner = row[j];
            row[j] = change < best ? change : best;
        }
    }
    return row[n];
}

const char *command_nearest(const char *word, const char *const *names, size_t n)
{
    const char *best = NULL;
    size_t least = strlen(word) / 3 + 2; /* farther is no mistyping */

    if (strlen(word) > NEAR_MAX)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        size_t d = strlen(names[i]) > NEAR_MAX ? least : distance(word, names[i]);

        if (d < least) {
            least = d;
            best = names[i];
        }
    }
    return best;
}

static bool unknown_option(struct cli *c, const char *name)
{
    const char *names[WORDS_MAX], *near;

    for (size_t i = 0; i < c->words->noptions; i++)
        names[i] = c->words->options[i].name;
    near = command_nearest(name, names, c->words->noptions);
    if (near)
        cli_usage(c, "“%s” has no option --%s. Did you mean --%s?", c->command->name, name, near);
    else
        cli_usage(c, "“%s” has no option --%s.", c->command->name, name);
    return false;
}

/* --- the call --- */

/* A list of values is all lower case: "csv|json|xlsx". Others are placeholders. */
static bool is_list(const char *value)
{
    if (!strchr(value, '|'))
        return false;
    for (; *value; value++)
        if (isupper((unsigned char)*value))
            return false;
    return true;
}

static bool value_allowed(struct cli *c, const struct spec *s, const char *value)
{
    char **allowed;
    size_t n;

    if (!is_list(s->value))
        return true;
    n = text_split(c->arena, s->value, '|', &allowed);
    for (size_t i = 0; i < n; i++)
        if (text_equal(allowed[i], value))
            return true;
    cli_usage(c, "--%s is one of %s, not “%s”.", s->name, s->value, value);
    return false;
}

static bool take_option(struct cli *c, int *i)
{
    struct cli_words *w = c->words;
    const char *word = c->argv[*i] + 2, *equals = strchr(word, '='), *value = "";
    const char *name = equals ? arena_strn(c->arena, word, (size_t)(equals - word)) : word;
    const struct spec *s = find_option(w, name);

    if (!s)
        return unknown_option(c, name);
    if (!s->value && equals) {
        cli_usage(c, "--%s takes no value. Leave out “=%s”.", name, equals + 1);
        return false;
    }
    if (s->value && equals) {
        value = equals + 1;
    } else if (s->value) {
        if (*i + 1 >= c->argc || text_starts(c->argv[*i + 1], "--")) {
            cli_usage(c, "--%s needs a value: --%s %s.", name, name, s->value);
            return false;
        }
        value = c->argv[++*i];
    }
    if (!s->repeated && cli_option(c, name)) {
        cli_usage(c, "--%s is given twice. Leave one of them out.", name);
        return false;
    }
    if (s->value && !value_allowed(c, s, value))
        return false;
    w->given.list[w->given.count++] = (struct pair){s->name, value};
    return true;
}

static bool take_words(struct cli *c)
{
    struct cli_words *w = c->words;
    bool options = true;

    w->given.list = NEW_ARRAY(c->arena, struct pair, (size_t)c->argc + 1);
    w->plain = NEW_ARRAY(c->arena, const char *, (size_t)c->argc + 1);
    for (int i = 0; i < c->argc; i++) {
        const char *word = c->argv[i];

        if (options && text_equal(word, "--")) {
            options = false;
        } else if (options && text_starts(word, "--")) {
            if (!take_option(c, &i))
                return false;
        } else if (options && word[0] == '-' && word[1] && !isdigit((unsigned char)word[1])) {
            cli_usage(c, "Options are written in full with two dashes; “%s” is not one.", word);
            return false;
        } else {
            w->plain[w->nplain++] = word;
        }
    }
    return true;
}

static bool check_complete(struct cli *c)
{
    struct cli_words *w = c->words;
    size_t most = w->narguments;

    for (size_t i = 0; i < w->noptions; i++) {
        if (w->options[i].needed && !cli_option(c, w->options[i].name)) {
            cli_usage(c, "“%s” needs --%s %s.", c->command->name, w->options[i].name,
                      w->options[i].value ? w->options[i].value : "");
            return false;
        }
    }
    for (size_t i = 0; i < w->narguments; i++) {
        if (w->arguments[i].needed && i >= w->nplain) {
            cli_usage(c, "“%s” needs %s: cairn %s %s", c->command->name, w->arguments[i].name,
                      c->command->name, c->command->usage);
            return false;
        }
        if (w->arguments[i].repeated)
            most = w->nplain;
    }
    if (w->nplain > most) {
        cli_usage(c, "“%s” is one word too many for “%s”.", w->plain[most], c->command->name);
        return false;
    }
    return true;
}

bool command_parse(struct cli *c)
{
    c->words = NEW(c->arena, struct cli_words);
    read_usage(c->arena, c->command->usage, c->words);
    if (!take_words(c))
        return false;
    return cli_flag(c, "help") || check_complete(c);
}

/* --- asking --- */

const char *cli_option_nth(struct cli *c, const char *name, size_t nth)
{
    const struct cli_words *w = c->words;

    if (!find_option(w, name))
        BUG("the usage text of “%s” does not declare --%s", c->command->name, name);
    for (size_t i = 0; i < w->given.count; i++)
        if (text_equal(w->given.list[i].name, name) && nth-- == 0)
            return w->given.list[i].value;
    return NULL;
}

const char *cli_option(struct cli *c, const char *name)
{
    return cli_option_nth(c, name, 0);
}

bool cli_flag(struct cli *c, const char *name)
{
    return cli_option_nth(c, name, 0) != NULL;
}

const char *cli_argument(struct cli *c, size_t index)
{
    return index < c->words->nplain ? c->words->plain[index] : NULL;
}
