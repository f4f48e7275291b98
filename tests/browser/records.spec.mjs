// SPDX-License-Identifier: Apache-2.0
// The life of a record on two kinds: a form that helps and refuses at the field, a reason that stays
// with the history, its number in search, text and address, its tabs, a copy, two editors, and a
// removal that is refused with what stands against it or taken back. And webhooks with their
// deliveries.
import { DEMO, expect, test } from "./world.mjs";
import { records, whole } from "./walk.mjs";

const KINDS = [
    {
        name: "asset", look: "desk", list: "assets", title: "name", label: "Name", long: "Description", prefix: "A",
        fill: async (page) => page.locator("[name=type]").selectOption("laptop"),
        initial: ["state", "in-use"],
        hint: "As people at work call it.",
        example: "Customer data in our service",
        wrong: async (page) => page.getByLabel("Reason for a lower value").fill("Copies only"),
        wrongField: "override_reason", wrongText: "Give the asset a value of its own first",
        mend: async (page) => page.getByLabel("Reason for a lower value").fill(""),
        mine: ["location", "Cellar"], theirs: ["external_id", "INV-7"],
        copied: (r) => r.type === "laptop" && r.state === "in-use",
        // A record that others refer to, and those.
        kept: async (page) => {
            const all = await records(page, "assets");
            const carried = all.find((r) => all.some((o) => o.carries.includes(r.id)));
            return [carried.number, all.find((o) => o.carries.includes(carried.id)).number];
        },
    },
    {
        name: "action", look: "phone", list: "actions", title: "title", label: "What", long: "Note", prefix: "AC",
        fill: async (page) => page.locator("[name=treatment]").selectOption({ index: 1 }),
        initial: ["priority", "medium"],
        hint: "One person who sees to it.",
        example: "Set up the backup of the booking system",
        wrong: async (page) => {
            await page.getByLabel("Start", { exact: true }).fill("2027-03-01");
            await page.getByLabel("Due", { exact: true }).fill("2027-02-01");
        },
        wrongField: "due", wrongText: "It is due before it starts",
        mend: async (page) => page.getByLabel("Due", { exact: true }).fill("2027-04-01"),
        mine: ["resources", "Two people"], theirs: ["progress", "40"],
        copied: (r) => r.priority === "medium" && r.due === "2027-04-01",
        kept: async (page) => {
            const all = await records(page, "actions");
            const first = all.find((r) => all.some((o) => o.needs.includes(r.id)));
            return [first.number, all.find((o) => o.needs.includes(first.id)).number];
        },
    },
];

const main = (page) => page.locator("main");
const save = (page) => page.getByRole("button", { name: "Save", exact: true }).click();

// A new record by its form; the address of its page.
async function create(page, kind, title) {
    await page.goto(`${DEMO}/${kind.list}/new`);
    await page.locator(`[name=${kind.title}]`).fill(title);
    await kind.fill(page);
    await page.getByRole("button", { name: /^Create/ }).click();
    await expect(page).toHaveURL(/-\d+\?m=created/);
    return new URL(page.url()).pathname;
}

for (const kind of KINDS) {
    test.describe(`one ${kind.name}`, () => {
        test.beforeEach(({ page }) => page.on("dialog", (dialog) => dialog.accept()));

        test("is made with help and examples, refused at the field, mended, and found by its number", async ({ page }) => {
            await page.goto(`${DEMO}/${kind.list}/new`);
            await expect(main(page)).toContainText(kind.hint);
            await expect(main(page)).toContainText(kind.example);
            await expect(page.locator(`[name=${kind.initial[0]}]`)).toHaveValue(kind.initial[1]);
            await page.keyboard.press("?");
            const help = page.locator("dialog#help");
            await expect(help).toBeVisible();
            await whole(page, kind.look);
            await page.keyboard.press("Escape");
            await expect(help).toBeHidden();

            await page.locator(`[name=${kind.title}]`).fill(`Walked ${kind.name}`);
            await kind.fill(page);
            await kind.wrong(page);
            await page.getByRole("button", { name: /^Create/ }).click();
            const alert = page.getByRole("alert");
            await expect(alert).toContainText(kind.wrongText);
            const field = page.locator(`[name=${kind.wrongField}]`);
            await expect(field).toHaveAttribute("aria-invalid", "true");
            await expect(page.locator(`#f-${kind.wrongField}-error`)).toContainText(kind.wrongText);
            await expect(page.locator(`[name=${kind.title}]`)).toHaveValue(`Walked ${kind.name}`);
            await alert.getByRole("link").first().click();
            await expect(field).toBeFocused();
            await whole(page, kind.look);
            await kind.mend(page);
            await page.getByRole("button", { name: /^Create/ }).click();
            await expect(page).toHaveURL(/-\d+\?m=created/);
            const address = new URL(page.url()).pathname;
            const number = address.split("/").pop();

            // A change with its reason; a number in a text is a link.
            await page.keyboard.press("e");
            await page.getByLabel(kind.long, { exact: true }).fill("It came up in R-3, see there.");
            await page.getByLabel("Reason for the change").fill("Asked by the auditor");
            await save(page);
            await expect(main(page).getByRole("link", { name: "R-3" })).toHaveAttribute("href", /\/risks\/R-3$/);
            await page.goto(`${address}?tab=history`);
            await expect(main(page)).toContainText("Asked by the auditor");
            await whole(page, kind.look);

            // The number in the search box, in whatever way it is typed; and as a short address.
            for (const text of [number, number.toLowerCase().replace("-", "")]) {
                await page.goto(`${DEMO}/risks`);
                await page.keyboard.press("/");
                await page.keyboard.type(text);
                await page.keyboard.press("Enter");
                await expect(page).toHaveURL(new RegExp(`${address}$`));
            }
            await page.goto(`${DEMO}/r/${number}`);
            await expect(page).toHaveURL(new RegExp(`${address}$`));

            // A copy is a form that somebody still looks at.
            await page.getByRole("link", { name: "Copy", exact: true }).click();
            await page.locator(`[name=${kind.title}]`).fill(`Copy of ${kind.name}`);
            await page.getByRole("button", { name: /^Create/ }).click();
            await expect(page).toHaveURL(/-\d+\?m=created/);
            const copy = (await records(page, kind.list)).find((r) => page.url().includes(`/${r.number}?`));
            expect(copy.number).not.toBe(number);
            expect(kind.copied(copy)).toBe(true);
        });

        test("has tabs that all say what they are for, and take what is given to them", async ({ page }) => {
            const address = await create(page, kind, `Tabs of one ${kind.name}`);
            const tabs = page.locator(".record-tabs ul a");
            for (let i = 0; i < (await tabs.count()); i++) {
                await tabs.nth(i).click();
                await expect(tabs.nth(i)).toHaveAttribute("aria-current", "page");
                expect((await main(page).innerText()).length).toBeGreaterThan(120);
                if (i % 2 === KINDS.indexOf(kind)) await whole(page, kind.look);
            }
            // On a phone the open tab is in sight, though it is one of the last.
            await page.setViewportSize({ width: 390, height: 844 });
            await page.goto(`${address}?tab=history`);
            await expect(page.locator(".record-tabs a.active")).toBeInViewport({ ratio: 0.9 });
            await page.setViewportSize({ width: 1440, height: 900 });

            await page.goto(`${address}?tab=evidence`);
            await page.getByText("No document needed", { exact: true }).click();
            await page.getByLabel("Title").fill(`Seen with own eyes: ${kind.name}`);
            await page.getByLabel(/Why no document is needed/).fill("Anybody can see it there.");
            await whole(page, kind.look);
            await page.getByRole("button", { name: "Add", exact: true }).click();
            await expect(main(page)).toContainText(`Seen with own eyes: ${kind.name}`);

            await page.goto(`${address}?tab=tasks`);
            await page.getByLabel("New task").fill(`Look after it: ${kind.name}`);
            await page.getByLabel("Due").fill("2026-12-31");
            await page.getByRole("button", { name: "Add", exact: true }).click();
            await expect(main(page)).toContainText(`Look after it: ${kind.name}`);
            await expect(tabs.filter({ hasText: "Tasks" }).locator(".badge")).toHaveText("1");

            await page.goto(`${address}?tab=comments`);
            await page.getByLabel("Write a comment").fill("Is that al?");
            await page.getByRole("button", { name: "Comment", exact: true }).click();
            const comment = page.locator("article.comment");
            await comment.getByRole("link", { name: "Edit" }).click();
            await page.locator("main textarea").first().fill("Is that all?");
            await whole(page, kind.look);
            await save(page);
            await expect(comment).toContainText("Is that all?");
            await comment.getByRole("link", { name: "edited" }).click();
            await expect(main(page)).toContainText("Is that al?");
            await whole(page, kind.look);
        });

        test("is saved by two people: both versions stand beside each other, and nothing is lost", async ({ page, visitor, demo }) => {
            const address = await create(page, kind, `Of two people: ${kind.name}`);
            const other = await visitor(demo);
            await other.goto(`${address}/edit`);
            await page.goto(`${address}/edit`);
            const [mine, theirs] = [kind.mine, kind.theirs];
            await other.getByLabel(kind.long, { exact: true }).fill("What they wrote");
            await other.locator(`[name=${theirs[0]}]`).fill(theirs[1]);
            await save(other);
            await expect(other).toHaveURL(/m=saved/);
            await page.getByLabel(kind.long, { exact: true }).fill("What I wrote");
            await page.locator(`[name=${mine[0]}]`).fill(mine[1]);
            await save(page);
            const row = page.locator("table.compare tbody tr");
            await expect(row).toHaveCount(1);
            await expect(row).toContainText("What they wrote");
            await expect(row).toContainText("What I wrote");
            await expect(page.locator("dl.facts")).toHaveCount(2); // what only one of them changed
            await whole(page, kind.look);
            await row.getByRole("radio", { name: "What they wrote" }).check();
            await page.getByRole("button", { name: "Save this" }).click();
            const [saved] = (await records(page, kind.list)).filter((r) => address.endsWith(`/${r.number}`));
            expect(JSON.stringify(saved)).toContain("What they wrote");
            expect(String(saved[mine[0]])).toBe(mine[1]);
            expect(String(saved[theirs[0]])).toBe(theirs[1]);
            await page.goto(`${address}?tab=history`);
            await page.getByRole("radio", { name: "from" }).last().check();
            await page.getByRole("button", { name: "Compare" }).click();
            await expect(page.locator("table.compare ins").first()).toBeVisible();
            await whole(page, kind.look);
        });

        test("stays while others refer to it, with the reason; else it goes, and comes back", async ({ page }) => {
            const [number, by] = await kind.kept(page);
            await page.goto(`${DEMO}/${kind.list}/${number}`);
            await expect(page.locator(".waiting").getByRole("link", { name: by }).first()).toBeVisible();
            await page.getByRole("link", { name: "Remove", exact: true }).click();
            await expect(page.getByRole("alert")).toContainText("cannot be removed");
            await expect(page.getByRole("alert").getByRole("link", { name: by, exact: true })).toHaveAttribute("href", new RegExp(`/${by}$`));
            await expect(page.getByRole("button", { name: /^Remove/ })).toHaveCount(0);
            await whole(page, kind.look);
            await page.getByRole("link", { name: "Back to the record" }).click();
            await expect(page).toHaveURL(new RegExp(`/${number}$`));

            const address = await create(page, kind, `Gone soon: ${kind.name}`);
            await page.getByRole("link", { name: "Remove", exact: true }).click();
            await page.getByLabel("Reason for the change").fill("Made for a test");
            await whole(page, kind.look);
            await page.getByRole("button", { name: /^Remove/ }).click();
            await expect(page.locator(".notice.success")).toContainText("Removed");
            await expect(page.locator("table.list")).not.toContainText("Gone soon");
            await page.getByRole("link", { name: "Removed", exact: true }).click();
            await expect(main(page)).toContainText(`Gone soon: ${kind.name}`);
            await whole(page, kind.look);
            await page.goBack();
            await page.getByRole("button", { name: "Undo" }).click();
            await expect(page).toHaveURL(new RegExp(`${address}\\?m=restored`));
            await expect(page.locator("h1")).toContainText(`Gone soon: ${kind.name}`);
        });
    });
}

test("a webhook is made, gets its secret once, and its deliveries are looked at", async ({ page }) => {
    await page.goto(`${DEMO}/webhooks/new`);
    await page.getByLabel("Name").fill("Door bell");
    await page.getByLabel("Address").fill("https://hooks.tarnbeck.example/bell");
    for (const box of await page.locator("main fieldset").all())
        if (await box.getByRole("checkbox").count()) await box.getByRole("checkbox").first().check();
    await whole(page);
    await page.getByRole("button", { name: /^Create/ }).click();
    await expect(main(page)).toContainText("Nothing is sent before the webhook has a secret.");
    const address = new URL(page.url()).pathname;
    await page.getByRole("button", { name: "Make the secret and switch on" }).click();
    await expect(page.locator("#secret")).toHaveText(/\S{20,}/);
    await whole(page);
    const secret = await page.locator("#secret").textContent();
    await page.goto(address);
    await expect(main(page)).not.toContainText(secret);
    await page.getByRole("button", { name: /test/i }).click();
    const row = page.locator("table.list tbody tr").first();
    await expect(row).toContainText("ping");
    await whole(page);
});
