// SPDX-License-Identifier: Apache-2.0
// A framework from its file to the statement, versions side by side, own threats and what no risk
// touches: in a real browser, wide and narrow.
import AxeBuilder from "@axe-core/playwright";
import { DEMO, expect, test } from "./world.mjs";

const NODE = "urn:x:risk:req_node:mill";
const LIBRARY = `urn: urn:x:risk:library:mill
locale: en
name: Mill rules
version: 2
provider: Mill office
objects:
  framework:
    urn: urn:x:risk:framework:mill
    name: Mill rules
    requirement_nodes:
    - {urn: '${NODE}:1', assessable: true, ref_id: '1', name: Stop the wheel}
    - {urn: '${NODE}:2', assessable: true, ref_id: '2', name: Grease the wheel}
`;

async function accessible(page) {
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map((v) => `${v.id}: ${v.nodes[0].target}`), page.url()).toEqual([]);
}

async function fits(page) {
    await page.setViewportSize({ width: 390, height: 844 });
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(over, `${page.url()} at 390 px`).toBeLessThanOrEqual(0);
    await page.setViewportSize({ width: 1440, height: 900 });
}

test("a framework is brought in, compared with Annex A and decided", async ({ page }) => {
    await page.goto(`${DEMO}/control-sets/import`);
    await page.locator("#f-file").setInputFiles({
        name: "mill.yaml", mimeType: "text/yaml", buffer: Buffer.from(LIBRARY),
    });
    await page.getByRole("button", { name: "Look at it" }).click();
    await expect(page.locator("main")).toContainText("Stop the wheel");
    await page.getByRole("button", { name: /Import 2 rows/ }).click();
    await expect(page).toHaveURL(/imports\/IM-/);
    await page.goto(`${DEMO}/control-sets`);
    await page.getByRole("link", { name: "Mill rules" }).first().click();
    await expect(page.locator("#controls")).toContainText("not compared yet");
    await accessible(page);
    await fits(page);
    await page.getByRole("link", { name: "MILL-1 Stop the wheel", exact: true }).click();
    await page.getByRole("link", { name: "Compare with Annex A" }).click();
    await page.getByLabel("Control of Annex A").first().selectOption("7.13");
    await page.getByLabel("How it answers").first().selectOption("partial");
    await page.getByLabel("Why").first().fill("Both keep machines alive");
    await accessible(page);
    await fits(page);
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await expect(page.locator("main")).toContainText("Answers a part: Both keep machines alive");
    await page.getByRole("link", { name: "Edit", exact: true }).click();
    await page.locator("[name=applicable]").selectOption("yes");
    await page.locator("[name=business_reason]").fill("The mill asks for it in its contract");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.goto(`${DEMO}/soa?theme=own`);
    await expect(page.locator("main")).toContainText("Own controls · Mill rules 2");
    await expect(page.locator("main")).not.toContainText("MILL-2");
    await fits(page);
});

test("versions are compared field by field", async ({ page }) => {
    await page.goto(`${DEMO}/soa/compare?from=1&to=now`);
    await expect(page.locator("main")).toContainText("controls differ");
    await accessible(page);
    await fits(page);
    await page.getByRole("button", { name: "Compare" }).click();
    await expect(page).toHaveURL(/from=1&to=now/);
});

test("own threats stand beside the supplied ones, and gaps are shown", async ({ page }) => {
    await page.goto(`${DEMO}/catalogue`);
    await expect(page.locator("main")).toContainText("Stolen practice card");
    await accessible(page);
    await fits(page);
    await page.goto(`${DEMO}/coverage`);
    await expect(page.locator("main")).toContainText("Families of threats");
    await accessible(page);
    await fits(page);
});
