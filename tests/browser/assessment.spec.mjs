// SPDX-License-Identifier: Apache-2.0
// Risk assessment in a real browser: many scores typed by keyboard and pasted, a second assessor who
// does not see the first score, and the three frozen rounds of the example company compared.
import AxeBuilder from "@axe-core/playwright";
import { DEMO, expect, test } from "./world.mjs";

async function accessible(page) {
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map((v) => `${v.id}: ${v.nodes[0].target}`), page.url()).toEqual([]);
}

test.describe("assessment", () => {
    test("levels are typed, pasted and taken back as in a spreadsheet", async ({ page }) => {
        await page.goto(`${DEMO}/risks/grid?state=open&band=low&sort=title&by=impact`);
        await accessible(page);
        const rows = page.locator("tr[data-row]");
        const cell = (row, at) => rows.nth(row).locator("input[data-most], textarea").nth(at);
        await cell(0, 0).focus();
        await page.keyboard.type("21");
        await expect(cell(0, 2)).toBeFocused(); // both levels, then the reason
        await expect(cell(0, 0)).toHaveValue("2");
        await expect(rows.nth(0).locator("[data-level]")).toHaveText("2 Low");
        await cell(1, 0).focus();
        await page.keyboard.press("ArrowDown");
        await expect(cell(2, 0)).toBeFocused();
        await page.keyboard.press("ArrowRight");
        await expect(cell(2, 1)).toBeFocused();
        const before = await cell(3, 0).inputValue();
        await cell(3, 0).focus();
        await page.evaluate(() => {
            const data = new DataTransfer();
            data.setData("text/plain", "1\t3\tPasted reason\n4\t4\tAnother one\n");
            document.activeElement.dispatchEvent(
                new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }),
            );
        });
        await expect(cell(4, 2)).toHaveValue("Another one");
        await cell(3, 0).focus();
        await page.keyboard.press("Control+z");
        await expect(cell(3, 0)).toHaveValue(before);
        await page.getByRole("button", { name: "Save the scores" }).click();
        await expect(page.locator("main")).toContainText("1 rows are saved.");
    });

    test("three answers propose a likelihood that a person takes over", async ({ page }) => {
        await page.goto(`${DEMO}/risks/R-44/likelihood`);
        await page.getByLabel("Here about once a year").check();
        await page.getByLabel("Everybody inside could cause it or reach it").check();
        await page.getByLabel("Nothing works against it today").check();
        await page.getByRole("button", { name: "Propose a likelihood" }).click();
        await accessible(page);
        await page.getByRole("link", { name: "Take it over into the score" }).click();
        await expect(page.locator("#f-current_likelihood")).toHaveValue("4");
        await expect(page.locator("[name=rationale]")).toHaveValue(/about once a year/);
    });

    test("a second assessor scores blindly", async ({ page }) => {
        await page.goto(`${DEMO}/assessments/AS-4`);
        await page.getByLabel("Second assessor").fill("Tomasz Wilk");
        await page.getByLabel("Share in percent").fill("5");
        await page.getByLabel("Seed").fill("spring");
        await page.getByRole("button", { name: "Draw risks for a second score" }).click();
        await expect(page).toHaveURL(/\/ratings\?assessment=AS-4/);
        await expect(page.locator("main")).toContainText("To be scored");
        await page.locator("main td.list-main a").first().click();
        await expect(page.locator("main")).toContainText("hidden until yours is submitted");
        await accessible(page);
        await page.goto(`${DEMO}/assessments/AS-4/calibration`);
        await accessible(page);
        await expect(page.locator("main")).toContainText("0 pairs");
    });

    test("three rounds are compared, and their trend is a picture with a table", async ({ page }) => {
        await page.goto(`${DEMO}/assessments`);
        await page.getByRole("link", { name: "Compare", exact: true }).click();
        await page.getByLabel("Earlier round").selectOption("AS-1");
        await page.getByLabel("Later round").selectOption("AS-3");
        await page.getByRole("button", { name: "Compare" }).click();
        await accessible(page);
        await expect(page.locator("main")).toContainText("Contracts are signed electronically");
        await page.getByRole("link", { name: /^Changed \d/ }).click();
        await expect(page.locator("main")).not.toContainText("Contracts are signed electronically");
        await page.goto(`${DEMO}/assessments/trend`);
        await accessible(page);
        await expect(page.locator("svg.curve rect").first()).toBeVisible();
        await expect(page.locator("main tbody tr")).toHaveCount(3);
        await page.goto(`${DEMO}/assessments/AS-2?again=1`);
        await expect(page.locator("main")).toContainText("all levels are the same");
    });
});
