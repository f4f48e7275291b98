// SPDX-License-Identifier: Apache-2.0
// Screenshots: node look.mjs URL EMAIL PASSWORD FOLDER [page ...]. Each page as a desk in light
// and a phone in dark shows it. Pages are parts of the address after the organisation's.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "@playwright/test";

const MAIN = ["", "/guide", "/guide/6", "/assets", "/assets/A-1", "/assets/suggestions", "/risks",
    "/risks/R-3", "/risks/suggestions", "/risks/new", "/treatments", "/soa", "/readiness",
    "/readiness/R048", "/plan", "/profile", "/controls/C-1", "/log", "/search?q=backup"];
const LOOKS = [
    { name: "desk-light", viewport: { width: 1440, height: 900 }, colorScheme: "light" },
    { name: "phone-dark", viewport: { width: 390, height: 844 }, colorScheme: "dark" },
];

const [url, email, password, folder, ...given] = process.argv.slice(2);
const browser = await chromium.launch({
    executablePath: process.env.CAIRN_TEST_CHROMIUM || "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
});
mkdirSync(folder, { recursive: true });
for (const look of LOOKS) {
    const context = await browser.newContext({ ...look, baseURL: url, locale: "en-GB" });
    const page = await context.newPage();
    await page.goto("/login");
    await page.screenshot({ path: join(folder, `login-${look.name}.png`) });
    await page.getByLabel("E-mail").fill(email);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.waitForURL(/\/o\/[^/]+/);
    await page.mouse.move(800, 800); // nothing there reacts to it
    const home = new URL(page.url()).pathname.split("/").slice(0, 3).join("/");
    for (const path of given.length ? given.map((p) => p.replace(/^-$/, "")) : MAIN) {
        const answer = await page.goto(home + path);
        const name = path.replace(/[^A-Za-z0-9]+/g, "-").replace(/^-/, "") || "home";
        if (answer.status() !== 200) console.log(`${home}${path} gave ${answer.status()}`);
        await page.screenshot({ path: join(folder, `${name}-${look.name}.png`) });
    }
    await context.close();
}
await browser.close();
