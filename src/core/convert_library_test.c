/* SPDX-License-Identifier: Apache-2.0 */
/* Libraries of controls: what is read of them, and what is refused. All of them are made up. */
#include <string.h>

#include "base/text.h"
#include "core/convert_fixture.h"
#include "core/import_source.h"
#include "test.h"

extern const struct test_case convert_library_tests[];

#define NODE "urn:x:risk:req_node:harbour:"
#define HARBOUR                                               \
    "urn: urn:x:risk:library:harbour\n"                       \
    "locale: en\n"                                            \
    "name: Harbour rules\n"                                   \
    "description: Rules of a harbour that does not exist.\n"  \
    "copyright: Free to use.\n"                               \
    "version: 3\n"                                            \
    "provider: Harbour office\n"                              \
    "objects:\n"                                              \
    "  framework:\n"                                          \
    "    urn: urn:x:risk:framework:harbour\n"                 \
    "    name: Harbour rules\n"                               \
    "    requirement_nodes:\n"                                \
    "    - urn: " NODE "1\n"                                  \
    "      assessable: false\n"                               \
    "      ref_id: '1'\n"                                     \
    "      name: Gates\n"                                     \
    "    - urn: " NODE "1.1\n"                                \
    "      assessable: true\n"                                \
    "      ref_id: '1.1'\n"                                   \
    "      name: Know who comes in\n"                         \
    "      description: Keep a list of those who may pass.\n" \
    "    - urn: " NODE "1.2\n"                                \
    "      assessable: true\n"                                \
    "      ref_id: '1.2'\n"                                   \
    "      description: >-\n"                                 \
    "        Close the gate\n"                                \
    "        at night.\n"
#define MAPPINGS                                                               \
    "  requirement_mapping_set:\n"                                             \
    "    source_framework_urn: urn:x:risk:framework:harbour\n"                 \
    "    target_framework_urn: urn:x:risk:framework:iso27001-2022\n"           \
    "    requirement_mappings:\n"                                              \
    "    - source_requirement_urn: " NODE "1.1\n"                              \
    "      target_requirement_urn: urn:x:risk:req_node:iso27001-2022:a.5.16\n" \
    "      relationship: equal\n"                                              \
    "      rationale: Both keep one list; of people.\n"                        \
    "    - source_requirement_urn: " NODE "1.1\n"                              \
    "      target_requirement_urn: urn:x:risk:req_node:iso27001-2022:a.7.2\n"  \
    "      relationship: intersect\n"                                          \
    "    - source_requirement_urn: " NODE "1.2\n"                              \
    "      target_requirement_urn: urn:x:risk:req_node:iso27001-2022:a.7.1\n"  \
    "      relationship: not_related\n"                                        \
    "    - source_requirement_urn: " NODE "1.2\n"                              \
    "      target_requirement_urn: urn:x:risk:req_node:iso27001-2022:5.1\n"    \
    "      relationship: equal\n"

static const char *const OSCAL =
    "{\"catalog\": {\"uuid\": \"74c8ba1e\", \"metadata\": {\"title\": \"Mill rules\",\n"
    "\"version\": \"2\", \"parties\": [{\"name\": \"Mill office\"}]},\n"
    "\"groups\": [{\"id\": \"w\", \"title\": \"Wheel\", \"controls\": [\n"
    "{\"id\": \"w-1\", \"title\": \"Stop it \\ud83d\\uded1 first\",\n"
    " \"params\": [{\"id\": \"w-1_p\", \"label\": \"some time\"}, {\"id\": \"w-1_q\", \"select\":\n"
    " {\"how-many\": \"one-or-more\", \"choice\": [\"at once\", \"after {{ insert: param, w-1_p "
    "}}\",\n"
    " \"{{ insert: param, w-1_r }}\"]}}],\n"
    " \"props\": [{\"name\": \"label\", \"value\": \"W-1\"}],\n"
    " \"parts\": [{\"name\": \"statement\", \"prose\": \"Stop {{ insert: param, w-1_q }}.\",\n"
    "  \"parts\": [{\"name\": \"item\", \"props\": [{\"name\": \"label\", \"value\": \"a.\"}],\n"
    "   \"prose\": \"Look \\/ listen.\"}]}],\n"
    " \"controls\": [{\"id\": \"w-1.1\", \"title\": \"At night\",\n"
    "   \"props\": [{\"name\": \"label\", \"value\": \"W-1(1)\"}]}]},\n"
    "{\"id\": \"w-2\", \"title\": \"Gone\", \"props\": [{\"name\": \"status\", \"value\": "
    "\"withdrawn\"}]},\n"
    "{\"id\": \"w-3\", \"title\": \"Numbered\", \"props\": [{\"name\": \"label\", \"value\": "
    "\"5.1\"}]}]},\n"
    "{\"id\": \"r\", \"title\": \"RACE\", \"controls\": [{\"id\": \"RC.GA\", \"title\": "
    "\"Gates\",\n"
    " \"props\": [{\"name\": \"label\", \"value\": \"Gates (RC.GA)\"}],\n"
    " \"controls\": [{\"id\": \"RC.GA-01\", \"title\": \"RC.GA-01\",\n"
    "  \"props\": [{\"name\": \"label\", \"value\": \"RC.GA-01\"}],\n"
    "  \"parts\": [{\"name\": \"statement\", \"prose\": \"Gates close by themselves\"},\n"
    "   {\"name\": \"example\", \"prose\": \"A weight\"}]}]}]}]}}\n";

static struct err *try_text(struct arena *a, const char *name, const char *text,
                            const struct source_ask *ask, struct source **out)
{
    FILE *f = book_file((struct bytes){(const unsigned char *)text, strlen(text)});
    struct err *failed = source_open(a, f, name, ask, out);

    fclose(f);
    return failed;
}

struct shown {
    struct source *source;
    struct buf text;
};

static struct err *show_row(void *ctx, const struct source_row *row)
{
    struct shown *s = ctx;

    buf_printf(&s->text, "%lld", row->row);
    for (size_t i = 0; i < s->source->ncolumns; i++)
        buf_printf(&s->text, "|%s", row->cell[i] ? row->cell[i] : "-");
    buf_str(&s->text, "\n");
    return NULL;
}

/* The names of the columns, then the rows with their lines. */
static const char *shown(struct arena *a, const char *name, const char *text, const char *wanted)
{
    struct source_ask ask = {.wanted = wanted};
    struct shown x;

    assert_ok(try_text(a, name, text, &ask, &x.source));
    assert_true(x.source->library);
    buf_init(&x.text, a, 256);
    for (size_t i = 0; i < x.source->ncolumns; i++)
        buf_printf(&x.text, "%s%s", i ? "|" : "", x.source->columns[i]);
    buf_str(&x.text, "\n");
    assert_ok(source_each(x.source, show_row, &x));
    return x.text.data;
}

static void frameworks(void **state)
{
    struct arena *a = arena_new(0);

    (void)state;
    assert_string_equal(shown(a, "harbour.yaml", HARBOUR, "controls"),
                        "code|title|chapter|asks|controlset\n"
                        "17|HARBOUR-1.1|Know who comes in|1 Gates|Keep a list of those who may "
                        "pass.|Harbour rules\n"
                        "22|HARBOUR-1.2|Close the gate at night.|1 Gates|Close the gate at "
                        "night.|Harbour rules\n");
    assert_string_equal(shown(a, "list", HARBOUR, "control-sets"),
                        "title|source|edition|language|reference|description|terms\n"
                        "2|Harbour rules|Harbour office|3|en|urn:x:risk:library:harbour|Rules of a "
                        "harbour that does not exist.|Free to use.\n");
    arena_free(a);
}

static void mappings(void **state)
{
    struct arena *a = arena_new(0);

    (void)state;
    assert_string_equal(shown(a, "harbour.yaml", HARBOUR MAPPINGS, "controls"),
                        "code|title|chapter|asks|controlset|maps_to\n"
                        "17|HARBOUR-1.1|Know who comes in|1 Gates|Keep a list of those who may "
                        "pass.|Harbour rules|5.16 equal: Both keep one list, of people.\n7.2 "
                        "partial\n"
                        "22|HARBOUR-1.2|Close the gate at night.|1 Gates|Close the gate at "
                        "night.|Harbour rules|\n");
    assert_string_equal(shown(a, "map.yml", "urn: urn:x\nobjects:\n" MAPPINGS, "controls"),
                        "code|maps_to\n"
                        "7|HARBOUR-1.1|5.16 equal: Both keep one list, of people.\n7.2 partial\n");
    arena_free(a);
}

/* As the tools of the format write it: each mapping once in each direction. */
#define BOTH_WAYS                                                             \
    "  requirement_mapping_sets:\n"                                           \
    "  - source_framework_urn: urn:x:risk:framework:harbour\n"                \
    "    target_framework_urn: urn:x:risk:framework:iso27001-2022\n"          \
    "    requirement_mappings:\n"                                             \
    "    - source_requirement_urn: " NODE "1.1\n"                             \
    "      target_requirement_urn: urn:x:risk:req_node:iso27001-2022:a.7.2\n" \
    "      relationship: subset\n"                                            \
    "      strength_of_relationship: 6\n"                                     \
    "  - source_framework_urn: urn:x:risk:framework:iso27001-2022\n"          \
    "    target_framework_urn: urn:x:risk:framework:harbour\n"                \
    "    requirement_mappings:\n"                                             \
    "    - source_requirement_urn: urn:x:risk:req_node:iso27001-2022:a.7.2\n" \
    "      target_requirement_urn: " NODE "1.1\n"                             \
    "      relationship: superset\n"                                          \
    "    - source_requirement_urn: urn:x:risk:req_node:iso27001-2022:a.7.1\n" \
    "      target_requirement_urn: " NODE "1.1\n"                             \
    "      relationship: equal\n"

static void both_ways(void **state)
{
    struct arena *a = arena_new(0);

    (void)state;
    assert_string_equal(shown(a, "map.yml", "urn: urn:x\nobjects:\n" BOTH_WAYS, "controls"),
                        "code|maps_to\n7|HARBOUR-1.1|7.2 partial\n7.1 equal\n");
    assert_non_null(strstr(shown(a, "harbour.yaml", HARBOUR BOTH_WAYS, "controls"),
                           "pass.|Harbour rules|7.2 partial\n7.1 equal\n"));
    arena_free(a);
}

static void catalogues(void **state)
{
    struct arena *a = arena_new(0);

    (void)state;
    assert_string_equal(shown(a, "mill.json", OSCAL, "controls"),
                        "code|title|chapter|asks|controlset\n"
                        "4|W-1|Stop it \xF0\x9F\x9B\x91 first|Wheel|Stop <one or more: at once; "
                        "after <some time>; <w-1_r>>.\na. Look / listen.|Mill rules\n"
                        "12|W-1(1)|At night|Wheel||Mill rules\n"
                        "15|CAT-5.1|Numbered|Wheel||Mill rules\n"
                        "16|RC.GA|Gates|RACE||Mill rules\n"
                        "18|RC.GA-01|Gates close by themselves|RACE|Gates close by themselves|"
                        "Mill rules\n");
    assert_string_equal(shown(a, "the body", OSCAL, "control-sets"),
                        "title|source|edition|reference\n2|Mill rules|Mill office|2|74c8ba1e\n");
    arena_free(a);
}

static void circles(void **state)
{
    struct arena *a = arena_new(0);
    const char *text = shown(
        a, "round.json",
        "{\"catalog\": {\"metadata\": {\"title\": \"Round\"}, \"controls\": [{\"id\": \"a-1\",\n"
        "\"title\": \"A\", \"params\": [{\"id\": \"p\", \"select\": {\"choice\": [\"x {{ insert: "
        "param, p }}\",\n"
        "\"y {{ insert: param, p }}\"]}}],\n"
        "\"parts\": [{\"name\": \"statement\", \"prose\": \"Do {{ insert: param, p }}\"}]}]}}",
        "controls");

    (void)state;
    assert_non_null(strstr(text, "A-1|A|Do <x <x <"));
    assert_true(strlen(text) < 2000);
    arena_free(a);
}

static void refused(void **state)
{
    static const struct {
        const char *text, *sentence;
    } wrong[] = {
        {"a: b\nobjects: [\n",                          "line 3 is no YAML or JSON"     },
        {"a: b\n",                                      "no library of controls that is"},
        {"- a\n- b\n",                                  "no library of controls that is"},
        {"just words",                                  "no library of controls that is"},
        {"",                                            ""                              },
        {"objects: {framework: {name: x}}",             "There are no controls"         },
        {"objects: nothing",                            "no library of controls that is"},
        {"a: *b\n",                                     "line 1 uses a name"            },
        {"a: &b [*b]\n",                                "line 1 uses a name"            },
        {"profile: {uuid: x}\n",                        "but not a catalogue"           },
        {"a: b\n---\nobjects: {}\n",                    "another begins in line 2"      },
        {"a: b\nobjects: {}\nobjects: {c: d}\n",        "line 3 names what the object"  },
        {"a: \"\\xff\xff\"\n",                          "not UTF-8"                     },
        {"objects:\n  framework:\n\trequirement_nodes", "line 3 is no YAML"             },
    };
    struct arena *a = arena_new(0);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct source *s;
        struct err *failed = try_text(a, "x.yaml", wrong[i].text, NULL, &s);

        assert_non_null(failed);
        assert_non_null(strstr(failed->text, wrong[i].sentence));
    }
    arena_free(a);
}

/* Nine levels of nine names each would be 387 million nodes. */
static void laughs(void **state)
{
    struct arena *a = arena_new(0);
    struct source *s;
    struct buf b;

    (void)state;
    buf_init(&b, a, 4096);
    buf_str(&b, "a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha]\n");
    for (int i = 1; i < 10; i++) {
        buf_printf(&b, "a%d: &a%d [", i, i);
        for (int k = 0; k < 9; k++)
            buf_printf(&b, "%s*a%d", k ? ", " : "", i - 1);
        buf_str(&b, "]\n");
    }
    assert_err(try_text(a, "x.yaml", b.data, NULL, &s), ERR_BAD);
    buf_str(&b, "objects:\n  framework:\n    requirement_nodes: *a9\n");
    assert_err(try_text(a, "x.yaml", b.data, NULL, &s), ERR_BAD);
    buf_init(&b, a, 4096);
    buf_str(&b, "g0: &g0 {controls: [{id: x, title: y}]}\n");
    for (int i = 1; i < 20; i++)
        buf_printf(&b, "g%d: &g%d {groups: [*g%d, *g%d, *g%d, *g%d]}\n", i, i, i - 1, i - 1, i - 1,
                   i - 1);
    buf_str(&b, "catalog: *g19\n");
    assert_err(try_text(a, "x.yaml", b.data, NULL, &s), ERR_LIMIT);
    arena_free(a);
}

static void deep_and_large(void **state)
{
    struct arena *a = arena_new(0);
    struct err *failed;
    struct source *s;
    struct buf b;

    (void)state;
    buf_init(&b, a, 400000);
    for (int i = 0; i < 200000; i++)
        buf_char(&b, '[');
    failed = try_text(a, "x.yaml", b.data, NULL, &s);
    assert_non_null(failed);
    assert_non_null(strstr(failed->text, "nested too deeply"));
    buf_init(&b, a, 4096);
    buf_str(&b, "{\"catalog\": ");
    for (int i = 0; i < 100; i++)
        buf_str(&b, "{\"groups\": [");
    failed = try_text(a, "x.json", b.data, NULL, &s);
    assert_non_null(failed);
    assert_non_null(strstr(failed->text, "nested too deeply"));
    buf_init(&b, a, 4000000);
    buf_str(&b, "objects:\n  framework:\n    requirement_nodes:\n");
    for (int i = 0; i < 50001; i++)
        buf_printf(&b, "    - {assessable: true, ref_id: r%d, name: n}\n", i);
    assert_err(try_text(a, "x.yaml", b.data, NULL, &s), ERR_LIMIT);
    arena_free(a);
}

/* What is neither YAML by its name nor a library by its beginning stays what it was. */
static void others_stay(void **state)
{
    static const char *const same[] = {"name;city\nAnn;Bonn\n", "[{\"name\": \"Ann\"}]",
                                       "{\"catalog\": \"of words\", \"name\": \"x\"}"};
    struct arena *a = arena_new(0);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(same); i++) {
        struct source *s;

        assert_ok(try_text(a, "list", same[i], NULL, &s));
        assert_false(s->library);
    }
    arena_free(a);
}

const struct test_case convert_library_tests[] = {
    TEST("a library of CISO Assistant is its set and its controls, with lines", frameworks),
    TEST("mappings to Annex A come with their relation and reason, alone too", mappings),
    TEST("a mapping that a library has in both directions is read once", both_ways),
    TEST("choices of a parameter that name themselves end", circles),
    TEST("an OSCAL catalogue gives labels, statements and parameters; withdrawn ones are left out, "
         "and what has a phrase as label or its code as title is still told apart",
         catalogues),
    TEST("what is no library is refused with its line", refused),
    TEST("names that multiply what they name cost nothing and are refused", laughs),
    TEST("deep nesting and far too many controls are refused", deep_and_large),
    TEST("other files are read as before", others_stay),
    TEST_END,
};
