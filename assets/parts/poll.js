// SPDX-License-Identifier: Apache-2.0
// Progress that moves without anybody looking again. Without script the page has a link for it.
//   [data-poll="2000"]   is fetched anew from its own page every so many milliseconds while the page
//                        is seen; when the page then has none any more, it has something else to
//                        say and is loaded as a whole
"use strict";

(() => {
    const SLOWEST = 30000;

    async function look(box) {
        const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
        if (answer.redirected) return location.assign(answer.url);
        if (!answer.ok) throw new Error("try again");
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const now = page.querySelector("[data-poll]");
        if (!now) return location.reload();
        if (now.innerHTML === box.innerHTML) return null;
        box.replaceChildren(...now.childNodes);
        return null;
    }

    async function watch(box) {
        const every = Math.max(500, Number(box.dataset.poll) || 2000);
        let pause = every;
        for (;;) {
            await new Promise((done) => setTimeout(done, pause));
            if (document.hidden) continue;
            try {
                await look(box);
                pause = every;
            } catch {
                pause = Math.min(pause * 2, SLOWEST); // the server is busy or away
            }
        }
    }

    document.addEventListener("DOMContentLoaded", () => {
        const box = document.querySelector("[data-poll]");
        if (box) watch(box);
    });
})();
