// SPDX-License-Identifier: Apache-2.0
// Every page: answers, has a title and one heading, fits on a phone, is accessible in both themes,
// and gives the browser nothing to complain about.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { DEMO, FULL, expect, test } from "./world.mjs";
import { follow } from "./crawl.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const LOOKS = [
    { width: 1440, height: 900, colorScheme: "light" },
    { width: 390, height: 844, colorScheme: "dark" },
    { width: 390, height: 844, colorScheme: "light" },
    { width: 1440, height: 900, colorScheme: "dark" },
];
const WIDTHS = [1440, 390, 360]; // each page has to fit into each

// Patterns that no page of the example company links to, with the reason.
const UNLINKED = {
    "/setup/:token": "works only before the first account",
    "/reset/:token": "a link that an administrator hands out",
    "/healthz": "not for people",
    "/invite/:token": "comes by mail or by hand",
    "/login": "nobody who is signed in needs it",
    "/organisations/new": "on the start page of who has none, and in the command line",
    "/o/:slug/soa/decide": "as long as a control is open",
    "/o/:slug/controls/:no/remove": "for own controls",
    "/o/:slug/controls/:no/mapping": "for controls of an own set",
    "/o/:slug/media/:no": "for own media",
    "/o/:slug/media/:no/edit": "for own media",
    "/o/:slug/media/:no/remove": "for own media",
    "/o/:slug/methods/:no/edit": "for a method that is not approved yet",
    "/o/:slug/methods/:no/matrix": "for a method that is not approved yet",
    "/o/:slug/methods/:no/moves": "for a method that is not approved yet",
    "/o/:slug/methods/:no/scales": "for a method that is not approved yet",
    "/o/:slug/:plural/export": "each register has its own address",
    "/o/:slug/:plural/import": "each register has its own address",
    "/o/:slug/:plural/import/:token": "when a file was given",
    "/o/:slug/:plural/import/:token/marked": "when a file was given",
    "/o/:slug/:plural/bulk/:bulk": "when records were chosen",
    "/o/:slug/risks/treat/done": "when several risks got a treatment",
    "/o/:slug/approvals/several": "when several decisions wait",
    "/o/:slug/comments/:no": "nobody has said anything there",
    "/o/:slug/comments/:no/edit": "nobody has said anything there",
    "/o/:slug/comments/:no/history": "nobody has said anything there",
    "/o/:slug/comments/:no/remove": "nobody has said anything there",
    "/o/:slug/comments/people": "asked by the script of the comment form",
    "/o/:slug/plan-versions/:no": "when the plan was frozen",
    "/o/:slug/reports/make": "asked by the form of each report",
    "/o/:slug/erasures/:no": "nobody asked for one there",
    "/o/:slug/evidence/:no/page": "for PDF documents",
    "/o/:slug/evidence/:no/view": "for what a browser shows by itself",
    "/o/:slug/ratings/:no": "nobody was drawn for a second score there",
    "/o/:slug/links": "on the tab Links, one address with the record",
    "/o/:slug/links/new": "on the tab Links, one address with the record",
    "/feeds/:token": "known to its owner only",
    "/o/:slug/handovers/:no": "nobody has left there",
    "/o/:slug/jobs/:job": "of the person who is signed in",
    "/o/:slug/jobs/:job/file": "of the person who is signed in",
    "/o/:slug/pick": "asked by the script of forms",
    "/o/:slug/r/:record": "short addresses, for mails and documents",
    "/o/:slug/uploads/:upload": "asked by the script of evidence",
    "/o/:slug/views": "as long as a view was saved",
    "/o/:slug/webhooks/:no": "there is none there",
    "/o/:slug/webhooks/:no/edit": "there is none there",
    "/o/:slug/webhooks/:no/remove": "there is none there",
};

// What can be seen without axe: width, headings, labels, ids.
async function shapeOf(page, width) {
    await page.setViewportSize({ width, height: 900 });
    return page.evaluate(() => {
        const troubles = [];
        const root = document.documentElement;
        const all = (selector) => [...document.querySelectorAll(selector)];
        const over = root.scrollWidth - root.clientWidth;
        if (over > 0) {
            const wide = all("main *, header *").filter((e) =>
                e.getBoundingClientRect().right > root.clientWidth + 1).slice(0, 3);
            const names = wide.map((e) => `${e.tagName.toLowerCase()}.${e.className}`);
            troubles.push(`is ${over} px too wide: ${names.join(", ")}`);
        }
        if (all("h1").length !== 1) troubles.push(`has ${all("h1").length} h1`);
        if (!/\S.* · Cairn$/.test(document.title))
            troubles.push(`has the title “${document.title}”`);
        for (const c of all("input:not([type=hidden]), select, textarea"))
            if (!c.labels?.length && !c.ariaLabel && !c.getAttribute("aria-labelledby"))
                troubles.push(`has the control ${c.name} without a label`);
        for (const e of all("[style]")) troubles.push(`has a style attribute at ${e.tagName}`);
        const ids = all("[id]").map((e) => e.id);
        for (const id of new Set(ids.filter((id, i) => ids.indexOf(id) !== i)))
            troubles.push(`has the id ${id} twice`);
        return troubles;
    });
}

async function accessibility(page, look) {
    await page.setViewportSize({ width: look.width, height: look.height });
    await page.emulateMedia({ colorScheme: look.colorScheme, reducedMotion: "reduce" });
    return page.evaluate(async (tags) => {
        // The page hears of its new width with the next frame.
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        const result = await window.axe.run(document, {
            runOnly: { type: "tag", values: tags }, resultTypes: ["violations"],
        });
        return result.violations.filter(({ impact }) => /serious|critical/.test(impact))
            .map((v) => `axe ${v.id} (${v.nodes.length}×): ${v.nodes[0].html.slice(0, 160)} ` +
                (v.nodes[0].any[0]?.message ?? ""));
    }, TAGS);
}

// Loads the page once and looks at it in the given ways.
async function inspect(page, path, looks) {
    const troubles = new Set();
    const answer = await page.goto(path);
    if (answer.status() !== 200) return [`${path} gave ${answer.status()}`];
    for (const width of WIDTHS)
        for (const trouble of await shapeOf(page, width)) troubles.add(`${path} ${trouble}`);
    await page.evaluate(axe);
    for (const look of looks)
        for (const trouble of await accessibility(page, look))
            troubles.add(`${path} (${look.width} ${look.colorScheme}) ${trouble}`);
    return [...troubles];
}

// axe takes a second on a long page: each page gets one look of the four, in turn.
const looksOf = (i) => (FULL ? LOOKS : [LOOKS[i % LOOKS.length]]);

// Follows the links as the person who is signed in on `page`; every link must lead somewhere.
async function troublesOfLinks(page, server, most) {
    const { found, broken } = await follow(page.request, server, [DEMO], most);
    const troubles = [...broken];
    for (const { path, status, from, attachment, type } of [...found.values()].flat()) {
        if (status >= 400) troubles.push(`${path} gave ${status} (link on ${from})`);
        else if (/\/export(\?|$)/.test(path) && (!attachment || type.startsWith("text/html")))
            troubles.push(`${path} is no download`);
    }
    return { found, troubles };
}

test.describe("every page", () => {
    test("is reached by links, and no link leads to what is missing or forbidden",
        async ({ page, demo, visitor }) => {
            const invitation = /\/invite\/\S+/.exec(demo.told)[0];
            const director = await visitor(demo, { storageState: undefined });
            await director.goto(invitation);
            await director.getByLabel(/password/i).first().fill("a long enough sentence");
            await director.getByRole("button", { name: /account|password|join/i }).click();
            await expect(director.locator("nav#side-nav")).toBeVisible();

            const own = await troublesOfLinks(page, demo, FULL ? 10 : 2);
            const hers = await troublesOfLinks(director, demo, FULL ? 10 : 2);
            const troubles = [...own.troubles, ...hers.troubles.map((t) => `director: ${t}`)];
            for (const [pattern, entries] of own.found)
                if (!entries.length && !hers.found.get(pattern).length && !(pattern in UNLINKED))
                    troubles.push(`no page links to ${pattern}`);
            expect(troubles).toEqual([]);
        });

    test("is whole, fits, and is accessible in both themes on desk and phone",
        async ({ page, demo }) => {
            test.setTimeout(FULL ? 2_400_000 : 600_000);
            const { found } = await follow(page.request, demo, [DEMO], FULL ? 3 : 1);
            const html = [...found.values()].map((entries) =>
                entries.filter(({ status, type }) => status === 200 &&
                    type.startsWith("text/html")).slice(0, FULL ? 3 : 1)).flat();
            expect(html.length).toBeGreaterThan(40);
            const troubles = [];
            for (const [i, { path }] of html.entries())
                troubles.push(...(await inspect(page, path, looksOf(i))));
            expect(troubles).toEqual([]);
        });

    test("without signing in is whole and accessible too", async ({ visitor, demo }) => {
        const page = await visitor(demo, { storageState: undefined });
        const invitation = demo.told.match(/\/invite\/\S+/g).at(-1); // the first one is used
        const troubles = [];
        for (const path of ["/login", invitation])
            troubles.push(...(await inspect(page, path, LOOKS)));
        for (const path of [`${DEMO}/risks`, "/account"]) {
            await page.goto(path);
            await expect(page).toHaveURL(/\/login/);
        }
        expect(troubles).toEqual([]);
    });

    test("that does not exist says so with the frame of a page", async ({ page }) => {
        const answer = await page.goto(`${DEMO}/no-such-page`);
        expect(answer.status()).toBe(404);
        await expect(page.locator("h1")).toHaveCount(1);
        await expect(page.locator("main a[href]").first()).toBeVisible();
    });
});
