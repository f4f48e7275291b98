// SPDX-License-Identifier: Apache-2.0
// A person who reads German reads German: on every page of the example company nothing that has a
// translation is shown in English, dates stand as that language writes them, long words fit a phone,
// and axe has nothing to say.
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { DEMO, EMAIL, FULL, PASSWORD, expect, startServer, test } from "./world.mjs";
import { follow } from "./crawl.mjs";
import { whole } from "./walk.mjs";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");
const plain = (text) => text.replace(/\s+/g, " ").trim();

// English text to German text of po/de.po, without those that have gaps.
function translations() {
    const out = new Map();
    let part = "", message = { id: "", text: [] };
    for (const line of [...readFileSync(join(ROOT, "po/de.po"), "utf8").split("\n"), "msgid \"\""]) {
        if (line.startsWith("msgid ")) {
            if (message.id && !message.id.includes("%") && message.text[0])
                out.set(plain(message.id), plain(message.text[0]));
            message = { id: "", text: [] };
            part = "id";
        } else if (line.startsWith("msgid_plural")) {
            part = "";
        } else if (line.startsWith("msgstr")) {
            message.text.push("");
            part = "text";
        }
        const quoted = /"(?:[^"\\]|\\.)*"$/.exec(line)?.[0];
        if (!quoted || line.startsWith("#")) continue;
        if (part === "id") message.id += JSON.parse(quoted);
        else if (part === "text") message.text[message.text.length - 1] += JSON.parse(quoted);
    }
    return out;
}

// What stands in records of the example company: people wrote it, so no language changes it.
function recorded() {
    const files = [...readdirSync(join(ROOT, "content/demo")).map((f) => `demo/${f}`),
        ...readdirSync(join(ROOT, "content/classification")).map((f) => `classification/${f}`),
        "catalogue/starter_assets.tsv", "catalogue/links.tsv", "controls.tsv"];
    const cells = new Set(["Profile", "Ticket system"]);
    for (const file of files) {
        const whole = file === "controls.tsv" ? "exclusion_hint" : null;
        const [head, ...lines] = readFileSync(join(ROOT, "content", file), "utf8").split("\n");
        for (const line of lines)
            line.split("\t").forEach((cell, i) => {
                if (!whole || head.split("\t")[i] === whole) cells.add(plain(cell));
            });
    }
    return cells;
}

const entities = { amp: "&", lt: "<", gt: ">", quot: "\"", "#39": "'" };
const decode = (text) => plain(text.replace(/&(amp|lt|gt|quot|#39);/g, (_, e) => entities[e]));

// The texts of a page that people read, without code and what stands in inputs.
function textsOf(html) {
    const bare = html.replace(/<(script|style|textarea|code|pre)\b[\s\S]*?<\/\1>/g, "");
    const texts = [...bare.matchAll(/>([^<]+)</g)].map((m) => m[1]);
    for (const m of bare.matchAll(/\b(?:placeholder|title|aria-label|alt|data-label)='([^']*)'/g))
        texts.push(m[1]);
    return texts.map(decode).filter((text) => /\p{L}{2}|\d{4}-\d{2}/u.test(text));
}

function troublesOf(path, html, words, data) {
    const german = new Set(words.values());
    const columns = /\/import$/.test(path); // names of columns are those of the file
    const troubles = [];
    if (!/<html lang='de'>/.test(html)) troubles.push(`${path} is not German at all`);
    for (const text of textsOf(html)) {
        const bare = text.replace(/^[A-Z]{1,3}-\d+ |[ :…]+$/g, "");
        for (const one of [text, bare])
            if (!columns && words.has(one) && words.get(one) !== one && !german.has(one) && !data.has(one))
                troubles.push(`${path} says “${one}”`);
        if (/\b20\d\d-\d\d-\d\d\b/.test(text) && !/^\{"|Beispiel: |^Datum wie /.test(text))
            troubles.push(`${path} writes a date as “${text}”`);
        if (/&lt;\/?[a-z]+&gt;/.test(text) || /<\/[a-z]+>/.test(text))
            troubles.push(`${path} shows the markup “${text}”`);
    }
    return troubles;
}

test("in German no page says in English what has a translation, and no date is written as ISO",
    async ({ visitor }) => {
        test.setTimeout(600_000);
        const server = await startServer(["--admin", EMAIL, "--password-stdin", "--demo"],
            `${PASSWORD}\n`);
        try {
            const page = await visitor(server, { locale: "de-DE", storageState: undefined });
            await page.goto("/login");
            await expect(page.locator("html")).toHaveAttribute("lang", "de"); // before signing in
            await page.getByLabel("E-Mail").fill(EMAIL);
            await page.getByLabel("Passwort").fill(PASSWORD);
            await page.getByRole("button", { name: "Anmelden" }).click();
            await expect(page).not.toHaveURL(/\/login/);
            await page.goto("/account");
            await page.locator("select[name=language]").selectOption("de");
            await page.locator("select[name=language]").evaluate((e) => e.form.requestSubmit());
            await expect(page.locator("html")).toHaveAttribute("lang", "de");

            const { found } = await follow(page.request, server, [DEMO, "/account"], FULL ? 6 : 2);
            const words = translations(), data = recorded(), troubles = new Set();
            expect(words.size).toBeGreaterThan(4000);
            let pages = 0;
            for (const { path, status, type } of [...found.values()].flat()) {
                if (status !== 200 || !type.startsWith("text/html") || path.includes("/help"))
                    continue;
                pages++;
                const html = await (await page.request.get(server.url + path)).text();
                for (const trouble of troublesOf(path, html, words, data)) troubles.add(trouble);
            }
            expect(pages).toBeGreaterThan(150);
            expect([...troubles]).toEqual([]);

            for (const path of ["", "/risks", "/risks/R-3", "/risks/new", "/assets/A-1", "/soa",
                "/plan", "/work", "/calendar", "/notices", "/notices/settings", "/readiness",
                "/guide/6", "/profile", "/people/P-1", "/schemes/SC-1", "/log", "/approvals"]) {
                await page.goto(DEMO + path);
                await whole(page, path.length % 2 ? "desk" : "phone");
            }
        } finally {
            await server.stop();
        }
    });
