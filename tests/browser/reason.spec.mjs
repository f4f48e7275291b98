// SPDX-License-Identifier: Apache-2.0
// Changes that have to say why, on two kinds: a control whose applicability was settled, in the form
// and among many, and a tolerated loss, of which every change asks; and days that are over, in a
// list and on the page of a record.
import { DEMO, expect, test } from "./world.mjs";
import { whole } from "./walk.mjs";

test("who changes what was settled is asked for the reason at its field, and keeps what was typed",
    async ({ page }) => {
        await page.goto(`${DEMO}/controls/5.10/edit`);
        const reason = page.getByLabel("Reason for the change");
        await expect(reason).toHaveAccessibleDescription(/“Applicable”/);
        await page.getByLabel("Applicable", { exact: true }).selectOption("open");
        await page.getByRole("button", { name: "Save", exact: true }).click();
        await expect(page.getByRole("alert")).toContainText("“Applicable” was settled before");
        await expect(reason).toHaveAttribute("aria-invalid", "true");
        await expect(reason).toHaveAccessibleDescription(/was settled before/);
        await whole(page);
        await page.getByRole("alert").getByRole("link").click();
        await expect(reason).toBeFocused();
        await reason.fill("The rules move to 6.7");
        await expect(page.getByLabel("Applicable", { exact: true })).toHaveValue("open");
        await page.getByRole("button", { name: "Save", exact: true }).click();
        await page.goto(`${DEMO}/controls/5.10?tab=history`);
        await expect(page.locator("main")).toContainText("The rules move to 6.7");
    });

test("many controls are not changed without a reason when one of them was settled",
    async ({ page }) => {
        await page.goto(`${DEMO}/controls?applicable=yes`);
        for (const i of [0, 1]) await page.locator("[data-pick]").nth(i).check();
        await page.getByRole("button", { name: "Change…" }).click();
        await page.getByLabel("Change Applicable", { exact: true }).check();
        await page.locator("[name=applicable]").selectOption("open");
        await page.getByRole("button", { name: "Preview" }).click();
        const reason = page.getByLabel("Reason for the change");
        await expect(reason).toHaveAccessibleDescription(/was settled before/);
        await whole(page);
        await reason.fill("Looked at again");
        await page.getByRole("button", { name: "Preview" }).click();
        await expect(page.locator("main")).toContainText("2");
        await expect(page).toHaveURL(/\/controls\/bulk\/\d+/);
    });

test("every change of a tolerated loss asks, also its removal", async ({ page }) => {
    await page.goto(`${DEMO}/tolerances/TL-1/edit`);
    const reason = page.getByLabel("Reason for the change");
    await expect(reason).toHaveAttribute("required", "");
    await page.getByRole("button", { name: "Save", exact: true }).click(); // the browser asks
    await expect(reason).toBeFocused();
    await page.goto(`${DEMO}/tolerances/TL-1/remove`);
    await expect(reason).toHaveAttribute("required", "");
    await whole(page);
});

test("days that are over are told in a word, in lists and on pages, until the record is closed",
    async ({ page }) => {
        for (const [list, query, day] of [["tasks", "status=open", "due"],
            ["actions", "status=planned", "due"]]) {
            await page.goto(`${DEMO}/${list}?${query}&${day}=overdue`);
            const rows = page.locator("table.list tbody tr");
            if (await rows.count() === 0) continue;
            await expect(rows.first().locator(".late")).toContainText("overdue");
            await whole(page);
            await rows.first().locator(".list-main a").first().click();
            await expect(page.locator("main")).toContainText(/overdue|late since/);
        }
        await page.goto(`${DEMO}/tasks?status=done&sort=due`);
        await expect(page.locator("table.list tbody tr").first()).toBeVisible();
        await expect(page.locator("table.list .late")).toHaveCount(0);
    });
