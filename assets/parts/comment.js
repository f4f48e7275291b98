// SPDX-License-Identifier: Apache-2.0
// Comments: preview beside the text and a picker of names after "@". Without script the preview is
// a page of its own and names are typed.
//   button[data-preview]     sends its form to its formaction and shows the answer in the
//                            [data-preview-into] of its field or of the form
//   textarea[data-names]     address that answers names for "&q="
"use strict";

(() => {
    // --- preview --------------------------------------------------------------------------------

    // Beside the text when the button stands there, else the only one of the form.
    function place(button) {
        return (button.closest(".field") || button.form)?.querySelector("[data-preview-into]");
    }

    async function preview(button) {
        const into = place(button);
        const form = new FormData(button.form);
        form.set("_part", "1");
        if (button.name) form.set(button.name, button.value);
        button.setAttribute("aria-busy", "true");
        try {
            const answer = await fetch(button.formAction, {
                method: "POST",
                body: new URLSearchParams(form),
                headers: { "X-Requested-With": "fetch" },
            });
            const text = await answer.text();
            // The server escapes what people wrote; a refusal is a whole page and is not shown.
            if (answer.ok) into.innerHTML = text;
            else into.textContent = "—";
            into.hidden = false;
        } catch {
            button.form.requestSubmit(button); // no connection: the page of the browser says it
        } finally {
            button.removeAttribute("aria-busy");
        }
    }

    document.addEventListener("click", (event) => {
        const button = event.target.closest?.("button[data-preview]");
        if (!button?.form || !place(button)) return;
        event.preventDefault();
        preview(button);
    });

    // --- names ----------------------------------------------------------------------------------

    let area = null; // the text that names are looked up for
    let list = null; // the open list
    let timer = 0;
    let asked = 0; // only the newest answer counts

    function close() {
        clearTimeout(timer);
        asked++;
        list?.remove();
        list = null;
        area?.removeAttribute("aria-activedescendant");
        area?.removeAttribute("aria-controls");
    }

    // What stands between "@" and the cursor, or null.
    function begun(text) {
        const match = /(^|[\s([{>,;:!?"'])@([^\s@][^@\n]{0,40})?$/.exec(text);
        return match ? match[2] || "" : null;
    }

    function choose(item) {
        const before = area.value.slice(0, area.selectionStart);
        const at = before.lastIndexOf("@");
        area.setRangeText(`@${item.dataset.name} `, at, area.selectionStart, "end");
        area.focus();
        close();
    }

    function select(item) {
        for (const other of list.children) other.setAttribute("aria-selected", other === item);
        area.setAttribute("aria-activedescendant", item.id);
        item.scrollIntoView({ block: "nearest" });
    }

    function show(people) {
        close();
        if (people.length === 0) return;
        list = document.createElement("ul");
        list.className = "names";
        list.id = `${area.id}-names`;
        list.setAttribute("role", "listbox");
        list.setAttribute("aria-label", "@");
        people.forEach((person, i) => {
            const item = document.createElement("li");
            item.id = `${list.id}-${i}`;
            item.setAttribute("role", "option");
            item.dataset.name = person.unique ? person.name : person.number;
            item.append(person.name);
            if (person.job) {
                const job = document.createElement("span");
                job.className = "mute";
                job.textContent = ` ${person.job}`;
                item.append(job);
            }
            list.append(item);
        });
        area.after(list);
        area.setAttribute("aria-controls", list.id);
        select(list.firstElementChild);
    }

    async function look(text) {
        const mine = ++asked;
        try {
            const answer = await fetch(`${area.dataset.names}&q=${encodeURIComponent(text)}`);
            const people = answer.ok ? await answer.json() : [];
            if (mine !== asked) return;
            for (const one of people)
                one.unique = people.filter((other) => other.name === one.name).length === 1;
            show(people);
        } catch {
            close();
        }
    }

    document.addEventListener("input", (event) => {
        const target = event.target;
        if (!target.matches?.("textarea[data-names]")) return;
        const text = begun(target.value.slice(0, target.selectionStart));
        close();
        area = target;
        if (text !== null) timer = setTimeout(() => look(text), 120);
    });

    document.addEventListener(
        "keydown",
        (event) => {
            if (!list || event.target !== area) return;
            const now = list.querySelector("[aria-selected=true]");
            if (event.key === "ArrowDown") select(now.nextElementSibling || list.firstElementChild);
            else if (event.key === "ArrowUp")
                select(now.previousElementSibling || list.lastElementChild);
            else if (event.key === "Enter" || event.key === "Tab") choose(now);
            else if (event.key === "Escape") close();
            else return;
            event.preventDefault();
            event.stopPropagation();
        },
        true,
    );

    document.addEventListener("mousedown", (event) => {
        const item = event.target.closest?.("ul.names > li");
        if (item && list?.contains(item)) {
            event.preventDefault();
            choose(item);
        } else if (list) close();
    });

    document.addEventListener("focusout", (event) => {
        if (list && event.target === area) close();
    });

    // --- the comment that the address names -----------------------------------------------------

    function unfold() {
        const target = location.hash.startsWith("#CM-") && document.querySelector(location.hash);
        const folded = target && target.closest("details:not([open])");
        if (!folded) return;
        folded.open = true;
        target.scrollIntoView();
    }

    addEventListener("hashchange", unfold);
    document.addEventListener("DOMContentLoaded", unfold);
})();
