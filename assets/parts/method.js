// SPDX-License-Identifier: Apache-2.0
// The matrix of the risk method: arrow keys go from cell to cell, colours follow what is typed.
"use strict";

(() => {
    const bands = ["low", "medium", "high", "critical"];

    function limits(form) {
        const used = bands.filter((band) => form.elements[`b.${band}.used`]?.checked);
        return used.map((band, at) => {
            const upto = Number.parseInt(form.elements[`b.${band}.upto`].value, 10);
            return [band, at === used.length - 1 || Number.isNaN(upto) ? Infinity : upto];
        });
    }

    function colour(form) {
        const list = limits(form);
        for (const input of form.querySelectorAll(".matrix-edit input")) {
            const score = Number.parseInt(input.value, 10);
            const found = list.find(([, upto]) => score <= upto);
            input.parentElement.className = found ? `heat-${found[0]}` : "";
        }
    }

    function go(input, rows, columns) {
        const cell = input.parentElement, row = cell.parentElement;
        const next = rows < 0 ? row.previousElementSibling
            : rows > 0 ? row.nextElementSibling : row;
        const target = next?.children[cell.cellIndex + columns]?.querySelector("input");
        if (!target)
            return false;
        target.focus();
        target.select();
        return true;
    }

    document.addEventListener("keydown", (event) => {
        const input = event.target;
        if (!(input instanceof HTMLInputElement) || !input.closest(".matrix-edit") ||
            event.altKey || event.ctrlKey || event.metaKey)
            return;
        const whole = input.selectionStart === 0 && input.selectionEnd === input.value.length;
        const start = input.selectionStart === 0, end = input.selectionEnd === input.value.length;
        if ((event.key === "ArrowUp" && go(input, -1, 0)) ||
            (event.key === "ArrowDown" && go(input, 1, 0)) ||
            (event.key === "ArrowLeft" && (whole || start) && go(input, 0, -1)) ||
            (event.key === "ArrowRight" && (whole || end) && go(input, 0, 1)))
            event.preventDefault();
    });
    document.addEventListener("input", (event) => {
        const form = event.target.closest?.("form");
        if (form?.querySelector(".matrix-edit"))
            colour(form);
    });
})();
