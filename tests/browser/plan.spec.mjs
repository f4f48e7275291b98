// SPDX-License-Identifier: Apache-2.0
// The treatment plan in a real browser: table, board by mouse, keyboard and without script, calendar
// with its table, an action reported and verified, a frozen version; and reports as files.
import AxeBuilder from "@axe-core/playwright";
import { readFileSync } from "node:fs";
import { DEMO, expect, test } from "./world.mjs";

async function accessible(page) {
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map((v) => `${v.id}: ${v.nodes[0].target}`), page.url()).toEqual([]);
}

const column = (page, name) => page.locator(`[data-column="${name}"]`);
const cards = (page, name) => column(page, name).locator("[data-card]");

async function numberOf(card) {
    return (await card.locator(".record-number").textContent()).trim();
}

test("the plan is read as a table, a board and a calendar", async ({ page }) => {
    await page.goto(`${DEMO}/plan`);
    await expect(page.locator(".plan-figures")).toContainText("Budget");
    await expect(page.locator("table.plan-table tbody tr").first()).toBeVisible();
    await accessible(page);
    await page.getByRole("link", { name: "Late", exact: true }).click();
    await expect(page.locator("table.plan-table .late").first()).toBeVisible();
    await page.goto(`${DEMO}/plan?tab=board`);
    await accessible(page);
    await page.goto(`${DEMO}/plan?tab=gantt`);
    await expect(page.locator("svg.gantt .gantt-today")).toBeAttached();
    expect(await page.locator("svg.gantt .gantt-arrow").count()).toBeGreaterThan(3);
    await expect(page.getByRole("table", { name: "Actions with their days" })).toBeVisible();
    await accessible(page);
});

test("a card moves by keyboard, by mouse and by its button", async ({ page, visitor, demo }) => {
    await page.goto(`${DEMO}/plan?tab=board`);
    const first = await numberOf(cards(page, "planned").first());
    await cards(page, "planned").first().locator("a").first().focus();
    await page.keyboard.press("Alt+ArrowRight");
    await expect(column(page, "in-progress")).toContainText(first);

    const second = await numberOf(cards(page, "planned").first());
    await cards(page, "planned").first().dragTo(column(page, "in-progress").locator("h2"),
        { sourcePosition: { x: 5, y: 5 } });
    await expect(column(page, "in-progress")).toContainText(second);

    const plain = await visitor(demo, { javaScriptEnabled: false });
    await plain.goto(`${DEMO}/plan?tab=board`);
    await cards(plain, "in-progress").filter({ hasText: second })
        .getByRole("button", { name: /Back to planned/ }).click();
    await expect(column(plain, "planned")).toContainText(second);

    // Done needs evidence: the action's page asks for it.
    await cards(plain, "in-progress").filter({ hasText: first })
        .getByRole("button", { name: /Done/ }).click();
    await expect(plain.locator("main")).toContainText("what shows that it was done");
});

test("an action is reported, verified by somebody else, and the plan is frozen", async ({ page }) => {
    await page.goto(`${DEMO}/plan?tab=board`);
    await cards(page, "planned").last().locator("a").first().click();
    await page.getByLabel("Status").selectOption("done");
    await page.locator("#f-evidence").fill("Seen on the spot, picture attached");
    await page.getByRole("button", { name: "Report" }).click();
    await expect(page.locator("main")).toContainText("Verification");
    await accessible(page);
    const works = page.getByRole("button", { name: "It works" });
    if (await works.count()) {
        await works.click();
        await expect(page.locator("main")).toContainText("verified");
    }
    await page.goto(`${DEMO}/plan`);
    await page.getByRole("button", { name: /Freeze as version/ }).click();
    await expect(page.locator("pre.frozen")).toContainText("risk treatment plan, version");
    await accessible(page);
});

test("reports come as files for both readers", async ({ page }) => {
    await page.goto(`${DEMO}/reports`);
    await accessible(page);
    const form = page.locator("form.report-form").first();
    for (const [format, start] of [["pdf", "%PDF"], ["docx", "PK"], ["xlsx", "PK"]]) {
        await form.locator("[name=format]").selectOption(format);
        const waiting = page.waitForEvent("download");
        await form.getByRole("button").click();
        const file = await waiting;
        expect(file.suggestedFilename()).toContain(`risk-assessment-`);
        const bytes = readFileSync(await file.path());
        expect(bytes.subarray(0, start.length).toString()).toBe(start);
    }
});
