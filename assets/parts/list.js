// SPDX-License-Identifier: Apache-2.0
// Lists: what script adds to them. All of it works without, by links and forms. Attributes:
//   form[data-ticks]    ticked rows, kept while one pages through this list; [data-elsewhere] says
//                       that some are on other pages, [data-untick] forgets them, [data-all] = all
//   form[data-tidy]     is sent without its empty fields, so that addresses stay short
//   a[data-fold]        folds the group below it
//   table[data-edit]    rows whose record may be edited: "e" on a row
//   input[data-do]      ticks itself when the field that it stands for is filled in
"use strict";

(() => {
    // --- ticks across pages -------------------------------------------------------------------------

    function store(form) {
        // Another filter is another list: its ticks are its own.
        const query = form.querySelector("input[name=query]")?.value || "";
        return `ticks:${location.pathname}?${query}`;
    }

    function kept(form) {
        try {
            return new Set(JSON.parse(sessionStorage.getItem(store(form)) || "[]"));
        } catch {
            return new Set(); // storage is switched off: ticks hold for this page
        }
    }

    function keep(form, ids) {
        try {
            if (ids.size) sessionStorage.setItem(store(form), JSON.stringify([...ids]));
            else sessionStorage.removeItem(store(form));
        } catch {
            // as above
        }
    }

    const boxesOf = (form) => [...form.querySelectorAll("input[data-pick]")];

    // What is ticked elsewhere is sent along, and told.
    function showElsewhere(form) {
        const here = new Set(boxesOf(form).map((box) => box.value));
        const others = [...kept(form)].filter((id) => !here.has(id));
        for (const input of form.querySelectorAll("input[data-kept]")) input.remove();
        for (const id of others) {
            const input = document.createElement("input");
            input.type = "hidden";
            input.name = "id[]";
            input.value = id;
            input.dataset.kept = "";
            form.append(input);
        }
        const picked = boxesOf(form).filter((box) => box.checked).length;
        const all = form.querySelector("input[data-all]")?.checked;
        for (const part of form.querySelectorAll("[data-elsewhere]")) part.hidden = !others.length;
        for (const count of form.querySelectorAll("[data-picked]"))
            count.textContent = picked + others.length;
        for (const bar of form.querySelectorAll("[data-bulk]"))
            bar.classList.toggle("on", picked + others.length > 0 || Boolean(all));
    }

    function remember(form) {
        const ids = kept(form);
        for (const box of boxesOf(form)) {
            if (box.checked) ids.add(box.value);
            else ids.delete(box.value);
        }
        keep(form, ids);
        showElsewhere(form);
    }

    function restore(form) {
        const ids = kept(form);
        for (const box of boxesOf(form)) if (ids.has(box.value)) box.checked = true;
        remember(form);
    }

    // After the handlers of the page's own script, which tick ranges and whole pages.
    function later(form) {
        if (form && "ticks" in form.dataset) queueMicrotask(() => remember(form));
    }

    document.addEventListener("click", (event) => {
        if (event.target.closest?.("input[data-pick]")) later(event.target.form);
        const untick = event.target.closest?.("[data-untick]");
        if (untick) {
            keep(untick.form, new Set());
            for (const box of boxesOf(untick.form)) box.checked = false;
            remember(untick.form);
        }
    });

    document.addEventListener("change", (event) => {
        if (event.target.matches("input[data-pick-all], input[data-all]")) later(event.target.form);
    });

    document.addEventListener("submit", (event) => {
        const form = event.target;
        if ("ticks" in form.dataset) keep(form, new Set());
        if ("tidy" in form.dataset)
            for (const field of form.elements) if (field.name && !field.value) field.disabled = true;
    });

    addEventListener("pageshow", () => {
        for (const field of document.querySelectorAll("form[data-tidy] :disabled"))
            field.disabled = false;
    });

    // --- groups -------------------------------------------------------------------------------------

    document.addEventListener("click", (event) => {
        const link = event.target.closest?.("a[data-fold]");
        if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
        const rows = [...link.closest("tbody").querySelectorAll("tr:not(.group-head)")];
        if (!rows.length) return; // folded by the server: it has the rows
        event.preventDefault();
        const open = link.getAttribute("aria-expanded") === "true";
        link.setAttribute("aria-expanded", String(!open));
        for (const row of rows) row.hidden = open;
    });

    // --- changing several at once -------------------------------------------------------------------

    function follow(event) {
        const field = event.target.closest?.(".bulk-field");
        if (field && !("do" in event.target.dataset))
            field.querySelector("input[data-do]").checked = true;
    }

    document.addEventListener("input", follow);
    document.addEventListener("change", follow);

    // --- keys ---------------------------------------------------------------------------------------

    const typing = (target) =>
        target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName);

    // "e" edits the record of the row in focus, "o" opens it.
    document.addEventListener("keydown", (event) => {
        if (event.ctrlKey || event.altKey || event.metaKey) return;
        if (event.key !== "e" && event.key !== "o") return;
        if (typing(event.target) && event.target.type !== "checkbox") return;
        if (document.querySelector("dialog[open]")) return;
        const row = document.activeElement.closest?.("table.list > tbody > tr");
        const link = row?.querySelector(".list-main a[href]");
        if (!link) return;
        if (event.key === "e" && !row.closest("table[data-edit]")) return;
        event.preventDefault();
        if (event.key === "o") link.click();
        else location.assign(link.pathname + "/edit");
    });

    document.addEventListener("DOMContentLoaded", () => {
        for (const form of document.querySelectorAll("form[data-ticks]")) restore(form);
    });
})();
