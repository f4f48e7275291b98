/* SPDX-License-Identifier: Apache-2.0 */
/* Controls: fields, rules, routes. What follows from the profile is in control_derive.c, the page
 * of a control in control_web.c. */
#include "feature/control/control.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/import.h"
#include "feature/control/control_part.h"
#include "feature/organisation/organisation.h"

const struct permission control_read = {"control.read", "See controls"};
const struct permission control_write = {"control.write", "Change controls"};

const struct choice control_themes[] = {
    {"organizational", "Organizational", NULL},
    {"people",            "People", NULL},
    {"physical",         "Physical", NULL},
    {"technological",            "Technological", NULL},
    {"own",       "Own", NULL},
    {0           }
};
static const struct choice origins[] = {
    {"annex-a", "Annex A", NULL},
    {"own",     "Own", NULL},
    {0    }
};
static const struct choice applicables[] = {
    {"open",    "Not decided", "orange"},
    {"yes", "Yes", "green"},
    {"no",     "No", "grey"},
    {0 }
};
static const struct choice statuses[] = {
    {"not-started", "Not started", "grey"},
    {"planned",       "Planned", "yellow"},
    {"partial",     "Partial", "blue"},
    {"implemented",     "Implemented", "green"},
    {0    }
};
static const struct choice proposals[] = {
    {"yes", "Applicable", NULL},
    {"no", "Not needed", NULL},
    {0 }
};

static const struct field fields[] = {
    TEXT(control, name, "Control", .internal = true, .listed = true, .supplied = true),
    TEXT(control, code, "Code", .required = true, .fixed = true, .sortable = true, .max = 60,
         .help = "Short and unique; it cannot be changed later.", .example = "CIS-5.1"),
    TEXT(control, title, "Title", .required = true, .sortable = true, .supplied = true,
         .help = "What is done, in a few words.", .example = "Inventory of accounts"),
    CHOICE(control, theme, "Theme", control_themes, .internal = true, .listed = true,
           .filtered = true),
    CHOICE(control, origin, "Origin", origins, .internal = true),
    TEXT(control, framework, "Framework", .help = "Where the control comes from.",
         .example = "CIS Controls 8"),
    REF(control, controlset, "Control set", controlset_entity, .filtered = true,
        .help = "The set that it belongs to, when it is one of many from the same source."),
    TEXT(control, chapter, "Chapter", .help = "The heading in that set below which it stands."),
    LONG(control, asks, "What it asks",
         .help = "What the source wants done. Mind its terms of use before you copy its words."),
    LONG(control, maps_to, "Answers to Annex A", .max = 8000,
         .help = "Codes of the controls of Annex A that it answers, one line each, with equal, "
                 "partial or more and the reason; or “unmatched”.",
         .example = "5.16 equal: both ask for one register of accounts"),
    CHOICE(control, applicable, "Applicable", applicables, .initial = "open", .listed = true,
           .filtered = true, .reasoned = true, .group = "Decision",
           .help = "Needed for a risk, a duty, the baseline or the business; otherwise it is left "
                   "out with a reason."),
    LONG(control, justification, "Reason for leaving it out", .max = 2000, .group = "Decision",
         .help = "Needed when it is not applicable: facts about your organisation that somebody "
                 "can check.",
         .example = "All code is written by our employees; the payments of the last 12 months "
                    "show no developer from outside."),
    LONG(control, business_reason, "Business reason", .max = 2000, .group = "Decision",
         .help = "Why it is applied although no risk, duty or baseline asks for it.",
         .example = "Two large customers ask for it in every tender."),
    BOOL(control, baseline, "Part of the baseline", .group = "Decision",
         .help = "What you always do, whatever the risks say."),
    TEXT(control, decided_for, "Decided for", .internal = true, .unfolded = true, .max = 4000,
         .group = "Decision"),
    REF(control, decided_by, "Decided by", person_entity, .internal = true, .group = "Decision"),
    DATE(control, decided_on, "Decided on", .internal = true, .group = "Decision"),
    CHOICE(control, status, "Status", statuses, .listed = true, .filtered = true,
           .group = "Practice", .help = "How far it is put into practice today."),
    LONG(control, how, "How it is done", .group = "Practice",
         .help = "Two sentences: what is done, by whom, how often, with which tool or document.",
         .example = "Nightly encrypted copies, offline weekly; restore test each month by IT."),
    LONG(control, evidence, "Evidence", .group = "Practice",
         .help = "Where an auditor finds proof that it works.",
         .example = "Restore reports in the IT folder, tickets with the label backup"),
    REF(control, owner, "Owner", person_entity, .listed = true, .filtered = true, .concerns = true,
        .group = "Practice", .help = "The person who answers for it."),
    DATE(control, reviewed, "Last looked at", .listed = true, .group = "Practice",
         .help = "The day on which somebody last checked that this is still true."),
    INT(control, position, "Order", .derived = true, .sortable = true),
    CHOICE(control, proposed, "Proposed", proposals, .derived = true),
    TEXT(control, proposed_because, "Proposed because", .derived = true, .supplied = true,
         .unfolded = true),
    BOOL(control, in_use, "In use by the profile", .derived = true),
    TEXT(control, in_use_because, "In use because", .derived = true, .unfolded = true),
};

/* --- rules --- */

static bool is_word(const char *text, const char *word)
{
    return strcmp(text, word) == 0;
}

/* At least three different words: "aaaa aaaa aaaa aaaa" says nothing. */
static bool has_words(struct arena *a, const char *text)
{
    char **parts;
    size_t n = text_split(a, text, ' ', &parts), different = 0;

    for (size_t i = 0; i < n && different < 3; i++) {
        bool new = true;

        for (size_t k = 0; k < i; k++)
            new &= strcmp(parts[k], parts[i]) != 0;
        different += new;
    }
    return different >= 3;
}

const char *control_unjustified(struct arena *a, const char *text, const char *hint)
{
    const char *folded = text_fold(a, text ? text : "");

    if (text_empty(text))
        return N_(
            "Say why the control is not applicable. An auditor asks for a reason for each one "
            "that is left out.");
    if (is_word(folded, "n/a") || is_word(folded, "na") || is_word(folded, "none") ||
        is_word(folded, "tbd") || is_word(folded, "not applicable") ||
        is_word(folded, "not needed"))
        return N_("This repeats that the control is left out, but not why. Name the facts.");
    if (strpbrk(text, "[]"))
        return N_("There is still text in [brackets]. Replace it by your own facts.");
    if (strstr(folded, "check:"))
        return N_("There is still a doubt marked “Check:”. Look into it, then take the mark out.");
    if (text_length(text_trim(a, text)) < 20 || !has_words(a, folded))
        return N_("The reason is too short to be checked by somebody else. Write at least 20 "
                  "characters about your organisation.");
    if (!text_empty(hint) && strcmp(folded, text_fold(a, hint)) == 0)
        return N_("This is the draft as it came. Write what is true for your organisation.");
    return NULL;
}

static bool looks_numbered(const char *code)
{
    const char *digits = code[0] == 'C' && code[1] == '-' ? code + 2 : code;

    return digits[strspn(digits, "0123456789")] == '\0';
}

static void check(const void *record, struct issues *out)
{
    const struct control *c = record;
    const char *wrong = NULL;

    if (text_equal(c->applicable, "no"))
        wrong = control_unjustified(out->arena, c->justification, NULL);
    if (wrong)
        issue(out, "justification", "%s", tr(wrong));
    if (c->id || text_empty(c->code))
        return;
    if (strpbrk(c->code, " ,;/"))
        issue(out, "code", "The code “%s” may not contain spaces, commas or slashes.", c->code);
    else if (looks_numbered(c->code))
        issue(out, "code",
              "The code “%s” could be taken for a number of this program. Put the name of its "
              "framework in front, like CIS-5.1.",
              c->code);
}

static struct err *depends(struct web *w, i64 id, struct issues *out)
{
    struct rows *r;

    TRY(db_query(w->db, &r, "select origin from control where org_id = $1 and id = $2", num(w->org),
                 num(id)));
    if (row_next(r) && text_equal(row_text(r, 0), "annex-a")) {
        issue(out, "",
              "Controls of Annex A stay in the statement. Leave it out with a reason "
              "instead.");
        return NULL;
    }
    TRY(db_query(w->db, &r,
                 "select 'treatment T-', t.number from treatment_controls c join treatment t on"
                 " t.org_id = c.org_id and t.id = c.record where c.org_id = $1 and c.target = $2"
                 " union all select 'requirement RQ-', q.number from requirement_controls c"
                 " join requirement q on q.org_id = c.org_id and q.id = c.record"
                 " where c.org_id = $1 and c.target = $2"
                 " union all select 'action AC-', a.number from action a where a.org_id = $1"
                 " and a.control = $2 limit 20",
                 num(w->org), num(id)));
    while (row_next(r))
        issue(out, "", "It is used by %s%lld. Take it out there first.", row_text(r, 0),
              row_num(r, 1));
    return NULL;
}

const struct entity control_entity =
    ENTITY(control, fields, .plural = "controls", .label = "Control", .labels = "Controls",
           .few = true, .prefix = "C", .title = "name", .state = "status", .order = "position",
           .read = &control_read, .write = &control_write, .check = check, .derive = control_derive,
           .depends = depends, .clause = "6.1.3",
           .help = "The 93 controls of Annex A and those of your own. For each, decide whether you "
                   "need it, say how it is done and who answers for it. Together they are the "
                   "Statement of Applicability.");

/* --- routes --- */

static struct err *list(struct web *w)
{
    return entity_list_page(w, &control_entity);
}
static struct err *new (struct web *w)
{
    return entity_new_page(w, &control_entity);
}
static struct err *save(struct web *w)
{
    return entity_save_page(w, &control_entity);
}
static struct err *drop(struct web *w)
{
    return entity_remove_page(w, &control_entity);
}
static struct err *restore(struct web *w)
{
    return entity_restore_page(w, &control_entity);
}
/* clang-format off */
static const struct route routes[] = {
    {METHOD_GET, "/controls", list, &control_read, 0, NULL, NULL},
    {METHOD_GET, "/controls/new", new, &control_write, 0, NULL, NULL},
    {METHOD_POST, "/controls", save, &control_write, 0, NULL, NULL},
    {METHOD_GET, "/controls/:no", control_show, &control_read, 0, NULL, NULL},
    {METHOD_GET, "/controls/:no/edit", control_edit, &control_write, 0, NULL, NULL},
    {METHOD_POST, "/controls/:no", save, &control_write, 0, NULL, NULL},
    {METHOD_GET, "/controls/:no/mapping", control_map_page, &control_write, 0, NULL, NULL},
    {METHOD_POST, "/controls/:no/mapping", control_map_post, &control_write, 0, NULL, NULL},
    {METHOD_GET, "/controls/:no/remove", drop, &control_write, 0, NULL, NULL},
    {METHOD_POST, "/controls/:no/remove", drop, &control_write, 0, NULL, NULL},
    {METHOD_POST, "/controls/:no/restore", restore, &control_write, 0, NULL, NULL},
    {METHOD_GET, "/control-sets", controlset_list, &control_read, 0, NULL, NULL},
    {METHOD_GET, "/control-sets/import", import_library_page, &import_run_right, 0, NULL, NULL},
    {METHOD_POST, "/control-sets/import", import_library_done, &import_run_right,
     ROUTE_UPLOAD | ROUTE_SLOW, import_library_prepare, NULL},
    {METHOD_GET, "/control-sets/new", controlset_new, &control_write, 0, NULL, NULL},
    {METHOD_POST, "/control-sets", controlset_save, &control_write, 0, NULL, NULL},
    {METHOD_GET, "/control-sets/:no", controlset_show, &control_read, 0, NULL, NULL},
    {METHOD_GET, "/control-sets/:no/edit", controlset_edit, &control_write, 0, NULL, NULL},
    {METHOD_POST, "/control-sets/:no", controlset_save, &control_write, 0, NULL, NULL},
    {METHOD_GET, "/control-sets/:no/remove", controlset_drop, &control_write, 0, NULL, NULL},
    {METHOD_POST, "/control-sets/:no/remove", controlset_drop, &control_write, 0, NULL, NULL},
    {METHOD_POST, "/control-sets/:no/restore", controlset_restore, &control_write, 0, NULL, NULL},
    {0},
};
/* clang-format on */

static const struct command commands[] = {
    {"import-controls",                                    "FILE [--set SET] [--good-rows] [--dry-run]",
     "Reads the controls of another framework: a library of CISO Assistant (YAML), an OSCAL "
     "catalogue (JSON), or a list as CSV or workbook with the columns code, title, asks, chapter, "
     "controlset and maps_to. The set of a library is made when it is not there; --set names the "
     "one of a list. Mappings to Annex A are read where the file has them: “5.16 equal: why”. "
     "Controls that are here by the same code are changed. --dry-run only tells. Exit status: 0 "
     "done, 1 some are wrong, 2 the file cannot be used.", import_library_command},
    {0},
};

static const struct nav nav[] = {
    {"Plan",      41, "Controls", "/controls", "shield", &control_read, &control_entity},
    {"Plan", 42, "Control sets", "/control-sets", "books", &control_read, &controlset_entity},
    {0  },
};

static const struct entity *const entities[] = {&control_entity, &controlset_entity, NULL};
static const struct permission *const permissions[] = {&control_read, &control_write, NULL};

static const char *const sentences[] = {N_("Your profile says “%s”."),
                                        N_("It depends on the profile: “%s”."), NULL};

const struct feature control_feature = {.name = "control",
                                        .sentences = sentences,
                                        .entities = entities,
                                        .permissions = permissions,
                                        .routes = routes,
                                        .commands = commands,
                                        .nav = nav};
