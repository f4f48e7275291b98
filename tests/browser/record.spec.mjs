// SPDX-License-Identifier: Apache-2.0
// What every record has, in a real browser and on two kinds: links picked by search, graph, history
// of any two versions, and drafts that survive a lost connection.
import AxeBuilder from "@axe-core/playwright";
import { DEMO, expect, test } from "./world.mjs";

const KINDS = [
    { name: "risk", list: "risks", text: "How it could happen", title: "Title" },
    { name: "asset", list: "assets", text: "Description", title: "Name" },
];

async function accessible(page) {
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map((v) => `${v.id}: ${v.nodes[0].target}`), page.url()).toEqual([]);
}

async function firstRecord(page, kind) {
    await page.goto(`${DEMO}/${kind.list}?sort=number&limit=5`);
    return page.locator("table.list tbody a[href*='-']").first().getAttribute("href");
}

const status = (page) => page.locator("[data-draft-status]");

for (const kind of KINDS) {
    test.describe(`a ${kind.name}`, () => {
        // Leaving a form with typed text asks first.
        test.beforeEach(({ page }) => page.on("dialog", (dialog) => dialog.accept()));

        test("is linked with another record that is found by typing", async ({ page }) => {
            const address = await firstRecord(page, kind);
            await page.goto(`${address}?tab=links`);
            await page.getByText("Link with another record").click();
            const target = page.locator("#f-target");
            await target.pressSequentially("backup");
            const option = page.locator("#f-target-list option").first();
            await expect(option).toBeAttached();
            await target.fill(await option.getAttribute("value"));
            await expect(page.locator("[data-found]")).not.toBeEmpty();
            await page.locator("#f-type").selectOption("depends");
            await page.locator("#f-why").fill(`Tried with the ${kind.name}`);
            await page.getByRole("button", { name: "Add link" }).click();
            await expect(page).toHaveURL(/tab=links/);
            await expect(page.locator("main")).toContainText(`Tried with the ${kind.name}`);
            await accessible(page);
            const other = page.locator("table th[scope=row] a").first();
            await other.click();
            await expect(page.locator(".waiting")).toContainText("Depends on this:");
        });

        test("has a graph that leads on by keyboard", async ({ page }) => {
            const address = await firstRecord(page, kind);
            await page.goto(`${address}?tab=graph`);
            await expect(page.locator("svg.graph title").first()).toBeAttached();
            await accessible(page);
            const node = page.locator("a.graph-node").first();
            const href = await node.getAttribute("href");
            await node.focus();
            await page.keyboard.press("Enter");
            await expect(page).toHaveURL(new RegExp(`${href}$`));
        });

        test("compares two versions", async ({ page }) => {
            const address = await firstRecord(page, kind);
            await page.goto(`${address}/edit`);
            await page.getByLabel(kind.text).fill(`Looked at again, ${kind.name}.`);
            await page.getByRole("button", { name: "Save", exact: true }).click();
            await page.goto(`${address}?tab=history`);
            await page.getByRole("button", { name: "Compare" }).click();
            await expect(page.locator("table.compare ins").first()).toBeVisible();
            await accessible(page);
        });

        test("keeps what is typed as a draft, without and with a connection", async ({ page }) => {
            await page.goto(`${DEMO}/${kind.list}/new`);
            await page.getByLabel(kind.title, { exact: false }).first().fill("Half a thought");
            await expect(status(page)).toContainText("Draft kept.", { timeout: 15_000 });
            await accessible(page);

            await page.context().setOffline(true);
            await page.getByLabel(kind.text).fill("Typed in a tunnel");
            await expect(status(page)).toContainText("No connection", { timeout: 15_000 });
            // What the browser itself asks for must not be what holds the form back.
            for (const choice of await page.locator("main select[required]").all())
                await choice.selectOption({ index: 1 });
            await page.getByRole("button", { name: /^Create/ }).click();
            await expect(status(page)).toContainText("not saved yet");
            await expect(page.getByLabel(kind.text)).toHaveValue("Typed in a tunnel");
            await page.context().setOffline(false);
            await expect(status(page)).toContainText("Draft kept.", { timeout: 20_000 });

            await page.goto(`${DEMO}/${kind.list}/new`);
            await expect(page.locator(".draft-offer")).toContainText("You have an unsaved draft of");
            await page.getByRole("link", { name: "Continue with it" }).click();
            await expect(page.getByLabel(kind.text)).toHaveValue("Typed in a tunnel");
            await page.getByRole("button", { name: "Discard it" }).click();
            await expect(page.locator(".draft-offer")).toHaveCount(0);
            await expect(page.getByLabel(kind.text)).toHaveValue("");
        });

        test("text that never reached the server comes back at the next visit", async ({ page }) => {
            await page.goto(`${DEMO}/${kind.list}/new`);
            await page.context().setOffline(true);
            await page.getByLabel(kind.text).fill("Battery at one percent");
            await expect(status(page)).toContainText("No connection", { timeout: 15_000 });
            const kept = await page.evaluate(() => JSON.stringify({ ...localStorage }));
            expect(kept).toContain("Battery");
            // The page is gone before the connection is back.
            await page.goto("about:blank");
            await page.context().setOffline(false);
            await page.goto(`${DEMO}/${kind.list}/new`);
            await page.getByRole("link", { name: "Continue with it" }).first().click();
            await expect(page.getByLabel(kind.text)).toHaveValue("Battery at one percent");
            await page.getByRole("button", { name: "Discard it" }).click();
            expect(await page.evaluate(() => JSON.stringify({ ...localStorage }))).not.toContain("Battery");
        });
    });
}

test("a draft needs no script", async ({ visitor, demo }) => {
    const page = await visitor(demo, { javaScriptEnabled: false });
    await page.goto(`${DEMO}/units/new`);
    await page.getByLabel("Name").fill("Workshop");
    await page.getByRole("button", { name: "Save draft" }).click();
    await expect(page.locator("main")).toContainText("The draft is kept. Only you see it.");
    await page.getByRole("link", { name: "Continue with it" }).click();
    await expect(page.getByLabel("Name")).toHaveValue("Workshop");
    await page.getByRole("button", { name: "Discard it" }).click();
    await expect(page.getByLabel("Name")).toHaveValue("");
});
