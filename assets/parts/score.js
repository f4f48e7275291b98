// SPDX-License-Identifier: Apache-2.0
// Scoring many risks: what script adds to the form of rows (table[data-grid]). A digit fills a level
// and goes on to the next one, arrows and Enter move, a copied block is pasted from the cell on,
// Ctrl+Z takes back what was typed or pasted, and the level is shown before it is saved. [data-row]
// is a row, [data-level] its level, [data-grid-told] says how many rows are changed.
"use strict";

(() => {
    const done = []; // [[cell, value before], ...] per step

    const gridOf = (cell) => cell?.closest?.("table[data-grid]");
    const rowsOf = (grid) => [...grid.querySelectorAll("tr[data-row]")];
    const cellsOf = (row) => [...row.querySelectorAll("input[data-most], textarea")];
    const isLevel = (cell) => cell.matches("input[data-most]");

    function place(cell) {
        const rows = rowsOf(gridOf(cell));
        const row = rows.indexOf(cell.closest("tr[data-row]"));
        return { rows, row, column: cellsOf(rows[row]).indexOf(cell) };
    }

    function go(cell, down, across) {
        const { rows, row, column } = place(cell);
        let at = row + down;
        let to = column + across;
        const columns = cellsOf(rows[row]).length;
        if (to >= columns) [at, to] = [at + 1, 0];
        if (to < 0) [at, to] = [at - 1, columns - 1];
        const next = rows[at] && cellsOf(rows[at])[to];
        if (!next) return;
        next.focus();
        if (isLevel(next)) next.select();
    }

    // "2,3=6 Medium;..." of the table
    function levelOf(grid, likelihood, impact) {
        const cells = grid.dataset.matrix.split(";");
        const found = cells.find((text) => text.startsWith(`${likelihood},${impact}=`));
        return found ? found.slice(found.indexOf("=") + 1) : "";
    }

    // the impact of a row: typed, or what follows from its axes by the rule of the method
    function impactOf(row) {
        const axes = [...row.querySelectorAll("input[data-weight]")].filter((c) => c.value.trim());
        const shown = row.querySelector("[data-impact]");
        if (!shown) return cellsOf(row)[1].value.trim();
        if (!axes.length) return shown.textContent.trim();
        const levels = axes.map((cell) => Number(cell.value));
        const weights = axes.map((cell) => Number(cell.dataset.weight));
        const all = weights.reduce((a, b) => a + b, 0);
        const mean = levels.reduce((sum, level, i) => sum + level * weights[i], 0);
        const weighted = gridOf(row).dataset.rule === "weighted" && all > 0;
        const impact = weighted ? Math.floor((2 * mean + all) / (2 * all)) : Math.max(...levels);
        shown.textContent = Number.isFinite(impact) ? String(impact) : "—";
        return shown.textContent;
    }

    function show(row) {
        const grid = gridOf(row);
        const cells = cellsOf(row);
        const changed = cells.some((cell) => cell.value !== cell.defaultValue);
        row.classList.toggle("is-changed", changed);
        if (changed) {
            const level = row.querySelector("[data-level]");
            level.textContent = levelOf(grid, cells[0].value.trim(), impactOf(row)) || "—";
        }
        const told = grid.closest("form").querySelector("[data-grid-told]");
        const count = grid.querySelectorAll("tr.is-changed").length;
        told.textContent = count ? `${count} ≠` : "";
    }

    function put(changes) {
        const step = changes.filter(([cell, value]) => cell.value !== value);
        if (!step.length) return;
        done.push(step.map(([cell]) => [cell, cell.value]));
        for (const [cell, value] of step) {
            cell.value = value;
            cell.dispatchEvent(new Event("input", { bubbles: true }));
        }
    }

    function takeBack() {
        const step = done.pop();
        if (!step) return false;
        for (const [cell, value] of step) {
            cell.value = value;
            cell.dispatchEvent(new Event("input", { bubbles: true }));
        }
        step[0][0].focus();
        return true;
    }

    function move(event, cell) {
        const text = !isLevel(cell);
        const start = !text || (cell.selectionStart === 0 && cell.selectionEnd === 0);
        const end = !text || cell.selectionStart === cell.value.length;
        if (event.key === "ArrowUp" && start) return go(cell, -1, 0), true;
        if (event.key === "ArrowDown" && end) return go(cell, 1, 0), true;
        if (event.key === "ArrowLeft" && start) return go(cell, 0, -1), true;
        if (event.key === "ArrowRight" && end) return go(cell, 0, 1), true;
        if (event.key === "Enter" && !event.shiftKey) return go(cell, 1, 0), true;
        return false;
    }

    function press(event) {
        const cell = event.target;
        if (!gridOf(cell) || event.altKey) return;
        if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
            // while a text is typed, the browser takes back letters
            if ((isLevel(cell) || cell.value === cell.defaultValue) && takeBack())
                event.preventDefault();
            return;
        }
        if (event.ctrlKey || event.metaKey) return;
        if (move(event, cell)) return event.preventDefault();
        if (!isLevel(cell)) return;
        if (/^[0-9]$/.test(event.key)) {
            event.preventDefault();
            const most = Number(cell.dataset.most);
            const selected = cell.selectionStart !== cell.selectionEnd;
            const value = most > 9 && !selected ? cell.value + event.key : event.key;
            if (Number(value) < 1 || Number(value) > most) return;
            put([[cell, value]]);
            if (most <= 9 || Number(value) * 10 > most) go(cell, 0, 1);
        } else if (event.key === "Delete" || event.key === "Backspace") {
            event.preventDefault();
            put([[cell, ""]]);
        }
    }

    function paste(event) {
        const cell = event.target;
        const text = event.clipboardData?.getData("text/plain") ?? "";
        if (!gridOf(cell) || (!isLevel(cell) && !/[\t\n]/.test(text.trim()))) return;
        event.preventDefault();
        const { rows, row, column } = place(cell);
        const changes = [];
        text.replace(/\r/g, "").replace(/\n$/, "").split("\n").forEach((line, down) => {
            line.split("\t").forEach((value, across) => {
                const target = rows[row + down] && cellsOf(rows[row + down])[column + across];
                if (target) changes.push([target, value.trim()]);
            });
        });
        put(changes);
    }

    document.addEventListener("keydown", press);
    document.addEventListener("paste", paste);
    document.addEventListener("input", (event) => {
        const row = event.target.closest?.("table[data-grid] tr[data-row]");
        if (row) show(row);
    });
})();
