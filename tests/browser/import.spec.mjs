// SPDX-License-Identifier: Apache-2.0
// Bringing lists in, as somebody does who has them as CSV of a German spreadsheet and as workbook:
// matching, preview, wrong rows as a copy, good rows only, undo. On two kinds of record.
import { readFileSync } from "node:fs";
import AxeBuilder from "@axe-core/playwright";
import { DEMO, expect, test } from "./world.mjs";

async function accessible(page) {
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map((v) => `${v.id}: ${v.nodes[0].target}`), page.url()).toEqual([]);
}

async function give(page, kind, file) {
    await page.goto(`${DEMO}/${kind}`);
    await page.getByRole("link", { name: "Import", exact: true }).click();
    await page.locator("#f-file").setInputFiles(file);
    await page.getByRole("button", { name: "Look at it" }).click();
    await expect(page.locator("main")).toContainText("Nothing has been written yet.");
}

const column = (page, name) => page.getByRole("row", { name }).getByRole("combobox");
const figures = (page) => page.locator("dl.facts").first();

test("a German CSV: columns are matched, wrong rows come back marked, good ones are stored, and all is undone", async ({ page }) => {
    const lines = [
        "Bezeichnung;Typ;Eigentümer;Bemerkung;Größe;Leer",
        "Küchenmonitor;saas-office;;Hängt über der Tür;klein;",
        "Bürotür;saas-office;;Schließt nicht;groß;",
        "Ölheizung;no such type;;;groß;",
    ];
    await give(page, "assets", {
        name: "räume.csv", mimeType: "text/csv", buffer: Buffer.from(lines.join("\r\n"), "latin1"),
    });
    const main = page.locator("main");
    await expect(main).toContainText("cells separated by semicolon, column names in row 1");
    await expect(main).toContainText("2 columns are not known");
    await expect(main).toContainText("Columns with nothing in them are left out");
    await expect(main).toContainText("First say for every column what it is");
    await accessible(page);

    await column(page, "Bemerkung").selectOption({ label: "Description" });
    await column(page, "Größe").selectOption({ label: "Leave this column out" });
    await page.getByRole("button", { name: "Check again" }).click();
    await expect(main).toContainText("3 rows: 2 would be created, 0 changed, 0 stay as they are, 1 are wrong");
    await page.getByRole("link", { name: /^Wrong/ }).click();
    await expect(page.locator("table.list tbody tr")).toHaveCount(1);
    await expect(page.locator("table.list tbody")).toContainText("Ölheizung");

    const waiting = page.waitForEvent("download");
    await page.getByRole("link", { name: "CSV", exact: true }).click();
    const copy = readFileSync(await (await waiting).path(), "utf8");
    expect(copy).toContain("Ölheizung");
    expect(copy).toContain("no such type");
    expect(copy.split("\n").find((line) => line.includes("Ölheizung"))).toContain("Choose one of the list.");

    await expect(page.getByLabel("All rows or none")).toBeDisabled();
    await page.getByRole("button", { name: "Import 2 rows" }).click();
    await expect(page).toHaveURL(/\/imports\/IM-\d+/);
    await expect(figures(page)).toContainText(/Created\s*2/);
    await expect(main).toContainText("Küchenmonitor");
    await accessible(page);

    await page.getByRole("button", { name: "Undo the import" }).click();
    await expect(main).toContainText("This import was undone.");
    await page.goto(`${DEMO}/assets?q=K%C3%BCchenmonitor`);
    await expect(page.locator("table.list tbody tr")).toHaveCount(0);
});

test("a workbook that was exported and changed elsewhere changes only what differs", async ({ page }) => {
    const waiting = page.waitForEvent("download");
    await page.goto(`${DEMO}/requirements`);
    await page.evaluate((to) => (location.href = to), `${DEMO}/requirements/export?format=xlsx`);
    const workbook = readFileSync(await (await waiting).path());

    const first = page.locator("table.list tbody a[href*='-']").first();
    const address = await first.getAttribute("href");
    const before = (await first.textContent()).trim();
    await page.goto(`${address}/edit`);
    await page.getByLabel("Title", { exact: false }).first().fill("Changed since the export");
    await page.getByRole("button", { name: "Save", exact: true }).click();

    await give(page, "requirements", { name: "list.xlsx", mimeType: "application/octet-stream", buffer: workbook });
    const main = page.locator("main");
    await expect(main).toContainText("Read as a workbook: sheet");
    await expect(main).toContainText(/ 0 would be created, 1 changed, \d+ stay as they are, 0 are wrong/);
    await page.getByRole("link", { name: /^Changed/ }).click();
    await expect(page.locator("table.list tbody tr")).toHaveCount(1);
    await expect(page.locator("table.list tbody del")).toContainText("Changed since the export");
    await page.getByRole("button", { name: "Import 1 row" }).click();
    await expect(figures(page)).toContainText(/Changed\s*1/);
    await page.goto(address);
    await expect(page.locator("h1")).toContainText(before.replace(/^\S+\s+/, ""));
});

test("a long list is imported behind a bar that moves by itself, and past imports are in the side bar", async ({ page }) => {
    const rows = Array.from({ length: 1100 }, (_, n) => `Sensor ${n},saas-office`);
    await page.goto(`${DEMO}/assets/import`);
    await page.locator("#f-file").setInputFiles({
        name: "sensors.csv", mimeType: "text/csv", buffer: Buffer.from(["name,type", ...rows].join("\n")),
    });
    await page.getByRole("button", { name: "Look at it" }).click();
    // Nobody presses anything: the page itself looks again.
    await expect(page.locator("main")).toContainText("1100 rows: 1100 would be created", { timeout: 20_000 });
    await page.getByRole("button", { name: "Import 1100 rows" }).click();
    await expect(page.locator("main")).toContainText("The rows are imported.", { timeout: 30_000 });
    await page.getByRole("link", { name: "See the import" }).click();
    await expect(figures(page)).toContainText(/Created\s*1,?100/);
    await page.locator(".side-nav").getByRole("link", { name: "Imports" }).click();
    await expect(page.locator("table.list tbody tr").first()).toContainText("sensors.csv");
    await accessible(page);
});
