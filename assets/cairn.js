// SPDX-License-Identifier: Apache-2.0
// What script adds to pages that all work without it. Loaded in the head and not deferred, so that
// the theme is set before anything is drawn. Attributes that pages use:
//   data-theme-toggle   button: light, dark, or as the system says
//   data-search         the search field that "/" goes to
//   data-key="g r"      link, button or field that these keys activate ("n", "g h", ...)
//   data-autosubmit     form that is sent when a choice in it changes
//   data-pick-all, data-pick, data-picked, data-bulk    ticking rows of a list
//   data-confirm="..."  question before a form is sent or a button works
//   data-guard          form that warns before typed text is lost
//   dialog#keys         list of keys; "?" opens it where there is no a[data-help]
"use strict";

(() => {
    const root = document.documentElement;
    const system = matchMedia("(prefers-color-scheme: dark)");
    const paper = matchMedia("print");

    function storedTheme() {
        try {
            return localStorage.getItem("theme");
        } catch {
            return null; // storage is switched off: follow the system
        }
    }

    function storeTheme(theme) {
        try {
            if (theme) localStorage.setItem("theme", theme);
            else localStorage.removeItem("theme");
        } catch {
            // the choice then holds for this page only
        }
    }

    function applyTheme(theme) {
        const screen = theme || (system.matches ? "dark" : "light");
        root.dataset.bsTheme = paper.matches ? "light" : screen;
    }

    root.classList.add("js");
    applyTheme(storedTheme());
    for (const media of [system, paper])
        media.addEventListener("change", () => applyTheme(storedTheme()));

    function toggleTheme() {
        const next = root.dataset.bsTheme === "dark" ? "light" : "dark";
        const same = next === (system.matches ? "dark" : "light");
        storeTheme(same ? null : next);
        applyTheme(next);
    }

    // --- ticking rows ---------------------------------------------------------------------------

    function boxesOf(form) {
        return [...form.querySelectorAll("input[data-pick]")];
    }

    function showPicked(form) {
        const boxes = boxesOf(form);
        const picked = boxes.filter((box) => box.checked);
        for (const box of boxes) box.closest("tr")?.classList.toggle("picked", box.checked);
        for (const bar of form.querySelectorAll("[data-bulk]"))
            bar.classList.toggle("on", picked.length > 0);
        for (const count of form.querySelectorAll("[data-picked]")) count.textContent = picked.length;
        for (const all of form.querySelectorAll("input[data-pick-all]")) {
            all.checked = boxes.length > 0 && picked.length === boxes.length;
            all.indeterminate = picked.length > 0 && picked.length < boxes.length;
        }
    }

    let lastBox = null;

    // A click with Shift ticks everything between the last tick and this one.
    function pickRange(form, box) {
        const boxes = boxesOf(form);
        const from = boxes.indexOf(lastBox);
        const to = boxes.indexOf(box);
        if (from < 0) return;
        for (const other of boxes.slice(Math.min(from, to), Math.max(from, to) + 1))
            other.checked = box.checked;
    }

    document.addEventListener("click", (event) => {
        const box = event.target.closest?.("input[data-pick]");
        if (!box?.form) return;
        if (event.shiftKey && lastBox && lastBox !== box) pickRange(box.form, box);
        lastBox = box;
        showPicked(box.form);
    });

    document.addEventListener("change", (event) => {
        const all = event.target.closest("input[data-pick-all]");
        if (all?.form) {
            for (const box of boxesOf(all.form)) box.checked = all.checked;
            showPicked(all.form);
        }
        const form = event.target.form;
        if (form && "autosubmit" in form.dataset && !("pick" in event.target.dataset))
            form.requestSubmit();
    });

    // --- forms ----------------------------------------------------------------------------------

    let unsaved = false;

    document.addEventListener("input", (event) => {
        if (event.target.form && "guard" in event.target.form.dataset) unsaved = true;
    });

    addEventListener("beforeunload", (event) => {
        if (unsaved) event.preventDefault();
    });

    document.addEventListener("submit", (event) => {
        const question = event.submitter?.dataset.confirm || event.target.dataset.confirm;
        if (question && !confirm(question)) {
            event.preventDefault();
            return;
        }
        unsaved = false;
        if (event.target.method === "post") event.target.setAttribute("aria-busy", "true");
    });

    // The browser may show this page again from its memory after "back".
    addEventListener("pageshow", () => {
        for (const form of document.querySelectorAll("form[aria-busy]")) {
            form.removeAttribute("aria-busy");
            showPicked(form);
        }
    });

    // --- menus ----------------------------------------------------------------------------------

    document.addEventListener("click", (event) => {
        if (event.target.closest("[data-theme-toggle]")) toggleTheme();
        for (const menu of document.querySelectorAll("details.menu[open]"))
            if (!menu.contains(event.target)) menu.open = false;
    });

    // Near the right edge a menu opens towards the left.
    document.addEventListener("toggle", ({ target }) => {
        const items = target.open && target.querySelector?.(":scope > .menu-items");
        if (!items || !target.matches("details.menu")) return;
        const { left, right } = items.getBoundingClientRect();
        if (right > root.clientWidth && left > 0) target.classList.add("menu-end");
    }, true);

    function closeMenu() {
        const menu = document.querySelector("details.menu[open]");
        if (!menu) return false;
        menu.open = false;
        menu.querySelector("summary").focus();
        return true;
    }

    // --- keys -----------------------------------------------------------------------------------

    let pending = "";
    let timer = 0;

    function isTyping(target) {
        return target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName);
    }

    function rows() {
        return [...document.querySelectorAll("table.list > tbody > tr")].filter((row) =>
            row.querySelector("a[href]"));
    }

    // "j" and "k" move through a list by its links, "x" ticks the row of the one in focus.
    function moveRow(step) {
        const all = rows();
        if (all.length === 0) return;
        const at = all.findIndex((row) => row.contains(document.activeElement));
        const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step;
        all[Math.max(0, Math.min(all.length - 1, next))].querySelector("a[href]").focus();
    }

    function tickRow() {
        const row = document.activeElement.closest?.("table.list > tbody > tr");
        row?.querySelector("input[data-pick]")?.click();
    }

    function activate(element) {
        if (isTyping(element)) element.focus();
        else element.click();
    }

    const fixed = {
        "/": () => document.querySelector("[data-search]")?.focus(),
        "?": () => {
            const help = document.querySelector("a[data-help]");
            if (help) help.click();
            else document.querySelector("dialog#keys")?.showModal();
        },
        j: () => moveRow(1),
        k: () => moveRow(-1),
        x: tickRow,
    };

    function forget() {
        pending = "";
        clearTimeout(timer);
    }

    document.addEventListener("keydown", (event) => {
        if (event.key === "Escape") {
            forget();
            if (closeMenu()) event.preventDefault();
            else if (event.target.matches?.("[data-search]")) event.target.blur();
            return;
        }
        if (event.ctrlKey || event.altKey || event.metaKey || event.key.length !== 1) return;
        if (isTyping(event.target) && event.target.type !== "checkbox") return;
        if (document.querySelector("dialog[open]")) return;
        const keys = pending ? pending + " " + event.key : event.key;
        const targets = [...document.querySelectorAll("[data-key]")];
        const target = targets.find((element) => element.dataset.key === keys);
        forget();
        if (target) {
            event.preventDefault();
            activate(target);
        } else if (targets.some((element) => element.dataset.key.startsWith(keys + " "))) {
            pending = keys;
            timer = setTimeout(forget, 1500);
        } else if (fixed[keys]) {
            if (document.querySelector("[data-search]") || keys !== "/") event.preventDefault();
            fixed[keys]();
        }
    });

    // --- wide tables ----------------------------------------------------------------------------

    // What can be scrolled can be reached by Tab; browsers do this by themselves only in part.
    function reachScrolled() {
        for (const box of document.querySelectorAll(".table-responsive, pre")) {
            const wide = box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight;
            if (wide) box.tabIndex = 0;
            else box.removeAttribute("tabindex");
        }
    }

    addEventListener("resize", reachScrolled);

    // --- start ----------------------------------------------------------------------------------

    document.addEventListener("DOMContentLoaded", () => {
        for (const form of document.querySelectorAll("form:has([data-pick])")) showPicked(form);
        reachScrolled();
        document.querySelector(".side-link[aria-current]")?.scrollIntoView({ block: "nearest" });
    });
})();
