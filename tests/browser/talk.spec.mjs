// SPDX-License-Identifier: Apache-2.0
// Talking in a real browser: comments with a mention and a preview, a question that shares a record,
// who sees it and why, notifications and how they are told.
import AxeBuilder from "@axe-core/playwright";
import { DEMO, expect, test } from "./world.mjs";

async function accessible(page) {
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map((v) => `${v.id}: ${v.nodes[0].target}`), page.url()).toEqual([]);
}

test("a comment names somebody, is looked at first, answered and settled", async ({ page }) => {
    await page.goto(`${DEMO}/risks/R-4?tab=comments`);
    const text = page.getByLabel("Write a comment");
    await text.pressSequentially("**Please look**, @Tom");
    await page.getByRole("option", { name: /Tomasz Wilk/ }).click();
    await expect(text).toHaveValue(/@Tomasz Wilk/);
    await text.pressSequentially("and see R-3 <b>");
    await page.getByRole("button", { name: "Preview" }).first().click();
    const preview = page.locator("[data-preview-into]").last();
    await expect(preview.locator("strong")).toHaveText("Please look");
    await expect(preview).toContainText("<b>");
    await accessible(page);
    await page.getByRole("button", { name: "Comment", exact: true }).click();
    const comment = page.locator("article.comment").filter({ hasText: "Please look" });
    await expect(comment.getByRole("link", { name: "R-3" })).toBeVisible();
    await page.locator("details.comment-reply summary").last().click();
    await page.getByLabel("Your reply").last().fill("Done already.");
    await page.getByRole("button", { name: "Reply", exact: true }).last().click();
    await expect(page.locator("main")).toContainText("Done already.");
    await page.getByRole("button", { name: "Resolve" }).last().click();
    await expect(page.locator("main")).toContainText("Settled");
    await accessible(page);
});

test("a question shares a record by a word, and the sharing is told and ended", async ({ page }) => {
    await page.goto(`${DEMO}/questions/new?about=R-5`);
    const yuki = page.locator("#f-person option", { hasText: "Yuki" });
    await page.getByLabel("Whom do you ask?").selectOption(await yuki.getAttribute("value"));
    await page.getByLabel("In one line").fill("Does the region move change this?");
    await page.getByLabel("Your question").fill("Please have a look at the description.");
    await page.getByRole("button", { name: "Preview" }).click();
    await expect(page.locator("[data-preview-into]")).toContainText("Please have a look");
    await accessible(page);
    await page.getByRole("button", { name: "Ask", exact: true }).click();
    await expect(page.locator("main")).toContainText("This is what you would share");
    await accessible(page);
    await page.getByRole("button", { name: "Ask and share the record" }).click();
    await expect(page).toHaveURL(/\/comments\/CM-\d+/);
    await page.goto(`${DEMO}/risks/R-5?tab=access`);
    const row = page.locator("li.task-line").filter({ hasText: "Yuki" });
    await expect(row).toContainText("for question CM-");
    await accessible(page);
    await row.getByRole("button", { name: "End it" }).click();
    await expect(page.locator("main")).toContainText("It is shared with nobody.");
});

test("notifications are read, a record is watched, and how one is told is chosen", async ({ page }) => {
    await page.goto(`${DEMO}/notices`);
    await accessible(page);
    const first = page.locator("li.notice-row.unread button.btn-link").first();
    if (await first.count()) {
        await first.click();
        await expect(page).not.toHaveURL(/\/notices$/);
    }
    await page.goto(`${DEMO}/risks/R-6?tab=comments`);
    await page.getByRole("button", { name: "Watch", exact: true }).click();
    await expect(page.getByRole("button", { name: "Stop watching" })).toBeVisible();
    await page.goto(`${DEMO}/notices/settings`);
    await expect(page.locator("main")).toContainText("Watched records");
    await page.getByLabel("Changes of my records").selectOption("week");
    await page.getByRole("checkbox", { name: /Quiet hours/ }).check();
    await page.getByLabel("Quiet from").selectOption("20");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await expect(page.getByLabel("Changes of my records")).toHaveValue("week");
    await expect(page.getByLabel("Quiet from")).toHaveValue("20");
    await accessible(page);
});
