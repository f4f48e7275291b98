// SPDX-License-Identifier: Apache-2.0
// The way of a new user, from the link that the first start prints to a Statement of Applicability
// that waits for approval; and the daily work in a browser without script.
import { DEMO, EMAIL, PASSWORD, expect, signIn, startServer, test } from "./world.mjs";

const heading = (page, text) => expect(page.locator("h1")).toHaveText(text);

async function foundOrganisation(page, server) {
    await page.goto(server.setup());
    await page.getByLabel("Your name").fill("Ada Moor");
    await page.getByLabel("E-mail").fill(EMAIL);
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Create the account" }).click();
    if (!/\/organisations\/new/.test(page.url()))
        await page.getByRole("link", { name: /organisation/i }).first().click();
    await page.getByLabel("Name", { exact: true }).fill("Moor & Söhne");
    await page.getByLabel("Your name").fill("Ada Moor");
    await page.getByRole("button", { name: "Create it" }).click();
    await heading(page, "Profile");
}

async function answerProfile(page) {
    await page.locator("[name=headcount]").fill("15");
    await page.locator("[name=sector]").selectOption("software");
    await page.locator("[name=countries]").fill("Germany");
    for (const choice of await page.locator("main select").all())
        if (!(await choice.inputValue())) await choice.selectOption({ index: 1 });
    for (const box of await page.locator("main fieldset").all())
        await box.getByRole("checkbox").first().check();
    await page.getByRole("button", { name: "Save the answers" }).click();
    await expect(page.locator(".notice.success")).toHaveText("Saved.");
}

async function acceptAssets(page) {
    await page.getByRole("link", { name: "Assets" }).first().click();
    await page.getByRole("link", { name: /suggest/i }).first().click();
    await heading(page, "Suggested assets");
    const rows = page.locator("table.list tbody tr");
    const offered = await rows.count();
    expect(offered).toBeGreaterThan(8);
    await page.getByLabel("Choose all").check();
    await expect(page.locator("[data-picked]").first()).toHaveText(String(offered));
    const owner = page.locator("main [name=owner]").last();
    await owner.selectOption({ label: (await owner.locator("option").allTextContents())
        .find((text) => text.includes("Ada")) });
    await page.locator(".bulk-bar").getByRole("button", { name: /^Accept/ }).click();
    await expect(page.locator(".notice.success")).toContainText(`${offered} assets`);
}

async function acceptRisks(page) {
    await page.getByRole("link", { name: "Risks" }).first().click();
    await page.getByRole("link", { name: /suggest/i }).first().click();
    await heading(page, "Suggested risks");
    await page.getByRole("checkbox", { name: /^Choose / }).nth(1).check();
    await page.getByRole("checkbox", { name: /^Choose / }).nth(2).check();
    await page.getByRole("button", { name: "Accept ticked" }).click();
    await expect(page.locator(".notice.success")).toContainText("2 ");
    await page.getByRole("link", { name: "Risks" }).first().click();
    await expect(page.locator("table.list tbody tr")).toHaveCount(2);
    await page.locator("table.list td.list-main a").first().click();
    await expect(page).toHaveURL(/\/risks\/R-\d+/);
    return page.url().replace(/\?.*/, "");
}

async function scoreAndTreat(page, risk) {
    await page.getByRole("link", { name: "Score", exact: true }).click();
    await page.locator("[name=inherent_likelihood]").selectOption("4");
    await page.locator("[name=inherent_impact]").selectOption("4");
    await page.locator("[name=current_likelihood]").selectOption("4");
    await page.locator("[name=current_impact]").selectOption("4");
    await page.locator("[name=rationale]").fill("It happened to a neighbour last year.");
    await page.getByRole("button", { name: "Save the scores" }).click();
    await expect(page.locator("main")).toContainText("16 high");

    await page.getByRole("link", { name: "Treat", exact: true }).click();
    await page.locator("select[name=option]").selectOption("modify");
    await page.locator("[name=title]").fill("Copies that nobody can delete");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await expect(page.getByRole("alert")).toBeVisible(); // controls and residual level are missing
    await expect(page.locator("[name=title]")).toHaveValue("Copies that nobody can delete");
    await page.locator("input[name='controls[]'][type=checkbox]").first().check();
    await page.locator("[name=expected_likelihood]").selectOption("2");
    await page.locator("[name=expected_impact]").selectOption("4");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.goto(risk);
    await expect(page.locator("main")).toContainText("Copies that nobody can delete");
    await expect(page.locator("main")).toContainText("8 medium");
}

async function approve(page) {
    await page.getByRole("link", { name: "To decide" }).click();
    await page.locator("main a[href$='/approval']").first().click();
    await page.getByLabel(/^If you scored this risk yourself/).fill("We are two people so far.");
    await page.getByRole("button", { name: "Approve" }).click();
    await expect(page.locator("main")).toContainText("approved by Ada Moor");
}

async function decideStatement(page) {
    await page.getByRole("link", { name: "Applicability" }).click();
    await heading(page, "Statement of Applicability");
    await expect(page.getByRole("button", { name: "Send for approval" })).toHaveCount(0);
    await page.locator("main a[href*='/soa/decide']").first().click();
    const all = page.getByRole("button", { name: /^Accept all/ });
    if (await all.count()) await all.click();
    for (let i = 0; i < 93; i++) {
        if (!page.url().includes("/soa/decide"))
            await page.goto(page.url().replace(/\/soa.*/, "/soa/decide"));
        const title = await page.locator("h1").textContent();
        if (title === "All controls are decided") break;
        if (i % 2) {
            await page.getByLabel("Reason for leaving it out").fill(
                `${title}: nobody here has such a place, system or activity.`);
            await page.getByRole("button", { name: "Not applicable" }).click();
        } else {
            await page.getByLabel("Business reason").fill("Our customers ask for it.");
            await page.getByRole("button", { name: "Applicable", exact: true }).click();
        }
        await expect(page.locator("h1"), `stuck at ${title}`).not.toHaveText(title);
    }
    await page.getByRole("link", { name: "Applicability" }).click();
}

test("a new user gets from the link of the first start to a statement that waits for approval",
    async ({ visitor }) => {
        test.setTimeout(240_000);
        const server = await startServer(null);
        try {
            const page = await visitor(server);
            await foundOrganisation(page, server);
            await answerProfile(page);
            await acceptAssets(page);
            const risk = await acceptRisks(page);
            await scoreAndTreat(page, risk);
            await approve(page);
            await decideStatement(page);
            await page.getByRole("button", { name: "Send for approval" }).click();
            await expect(page.locator("main")).toContainText("waiting for approval");
            await page.getByRole("link", { name: "Home" }).click();
            await expect(page.locator("svg.dial").first()).toBeVisible();
            await expect(page.locator(".card.accent")).toContainText("Next best step");

            const late = await visitor(server);
            await late.goto(server.setup());
            await expect(late.getByLabel("Password")).toHaveCount(0); // the link worked once
        } finally {
            await server.stop();
        }
    });

test.describe("without script", () => {
    test("one signs in, and what needs script is not shown", async ({ visitor, demo }) => {
        const page = await visitor(demo, { javaScriptEnabled: false, storageState: undefined });
        await signIn(page, demo);
        await page.goto(DEMO);
        await expect(page.locator("h1")).toContainText("Tarnbeck Health");
        for (const element of await page.locator(".js-only").all())
            await expect(element).toBeHidden();
    });

    test("a wrong password is told, and the address is kept", async ({ visitor, demo }) => {
        const page = await visitor(demo, { javaScriptEnabled: false, storageState: undefined });
        await page.goto("/login");
        await page.getByLabel("E-mail").fill("nobody@example.com");
        await page.getByLabel("Password").fill("not the password at all");
        await page.getByRole("button", { name: "Sign in" }).click();
        await expect(page.getByRole("alert")).toBeVisible();
        await expect(page.getByLabel("E-mail")).toHaveValue("nobody@example.com");
        await expect(page.getByLabel("Password")).toHaveValue("");
    });

    test("a record is made, mended, removed and brought back", async ({ visitor, demo }) => {
        const page = await visitor(demo, { javaScriptEnabled: false });
        await page.goto(`${DEMO}/assets`);
        await page.getByRole("link", { name: "New asset" }).click();
        await page.locator("[name=name]").fill("Überwachungsraum");
        await page.locator("select[name=type]").selectOption({ index: 3 });
        await page.getByRole("button", { name: /^Create/ }).click();
        await heading(page, /Überwachungsraum/);
        await page.getByRole("link", { name: "Edit" }).click();
        await page.locator("[name=location]").fill("Second floor");
        await page.getByRole("button", { name: "Save", exact: true }).click();
        await expect(page.locator("main")).toContainText("Second floor");
        await expect(page.locator(".timeline")).toContainText("Version 2");
        await page.getByRole("link", { name: "Remove" }).click();
        await page.locator("[name=_reason]").fill("Entered by mistake");
        await page.getByRole("button", { name: /^Remove/ }).click();
        await expect(page.locator(".notice.success")).toContainText("Removed");
        await page.getByRole("button", { name: "Undo" }).click();
        await expect(page.locator("main")).toContainText("Restored");
    });

    test("a refused form says what is wrong where, and keeps what was typed",
        async ({ visitor, demo }) => {
            const page = await visitor(demo, { javaScriptEnabled: false });
            await page.goto(`${DEMO}/actions/new`);
            const budget = page.locator("[name=budget]");
            await page.locator("[name=title]").fill("Kept “as typed” <b>&amp;");
            await budget.fill("a lot");
            // The browser would refuse an empty field by itself: let the server do it.
            const answer = page.waitForResponse((r) => r.request().method() === "POST");
            await page.locator("main form[method=post]").last().evaluate((form) => {
                form.noValidate = true;
            });
            for (const field of await page.locator("main select[required]").all())
                await field.selectOption({ index: 1 });
            await page.getByRole("button", { name: /^Create/ }).click();
            expect((await answer).status()).toBe(422);
            await expect(page.getByRole("alert")).toBeVisible();
            await expect(page.locator("[name=title]")).toHaveValue("Kept “as typed” <b>&amp;");
            await expect(budget).toHaveValue("a lot");
            await expect(budget).toHaveAttribute("aria-invalid", "true");
            const described = await budget.getAttribute("aria-describedby");
            await expect(page.locator(`#${described.split(" ").pop()}`)).toBeVisible();
        });

    test("a list is filtered by words and by choices, sorted, paged and exported",
        async ({ visitor, demo }) => {
            const page = await visitor(demo, { javaScriptEnabled: false });
            const rows = page.locator("table.list tbody tr");
            await page.goto(`${DEMO}/assets`);
            const all = await rows.count();
            await page.getByLabel("Filter assets by text").fill("backup");
            await page.getByLabel("Filter assets by text").press("Enter");
            await expect(page).toHaveURL(/q=backup/);
            expect(await rows.count()).toBeGreaterThan(0);
            expect(await rows.count()).toBeLessThan(all);
            await page.goto(`${DEMO}/assets`);
            await page.locator("summary.filter", { hasText: "Kind" }).click();
            await page.getByRole("link", { name: "Primary" }).click();
            await expect(page.locator(".filter[aria-current=true]")).toContainText("Primary");
            for (const row of await rows.all()) await expect(row).toContainText("Primary");
            await page.locator("th").getByRole("link", { name: "Asset" }).click();
            await expect(page.locator("th[aria-sort]")).toHaveCount(1);
            await page.locator(".filter[aria-current=true]").click();
            await expect(rows).toHaveCount(all);
            await page.locator("summary", { hasText: "Export" }).click();
            const download = page.waitForEvent("download");
            await page.getByRole("link", { name: "CSV" }).first().click();
            expect((await download).suggestedFilename()).toMatch(/\.csv$/);
        });
});
