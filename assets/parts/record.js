// SPDX-License-Identifier: Apache-2.0
// Records: what is typed into a form is kept as a draft on the server, and in this browser while
// there is no connection; fields that refer to a record suggest some while somebody types. Both work
// without script too: by the button "Save draft", and by typing a number or an exact title.
//   input[data-draft]           in a form: the address of its draft; data-draft-who: whose it is
//   input[data-find="people"]   suggests records of that kind, "*" of all kinds, in its datalist
//   data-find-many              what is chosen becomes a ticked box before the input
//   .record-tabs, svg.graph     are scrolled to the open tab and to the record in the middle
"use strict";

(() => {
    const REST = 2500; // milliseconds without typing until the draft is sent
    const RETRY = 8000;
    const KEPT = 7 * 24 * 3600 * 1000; // what never reached the server is forgotten after a week

    // --- memory of this browser -----------------------------------------------------------------

    function stored(key) {
        try {
            return JSON.parse(localStorage.getItem(key));
        } catch {
            return null;
        }
    }

    function store(key, value) {
        try {
            if (value) localStorage.setItem(key, JSON.stringify(value));
            else localStorage.removeItem(key);
        } catch {
            // switched off or full: then only the server keeps drafts
        }
    }

    function forgetOld() {
        try {
            for (const key of Object.keys(localStorage)) {
                const entry = key.startsWith("draft:") ? stored(key) : { at: Date.now() };
                if (!(entry?.at > Date.now() - KEPT)) localStorage.removeItem(key);
            }
        } catch {
            // no storage
        }
    }

    // A form that was sent is safe once the next page says so.
    function forgetSent() {
        if (!/[?&]m=(created|saved|unchanged)\b/.test(location.search)) return;
        try {
            for (const key of Object.keys(localStorage))
                if (key.startsWith("draft:") && stored(key)?.sent) localStorage.removeItem(key);
        } catch {
            // no storage
        }
    }

    // --- drafts ---------------------------------------------------------------------------------

    function bodyOf(form) {
        const body = new URLSearchParams(new FormData(form));
        body.delete("_op");
        return body;
    }

    function watchDraft(form, mark) {
        const { draft: url, draftWho: who } = mark.dataset;
        const status = form.querySelector("[data-draft-status]");
        const key = `draft:${who}:${url}`;
        let timer = 0;
        let sending = null;
        let changed = false;
        let unsent = false; // somebody pressed "Save" without a connection

        const say = (text) => {
            if (status) status.textContent = text;
        };

        // Sends the text; true when it is safe on the server.
        async function send(body) {
            sending = new AbortController();
            try {
                const answer = await fetch(url, {
                    method: "POST", body, redirect: "manual", signal: sending.signal,
                });
                return answer.ok;
            } catch {
                return false;
            } finally {
                sending = null;
            }
        }

        function later(wait) {
            clearTimeout(timer);
            timer = setTimeout(keep, wait);
        }

        async function keep() {
            const body = bodyOf(form);
            if (sending) return later(REST);
            changed = false;
            if (await send(body)) {
                store(key, null);
                unsent = false;
                say(`${status?.dataset.kept} ${new Date().toLocaleTimeString([], { timeStyle: "short" })}`);
                if (changed) later(REST);
            } else if (timer) {
                store(key, { at: Date.now(), body: body.toString() });
                say(unsent ? status?.dataset.unsent : status?.dataset.offline);
                later(RETRY);
            }
        }

        // What an earlier visit could not send.
        async function deliver(entry) {
            const body = new URLSearchParams(entry.body);
            body.set("_csrf", form.elements._csrf.value);
            if (!(await send(body))) return;
            store(key, null);
            if (form.querySelector(".draft-offer") || /[?&]draft=/.test(location.search)) return;
            const offer = document.createElement("div");
            const link = document.createElement("a");
            offer.className = "notice info mb-3 draft-offer";
            offer.setAttribute("role", "status");
            link.className = "btn btn-sm btn-primary";
            link.href = `${location.pathname}?draft=${body.get("_version") || 0}`;
            link.textContent = status?.dataset.continue;
            offer.append(`${status?.dataset.offer} `, link);
            form.prepend(offer);
        }

        form.addEventListener("input", (event) => {
            if (!event.target.name && !("find" in event.target.dataset)) return;
            changed = true;
            later(REST);
        });
        form.addEventListener("change", () => {
            changed = true;
            later(REST);
        });
        addEventListener("online", () => timer && keep());

        // Before the page's own handlers: without a connection nothing may leave the page.
        form.addEventListener("submit", (event) => {
            const body = bodyOf(form);
            if (event.submitter?.matches("[data-draft-button]")) {
                event.preventDefault();
                event.stopPropagation();
                later(0);
                return;
            }
            if (!navigator.onLine) {
                event.preventDefault();
                event.stopPropagation();
                store(key, { at: Date.now(), body: body.toString() });
                unsent = true;
                say(status?.dataset.unsent);
                later(RETRY);
                return;
            }
            clearTimeout(timer);
            timer = 0;
            sending?.abort();
            store(key, { at: Date.now(), body: body.toString(), sent: true });
        });

        const entry = stored(key);
        if (entry && "draftPosted" in mark.dataset) store(key, null);
        else if (entry) deliver(entry);
    }

    // --- suggestions ----------------------------------------------------------------------------

    const base = /^\/o\/[^/]+/.exec(location.pathname)?.[0];

    function listOf(input) {
        return document.getElementById(input.getAttribute("list"));
    }

    function optionFor(input) {
        return [...(listOf(input)?.options || [])].find((one) => one.value === input.value);
    }

    function showFound(input, title) {
        let hint = input.parentElement.querySelector("[data-found]");
        if (!hint) {
            hint = document.createElement("div");
            hint.className = "form-hint";
            hint.dataset.found = "";
            hint.setAttribute("role", "status");
            listOf(input).after(hint);
        }
        hint.textContent = title;
    }

    function addBox(input, option) {
        const box = document.createElement("input");
        const label = document.createElement("label");
        const text = document.createElement("span");
        const same = [...input.form.elements].find(
            (one) => one.type === "checkbox" && one.name === input.name && one.value === option.value);
        if (same) {
            same.checked = true;
        } else {
            Object.assign(box, { type: "checkbox", name: input.name, value: option.value, checked: true });
            box.className = "form-check-input";
            text.className = "form-check-label";
            text.textContent = option.textContent;
            label.className = "form-check";
            label.append(box, text);
            input.before(label);
        }
        input.value = "";
    }

    const asked = new WeakMap(); // input -> running question

    async function suggest(input) {
        const query = new URLSearchParams({ q: input.value.trim().slice(0, 100) });
        if (input.dataset.find !== "*") query.set("kind", input.dataset.find);
        asked.get(input)?.abort();
        const question = new AbortController();
        asked.set(input, question);
        try {
            const answer = await fetch(`${base}/pick?${query}`, { signal: question.signal });
            if (!answer.ok) return;
            const { items } = await answer.json();
            listOf(input)?.replaceChildren(...items.map((one) => {
                const option = document.createElement("option");
                option.value = one.number;
                option.textContent = one.title;
                return option;
            }));
        } catch {
            // another question came, or there is no connection: typing a number still works
        }
    }

    let pause = 0;

    document.addEventListener("input", (event) => {
        const input = event.target;
        if (!base || !("find" in (input.dataset || {}))) return;
        const option = optionFor(input);
        clearTimeout(pause);
        if (option && "findMany" in input.dataset) addBox(input, option);
        else if (option) showFound(input, option.textContent);
        else if (input.value.trim()) pause = setTimeout(() => suggest(input), 150);
    });

    // --- what is wider than a phone ---------------------------------------------------------------

    function bringIn(selector) {
        const part = document.querySelector(selector);
        const box = part?.closest(".record-tabs > ul, .graph-box");
        if (!box) return;
        const [inner, outer] = [part.getBoundingClientRect(), box.getBoundingClientRect()];
        box.scrollLeft += inner.left + inner.width / 2 - (outer.left + outer.width / 2);
    }

    // --- start ----------------------------------------------------------------------------------

    document.addEventListener("DOMContentLoaded", () => {
        bringIn(".record-tabs .nav-link.active");
        bringIn(".graph-middle");
        forgetOld();
        forgetSent();
        for (const mark of document.querySelectorAll("input[data-draft]")) watchDraft(mark.form, mark);
    });
})();
