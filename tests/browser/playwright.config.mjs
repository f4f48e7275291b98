// SPDX-License-Identifier: Apache-2.0
// The browser is Debian's. One worker: its server and example company serve all files.
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "@playwright/test";

export default defineConfig({
    testDir: ".",
    testMatch: "*.spec.mjs",
    workers: 1,
    retries: 0,
    reporter: "list",
    timeout: 90_000,
    expect: { timeout: 10_000 },
    outputDir: join(process.env.CAIRN_TEST_DIR || tmpdir(), "browser-results"),
    use: {
        browserName: "chromium",
        viewport: { width: 1440, height: 900 },
        locale: "en-GB",
        actionTimeout: 10_000,
        navigationTimeout: 20_000,
        launchOptions: {
            executablePath: process.env.CAIRN_TEST_CHROMIUM || "/usr/bin/chromium",
            args: ["--no-sandbox", "--disable-dev-shm-usage"],
        },
    },
});
