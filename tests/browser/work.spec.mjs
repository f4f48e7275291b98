// SPDX-License-Identifier: Apache-2.0
// Work in a real browser: a task from its description to its end, My work in bulk, a hand-over that
// is taken back, the calendar and its feed.
import AxeBuilder from "@axe-core/playwright";
import { DEMO, expect, test } from "./world.mjs";

async function accessible(page) {
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map((v) => `${v.id}: ${v.nodes[0].target}`), page.url()).toEqual([]);
}

const inDays = (n) => new Date(Date.now() + n * 86_400_000).toISOString().slice(0, 10);

async function newTask(page, title, more = async () => {}) {
    await page.goto(`${DEMO}/tasks/new`);
    await page.getByLabel("What is to be done").fill(title);
    await more();
    await page.getByRole("button", { name: "Create task", exact: true }).click();
    await expect(page).toHaveURL(/\/tasks\/TA-\d+/);
}

test("a task is described, ticked off step by step, and done", async ({ page }) => {
    page.on("dialog", (dialog) => dialog.accept());
    await newTask(page, "Try the emergency phone", async () => {
        await page.getByLabel("Description").fill("**Before noon**\n- once\n- and again");
        await page.getByRole("button", { name: "Preview" }).click();
        await expect(page.locator("[data-preview-into] strong")).toHaveText("Before noon");
        await page.getByLabel("Checklist").fill("Call\nWrite down the time");
        await page.getByLabel("Due", { exact: true }).fill(inDays(3));
        await accessible(page);
    });
    await expect(page.locator(".task-text strong")).toHaveText("Before noon");
    await accessible(page);
    await page.getByLabel("Next step").fill("Tell the team");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await expect(page.locator("main")).toContainText("Tell the team");
    await page.getByRole("button", { name: "Done", exact: true }).click();
    await expect(page.locator("main")).toContainText("Done");
});

test("My work shows what is given by urgency, and several are done at once", async ({ page }) => {
    await page.goto(`${DEMO}/work`);
    await accessible(page);
    const late = page.locator("section, .card").filter({ hasText: "Late" }).first();
    await expect(late).toBeVisible();
    await page.getByRole("checkbox").first().check();
    await page.getByRole("button", { name: "Mark as done" }).click();
    await expect(page.locator("main")).toBeVisible();
    await page.goto(`${DEMO}/work?given=1`);
    await accessible(page);
});

test("somebody's work goes to another person after a preview, and comes back", async ({ page }) => {
    await page.goto(`${DEMO}/people?sort=name&limit=100`);
    await page.getByRole("link", { name: /Judith Kern/ }).first().click();
    await page.getByRole("link", { name: /Hand over/ }).click();
    await accessible(page);
    const tasks = page.locator("select[name='task.assignee']");
    await tasks.selectOption({ index: 1 });
    await page.getByLabel("Why the work goes to others").fill("On leave for a month");
    await page.getByRole("button", { name: "Look at it first" }).click();
    await expect(page.locator("main")).toContainText("This will change");
    await accessible(page);
    await page.getByRole("button", { name: /^Hand over \d+ record/ }).click();
    await expect(page).toHaveURL(/\/handovers\/HO-\d+/);
    await accessible(page);
    await page.getByRole("button", { name: "Take it back" }).click();
    await expect(page.locator("main")).toContainText("This hand-over was taken back.");
});

test("the calendar shows the month and the agenda, and a feed is fetched", async ({ page }) => {
    await page.goto(`${DEMO}/calendar`);
    await accessible(page);
    await page.goto(`${DEMO}/calendar?view=agenda`);
    await accessible(page);
    await page.goto(`${DEMO}/calendar/feeds`);
    await page.getByRole("button", { name: "Make one for my work as to-dos" }).click();
    const address = await page.getByLabel("Address").inputValue();
    const answer = await page.request.get(new URL(address).pathname);
    expect(answer.headers()["content-type"]).toContain("text/calendar");
    const text = await answer.text();
    expect(text).toContain("BEGIN:VTODO");
    await accessible(page);
    await page.goto(`${DEMO}/calendar/feeds`);
    await page.getByRole("button", { name: "End this address" }).first().click();
    await page.goto(new URL(address).pathname).catch(() => {});
    await expect(page.locator("body")).toContainText("no calendar at this address");
});
