/* SPDX-License-Identifier: Apache-2.0 */
/* Inside feature/risk only. */
#pragma once

#include "feature/method/method.h"
#include "feature/risk/risk.h"

/* The three kinds of level, in the order of the fields. */
enum risk_kind { RISK_INHERENT, RISK_CURRENT, RISK_RESIDUAL, RISK_KINDS };
struct risk_level {
    const char *code, *label, *meaning; /* "current", "Current", what it stands for */
    const char *likelihood, *impact;    /* names of the fields */
    const char *axes;
};
extern const struct risk_level risk_levels[RISK_KINDS];
i64 risk_likelihood(const struct risk *r, enum risk_kind kind);
i64 risk_impact(const struct risk *r, enum risk_kind kind);
const char *risk_axes(const struct risk *r, enum risk_kind kind);
i64 risk_score(const struct risk *r, enum risk_kind kind);
const char *risk_band(const struct risk *r, enum risk_kind kind);

/* Code, label and tone of all bands of all method versions of the organisation. */
struct risk_bands {
    struct risk_band_row {
        i64 method;
        const char *band, *label, *tone;
    } * list;
    size_t count;
    struct ids blind; /* risks that this person is to score a second time (risk_blind) */
};
/* --- risk_blind.c: second scores are given without the first score --- */
/* The risks that this person was drawn to score and has not scored yet, on a past day too. */
struct err *risk_blind(struct web *w, struct ids *out) MUST_CHECK;

struct err *risk_bands_load(struct web *w, struct risk_bands *out) MUST_CHECK;
bool risk_is_blind(const struct risk_bands *bands, i64 risk);
/* The chip of a level: "20 critical", "not scored", or "hidden" for a risk that is scored blindly.
 */
void risk_chip(struct web *w, const struct risk_bands *bands, const struct risk *r,
               enum risk_kind kind);
/* "green" for a band of a method; "" when it is unknown. */
const char *risk_tone(const struct risk_bands *bands, i64 method, const char *band);

/* --- counts for the heat map (risk_heat.c) --- */
#define RISK_LEVELS_MOST METHOD_LEVELS_MOST
struct risk_heat {
    i64 cells[RISK_LEVELS_MOST + 1][RISK_LEVELS_MOST + 1]; /* [likelihood][impact] of open risks */
    i64 waiting;  /* above the acceptance level and without treatment */
    i64 unscored; /* open, without any level */
    i64 open;
    i64 hidden; /* open, not counted: this person is to score them without seeing the first score */
    i64 moving; /* of the open ones, those that still have the version of the method before */
};
/* Cached per organisation and length of its log: right for whoever reads the same snapshot. Counts
 * all risks but those that this person is to score blindly, so only for people who may see all. */
struct err *risk_heat_load(struct web *w, enum risk_kind kind, const struct method *m,
                           struct risk_heat *out) MUST_CHECK;
/* The map as a card. `q` = filters of the list beside it, NULL = none. */
struct list_query;
struct err *risk_heat_draw(struct web *w, enum risk_kind kind, const struct list_query *q)
    MUST_CHECK;

/* --- impacts per axis (risk_axis.c) --- */
/* The levels as they are stored: what a change is compared with. */
struct risk_before {
    i64 likelihood[RISK_KINDS], impact[RISK_KINDS];
    const char *axes[RISK_KINDS];
};
/* Brings impacts in line with their axes, by the method that the risk is scored with; `before` may
 * be NULL: then the impacts are taken as they are. `*ruler` is for the next one; it has no axes
 * when the risk has none. */
struct err *risk_judge(struct web *w, struct risk *r, struct method_ruler *ruler,
                       const struct risk_before *before, struct issues *out) MUST_CHECK;
void risk_set_vetoes(struct web *w, struct risk *r, const struct method_ruler *ruler);
/* "4, because of Availability" and the axes, for a page; nothing without axes. */
struct err *risk_draw_axes(struct web *w, const struct risk *r, enum risk_kind kind) MUST_CHECK;

/* --- forms (risk_form.c) --- */
struct err *risk_new(struct web *w);
struct err *risk_copy(struct web *w);
struct err *risk_edit(struct web *w);
struct err *risk_save(struct web *w);
/* What the levels of the method in use mean, folded away. */
struct err *risk_scales_draw(struct web *w) MUST_CHECK;
struct err *risk_score_form(struct web *w);
struct err *risk_score_save(struct web *w);
struct err *risk_close(struct web *w);
struct err *risk_reopen(struct web *w);

/* --- scoring (risk_score*.c) --- */
struct err *risk_grid(struct web *w);
struct err *risk_grid_save(struct web *w);
/* A likelihood out of three answers ("yearly", "open", "partly" of
 * content/likelihood.tsv): a pure function of them and the number of levels. False when an answer
 * is missing or unknown. */
#define RISK_QUESTIONS 3
struct risk_proposal {
    i64 inherent, current;
    const char *reasons[RISK_QUESTIONS];
};
struct content;
bool risk_propose(const struct content *c, const char *const answers[RISK_QUESTIONS], i64 levels,
                  struct risk_proposal *out);
struct err *risk_likelihood_page(struct web *w);
struct err *risk_likelihood_api(struct web *w);

/* --- pages --- */
struct err *risk_list(struct web *w);
struct err *risk_ranking(struct web *w);
struct err *risk_api_ranking(struct web *w); /* ?by=legal&from=100 */
struct err *risk_show(struct web *w);
struct err *risk_suggestions_page(struct web *w);
struct err *risk_suggestions_post(struct web *w);
struct err *risk_suggestions_back(struct web *w);
struct err *risk_api_list(struct web *w);
struct err *risk_api_post(struct web *w);

/* The risk that the address names, if this person sees it. */
struct err *risk_asked(struct web *w, struct risk *r) MUST_CHECK;
/* The row of content/catalogue/links.tsv for the type of one of its assets, its threat and its
 * weakness, or of any type; -1 = none. */
i64 risk_link_row(struct web *w, const struct risk *r);
/* At most `most` characters of a text, with "…" when it was cut. */
const char *risk_cut(struct web *w, const char *text, size_t most);
/* "theft" of a catalogue's "Theft": for the middle of a sentence; "IT …" stays. */
const char *risk_word(struct web *w, const char *table, const char *code);
