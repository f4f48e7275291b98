// SPDX-License-Identifier: Apache-2.0
// What the browser tests share: servers of their own, signed-in pages, and a watch over each page
// that fails the test when the browser complains.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as base, expect } from "@playwright/test";

export { expect };
export const FULL = Boolean(process.env.CAIRN_TEST_FULL);
export const PROGRAM = process.env.CAIRN_BIN || "build/cairn";
export const EMAIL = "ada@example.com";
export const PASSWORD = "correct horse battery staple";
export const DEMO = "/o/tarnbeck";

const environment = { ...process.env, CAIRN_TEST_CHEAP_HASH: "1" };
for (const name of ["CAIRN_DATA", "CAIRN_DATABASE", "CAIRN_TEST_UNSAFE"]) delete environment[name];

export function run(words, input = "") {
    const done = spawnSync(PROGRAM, words, { input, env: environment, encoding: "utf8" });
    if (done.status !== 0)
        throw new Error(`cairn ${words.join(" ")} gave ${done.status}: ${done.stderr}${done.stdout}`);
    return done.stdout;
}

// A store in a folder of its own and a server for it. `init` are the words after "--data DIR", or
// null for a store without any account: then `setup` is the link that the start prints.
export async function startServer(init, input = "") {
    const folder = mkdtempSync(join(process.env.CAIRN_TEST_DIR || tmpdir(), "browser-"));
    const data = join(folder, "data");
    const told = init ? run(["init", "--data", data, ...init], input) : "";
    const server = { data, told, errors: "" };
    let child;
    const start = async () => {
        child = spawn(PROGRAM, ["serve", "--data", data, "--listen", "127.0.0.1:0"], {
            env: environment, stdio: ["ignore", "pipe", "pipe"],
        });
        server.url = await new Promise((done, fail) => {
            let out = "";
            // The two streams come as they like: without an account the link has to be there too.
            const look = () => {
                const address = /listening on (http:\S+)\n/.exec(out);
                if (address && (init || /\/setup\/\S+\n/.test(server.errors))) done(address[1]);
            };
            child.stderr.setEncoding("utf8").on("data", (text) => {
                server.errors += text;
                look();
            });
            child.stdout.setEncoding("utf8").on("data", (text) => {
                out += text;
                look();
            });
            child.on("error", fail);
            child.on("exit", (status) =>
                fail(new Error(`the server ended (${status}): ${server.errors}`)));
        });
    };
    // The sanitizers speak through the exit status.
    const end = async () => {
        const ended = new Promise((done) => child.once("exit", done));
        if (child.exitCode === null) child.kill("SIGTERM");
        const status = child.exitCode ?? (await ended);
        if (status !== 0) throw new Error(`the server ended with ${status}: ${server.errors}`);
    };
    await start();
    server.setup = () => server.errors.match(/http:\S+\/setup\/\S+/g)?.at(-1); // of the last start
    server.restart = async () => {
        await end();
        await start();
    };
    server.stop = async () => {
        await end();
        rmSync(folder, { recursive: true, force: true });
    };
    return server;
}

// Everything the browser complains about, as sentences. Answers that a test provokes on purpose
// (422, 409, ...) and lost connections are logged by the browser as failed loads; those are not
// complaints.
export function watch(page) {
    const complaints = [];
    page.on("console", (message) => {
        const text = message.text();
        const provoked = /^Failed to load resource: (.* 4\d\d |net::ERR_INTERNET_DISCONNECTED)/;
        if (message.type() === "error" && !provoked.test(text))
            complaints.push(`console: ${text} (${page.url()})`);
    });
    page.on("pageerror", (error) => complaints.push(`script error: ${error} (${page.url()})`));
    page.on("response", (answer) => {
        if (answer.status() >= 500) complaints.push(`${answer.status()} for ${answer.url()}`);
    });
    return complaints;
}

export async function signIn(page, server, email = EMAIL, password = PASSWORD) {
    await page.goto(`${server.url}/login`);
    await page.getByLabel("E-mail").fill(email);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page).not.toHaveURL(/\/login/);
}

// What the example company has none of yet: a task, a piece of evidence, a link, an import.
function furnish(data) {
    const add = (kind, table) => run(["import", kind, "-", "--data", data], table);
    add("tasks", "title,assignee,due,about\nCompare accounts with staff,P-3,2026-12-05,R-3\n");
    add("causes", "title,kind\nA break-in at the office,incident\n");
    add("links", "from,kind,to,why\nR-3,relates,R-4,One brings the other\n");
    run(["evidence", "add", "--data", data, "--record", "R-3", "README.md"]);
}

// `demo`: the example company, one server for the whole run. `page`: signed in there. `visitor`:
// makes further pages of their own context. Every page is watched.
export const test = base.extend({
    demo: [
        async ({ browser }, use) => {
            const words = ["--admin", EMAIL, "--password-stdin", "--demo"];
            const server = await startServer(words, `${PASSWORD}\n`);
            furnish(server.data);
            await server.restart(); // a server that ends signs its log: the pages show signatures
            const context = await browser.newContext();
            await signIn(await context.newPage(), server);
            server.state = await context.storageState();
            await context.close();
            await use(server);
            await server.stop();
        },
        { scope: "worker", timeout: 120_000 },
    ],
    visitor: async ({ browser }, use, info) => {
        const contexts = [];
        const complaints = [];
        await use(async (server, options = {}) => {
            const { viewport, locale, contextOptions } = info.project.use;
            const context = await browser.newContext({
                ...contextOptions, viewport, locale, baseURL: server.url,
                storageState: server.state, ...options,
            });
            contexts.push(context);
            context.setDefaultTimeout(info.project.use.actionTimeout);
            context.setDefaultNavigationTimeout(info.project.use.navigationTimeout);
            const page = await context.newPage();
            complaints.push(watch(page));
            return page;
        });
        for (const context of contexts) await context.close();
        expect(complaints.flat(), "complaints of the browser").toEqual([]);
    },
    page: async ({ demo, visitor }, use) => {
        await use(await visitor(demo));
    },
});
