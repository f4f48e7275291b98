// SPDX-License-Identifier: Apache-2.0
// Help in a dialog over the page. Without script its link opens the page of the help.
//   a[data-help]      the link to the help of this page; "?" activates it
//   button[data-keys] inside the dialog: closes it and opens the list of keys
"use strict";

(() => {
    function dialog() {
        const old = document.querySelector("dialog#help");
        if (old) return old;
        const made = document.createElement("dialog");
        made.id = "help";
        made.className = "keys help-dialog";
        made.setAttribute("aria-labelledby", "help-title");
        document.body.append(made);
        return made;
    }

    async function open(link) {
        try {
            const answer = await fetch(`${link.href}?part=1`);
            if (!answer.ok) throw new Error(String(answer.status));
            const box = dialog();
            box.innerHTML = await answer.text();
            box.showModal();
            box.scrollTop = 0;
        } catch {
            location.assign(link.href);
        }
    }

    document.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        const link = event.target.closest?.("a[data-help]");
        if (link) {
            event.preventDefault();
            open(link);
        }
        if (event.target.closest?.("[data-keys]")) {
            dialog().close();
            document.querySelector("dialog#keys")?.showModal();
        }
        if (event.target.matches?.("dialog#help")) event.target.close(); // beside the box
    });
})();
