// SPDX-License-Identifier: Apache-2.0
// The board of the treatment plan: a card is dragged to another column, or moved with Alt and the
// arrow keys. Both press the card's own button, which is all that is needed without script.
"use strict";

(() => {
    const columnsOf = (board) => [...board.querySelectorAll("[data-column]")];

    function move(card, column) {
        const button = card.querySelector(`button[name=status][value="${column.dataset.column}"]`);
        if (button) button.click();
    }

    function turn(event) {
        const side = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        const card = event.target.closest?.("[data-card]");
        if (!side || !card || !event.altKey) return;
        const columns = columnsOf(card.closest("[data-board]"));
        const at = columns.findIndex((column) => column.contains(card));
        const right = getComputedStyle(card).direction === "rtl" ? -side : side;
        event.preventDefault();
        if (columns[at + right]) move(card, columns[at + right]);
    }

    function prepare(board) {
        let dragged = null;
        for (const card of board.querySelectorAll("[data-card]")) {
            card.draggable = true;
            card.addEventListener("dragstart", (event) => {
                dragged = card;
                card.classList.add("dragged");
                event.dataTransfer.effectAllowed = "move";
                event.dataTransfer.setData("text/plain", card.textContent.trim().slice(0, 80));
            });
            card.addEventListener("dragend", () => {
                card.classList.remove("dragged");
                dragged = null;
            });
        }
        for (const column of columnsOf(board)) {
            column.addEventListener("dragover", (event) => {
                if (!dragged || column.contains(dragged)) return;
                event.preventDefault();
                column.classList.add("over");
            });
            column.addEventListener("dragleave", (event) => {
                if (!column.contains(event.relatedTarget)) column.classList.remove("over");
            });
            column.addEventListener("drop", (event) => {
                column.classList.remove("over");
                if (!dragged) return;
                event.preventDefault();
                move(dragged, column);
            });
        }
    }

    document.addEventListener("keydown", turn);
    document.addEventListener("DOMContentLoaded", () =>
        document.querySelectorAll("[data-board]").forEach(prepare));
})();
