// SPDX-License-Identifier: Apache-2.0
// Reads a workbook as a spreadsheet program would, as far as the tests ask: sheets with their cells,
// the type and number format of each, what is frozen, and the range that can be filtered.
import { inflateRawSync } from "node:zlib";

// The files of a ZIP archive by name, found by its central directory.
function unzip(bytes) {
    const end = bytes.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
    const files = new Map();
    let at = bytes.readUInt32LE(end + 16);
    for (let n = bytes.readUInt16LE(end + 10); n > 0; n--) {
        const [method, packed] = [bytes.readUInt16LE(at + 10), bytes.readUInt32LE(at + 20)];
        const [name, extra, comment] = [28, 30, 32].map((o) => bytes.readUInt16LE(at + o));
        const local = bytes.readUInt32LE(at + 42);
        const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
        const data = bytes.subarray(start, start + packed);
        files.set(bytes.toString("utf8", at + 46, at + 46 + name),
            (method ? inflateRawSync(data) : data).toString("utf8"));
        at += 46 + name + extra + comment;
    }
    return files;
}

const plain = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">")
    .replaceAll("&quot;", "\"").replaceAll("&apos;", "'").replaceAll("&amp;", "&");

// A day as spreadsheets count it.
const dayOf = (serial) => new Date(Date.UTC(1899, 11, 30) + serial * 86_400_000)
    .toISOString().slice(0, 10);

const texts = (xml) => [...xml.matchAll(/<t(?: [^>]*)?>([^<]*)<\/t>/g)]
    .map((m) => plain(m[1])).join("");

// Number formats by style: own ones have ids from 164.
function formatsOf(xml) {
    const own = new Map([...xml.matchAll(/<numFmt numFmtId="(\d+)" formatCode="([^"]*)"/g)]
        .map((m) => [m[1], plain(m[2])]));
    const [, used] = /<cellXfs[^>]*>(.*?)<\/cellXfs>/s.exec(xml);
    return [...used.matchAll(/<xf numFmtId="(\d+)"/g)].map((m) => own.get(m[1]) || m[1]);
}

function cellOf(attributes, inner, shared, formats) {
    const type = / t="(\w+)"/.exec(attributes)?.[1] || "n";
    const format = formats[Number(/ s="(\d+)"/.exec(attributes)?.[1] || 0)];
    const raw = /<v>([^<]*)<\/v>/.exec(inner)?.[1];
    if (type === "inlineStr") return { kind: "text", value: texts(inner) };
    if (type === "s") return { kind: "text", value: shared[Number(raw)] };
    if (type === "b") return { kind: "bool", value: raw === "1" };
    if (raw === undefined) return { kind: "blank", value: null };
    if (/yyyy/.test(format)) return { kind: "date", value: dayOf(Number(raw)) };
    return { kind: "number", value: Number(raw), format };
}

function sheetOf(xml, shared, formats) {
    const rows = [];
    for (const row of xml.matchAll(/<row [^>]*>(.*?)<\/row>/gs)) {
        const cells = {};
        for (const c of row[1].matchAll(/<c r="([A-Z]+)\d+"([^>]*?)(?:\/>|>(.*?)<\/c>)/gs))
            cells[c[1]] = cellOf(c[2], c[3] || "", shared, formats);
        rows.push(cells);
    }
    const pane = /<pane ([^>]*)\/>/.exec(xml)?.[1] || "";
    return {
        rows,
        frozen: Number(/ySplit="(\d+)"/.exec(pane)?.[1] || 0) * / ?state="frozen"/.test(pane),
        filter: /<autoFilter ref="([^"]*)"/.exec(xml)?.[1],
    };
}

// Sheets by their names. `table` of a sheet: its rows as objects, by the titles of the first row.
export function readWorkbook(bytes) {
    const files = unzip(bytes);
    const shared = [...(files.get("xl/sharedStrings.xml") || "").matchAll(/<si>(.*?)<\/si>/gs)]
        .map((m) => texts(m[1]));
    const formats = formatsOf(files.get("xl/styles.xml"));
    const sheets = {};
    const names = [...files.get("xl/workbook.xml").matchAll(/<sheet name="([^"]*)"/g)];
    names.forEach(([, name], i) => {
        const sheet = sheetOf(files.get(`xl/worksheets/sheet${i + 1}.xml`), shared, formats);
        const [head, ...body] = sheet.rows;
        sheet.titles = Object.values(head || {}).map(({ value }) => value);
        sheet.table = body.map((row) => Object.fromEntries(Object.entries(head)
            .map(([column, { value }]) => [value, row[column] || { kind: "blank", value: null }])));
        sheets[plain(name)] = sheet;
    });
    return sheets;
}
