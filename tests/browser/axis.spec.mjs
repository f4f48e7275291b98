// SPDX-License-Identifier: Apache-2.0
// An impact judged axis by axis: in the form with and without script, and in the grid, where the
// impact and the level follow while one types.
import { DEMO, expect, test } from "./world.mjs";

test("an impact is judged axis by axis, and the page says which one decides", async ({ page }) => {
    await test.step("the form asks in words", async () => {
        await page.goto(`${DEMO}/risks/R-8/score`);
        const current = page.locator("fieldset.group").nth(1);
        await current.getByText("Impact per axis").click();
        await current.getByLabel("Availability").selectOption("a=4");
        await current.getByLabel("Finance").selectOption("finance=2");
        await page.getByRole("button", { name: "Save the scores" }).click();
        await expect(page).toHaveURL(/m=saved/);
        await expect(page.locator("main")).toContainText("Impact 4, because of Availability");
    });

    await test.step("an impact that the axes do not give is refused at its field", async () => {
        await page.goto(`${DEMO}/risks/R-8/score`);
        await page.locator("[name=current_impact]").selectOption("2");
        await page.getByRole("button", { name: "Save the scores" }).click();
        await expect(page.locator("#f-current_impact-error"))
            .toContainText("The impact follows from its axes and is 4");
    });

    await test.step("in the grid the impact follows while one types", async () => {
        await page.goto(`${DEMO}/risks/grid?state=open&tab=current`);
        const cell = page.getByLabel("Legal of R-8", { exact: true });
        const row = page.locator("tr[data-row]").filter({ has: cell });
        await cell.focus();
        await page.keyboard.type("5");
        await expect(page.getByLabel("Operations of R-8", { exact: true })).toBeFocused();
        await expect(row.locator("[data-impact]")).toHaveText("5");
        await page.getByRole("button", { name: "Save the scores" }).click();
        await expect(page.locator("main")).toContainText("1 rows are saved.");
        await page.goto(`${DEMO}/risks/R-8`);
        await expect(page.locator("main")).toContainText("Legal is 5, never acceptable from 5");
    });
});
