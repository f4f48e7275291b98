// SPDX-License-Identifier: Apache-2.0
// Light, dark, print, large text.
import AxeBuilder from "@axe-core/playwright";
import { DEMO, expect, test } from "./world.mjs";

const background = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);

// 0 is black, 765 white; nothing at all is the white of the paper.
function lightness(colour) {
    const [red, green, blue, alpha = 1] = colour.match(/[\d.]+/g).map(Number);
    return alpha === 0 ? 765 : red + green + blue;
}


test("the chosen theme holds on the next page and after a reload", async ({ page }) => {
    await page.emulateMedia({ colorScheme: "light" });
    await page.goto(DEMO);
    const light = lightness(await background(page));
    await page.getByRole("button", { name: "Switch between light and dark" }).click();
    const dark = lightness(await background(page));
    expect(dark).toBeLessThan(light / 3);
    await page.goto(`${DEMO}/risks`);
    expect(lightness(await background(page))).toBe(dark);
    await page.reload();
    expect(lightness(await background(page))).toBe(dark);
    await page.getByRole("button", { name: "Switch between light and dark" }).click();
    expect(lightness(await background(page))).toBe(light);
});

test("without a choice the system decides, with and without script", async ({ visitor, demo }) => {
    for (const javaScriptEnabled of [true, false]) {
        const seen = [];
        for (const colorScheme of ["light", "dark"]) {
            const page = await visitor(demo, { javaScriptEnabled, colorScheme });
            await page.goto(DEMO);
            const picture = await page.locator("main").evaluate((e) =>
                getComputedStyle(e.ownerDocument.body).backgroundColor);
            seen.push(lightness(picture));
        }
        expect(seen[1]).toBeLessThan(seen[0] / 3);
    }
});

test("print shows the record and not the side bar, black on white", async ({ page }) => {
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    for (const path of ["", "/risks", "/soa", "/risks/R-1"]) {
        await page.goto(DEMO + path);
        await expect(page.locator("header.side")).toBeHidden();
        await expect(page.locator("form.search")).toBeHidden();
        await expect(page.locator("h1")).toBeVisible();
        expect(lightness(await background(page)), `${path} has a dark page`).toBeGreaterThan(700);
        const text = await page.locator("h1").evaluate((e) => getComputedStyle(e).color);
        expect(lightness(text), `${path} has pale text`).toBeLessThan(300);
    }
});

test("text at twice the size still fits", async ({ visitor, demo }) => {
    // Zoom of 200 % on a small desk: half the pixels.
    const page = await visitor(demo, { viewport: { width: 640, height: 400 } });
    for (const path of ["", "/risks", "/soa", "/risks/new"]) {
        await page.goto(DEMO + path);
        const over = await page.evaluate(() =>
            document.documentElement.scrollWidth - document.documentElement.clientWidth);
        expect(over, path).toBeLessThanOrEqual(0);
    }
});

test("at 390 px the bell never stands alone in a line", async ({ visitor, demo }) => {
    const page = await visitor(demo, { viewport: { width: 390, height: 844 } });
    const middle = (box) => box.y + box.height / 2;
    for (const path of ["", "/assets", "/tasks", "/risks", "/risks/R-3", "/soa", "/people"]) {
        await page.goto(DEMO + path);
        const bell = await page.locator(".bell").boundingBox();
        const others = await page.locator(
            ".page-actions > :not(.bell), .page-head h1, .page-head .search").all();
        let beside = 0;
        for (const other of others) {
            const box = await other.boundingBox();
            if (box && Math.abs(middle(box) - middle(bell)) < bell.height / 2) beside++;
        }
        expect(beside, `${path} has the bell alone`).toBeGreaterThan(0);
    }
});

test("at 390 px what is not the main thing to do is behind one button", async ({ visitor, demo }) => {
    const page = await visitor(demo, { viewport: { width: 390, height: 844 } });
    await page.goto(DEMO + "/risks");
    const more = page.getByRole("button", { name: "More actions" });
    const ranking = page.locator(".page-head").getByRole("link", { name: "Ranking" });
    await expect(page.getByRole("link", { name: "New risk" })).toBeVisible();
    await expect(ranking).toBeHidden();
    await more.focus();
    await page.keyboard.press("Enter");
    await expect(ranking).toBeVisible();
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    await page.keyboard.press("Escape");
    await expect(ranking).toBeHidden();
    await more.click();
    await ranking.click();
    await expect(page).toHaveURL(/\/risks\/ranking/);
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto(DEMO + "/risks");
    await expect(ranking).toBeVisible();
    await expect(more).toBeHidden();
});

test("at 390 px the filters of a list are behind one button, and the one that is open stays", async ({
    visitor, demo,
}) => {
    const page = await visitor(demo, { viewport: { width: 390, height: 844 } });
    const bar = page.locator(".filter-bar");
    await page.goto(DEMO + "/assets?facet=owner");
    await expect(bar.locator("summary", { hasText: "Owner" })).toBeVisible();
    await expect(bar.locator("summary", { hasText: "Kind" })).toBeHidden();
    await bar.locator("details[open] .menu-item").first().click();
    await expect(bar.locator(".filter[aria-current]", { hasText: "Owner" })).toBeVisible();
    await page.goto(DEMO + "/assets");
    await expect(bar.locator("summary", { hasText: "Kind" })).toBeHidden();
    await expect(async () => {
        if (!page.url().includes("panel=filters"))
            await page.getByRole("link", { name: "All filters" }).click();
        await expect(page).toHaveURL(/panel=filters/, { timeout: 2000 });
    }).toPass();
    await expect(page.locator("#list-panel").getByText("Kind", { exact: true }).first()).toBeVisible();
});
