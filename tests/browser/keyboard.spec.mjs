// SPDX-License-Identifier: Apache-2.0
// The whole program can be used without a mouse.
import { DEMO, expect, test } from "./world.mjs";

const focused = (page) => page.evaluate(() => {
    const e = document.activeElement;
    return { tag: e.tagName, name: e.name ?? "", text: e.textContent.trim(), href: e.href ?? "" };
});

test.describe("with the keyboard", () => {
    test("/ goes to the search, and Enter searches", async ({ page }) => {
        await page.goto(DEMO);
        await page.keyboard.press("/");
        await expect(page.locator("[data-search]")).toBeFocused();
        await page.keyboard.type("backup");
        await page.keyboard.press("Enter");
        await expect(page).toHaveURL(/\/search\?q=backup/);
        await expect(page.locator("main")).toContainText("Backups of the service");
    });

    test("g and a letter goes to a register, n opens a new record", async ({ page }) => {
        await page.goto(DEMO);
        await page.keyboard.type("gr");
        await expect(page).toHaveURL(`${DEMO}/risks`);
        await page.keyboard.press("n");
        await expect(page).toHaveURL(`${DEMO}/risks/new`);
        await page.goBack();
        await page.keyboard.press("j");
        await page.keyboard.press("j");
        const { href } = await focused(page);
        expect(href).toMatch(/\/risks\/R-\d+$/);
        await page.keyboard.press("Enter");
        await expect(page).toHaveURL(href);
        await page.keyboard.press("e");
        await expect(page).toHaveURL(`${href}/edit`);
    });

    test("every key that the list of keys names works", async ({ page, demo }) => {
        await page.goto(DEMO);
        await page.keyboard.press("?");
        await page.getByRole("dialog", { name: "Home" }).getByRole("button", { name: "Keys" })
            .click();
        const dialog = page.getByRole("dialog", { name: "Keys" });
        await expect(dialog).toBeVisible();
        const keys = (await dialog.locator("kbd").allTextContents()).filter((k) => /^g .$/.test(k));
        expect(keys).toContain("g r");
        expect(new Set(keys).size).toBe(keys.length);
        await page.keyboard.press("Escape");
        await expect(dialog).toBeHidden();
        for (const key of keys) {
            const link = page.locator(`[data-key="${key}"]`);
            expect(new URL(await link.getAttribute("href"), demo.url).pathname).toMatch(/^\/o\//);
        }
    });

    test("a letter typed into a field is only a letter", async ({ page }) => {
        await page.goto(`${DEMO}/risks/new`);
        await page.getByLabel("Title").fill("");
        await page.getByLabel("Title").pressSequentially("gr? n/");
        await expect(page).toHaveURL(`${DEMO}/risks/new`);
        await expect(page.getByLabel("Title")).toHaveValue("gr? n/");
    });

    test("the first Tab offers to skip to the content", async ({ page }) => {
        await page.goto(`${DEMO}/assets`);
        await page.keyboard.press("Tab");
        expect((await focused(page)).text).toBe("Skip to the content");
        await expect(page.locator(".skip-link")).toBeInViewport();
        await page.keyboard.press("Enter");
        await expect(page.locator("main")).toBeFocused();
        await page.keyboard.press("Tab");
        expect(await page.evaluate(() =>
            document.querySelector("main").contains(document.activeElement))).toBe(true);
    });

    test("focus can always be seen and never falls behind something", async ({ page }) => {
        await page.goto(`${DEMO}/risks`);
        for (let i = 0; i < 45; i++) {
            await page.keyboard.press("Tab");
            const seen = await page.evaluate(() => {
                const e = document.activeElement;
                const style = getComputedStyle(e);
                const box = e.getBoundingClientRect();
                const x = (Math.max(box.left, 0) + Math.min(box.right, innerWidth)) / 2;
                const y = (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2;
                const top = document.elementFromPoint(x, y);
                return {
                    what: e.outerHTML.slice(0, 120),
                    marked: style.outlineStyle !== "none" || style.boxShadow !== "none",
                    free: e === document.body || Boolean(top && (e.contains(top) ||
                        top.contains(e) || top.closest("label")?.control === e)),
                };
            });
            expect(seen.marked, `no focus mark: ${seen.what}`).toBe(true);
            expect(seen.free, `hidden or covered: ${seen.what}`).toBe(true);
        }
    });

    test("a form is filled in and sent with Tab, arrows and Enter", async ({ page }) => {
        await page.goto(`${DEMO}/assets/new`);
        await page.locator("main").focus();
        const reach = async (name) => {
            for (let i = 0; i < 40; i++) {
                await page.keyboard.press("Tab");
                if ((await focused(page)).name === name) return;
            }
            throw new Error(`Tab does not reach ${name}`);
        };
        await reach("name");
        await page.keyboard.type("Keyboard of the front desk");
        await reach("type");
        await page.keyboard.press("ArrowDown");
        await page.keyboard.press("ArrowDown");
        for (let i = 0; i < 60; i++) {
            await page.keyboard.press("Tab");
            if (/^Create/.test((await focused(page)).text)) break;
        }
        await page.keyboard.press("Enter");
        await expect(page).toHaveURL(/\/assets\/A-\d+/);
        await expect(page.locator("h1")).toContainText("Keyboard of the front desk");
    });

    test("the menu on a phone opens, closes and goes where it says", async ({ visitor, demo }) => {
        const page = await visitor(demo, { viewport: { width: 390, height: 844 } });
        await page.goto(DEMO);
        const menu = page.getByRole("button", { name: "Menu" });
        await menu.focus();
        await page.keyboard.press("Enter");
        await expect(page.locator("#side-nav")).toBeVisible();
        await page.keyboard.press("Escape");
        await expect(page.locator("#side-nav")).toBeHidden();
        await menu.click();
        await page.locator("#side-nav").getByRole("link", { name: /^Risks \d+$/ }).click();
        await expect(page).toHaveURL(`${DEMO}/risks`);
    });
});
