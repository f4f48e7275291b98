// SPDX-License-Identifier: Apache-2.0
// A new version of the risk method: ready-made scales, an axis of one's own, the matrix by keyboard,
// what would move, submitting and taking back. Nothing that was scored moves.
import { DEMO, expect, test } from "./world.mjs";

test("a new version is prepared, and shows what would move", async ({ page }) => {
    await page.goto(`${DEMO}/methods/M-1`);
    await page.getByRole("button", { name: "New version" }).click();
    await expect(page).toHaveURL(/\/methods\/M-\d+\?m=created/);
    const version = page.url().replace(/\?.*/, "");

    await test.step("ready-made scales", async () => {
        await page.getByText("Start from ready-made scales").click();
        await page.getByLabel("Three levels, for small organisations").check();
        await page.getByRole("button", { name: "Take these scales" }).click();
        await expect(page.locator("h1")).toContainText("Three by three");
    });

    await test.step("an axis of one's own; a level without a description is refused", async () => {
        await page.goto(`${version}/scales`);
        await page.getByRole("button", { name: "Add an axis" }).click();
        await expect(page.locator("[name='a.8.label']")).toBeFocused();
        await page.locator("[name='a.8.label']").fill("Authenticity");
        await page.locator("[name='a.8.1.text']").fill("nobody doubts who wrote it");
        await page.locator("[name='a.8.2.text']").fill("single doubts that are cleared in a day");
        await page.getByRole("button", { name: "Save the scales" }).click();
        await expect(page.locator("main")).toContainText("Level 3 has no description");
        await page.locator("[name='a.8.3.text']").fill("forged orders were carried out");
        await page.keyboard.press("Enter"); // a new line in the text, not a button
        await page.getByRole("button", { name: "Save the scales" }).click();
        await expect(page).toHaveURL(/m=saved/);
        await expect(page.locator("main")).toContainText("forged orders were carried out");
    });

    await test.step("the matrix by keyboard, colours at once", async () => {
        await page.goto(`${version}/matrix`);
        const first = page.getByLabel("Score of likelihood 1, impact 1", { exact: true });
        await first.focus();
        await page.keyboard.press("ArrowUp");
        await page.keyboard.press("ArrowRight");
        const middle = page.getByLabel("Score of likelihood 2, impact 2", { exact: true });
        await expect(middle).toBeFocused();
        await expect(middle.locator("xpath=..")).toHaveClass("heat-medium");
        await page.keyboard.type("5");
        await expect(middle.locator("xpath=..")).toHaveClass("heat-high");
        await page.keyboard.press("Enter");
        await expect(page).toHaveURL(/m=saved/);
    });

    await test.step("what would move, on a phone too", async () => {
        await page.getByRole("link", { name: "What moves" }).click();
        await expect(page.locator("main")).toContainText("Nothing of this happens before");
        await expect(page.getByRole("heading", { name: "Risks that move" })).toBeVisible();
        await page.getByLabel("4 Likely becomes").selectOption("1");
        await page.getByRole("button", { name: "Save and show what moves" }).click();
        await expect(page.locator("main")).toContainText("the order of risks would turn round");
        await page.setViewportSize({ width: 390, height: 844 });
        for (const path of ["", "/scales", "/matrix", "/moves", "/document"]) {
            await page.goto(version + path);
            const wide = await page.evaluate(() => document.documentElement.scrollWidth);
            expect(wide, path).toBeLessThanOrEqual(390);
        }
        await page.setViewportSize({ width: 1440, height: 900 });
    });

    await test.step("submitted, fixed, taken back, discarded", async () => {
        await page.goto(version);
        await page.getByRole("button", { name: "Submit for approval" }).click();
        await expect(page.locator("main")).toContainText("Submitted");
        expect((await page.goto(`${version}/scales`)).status()).toBe(409);
        await page.goto(version);
        await page.getByRole("button", { name: "Take it back" }).click();
        await page.getByRole("button", { name: "Discard this draft" }).click();
        await expect(page.locator("main")).toContainText("Retired");
    });
    await page.goto(`${DEMO}/risks/R-1`);
    await expect(page.locator("main")).not.toContainText("Three by three");
});
