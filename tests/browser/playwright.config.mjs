// SPDX-License-Identifier: Apache-2.0
// The browser is Debian's. One worker: its server and example company serve all files.
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "@playwright/test";

export default defineConfig({
    testDir: ".",
    testMatch: "*.spec.mjs",
    workers: 1,
    // One more try, since a machine under load may stall for longer than any wait here; `./dev test`
    // names what passed only then.
    retries: 1,
    reporter: "list",
    timeout: 240_000,
    expect: { timeout: 30_000 },
    outputDir: join(process.env.CAIRN_TEST_DIR || tmpdir(), "browser-results"),
    use: {
        browserName: "chromium",
        viewport: { width: 1440, height: 900 },
        locale: "en-GB",
        // A page that glides to a button is not where a click looks for it.
        contextOptions: { reducedMotion: "reduce" },
        actionTimeout: 30_000,
        navigationTimeout: 60_000,
        launchOptions: {
            executablePath: process.env.CAIRN_TEST_CHROMIUM || "/usr/bin/chromium",
            args: ["--no-sandbox", "--disable-dev-shm-usage"],
        },
    },
});
