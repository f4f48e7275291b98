// SPDX-License-Identifier: Apache-2.0
// Files of a form are sent as soon as they are chosen or dropped, piece by piece, with their
// progress shown; a broken connection is taken up again where it broke, even after the page was
// loaded anew and the same file chosen again. The form itself then only names the uploads. Without
// script the form sends its files as it is.
//   form[data-uploads][data-most]   where uploads begin; bytes of a file at most
//   [data-drop]                     takes dropped files; holds the input and ul[data-upload-list]
"use strict";

(() => {
    const PIECE = 16 * 1024 * 1024;
    const MOST_TRIES = 40;
    const running = new Map(); // form -> uploads that are not finished
    const shown = []; // all uploads of this page

    const wait = (ms) => new Promise((done) => {
        const timer = setTimeout(done, ms);
        addEventListener("online", () => { clearTimeout(timer); done(); }, { once: true });
    });

    // --- what is remembered of an upload, so that it can go on after a reload ----------------------

    const keyOf = (form, file) =>
        `upload ${form.dataset.uploads} ${file.name} ${file.size} ${file.lastModified}`;

    function recall(key) {
        try {
            return localStorage.getItem(key);
        } catch {
            return null;
        }
    }

    function remember(key, address) {
        try {
            if (address) localStorage.setItem(key, address);
            else localStorage.removeItem(key);
        } catch {
            // then it begins anew after a reload
        }
    }

    // --- talking to the server --------------------------------------------------------------------

    class Refused extends Error {}

    // The sentence of an error page.
    function sentence(html, status) {
        const page = new DOMParser().parseFromString(html, "text/html");
        return page.querySelector("h1 + p")?.textContent || `The server answered ${status}.`;
    }

    async function begin(form, file) {
        const body = new URLSearchParams({
            _csrf: form.elements._csrf.value, _op: crypto.randomUUID(),
            filename: file.name, size: file.size,
        });
        const answer = await fetch(form.dataset.uploads, { method: "POST", body });
        if (answer.status >= 500 && answer.status !== 507) throw new Error("try again");
        if (answer.status !== 201) throw new Refused(sentence(await answer.text(), answer.status));
        return answer.json();
    }

    async function ask(address) {
        const answer = await fetch(address, { headers: { Accept: "application/json" } });
        if (answer.status === 404) return null;
        if (!answer.ok) throw new Error("try again");
        return answer.json();
    }

    function send(upload, from) {
        const { form, file, state } = upload;
        return new Promise((done, fail) => {
            const request = new XMLHttpRequest();
            upload.request = request;
            request.open("PATCH", state.address);
            request.setRequestHeader("Content-Type", "application/partial-upload");
            request.setRequestHeader("Upload-Offset", String(from));
            request.setRequestHeader("X-CSRF-Token", form.elements._csrf.value);
            request.upload.onprogress = (event) => show(upload, from + event.loaded);
            request.onerror = request.onabort = () => fail(new Error("try again"));
            request.onload = () => {
                if (request.status === 204)
                    done(Number(request.getResponseHeader("Upload-Offset")));
                else if ([409, 500, 502, 503, 504].includes(request.status))
                    fail(new Error("try again"));
                else
                    fail(new Refused(sentence(request.responseText, request.status)));
            };
            request.send(file.slice(from, from + PIECE));
        });
    }

    async function sendAll(upload) {
        const { form, file } = upload;
        const key = keyOf(form, file);
        let tries = 0;
        let offset = -1; // not known
        let address = recall(key);
        while (offset !== file.size) {
            if (upload.cancelled) return;
            try {
                if (offset < 0) {
                    upload.state = address ? await ask(address) : null;
                    if (!upload.state) upload.state = await begin(form, file);
                    address = upload.state.address;
                    remember(key, address);
                    offset = upload.state.offset;
                    show(upload, offset);
                }
                if (offset < file.size) offset = await send(upload, offset);
                tries = 0;
            } catch (error) {
                if (upload.cancelled) return;
                if (error instanceof Refused || ++tries > MOST_TRIES) throw error;
                offset = -1;
                note(upload, upload.words.interrupted);
                await wait(Math.min(1000 * 2 ** Math.min(tries, 5), 30000));
            }
        }
        remember(key, null);
    }

    // --- what is seen -----------------------------------------------------------------------------

    function human(bytes) {
        const units = ["B", "KB", "MB", "GB"];
        let n = bytes;
        let i = 0;
        while (n >= 1024 && i < units.length - 1) {
            n /= 1024;
            i++;
        }
        return `${n.toFixed(n < 10 && i > 0 ? 1 : 0)} ${units[i]}`;
    }

    function note(upload, text, failed = false) {
        upload.note.textContent = text;
        upload.note.classList.toggle("failed", failed);
    }

    function show(upload, offset) {
        upload.bar.value = offset;
        upload.count.textContent = `${human(offset)} / ${human(upload.file.size)}`;
    }

    function draw(upload) {
        const item = document.createElement("li");
        const name = document.createElement("span");
        const cancel = document.createElement("button");
        upload.count = document.createElement("span");
        upload.count.ariaLive = "off";
        upload.bar = document.createElement("progress");
        upload.bar.max = upload.file.size || 1;
        upload.bar.value = 0;
        upload.bar.ariaLabel = upload.file.name;
        upload.note = document.createElement("span");
        upload.note.className = "upload-note";
        upload.item = item;
        name.textContent = upload.file.name;
        cancel.type = "button";
        cancel.className = "btn btn-sm";
        cancel.textContent = upload.words.cancel;
        cancel.ariaLabel = `${upload.words.cancel}: ${upload.file.name}`;
        cancel.addEventListener("click", () => drop(upload));
        const end = document.createElement("span");
        end.append(upload.count, " ", cancel);
        item.append(name, end, upload.bar, upload.note);
        upload.list.append(item);
        upload.count.textContent = human(upload.file.size);
    }

    // --- an upload from beginning to end ----------------------------------------------------------

    const left = (form) => running.get(form)?.size ?? 0;

    function settle(upload) {
        const { form } = upload;
        running.get(form)?.delete(upload);
        if (left(form) === 0 && form.dataset.waiting) {
            delete form.dataset.waiting;
            if (!form.querySelector(".upload-note.failed")) form.requestSubmit();
        }
    }

    function drop(upload) {
        upload.cancelled = true;
        upload.request?.abort();
        upload.item.remove();
        upload.field?.remove();
        remember(keyOf(upload.form, upload.file), null);
        if (upload.state)
            fetch(upload.state.address, {
                method: "DELETE",
                headers: { "X-CSRF-Token": upload.form.elements._csrf.value },
            }).catch(() => {}); // it ends by itself after a day
        settle(upload);
    }

    async function start(zone, file) {
        const form = zone.closest("form");
        const list = zone.querySelector("[data-upload-list]");
        const upload = { form, file, list, words: list.dataset, cancelled: false };
        if (!running.has(form)) running.set(form, new Set());
        running.get(form).add(upload);
        shown.push(upload);
        draw(upload);
        try {
            if (file.size > Number(form.dataset.most)) throw new Refused(upload.words.large);
            if (file.size === 0) throw new Refused(upload.words.empty);
            await sendAll(upload);
            if (upload.cancelled) return;
            upload.field = document.createElement("input");
            upload.field.type = "hidden";
            upload.field.name = "upload[]";
            upload.field.value = upload.state.id;
            form.append(upload.field);
            note(upload, upload.words.done);
        } catch (error) {
            note(upload, error instanceof Refused ? error.message : upload.words.failed, true);
        }
        settle(upload);
    }

    function takeFiles(zone, files) {
        const input = zone.querySelector("input[type=file]");
        const chosen = input.multiple ? [...files] : [...files].slice(0, 1);
        if (!input.multiple) // the earlier one gives way
            for (const upload of shown.filter((one) => one.item.parentNode && zone.contains(one.item)))
                drop(upload);
        for (const file of chosen) start(zone, file);
        input.value = ""; // they go by themselves, not with the form
    }

    // --- events -----------------------------------------------------------------------------------

    const zoneOf = (event) => event.target.closest?.("form[data-uploads] [data-drop]");

    document.addEventListener("change", (event) => {
        const zone = event.target.type === "file" ? zoneOf(event) : null;
        if (zone && event.target.files.length) takeFiles(zone, event.target.files);
    });

    document.addEventListener("dragover", (event) => {
        const zone = zoneOf(event);
        if (!zone || !event.dataTransfer?.types.includes("Files")) return;
        event.preventDefault();
        zone.classList.add("over");
    });

    document.addEventListener("dragleave", (event) => {
        const zone = zoneOf(event);
        if (zone && !zone.contains(event.relatedTarget)) zone.classList.remove("over");
    });

    document.addEventListener("drop", (event) => {
        const zone = zoneOf(event);
        if (!zone) return;
        event.preventDefault();
        zone.classList.remove("over");
        takeFiles(zone, event.dataTransfer.files);
    });

    // Sent too early: the form waits for its files.
    document.addEventListener("submit", (event) => {
        const form = event.target;
        if (!left(form)) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        form.dataset.waiting = "1";
        for (const upload of running.get(form)) note(upload, upload.words.waiting);
    }, true);

    addEventListener("beforeunload", (event) => {
        for (const form of running.keys()) if (left(form)) event.preventDefault();
    });
})();
