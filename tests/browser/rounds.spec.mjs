// SPDX-License-Identifier: Apache-2.0
// The whole life of a risk assessment by two people: a first method of five levels and a second one
// of three, impact-weighted and with an axis of its own, three frozen rounds, and what lies between
// them. Everything by hand, in an organisation that begins empty.
import { EMAIL, PASSWORD, expect, run, signIn, startServer, test } from "./world.mjs";

const ORG = "/o/moor";
const BEN = "ben@example.com";
const HIS = "another long enough sentence";

const RISKS = [
    // title, likelihood, impact of the first round
    ["Mail is read by others", 4, 4],
    ["Backup cannot be restored", 3, 5],
    ["Office is flooded", 1, 4],
    ["Old server fails", 4, 3],
    ["Test data leaks", 2, 3],
];

async function press(page, name) {
    await page.getByRole("button", { name, exact: true }).click();
}

async function saved(page) {
    await expect(page.locator(".notice.success").first()).toBeVisible();
}

// --- people ---

async function inviteBen(page, visitor, server) {
    await page.goto(`${ORG}/people/new`);
    await page.locator("[name=name]").fill("Ben Holt");
    await page.locator("[name=email]").fill(BEN);
    await page.getByRole("button", { name: /^Create/ }).click();
    await saved(page);
    const person = /P-\d+/.exec(page.url())[0];
    for (const role of ["top-management", "risk-owner"]) {
        await page.goto(`${ORG}/roles/new?person=${person}&from_date=2026-01-01`);
        await page.locator("[name=role]").selectOption(role);
        await page.getByRole("button", { name: /^Create/ }).click();
        await saved(page);
    }
    await page.goto(`${ORG}/people/${person}`);
    await press(page, "Invite to sign in");
    const link = await page.locator("main code").textContent();
    const ben = await visitor(server, { storageState: undefined });
    await ben.goto(new URL(link).pathname);
    await ben.getByLabel(/password/i).first().fill(HIS);
    await ben.getByRole("button", { name: /account|password|join/i }).click();
    return { ben, person };
}

// --- method ---

async function submitMethod(page, version) {
    await page.goto(`${ORG}/methods/${version}`);
    await press(page, "Submit for approval");
    await expect(page.locator("main")).toContainText("Submitted");
}

async function approveMethod(page, version) {
    await page.goto(`${ORG}/methods/${version}`);
    await press(page, "Approve this version");
    await expect(page.locator("main")).toContainText("Approved by Ben Holt");
}

// --- the register ---

async function enterRisks(page, owner) {
    for (const [title] of RISKS) {
        await page.goto(`${ORG}/risks/new`);
        await page.locator("[name=title]").fill(title);
        await page.locator("select[name=owner]").selectOption({ label: owner });
        await page.locator("main [name='properties[]'][value=c]").check();
        await page.getByRole("button", { name: /^Create|^Save/ }).first().click();
        await expect(page).toHaveURL(/\/risks\/R-\d+/);
    }
}

// Types likelihood, impact and reason of each risk, as in a spreadsheet.
async function typeScores(page, scores, kind = "current") {
    await page.goto(`${ORG}/risks/grid?state=open&sort=number&by=impact&tab=${kind}`);
    for (const [number, likelihood, impact, reason] of scores) {
        const row = page.locator("tr[data-row]", { hasText: new RegExp(`R-${number}\\b`) });
        await row.locator("input[data-most]").first().focus();
        await page.keyboard.type(`${likelihood}${impact}`);
        await page.keyboard.type(reason);
    }
    await press(page, "Save the scores");
    await expect(page.locator("main")).toContainText(`${scores.length} rows are saved.`);
}

// --- rounds ---

async function beginRound(page, title) {
    await page.goto(`${ORG}/assessments/new`);
    await page.locator("[name=title]").fill(title);
    await page.locator("[name=started]").fill("2026-03-02");
    await page.locator("[name=scope]").fill("The whole company");
    await page.getByRole("button", { name: /^Create/ }).click();
    await saved(page);
    return /AS-\d+/.exec(page.url())[0];
}

async function closeRound(page, round) {
    await page.goto(`${ORG}/assessments/${round}`);
    await press(page, "Close and freeze the register");
    await expect(page.locator("main")).toContainText(/frozen/i);
}

async function compareRounds(page, older, newer) {
    await page.goto(`${ORG}/assessments/compare?older=${older}&newer=${newer}`);
}

// The second assessor scores without the first score; both agree where they differ.
async function blindScores(page, ben) {
    await ben.goto(`${ORG}/risks?state=open`);
    await expect(ben.locator("main")).toContainText("hidden until you have scored");
    expect((await ben.goto(`${ORG}/risks/R-4`)).status()).toBe(403);
    await expect(ben.locator("main")).toContainText("without seeing the first score");
    await ben.goto(`${ORG}/risks/ranking`);
    await expect(ben.locator("main")).not.toContainText("Old server fails");
    for (const [number, likelihood, impact] of [[4, 2, 2], [5, 2, 3]]) {
        await ben.goto(`${ORG}/ratings`);
        await ben.getByRole("link", { name: `R-${number} ` }).click();
        await ben.locator("[name=likelihood]").selectOption(String(likelihood));
        await ben.locator("[name=impact]").selectOption(String(impact));
        await ben.locator("[name=rationale]").fill("As I know it from my last company.");
        await press(ben, "Submit the second score");
        await expect(ben.locator("main")).toContainText(number === 4 ? "2 levels apart" : "agree");
    }
    await page.goto(`${ORG}/assessments/AS-1/calibration`);
    await expect(page.locator("main")).toContainText("2 pairs: 1 the same, 0 one level apart, 1 more");
    await expect(page.locator("tr", { hasText: "Old server fails" })).toContainText("Not agreed yet");
}

// One risk becomes smaller, one is new, one is over; the others stay as they are.
async function change(page) {
    await typeScores(page, [[1, 2, 4, "Second factor since May"]]);
    await page.goto(`${ORG}/risks/R-3`);
    await page.getByLabel("Why it no longer matters").fill("We moved to the third floor");
    await press(page, "Close the risk");
    await page.goto(`${ORG}/risks/new`);
    await page.locator("[name=title]").fill("Orders are forged");
    await page.locator("select[name=owner]").selectOption({ label: "Ben Holt" });
    await page.locator("main [name='properties[]'][value=i]").check();
    await page.getByRole("button", { name: /^Create|^Save/ }).first().click();
    await typeScores(page, [[6, 3, 3, "Once at a customer"]]);
}

// Three levels, the impact counts double in the matrix, and authenticity is an axis of its own. What
// was 4 or 5 becomes 3, 2 and 3 become 2.
async function secondMethod(page) {
    await page.goto(`${ORG}/methods/M-1`);
    await press(page, "New version");
    await page.getByText("Start from ready-made scales").click();
    await page.getByLabel("Three levels, for small organisations").check();
    await press(page, "Take these scales");
    await page.goto(`${ORG}/methods/M-2/scales`);
    await press(page, "Add an axis");
    await page.locator("[name='a.8.label']").fill("Authenticity");
    await page.locator("[name='a.8.1.text']").fill("nobody doubts who wrote it");
    await page.locator("[name='a.8.2.text']").fill("single doubts that are cleared in a day");
    await page.locator("[name='a.8.3.text']").fill("forged orders were carried out");
    await page.locator("[name='a.8.weight']").fill("2");
    await press(page, "Save the scales");
    await saved(page);
    await page.goto(`${ORG}/methods/M-2/edit`);
    await page.locator("[name=impact_rule]").selectOption("weighted");
    await page.locator("[name=acceptance]").fill("6");
    await press(page, "Save");
    await saved(page);
    await page.goto(`${ORG}/methods/M-2/matrix`);
    await press(page, "Fill: impact counts more");
    const cell = (l, i) =>
        page.getByLabel(`Score of likelihood ${l}, impact ${i}`, { exact: true }).inputValue();
    expect(Number(await cell(1, 3))).toBeGreaterThan(Number(await cell(3, 1)));
    await press(page, "Save the matrix");
    await saved(page);
    await page.goto(`${ORG}/methods/M-2/moves`);
    await expect(page.locator("tr", { hasText: "R-1 Mail is read by others" }))
        .toContainText("above it now");
    await expect(page.locator("main")).toContainText("5 open risks. Band changes: 4.");
    await submitMethod(page, "M-2");
}

// An impact along axes of the new method: (1 x integrity 1 + 2 x authenticity 3) / 3 is 2.
async function judgeByAxes(page) {
    await page.goto(`${ORG}/risks/R-6/score`);
    const current = page.locator("fieldset.group").nth(1);
    await current.getByText("Impact per axis").click();
    await current.getByLabel("Integrity").selectOption("i=1");
    await current.getByLabel("Authenticity").selectOption("authenticity=3");
    await page.locator("[name=current_impact]").selectOption("");
    await page.locator("[name=rationale]").fill("Signed orders were forged at a customer");
    await press(page, "Save the scores");
    await expect(page.locator("main")).toContainText("the weighted mean of Integrity 1, Authenticity 3");
}

const differences = (page) => page.getByRole("region", { name: "Differences" });

// What became smaller, came and went, with the reasons that were given; the rest is unchanged.
async function firstDifferences(page, older, newer) {
    await compareRounds(page, older, newer);
    const main = page.locator("main");
    for (const [what, count] of [["New", 1], ["Gone", 1], ["Changed", 1], ["Unchanged", 3]])
        await expect(main.getByRole("link", { name: `${what} ${count}`, exact: true })).toBeVisible();
    const row = (title) => differences(page).locator("tr", { hasText: title });
    await expect(row("Mail is read by others")).toContainText("16 High (4 × 4)");
    await expect(row("Mail is read by others")).toContainText("8 Medium (2 × 4)");
    await expect(row("Mail is read by others")).toContainText("Second factor since May");
    await expect(row("Office is flooded")).toContainText("Gone");
    await expect(row("Office is flooded")).toContainText("We moved to the third floor");
    await expect(row("Orders are forged")).toContainText("New");
    await expect(row("Old server fails")).toHaveCount(0);
}

// Every level moved with the method, and the page says so; one was judged anew.
async function differencesOfMethod(page, older, newer) {
    await compareRounds(page, older, newer);
    await expect(page.locator("main")).toContainText("different versions of the risk method");
    const row = (title) => differences(page).locator("tr", { hasText: title });
    await expect(row("Backup cannot be restored")).toContainText("15 High (3 × 5)");
    await expect(row("Backup cannot be restored")).toContainText("(2 × 3)");
    await expect(row("Backup cannot be restored")).toContainText("new version M-2");
    await expect(row("Orders are forged")).toContainText("Authenticity 3");
    await expect(row("Office is flooded")).toHaveCount(0);
}

// Frozen levels come out the same when they are computed again, on the page and by command.
async function sameNumbers(page, server, rounds) {
    await page.goto(`${ORG}/assessments/trend`);
    await expect(page.locator("svg.curve rect").first()).toBeVisible();
    await expect(page.locator("main tbody tr")).toHaveCount(rounds.length);
    for (const round of rounds) {
        await page.goto(`${ORG}/assessments/${round}?again=1`);
        await expect(page.locator("main")).toContainText("all levels are the same");
    }
    const told = run(["assessment", "rerun", "--data", server.data]);
    for (const round of rounds) expect(told).toContain(round);
    const compared = run(["assessment", "compare", rounds[0], rounds[1], "--data", server.data]);
    expect(compared).toMatch(/new\D*1/i);
}

test("two assessors, two methods, three rounds", async ({ visitor }) => {
    const server = await startServer(
        ["--admin", EMAIL, "--password-stdin", "--name", "Moor"], `${PASSWORD}\n`);
    try {
        const page = await visitor(server, { storageState: undefined });
        await signIn(page, server);
        const { ben } = await inviteBen(page, visitor, server);
        await submitMethod(page, "M-1");
        await approveMethod(ben, "M-1");
        await enterRisks(page, "Ben Holt");
        await typeScores(page, RISKS.map(([, l, i], n) => [n + 1, l, i, `Reason ${n + 1}`]));
        const one = await beginRound(page, "Spring");
        await page.getByLabel("Second assessor").fill("Ben Holt");
        await page.getByLabel("Share in percent").fill("40");
        await page.getByLabel("Seed").fill("moor");
        await press(page, "Draw risks for a second score");
        await blindScores(page, ben);
        await closeRound(page, one);

        await change(page);
        const two = await beginRound(page, "Summer");
        await closeRound(page, two);
        await secondMethod(page);
        await approveMethod(ben, "M-2");
        await judgeByAxes(page);
        const three = await beginRound(page, "Autumn");
        await closeRound(page, three);

        await firstDifferences(page, one, two);
        await differencesOfMethod(page, two, three);
        await sameNumbers(page, server, [one, two, three]);
    } finally {
        await server.stop();
    }
});
