// SPDX-License-Identifier: Apache-2.0
// What every list has, on two kinds of record: filters for every type of field, order, columns,
// groups, views, pages with ticks and one change of many, export of what is shown, past and paper.
// What a list has to show is worked out a second time from the export of all records.
import { DEMO, EMAIL, PASSWORD, expect, signIn, startServer, test } from "./world.mjs";
import { download, fetched, numbers, records, whole } from "./walk.mjs";
import { readWorkbook } from "./workbook.mjs";

const day = (n) => new Date(Date.now() + n * 86_400_000).toISOString().slice(0, 10);
const has = (text, part) => (text || "").toLowerCase().includes(part);

const KINDS = [
    {
        name: "asset", look: "desk", list: "assets", title: "name", german: ["Werte", "Name"],
        // The form of all filters, a type of field each, and what fits.
        form: async (panel) => {
            await panel.getByLabel("Name contains").fill("o");
            await panel.getByRole("checkbox", { name: /^Supporting/ }).check();
            await panel.getByLabel("Value from", { exact: true }).fill("4");
            await panel.getByLabel("Value to", { exact: true }).fill("5");
            await panel.getByLabel("Description: empty or not").selectOption("empty");
            await panel.getByRole("group", { name: "Owner" })
                .getByRole("checkbox", { name: /^(Farah|Tomasz)/ }).first().check();
            await panel.getByRole("group", { name: "Forms" })
                .getByRole("checkbox", { name: "Storage media" }).uncheck();
        },
        fits: (r) => has(r.name, "o") && r.kind === "supporting" && r.value >= 4 &&
            !r.description && r.owner_title === "Farah Haddad",
        filters: 6,
        addresses: [
            ["name.has=cloud", (r) => has(r.name, "cloud")],
            ["kind=primary", (r) => r.kind === "primary"],
            ["kind.not=primary", (r) => r.kind !== "primary"],
            ["state=in-use,planned", (r) => ["in-use", "planned"].includes(r.state)],
            ["media=paper", (r) => r.media.includes("paper")],
            ["media.all=paper,electronic", (r) => ["paper", "electronic"].every((m) => r.media.includes(m))],
            ["personal_data=1", (r) => r.personal_data],
            ["value.min=3&value.max=4", (r) => r.value >= 3 && r.value <= 4],
            ["type=laptop", (r) => r.type === "laptop"],
            ["owner.empty=yes", (r) => !r.owner],
            ["classification.empty=no", (r) => r.classification],
            ["classified_on=any", (r) => r.classified_on],
            ["classified_on=last-2-years&location.has=leipzig", (r) => r.classified_on && has(r.location, "leipzig")],
            ["carries=A-1", (r, all) => r.carries.includes(all.find((o) => o.number === "A-1").id)],
            ["mine=1", (r) => r.owner_title === "Mira Solberg"],
        ],
        sorts: ["name", "value"],
        facet: { field: "owner", label: "Owner", of: (r) => r.owner_title },
        group: "kind", value: "primary",
        column: { add: "Department", out: "State", move: "Owner" },
        change: { label: "Change Location", name: "location", value: "Moved by a walk" },
        sheet: { cols: "value,in_scope,classified_on,owner", kinds: { Value: "number", "In scope of the ISMS": "bool", "Confirmed on": "date", Owner: "text" },
            query: "kind=primary&classified_on=any" },
    },
    {
        name: "action", look: "phone", list: "actions", title: "title", german: ["Aktionen", "Was"],
        form: async (panel) => {
            await panel.getByLabel("What contains", { exact: true }).fill("e");
            await panel.getByLabel("Due: when").selectOption("overdue");
            await panel.getByLabel("Start from").fill("2026-01-01");
            await panel.getByLabel("Budget from").fill("2000");
            await panel.getByLabel("Budget to").fill("20000.50");
            await panel.getByRole("group", { name: "Priority" }).getByRole("checkbox", { name: /^High/ }).check();
            await panel.getByLabel("Control: empty or not").selectOption("not empty");
        },
        fits: (r) => has(r.title, "e") && r.due < day(0) && r.start >= "2026-01-01" && r.control &&
            Number(r.budget) >= 2000 && Number(r.budget) <= 20000.5 && r.priority === "high",
        filters: 7,
        addresses: [
            ["title.has=check", (r) => has(r.title, "check")],
            ["status=done", (r) => r.status === "done"],
            ["status=not,done", (r) => r.status !== "done"],
            ["priority=high,low", (r) => r.priority !== "medium"],
            ["due=last-85-days", (r) => r.due >= day(-85) && r.due <= day(0)],
            ["due=next-28-days", (r) => r.due >= day(0) && r.due <= day(28)],
            ["due.min=28-days-ago&due.max=in-28-days", (r) => r.due >= day(-28) && r.due <= day(28)],
            ["budget.min=5000", (r) => Number(r.budget) >= 5000],
            ["budget.empty=yes", (r) => r.budget === null],
            ["progress.max=50", (r) => r.progress !== null && r.progress <= 50],
            ["needs=any", (r) => r.needs.length],
            ["owner=none", (r) => !r.owner],
            ["treatment=T-1,T-2", (r) => ["T-1", "T-2"].includes(r.of)],
            ["verified_on=none&status=done", (r) => !r.verified_on && r.status === "done"],
            ["mine=1", (r) => [r.owner_title, r.verifier_title].includes("Mira Solberg")],
        ],
        sorts: ["title", "due", "priority"],
        facet: { field: "owner", label: "Who", of: (r) => r.owner_title },
        group: "status", value: "done",
        column: { add: "Start", out: "Priority", move: "Who" },
        change: { label: "Change With what", name: "resources", value: "Moved by a walk" },
        sheet: { cols: "due,budget,progress,owner", kinds: { Due: "date", Budget: "number", "Done (%)": "number", Who: "text" },
            query: "due=overdue&budget.min=1" },
    },
];

const sorted = (list) => [...list].sort();
const rows = (page) => page.locator("table.list tbody tr:not(.group-head)");

for (const kind of KINDS) {
    const list = `${DEMO}/${kind.list}`;

    test.describe(`the list of ${kind.list}`, () => {
        test("is filtered by every type of field, together, and shared by its address", async ({ page, visitor, demo }) => {
            const all = await records(page, kind.list);
            for (const r of all.filter(({ treatment }) => treatment))
                r.of = (await treatments(page)).get(r.treatment);
            await page.goto(`${list}?limit=200`);
            await page.keyboard.press("f");
            const panel = page.locator("#list-panel");
            await expect(panel).toBeVisible();
            await whole(page, kind.look);
            await kind.form(panel);
            await panel.getByRole("button", { name: "Show" }).click();
            const fitting = all.filter(kind.fits).map(({ number }) => number);
            expect(fitting.length).toBeGreaterThan(0);
            expect(fitting.length).toBeLessThan(all.length);
            expect(sorted(await numbers(page))).toEqual(sorted(fitting));
            const chips = page.locator(".filter-bar a.filter[aria-current]");
            await expect(chips).toHaveCount(kind.filters);
            await expect(page.locator(".filter-count")).toHaveText(String(fitting.length));
            expect(page.url()).not.toMatch(/=(&|$)/); // what is not asked for is not in the address

            // Whoever gets the address sees the same, without script too.
            const plain = await visitor(demo, { javaScriptEnabled: false });
            await plain.goto(page.url());
            expect(await numbers(plain)).toEqual(await numbers(page));
            await chips.first().click();
            await expect(chips).toHaveCount(kind.filters - 1);
            expect((await numbers(page)).length).toBeGreaterThanOrEqual(fitting.length);
            await page.getByRole("link", { name: "Clear all" }).first().click();
            await expect(chips).toHaveCount(0);

            for (const [query, fits] of kind.addresses) {
                expect(sorted(await fetched(plain, `${list}?limit=200&${query}`)), query)
                    .toEqual(sorted(all.filter((r) => fits(r, all)).map(({ number }) => number)));
            }
            await plain.goto(`${list}?${kind.title}.has=no+such+text`);
            await expect(plain.locator("main")).toContainText("Nothing fits these filters.");
            await plain.getByRole("link", { name: "Show all" }).click();
            await expect(rows(plain).first()).toBeVisible();
        });

        test("is sorted, counted, grouped, and has the columns that somebody chose", async ({ page }) => {
            const all = await records(page, kind.list);
            for (const field of kind.sorts) {
                const up = await fetched(page, `${list}?limit=200&sort=${field}`);
                expect(up.length).toBe(all.length);
                await page.goto(`${list}?limit=200&sort=${field}`);
                await expect(page.locator("th[aria-sort=ascending]")).toHaveCount(1);
                expect(await numbers(page)).toEqual(up.slice(0, 200));
                await page.locator("th[aria-sort] a").click();
                await expect(page.locator("th[aria-sort=descending]")).toHaveCount(1);
                expect(await numbers(page)).toEqual([...up].reverse().slice(0, 200));
                const values = up.map((n) => all.find(({ number }) => number === n)[field] ?? "");
                // Choices stand as the form lists them, not by their codes.
                const place = (v) => (field === "priority" ? ["", "high", "medium", "low"].indexOf(v) : v);
                const order = (a, b) => (place(a) < place(b) ? -1 : place(a) > place(b) ? 1 : 0);
                expect(values).toEqual([...values].sort(order));
            }

            const bar = page.locator(".filter-bar");
            await page.goto(list);
            await bar.getByRole("link", { name: `${kind.facet.label}…`, exact: true }).click();
            const menu = bar.locator("details[open]");
            for (const item of await menu.locator(".menu-item").all()) {
                const [, label, count] = /^(.*?)\s+([\d,]+)$/.exec((await item.textContent()).trim());
                const none = label === "None" ? undefined : label;
                expect(all.filter((r) => (kind.facet.of(r) ?? undefined) === none).length, label)
                    .toBe(Number(count.replaceAll(",", "")));
            }
            await whole(page, kind.look);
            await page.keyboard.press("Escape");
            await expect(menu).toHaveCount(0);

            await page.goto(`${list}?limit=200&group=${kind.group}`);
            const heads = page.locator("tr.group-head");
            const group = page.locator("tbody.grouped", { has: page.locator(`a[href*='${kind.group}=${kind.value}']`) });
            const inside = all.filter((r) => r[kind.group] === kind.value).length;
            await expect(group.locator("tr.group-head .mute").first()).toHaveText(String(inside));
            await expect(group.locator("tr:not(.group-head)")).toHaveCount(inside);
            expect(await heads.count()).toBe(new Set(all.map((r) => r[kind.group])).size);
            await whole(page, kind.look);
            await group.locator("a[data-fold]").click();
            await expect(group.locator("tr:not(.group-head):visible")).toHaveCount(0);
            await expect(group.locator("a[data-fold]")).toHaveAttribute("aria-expanded", "false");
            await group.getByRole("link", { name: "only these" }).click();
            await expect(page.locator(".filter-count")).toHaveText(String(inside));

            const { add, out, move } = kind.column;
            await page.goto(list);
            const heading = () => page.locator("table.list thead th:not(.pick)").allTextContents();
            const before = (await heading()).map((text) => text.trim());
            await page.getByRole("link", { name: "Columns and order" }).click();
            await whole(page, kind.look);
            await page.getByRole("link", { name: `Take ${out} out` }).click();
            await page.getByRole("link", { name: `+ ${add}`, exact: true }).click();
            await page.getByRole("link", { name: `Move ${move} to the left` }).click();
            const wanted = [...before.filter((name) => name !== out), add];
            const at = wanted.indexOf(move);
            [wanted[at - 1], wanted[at]] = [wanted[at], wanted[at - 1]];
            expect((await heading()).map((text) => text.trim())).toEqual(wanted);
            await page.getByRole("link", { name: "The usual columns" }).click();
            expect((await heading()).map((text) => text.trim())).toEqual(before);
        });

        test("keeps ticks from page to page, and many records are changed and given back in one step", async ({ page, visitor, demo }) => {
            const all = await records(page, kind.list);
            const { label, name, value } = kind.change;
            const byNumber = (items) => new Map(items.map((r) => [r.number, r[name]]));
            await page.goto(`${list}?limit=10&sort=number`);
            await page.keyboard.press("j");
            await page.keyboard.press("j");
            await page.keyboard.press("k");
            await page.keyboard.press("x"); // the first one
            const bar = page.locator("[data-bulk]");
            await expect(bar).toBeVisible();
            await expect(bar.locator("[data-picked]")).toHaveText("1");
            const first = (await numbers(page))[0];
            await page.locator("a[rel=next]").click();
            await expect(bar).toContainText("also on other pages");
            const boxes = page.locator("input[data-pick]");
            await boxes.nth(2).click();
            await boxes.nth(5).click({ modifiers: ["Shift"] });
            await expect(bar.locator("[data-picked]")).toHaveText("5");
            await whole(page, kind.look);
            const ticked = [first, ...(await numbers(page)).slice(2, 6)];

            // Pages follow one another without a gap, whatever their order.
            const seen = [];
            await page.goto(`${list}?limit=20&sort=-${kind.sorts[1]}`);
            for (;;) {
                seen.push(...(await numbers(page)));
                if (!(await page.locator("a[rel=next]").count())) break;
                await page.locator("a[rel=next]").click();
            }
            expect(seen.length).toBe(all.length);
            expect(sorted(seen)).toEqual(sorted(all.map(({ number }) => number)));

            await page.goto(`${list}?limit=10&sort=number`);
            await expect(bar.locator("[data-picked]")).toHaveText("5");
            await page.getByRole("button", { name: "Change…" }).click();
            await expect(page.locator("h1")).toHaveText("Change 5 records");
            await page.locator(`[name="${name}"]`).fill(value);
            await expect(page.getByRole("checkbox", { name: label, exact: true })).toBeChecked();
            await page.getByLabel("Reason for the change").fill("Tidying up");
            await whole(page, kind.look);
            await page.getByRole("button", { name: "Preview" }).click();
            await expect(page.locator("h1")).toHaveText("What would happen");
            await expect(page.locator("table.list tbody tr")).toHaveCount(5);
            await expect(page.locator("table.list ins").first()).toHaveText(value);
            expect(byNumber(await records(page, kind.list))).toEqual(byNumber(all));
            await whole(page, kind.look);
            await page.getByRole("button", { name: "Change 5 records" }).click();
            await expect(page.locator("h1")).toHaveText("Done");
            const changed = (await records(page, kind.list)).filter((r) => r[name] === value);
            expect(sorted(changed.map(({ number }) => number))).toEqual(sorted(ticked));
            await page.getByRole("button", { name: "Undo all of it" }).click();
            await expect(page.locator("h1")).toHaveText("Undone");
            expect(byNumber(await records(page, kind.list))).toEqual(byNumber(all));

            // Without script: all that match, but what is refused is told before anything happens.
            const plain = await visitor(demo, { javaScriptEnabled: false });
            await plain.goto(`${list}?limit=5&${kind.group}=${kind.value}`);
            const matching = all.filter((r) => r[kind.group] === kind.value).length;
            await plain.getByLabel(`all ${matching} that match`).check();
            await plain.getByRole("button", { name: "Remove…" }).click();
            await plain.getByRole("button", { name: "Preview" }).click();
            await expect(plain.locator("main")).toContainText(`${matching} records`);
            await plain.getByRole("button", { name: "Do nothing" }).click();
            await expect(plain).toHaveURL(new RegExp(`${list}`));
            expect((await records(page, kind.list)).length).toBe(all.length);
        });

        test("is taken out as it is shown: Excel, CSV, JSON and PDF", async ({ page }) => {
            const { cols, kinds, query } = kind.sheet;
            await page.goto(`${list}?limit=10&sort=-${kind.sorts[1]}&cols=${cols}&${query}`);
            const shown = await numbers(page);
            expect(shown.length).toBeGreaterThan(2);
            while (await page.locator("a[rel=next]").count()) {
                await page.locator("a[rel=next]").click();
                shown.push(...(await numbers(page)));
            }
            const all = new Map((await records(page, kind.list)).map((r) => [r.number, r]));
            const menu = page.locator(".pager details");
            await menu.locator("summary").click();
            await whole(page, kind.look);
            const take = (label, n = 0) =>
                download(page, () => menu.getByRole("link", { name: label, exact: true }).nth(n).click());

            const { name, bytes } = await take("Excel");
            expect(name).toMatch(/\.xlsx$/);
            const book = readWorkbook(bytes);
            const [sheet, about] = Object.values(book);
            expect(sheet.table.map((r) => r.Number.value)).toEqual(shown);
            expect(sheet.frozen).toBe(1);
            expect(sheet.filter).toMatch(new RegExp(`^A1:[A-Z]+${shown.length + 1}$`));
            expect(sheet.titles.slice(2)).toEqual(expect.arrayContaining(Object.keys(kinds)));
            for (const [title, type] of Object.entries(kinds)) {
                const cells = sheet.table.map((r) => r[title]).filter((c) => c.kind !== "blank");
                expect(cells.length, title).toBeGreaterThan(0);
                expect(new Set(cells.map((c) => c.kind)), title).toEqual(new Set([type]));
            }
            for (const r of sheet.table) {
                const one = all.get(r.Number.value);
                expect(Object.values(r)[1].value).toBe(one[kind.title]);
                if (one.due) expect(r.Due.value).toBe(one.due);
                if (one.budget) expect(r.Budget.value).toBe(Number(one.budget));
                if (one.value) expect(r.Value.value).toBe(one.value);
                if ("in_scope" in one) expect(r["In scope of the ISMS"].value).toBe(one.in_scope);
            }
            expect(JSON.stringify(about)).toContain("Only where");
            expect(JSON.stringify(about)).toContain("Mira Solberg");

            const csv = (await take("CSV")).bytes.toString("utf8").trim().split("\n");
            expect(csv.slice(1).map((line) => line.split(",")[0].replaceAll("\"", ""))).toEqual(shown);
            const json = JSON.parse((await take("JSON")).bytes);
            expect(json.items.map(({ number }) => number)).toEqual(shown);
            expect(Object.keys(json.items[0])).not.toContain("note");
            const pdf = await take("PDF");
            expect(pdf.name).toMatch(/\.pdf$/);
            expect(pdf.bytes.subarray(0, 5).toString()).toBe("%PDF-");
            const fields = JSON.parse((await take("JSON", 1)).bytes);
            expect(fields.items.map(({ number }) => number)).toEqual(shown);
            expect(Object.keys(fields.items[0]).length).toBeGreaterThan(10);
        });

        test("shows the past, and itself on paper", async ({ page }) => {
            const then = day(-120);
            const past = await records(page, kind.list, `&asof=${then}`);
            await page.goto(`${list}?asof=${then}&limit=200`);
            expect(sorted(await numbers(page))).toEqual(sorted(past.map(({ number }) => number)));
            await expect(page.locator(".asof")).toBeVisible();
            await expect(page.locator(".filter-count")).toContainText("as of");
            await expect(page.locator("input[data-pick]")).toHaveCount(0);
            await expect(page.getByRole("link", { name: `New ${kind.name}` })).toHaveCount(0);
            await whole(page, kind.look);
            await page.locator("table.list .list-main a").first().click();
            await expect(page).toHaveURL(new RegExp(`asof=${then}`));
            await expect(page.getByRole("link", { name: "Edit", exact: true })).toHaveCount(0);
            await page.locator(".asof").getByRole("link").last().click();
            await expect(page.locator(".asof")).toHaveCount(0);

            await page.goto(`${list}?${kind.group}=${kind.value}`);
            await page.emulateMedia({ media: "print" });
            for (const hidden of [".side", ".page-actions", ".bulk-bar", ".pager", "td.pick", "#list-q"])
                for (const one of await page.locator(hidden).all()) await expect(one).toBeHidden();
            await expect(page.locator(".filter[aria-current]")).toBeVisible();
            await expect(page.locator("h1")).toBeVisible();
            // A sheet of A4 is narrow and white: a table stays a table, and the dark is left behind.
            await page.emulateMedia({ media: "screen", colorScheme: "dark" });
            await expect(page.locator("html")).toHaveAttribute("data-bs-theme", "dark");
            await page.setViewportSize({ width: 718, height: 1000 });
            await page.emulateMedia({ media: "print", colorScheme: "dark" });
            await expect(page.locator("html")).toHaveAttribute("data-bs-theme", "light");
            await expect(page.locator("table.list thead")).toHaveCSS("display", "table-header-group");
            await expect(rows(page).first()).toHaveCSS("display", "table-row");
            await expect(page.locator("table.list .list-main").first()).toHaveCSS("display", "table-cell");
            await page.emulateMedia({ media: "screen", colorScheme: "light" });
        });
    });
}

let known;

// Numbers of treatments by their ids.
async function treatments(page) {
    known ??= new Map((await records(page, "treatments")).map((r) => [r.id, r.number]));
    return known;
}

test("a view is kept, opens the list, is shared, and goes away again", async ({ page, visitor, demo }) => {
    // The last of the invitations that the start printed; the walk through all pages uses the first.
    const other = await visitor(demo, { storageState: undefined });
    await other.goto(demo.told.match(/\/invite\/\S+/g).at(-1));
    await other.getByLabel(/password/i).first().fill("a long enough sentence");
    await other.getByRole("button", { name: /account|password|join/i }).click();

    for (const kind of KINDS) {
        const list = `${DEMO}/${kind.list}`;
        const state = `${kind.group}=${kind.value}`;
        const chips = page.locator(".filter-bar a.filter[aria-current]");
        await page.goto(`${list}?${state}&sort=-${kind.sorts[1]}&panel=views`);
        await whole(page, kind.look);
        await page.getByLabel("Name").fill(`Walked ${kind.list}`);
        await page.getByLabel("The list opens with it for me").check();
        await page.getByRole("button", { name: "Save view" }).click();
        await expect(page.locator(".notice.success")).toBeVisible();
        const shown = await numbers(page);

        await page.goto(list); // the list as a link of the side bar opens it
        await expect(chips).toHaveCount(1);
        expect(await numbers(page)).toEqual(shown);
        await chips.click();
        await expect(chips).toHaveCount(0);
        await other.goto(`${list}?panel=views`);
        await expect(other.locator("#list-panel")).not.toContainText(`Walked ${kind.list}`);

        await page.goto(`${list}?panel=views`);
        await page.getByRole("link", { name: "Rename, share or remove views" }).click();
        const entry = page.locator("li.list-group-item", { hasText: `Walked ${kind.list}` });
        await whole(page, kind.look);
        await entry.getByLabel("Name").fill(`Shared ${kind.list}`);
        await entry.getByLabel("Shared with the organisation").check();
        await entry.getByRole("button", { name: "Save", exact: true }).click();
        const renamed = page.locator("li.list-group-item", { hasText: `Shared ${kind.list}` });
        await renamed.getByRole("button", { name: "Open the list with it for everybody" }).click();
        await other.goto(list);
        expect(await numbers(other)).toEqual(shown);
        await other.goto(`${list}?panel=views`);
        await expect(other.locator("#list-panel")).toContainText(`Shared ${kind.list}`);
        await renamed.getByRole("button", { name: "Remove" }).click();
        await page.goto(list);
        await expect(chips).toHaveCount(0);
        await other.goto(list);
        await expect(other.locator(".filter-bar a.filter[aria-current]")).toHaveCount(0);
    }
});

test.describe("in a new organisation", () => {
    let server;

    test.beforeAll(async () => {
        server = await startServer(
            ["--admin", EMAIL, "--password-stdin", "--name", "Muster GmbH"], `${PASSWORD}\n`);
    });
    test.afterAll(() => server.stop());

    // Signed in; the address of the organisation.
    async function enter(page) {
        await signIn(page, server);
        await page.goto("/");
        return new URL(page.url()).pathname.split("/").slice(0, 3).join("/");
    }

    test("an empty list says what it is for, and what to do", async ({ visitor }) => {
        const page = await visitor(server);
        const home = await enter(page);
        for (const plural of ["assets", "risks", "actions", "tasks", "evidence", "requirements", "views"]) {
            await page.goto(`${home}/${plural}`);
            const empty = page.locator(".empty");
            await expect(empty, plural).toBeVisible();
            expect((await empty.textContent()).trim().split(/\s+/).length, plural).toBeGreaterThan(6);
            if (plural !== "views") { // those begin in the lists
                await page.locator(".empty a[href], .page-actions a.btn-primary").first().click();
                await expect(page, plural).not.toHaveURL(new RegExp(`${home}/${plural}$`));
                await expect(page.locator("h1"), plural).toBeVisible();
            } else {
                await whole(page, "phone");
            }
        }
    });

    test("somebody who chooses German reads German: lists, forms, refusals, help", async ({ visitor }) => {
        const page = await visitor(server);
        const home = await enter(page);
        await page.goto("/account");
        await page.getByLabel("Language").selectOption("de");
        await page.getByRole("button", { name: "Save", exact: true }).last().click();
        await expect(page.locator("html")).toHaveAttribute("lang", "de");
        for (const kind of KINDS) {
            await page.goto(`${home}/${kind.list}?panel=filters`);
            await expect(page.locator("h1")).toHaveText(kind.german[0]);
            await whole(page, kind.look);
            await page.goto(`${home}/${kind.list}/new`);
            await expect(page.getByLabel(kind.german[1]).first()).toBeVisible();
            await whole(page, kind.look);
        }
        const form = page.locator("main form[method=post]").last();
        await form.evaluate((element) => (element.noValidate = true));
        await form.locator("button[type=submit]").first().click();
        await expect(page.getByRole("alert")).not.toContainText(/\b(the|this|could|needed)\b/i);
        await page.keyboard.press("?");
        await expect(page.locator("dialog#help")).toBeVisible();
        await expect(page.locator("dialog#help button").first()).toHaveText("Schließen");
    });
});
