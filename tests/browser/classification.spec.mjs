// SPDX-License-Identifier: Apache-2.0
// Classification in a real browser: a proposal becomes a scheme, its matrix is edited as a table
// (also on a phone), somebody else's approval freezes the policy, owners confirm levels.
import AxeBuilder from "@axe-core/playwright";
import { DEMO, expect, test } from "./world.mjs";

async function accessible(page) {
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map((v) => `${v.id}: ${v.nodes[0].target}`), page.url()).toEqual([]);
}

const narrow = (page) => page.evaluate(() =>
    document.scrollingElement.scrollWidth <= document.scrollingElement.clientWidth);

test.beforeEach(({ page }) => page.on("dialog", (dialog) => dialog.accept()));

test("a proposal becomes a scheme whose matrix is edited by keyboard and on a phone", async ({ page }) => {
    await page.goto(`${DEMO}/schemes`);
    await page.getByRole("link", { name: "Take a proposal" }).click();
    await accessible(page);
    const card = page.locator("section.card", { hasText: "Confidential, restricted, internal use" });
    await card.getByLabel("Title").fill("Second thoughts");
    await card.getByRole("button", { name: "Take this scheme" }).click();
    await expect(page.locator("h1")).toHaveText("Second thoughts");
    await expect(page.locator("main")).toContainText("24 of 24 filled in");
    await accessible(page);

    await page.getByRole("link", { name: "Restricted", exact: true }).last().click();
    await page.getByRole("link", { name: "Edit" }).click();
    const cell = page.getByLabel("Keep: Paper");
    await cell.focus();
    await page.keyboard.press("Control+a");
    await page.keyboard.type("In the green cabinet");
    await page.keyboard.press("Tab");
    await expect(page.getByLabel("Keep: Storage media")).toBeFocused();
    await accessible(page);
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await expect(page.locator("main")).toContainText("In the green cabinet");

    await page.setViewportSize({ width: 390, height: 844 });
    await page.getByRole("link", { name: "Edit" }).click();
    expect(await narrow(page)).toBe(true);
    await page.getByLabel("Copy: Paper").fill("Never");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await expect(page.locator("main")).toContainText("Never");
    await accessible(page);
});

test("the policy in force is read by everybody and printed with its level", async ({ page }) => {
    await page.goto(`${DEMO}/schemes/SC-1`);
    await page.getByRole("link", { name: "Read the policy" }).click();
    await expect(page.locator("article.policy")).toContainText("approved by Hanna Brückner");
    await accessible(page);
    await page.emulateMedia({ media: "print" });
    await expect(page.locator(".print-label")).toBeVisible();
    await expect(page.locator(".print-label")).toHaveText("Internal");
    await page.emulateMedia({ media: "screen" });
    const file = page.waitForEvent("download");
    await page.getByRole("link", { name: "As PDF" }).click();
    expect((await file).suggestedFilename()).toBe("classification-policy-SC-1.pdf");
});

test("levels of assets are confirmed; a lower one asks for its reason", async ({ page }) => {
    await page.goto(`${DEMO}/assets/classify`);
    await accessible(page);
    const row = page.locator("tbody tr", { hasText: "Laptops" }).or(
        page.locator("tbody tr", { hasText: "Developers" })).first();
    const number = await row.locator(".record-number").textContent();
    await row.getByRole("checkbox").check();
    await row.getByRole("combobox").selectOption({ label: "Public" });
    await page.getByRole("button", { name: "Confirm the ticked ones" }).click();
    await expect(page.locator("main")).toContainText("Say why “Public” is enough");
    await accessible(page);
    await page.locator("tbody tr", { hasText: number }).getByRole("textbox").fill("Their names are on our website");
    await page.getByRole("button", { name: "Confirm the ticked ones" }).click();
    await page.goto(`${DEMO}/assets/${number}`);
    await expect(page.locator("main")).toContainText("Their names are on our website");
    await expect(page.locator("main")).toContainText("Confirmed on");
});
