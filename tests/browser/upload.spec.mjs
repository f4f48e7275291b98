// SPDX-License-Identifier: Apache-2.0
// Evidence in a real browser: a file goes up piece by piece and shows how far it is, goes on after a
// broken connection, is looked at without being run, gets a next version, is held; links and notes.
import { writeFileSync } from "node:fs";
import AxeBuilder from "@axe-core/playwright";
import { DEMO, expect, test } from "./world.mjs";

const MIB = 1 << 20;
const PDF = `%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]>>endobj
trailer<</Root 1 0 R>>
%%EOF
`;
const PNG = Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "base64");

async function accessible(page) {
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map((v) => `${v.id}: ${v.nodes[0].target}`), page.url()).toEqual([]);
}

const main = (page) => page.locator("main");

async function add(page, file) {
    await page.goto(`${DEMO}/evidence/new`);
    await page.locator("#f-file").setInputFiles(file);
    await expect(page.locator(".upload-note")).toContainText("Ready");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await expect(page).toHaveURL(/\/evidence\/EV-\d+/);
}

test("a file goes up with its progress, and on by itself after the connection broke", async ({ page }, info) => {
    const file = info.outputPath("restore-log.bin");
    writeFileSync(file, Buffer.alloc(20 * MIB, 7));
    let broken = 0;
    await page.route("**/uploads/*", async (route) => {
        if (route.request().method() !== "PATCH" || broken++) return route.fallback();
        return route.abort("internetdisconnected");
    });
    await page.goto(`${DEMO}/evidence/new`);
    await page.locator("#f-file").setInputFiles(file);
    await expect(page.locator(".upload-note")).toContainText("The connection broke. It goes on by itself.");
    await accessible(page);
    await expect(page.locator(".upload-note")).toContainText("Ready", { timeout: 30_000 });
    await expect(page.locator(".upload-list progress")).toHaveJSProperty("value", 20 * MIB);
    expect(broken).toBeGreaterThan(2); // the broken one, and two pieces
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await expect(page).toHaveURL(/\/evidence\/EV-\d+/);
    await expect(main(page)).toContainText("20.0 MB");
    await expect(main(page)).toContainText(/[0-9a-f]{64}/);
});

test("a picture, a PDF, a text and a table are shown and run nothing", async ({ page }) => {
    await add(page, { name: "door.png", mimeType: "image/png", buffer: PNG });
    const picture = main(page).locator("img").first();
    await expect(picture).toBeVisible();
    await expect(picture).toHaveJSProperty("naturalWidth", 1);
    await accessible(page);

    await add(page, { name: "report.pdf", mimeType: "application/pdf", buffer: Buffer.from(PDF) });
    await expect(main(page)).toContainText("application/pdf");

    const hostile = "<script>document.title = 'run'</script>\n";
    await add(page, { name: "hostile.txt", mimeType: "text/plain", buffer: Buffer.from(hostile) });
    await expect(main(page)).toContainText("Files of this kind are not shown inside the page.");
    await expect(page).not.toHaveTitle("run");

    const text = "Restored on 3 March.\nAll tables whole, 2 < 3.\n";
    await add(page, { name: "notes.txt", mimeType: "text/html", buffer: Buffer.from(text) });
    await expect(main(page)).toContainText("All tables whole, 2 < 3.");
    await accessible(page);

    await add(page, { name: "list.csv", mimeType: "text/csv", buffer: Buffer.from("Server;Tested\nböse;=1+1\n") });
    await expect(main(page)).toContainText("böse");
    await expect(main(page)).toContainText("=1+1");
});

test("a file gets its next version, and nobody removes it while it is held", async ({ page }) => {
    await add(page, { name: "access-review.txt", mimeType: "text/plain", buffer: Buffer.from("First round\n") });
    const address = page.url();
    await page.getByText("New version", { exact: false }).first().click();
    await page.locator("#f-file").setInputFiles({
        name: "access-review-2.txt", mimeType: "text/plain", buffer: Buffer.from("Second round\n"),
    });
    await expect(page.locator(".upload-note")).toContainText("Ready");
    await page.locator("form[data-uploads]").getByRole("button").last().click();
    await expect(main(page)).toContainText("Second round");
    await expect(main(page)).toContainText("access-review.txt"); // the first one is still there

    await page.getByLabel("Why it must not be removed").fill("Dispute with the landlord");
    await page.getByRole("button", { name: "Put under legal hold" }).click();
    await expect(main(page)).toContainText("Legal hold: Dispute with the landlord");
    await page.goto(`${address.split("?")[0]}/remove`);
    await expect(main(page)).toContainText("It is under legal hold: Dispute with the landlord");
    await expect(page.getByRole("button", { name: "Remove evidence" })).toHaveCount(0);
    await page.goto(address);
    await page.getByLabel("Why it is lifted").fill("Settled");
    await page.getByRole("button", { name: "Lift the hold" }).click();
    await expect(main(page)).not.toContainText("Until it is lifted");
});

test("a link and “no document needed” are evidence too, and expiry is shown", async ({ page }) => {
    await page.goto(`${DEMO}/evidence/new`);
    await page.getByLabel("Title").fill("Wiki page on backups");
    await page.getByLabel("Kind").selectOption("link");
    await page.getByLabel("Address").fill("https://wiki.example.com/backup");
    await page.getByLabel("Valid until").fill("2020-01-31");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await expect(page.locator("#f-valid_until-error")).toContainText("It was collected after that day");
    await page.getByLabel("Collected on").fill("2019-01-31");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await expect(page.getByRole("link", { name: "Open the link" })).toHaveAttribute("href", "https://wiki.example.com/backup");

    await page.goto(`${DEMO}/evidence/new`);
    await page.getByLabel("Title").fill("Lock of the server room");
    await page.getByLabel("Kind").selectOption("note");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await expect(main(page)).toContainText("Say why no document is needed");
    await page.getByLabel("Why no document is needed").fill("Anybody can see it who goes there.");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await expect(main(page)).toContainText("Anybody can see it who goes there.");
    await accessible(page);
});
