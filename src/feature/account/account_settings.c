/* SPDX-License-Identifier: Apache-2.0 */
/* What people choose for themselves: language and time zone. */
#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/language.h"
#include "core/page.h"
#include "feature/account/account.h"
#include "feature/account/account_part.h"

static struct err *load_own(struct web *w, struct account *a)
{
    struct rows *r;

    TRY(db_query(w->db, &r, "select language, zone from account where org_id = $1 and id = $2",
                 num(0), num(w->account)));
    if (row_next(r)) {
        a->language = row_str(r, 0);
        a->zone = row_str(r, 1);
    }
    return NULL;
}

static void draw_languages(struct web *w, const char *chosen)
{
    struct html *h = w->html;

    html(h, "<div class='mb-3'><label class='form-label' for='language'>{Language}</label>"
            "<select class='form-select' id='language' name='language'>"
            "<option value=''>{As the organisation has it}</option>");
    for (const struct choice *c = language_choices; c->code; c++)
        html(h, "<option value='%s' lang='%s'%s>%s</option>", c->code, c->code,
             text_equal(c->code, chosen) ? " selected" : "", c->label);
    html(h, "</select></div>");
}

struct err *account_settings_card(struct web *w)
{
    struct account a = {0};

    TRY(load_own(w, &a));
    card_begin(w, "Language and time", NULL);
    form_begin(w, "/account/settings", 0);
    draw_languages(w, a.language);
    form_text(w, "zone", "Time zone", a.zone,
              "Times are shown in it, for example Europe/Berlin. Empty: as the organisation has "
              "it. Days that count, such as due dates, stay those of the organisation.");
    form_end(w, "Save", NULL);
    card_end(w);
    return NULL;
}

struct err *account_settings_post(struct web *w)
{
    const char *language = web_form(w, "language");
    const char *zone = web_form(w, "zone");

    if (!text_empty(language) && !choice_find(language_choices, language))
        return err_new(ERR_INVALID, "There is no language “%.20s” here.", language);
    if (!text_empty(zone) && !zone_valid(text_trim(w->arena, zone)))
        return err_new(ERR_INVALID,
                       "“%.60s” is not a known time zone. Write it like Europe/Berlin.", zone);
    TRY(account_set_own(w, w->account, language,
                        text_empty(zone) ? NULL : text_trim(w->arena, zone)));
    web_redirect(w, "/account?m=saved");
    return NULL;
}
