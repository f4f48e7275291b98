// SPDX-License-Identifier: Apache-2.0
// What the walks through lists and records share.
import AxeBuilder from "@axe-core/playwright";
import { DEMO, expect } from "./world.mjs";

async function fits(page) {
    const over = await page.evaluate(() =>
        document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(over, `${page.url()} is too wide at ${page.viewportSize().width}`).toBe(0);
}

// Colours that are on their way to others would be complained about: nothing moves.
async function accessible(page) {
    await page.emulateMedia({ reducedMotion: "reduce" });
    // Rows of a list are alike: some are enough.
    const { violations } = await new AxeBuilder({ page })
        .exclude("table.list > tbody > tr:nth-child(n+5)").analyze();
    expect(violations.map((v) => `${v.id}: ${v.nodes[0].target}`), page.url()).toEqual([]);
}

// A state of a page fits a desk and a phone, and axe has nothing to say: in the light on the desk,
// or in the dark on the phone. Two kinds of record show the same states, so each takes one look.
export async function whole(page, look = "desk") {
    const desk = page.viewportSize();
    await fits(page);
    if (look === "desk") await accessible(page);
    await page.setViewportSize({ width: 390, height: 844 });
    await fits(page);
    if (look === "phone") {
        await page.emulateMedia({ colorScheme: "dark" });
        await accessible(page);
        await page.emulateMedia({ colorScheme: "light" });
    }
    await page.setViewportSize(desk);
}

// The numbers of the rows that a list shows, in its order.
export async function numbers(page) {
    return page.locator("table.list tbody tr:not([hidden]) .list-main .record-number")
        .allTextContents();
}

// The same of a list that is only fetched, page after page: other walks may have made many records.
export async function fetched(page, address) {
    const found = [];
    for (let next = address; next;) {
        const answer = await page.request.get(next);
        expect(answer.status(), next).toBe(200);
        const text = await answer.text();
        const row = /<td class='list-main'><a [^>]*><span class='record-number'>([^<]+)/g;
        found.push(...[...text.matchAll(row)].map(([, number]) => number));
        next = /rel='next' href='([^']+)'/.exec(text)?.[1].replaceAll("&amp;", "&");
    }
    return found;
}

// All records of a kind by the export, so that what a list shows can be worked out a second time.
export async function records(page, plural, query = "") {
    const answer = await page.request.get(`${DEMO}/${plural}/export?format=json${query}`);
    expect(answer.status()).toBe(200);
    return (await answer.json()).items;
}

// What an answer to a click on a link or button brings down: its name and its bytes.
export async function download(page, act) {
    const waiting = page.waitForEvent("download");
    await act();
    const file = await waiting;
    const { readFileSync } = await import("node:fs");
    return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}
