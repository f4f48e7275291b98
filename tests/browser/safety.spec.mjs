// SPDX-License-Identifier: Apache-2.0
// Nothing is lost between two editors, text stays text, nothing stays behind after signing out.
import { DEMO, EMAIL, PASSWORD, expect, signIn, startServer, test } from "./world.mjs";

const PAYLOADS = [
    "<script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    "'\"><svg onload=window.pwned=1>",
    "</title><script>window.pwned=1</script>",
    "</textarea><script>window.pwned=1</script>",
    "javascript:window.pwned=1",
    "<a href='javascript:window.pwned=1'>x</a>",
    "' onfocus='window.pwned=1' autofocus='",
    "<iframe srcdoc='<script>parent.pwned=1</script>'></iframe>",
    "{{constructor.constructor('window.pwned=1')()}}<style>*{display:none}</style>",
];

async function createAsset(page, home, name) {
    await page.goto(`${home}/assets/new`);
    await page.locator("[name=name]").fill(name);
    await page.locator("select[name=type]").selectOption({ index: 2 });
    await page.getByRole("button", { name: /^Create/ }).click();
    await expect(page).toHaveURL(/\/assets\/A-\d+/);
    return page.url().replace(/\?.*/, "");
}

test("a second editor sees both, and what each wrote is kept", async ({ visitor, demo }) => {
    const first = await visitor(demo);
    const second = await visitor(demo);
    const address = await createAsset(first, DEMO, "Shared calendar");
    await second.goto(`${address}/edit`);
    await first.goto(`${address}/edit`);
    await first.locator("[name=description]").fill("Kept by the front desk");
    await first.getByRole("button", { name: "Save", exact: true }).click();
    await expect(first).toHaveURL(/m=saved/);

    await second.locator("[name=name]").fill("Shared calendar of all teams");
    await second.locator("[name=description]").fill("Kept by each team");
    await second.locator("[name=location]").fill("Cloud region Leipzig");
    await second.getByRole("button", { name: "Save", exact: true }).click();
    await expect(second.locator("h1")).toHaveText("Somebody else saved this too");
    const row = second.locator("table.compare tr", { hasText: "Kept by each team" });
    await expect(row).toContainText("Kept by the front desk");
    for (const text of ["Shared calendar of all teams", "Cloud region Leipzig"])
        await expect(second.locator("dl.facts")).toContainText(text);
    await row.getByRole("radio", { name: "Kept by the front desk" }).check();
    await second.getByRole("button", { name: "Save this" }).click();

    await expect(second.locator("h1")).toContainText("Shared calendar of all teams");
    for (const text of ["Kept by the front desk", "Cloud region Leipzig"])
        await expect(second.locator("main")).toContainText(text);
});

test("a form that is sent twice makes one record", async ({ page }) => {
    await page.goto(`${DEMO}/assets/new`);
    await page.locator("[name=name]").fill("Doorbell with camera");
    await page.locator("select[name=type]").selectOption({ index: 2 });
    await page.getByRole("button", { name: /^Create/ }).dblclick();
    await expect(page).toHaveURL(/\/assets\/A-\d+/);
    await page.goto(`${DEMO}/assets?q=doorbell`);
    await expect(page.locator("table.list tbody tr")).toHaveCount(1);
});

test("markup in names is shown as text and never runs", async ({ visitor }) => {
    const server = await startServer(
        ["--admin", EMAIL, "--password-stdin", "--name", `Evil ${PAYLOADS[0]}`], `${PASSWORD}\n`);
    try {
        const page = await visitor(server);
        const dialogs = [];
        page.on("dialog", (dialog) => {
            dialogs.push(dialog.message());
            dialog.dismiss();
        });
        await signIn(page, server);
        await page.goto("/");
        const home = new URL(page.url()).pathname.split("/").slice(0, 3).join("/");
        const addresses = [];
        for (const text of PAYLOADS) addresses.push(await createAsset(page, home, text));
        await page.goto(`${home}/risks/new`);
        await page.locator("[name=title]").fill(PAYLOADS[1]);
        await page.locator("[name=scenario], [name=description]").first().fill(PAYLOADS[4]);
        await page.getByRole("button", { name: /^Create/ }).click();
        await expect(page).toHaveURL(/\/risks\/R-\d+/);
        const risk = page.url().replace(/\?.*/, "");

        const visits = [home, `${home}/assets`, `${home}/risks`, risk, `${risk}/edit`,
            `${risk}/remove`, `${home}/log`, `${home}/organisation`, `${home}/readiness`,
            `${home}/guide`, "/account", `${home}/assets/suggestions`, `${home}/risks/suggestions`,
            ...addresses, ...addresses.map((address) => `${address}/edit`),
            ...PAYLOADS.map((text) => `${home}/search?q=${encodeURIComponent(text)}`),
            ...PAYLOADS.map((text) => `${home}/assets?q=${encodeURIComponent(text)}`),
            `${home}/assets?sort=${encodeURIComponent(PAYLOADS[2])}`,
            `/login?next=${encodeURIComponent("javascript:window.pwned=1")}`];
        for (const address of visits) {
            const answer = await page.goto(address);
            expect(answer.status(), address).toBeLessThan(500);
            await page.keyboard.press("Tab"); // runs onfocus, if there were one
            const state = await page.evaluate(() => ({
                pwned: window.pwned,
                foreign: document.querySelectorAll(
                    "script:not([src]), iframe, style, [onload], [onerror], [onfocus], " +
                    "img[src=x], a[href^='javascript']").length,
            }));
            expect(state, address).toEqual({ pwned: undefined, foreign: 0 });
        }
        await page.goto(addresses[0]);
        await expect(page.locator("h1")).toContainText(PAYLOADS[0]);
        expect(dialogs).toEqual([]);
    } finally {
        await server.stop();
    }
});

test("after signing out, Back and kept addresses show nothing", async ({ visitor, demo }) => {
    const page = await visitor(demo, { storageState: undefined });
    await signIn(page, demo);
    await page.goto(`${DEMO}/risks`);
    await page.goto(`${DEMO}/assets`);
    await page.getByRole("button", { name: "Sign out" }).click();
    await expect(page).toHaveURL(/\/login/);
    for (let i = 0; i < 3; i++) {
        await page.goBack();
        await expect(page.locator("body")).not.toContainText("Tarnbeck");
    }
    await page.goto(`${DEMO}/risks`);
    await expect(page).toHaveURL(/\/login/);
    const cookies = await page.context().cookies();
    expect(cookies.filter(({ httpOnly }) => !httpOnly)).toEqual([]);
});

test("an unsaved form warns before it is left", async ({ page }) => {
    await page.goto(`${DEMO}/assets/new`);
    await page.locator("[name=name]").click();
    await page.keyboard.type("half written");
    const asked = page.waitForEvent("dialog");
    const leaving = page.locator("#side-nav a").first().click({ noWaitAfter: true });
    const dialog = await asked;
    expect(dialog.type()).toBe("beforeunload");
    await dialog.dismiss();
    await leaving;
    await expect(page.locator("[name=name]")).toHaveValue("half written");
});
