// SPDX-License-Identifier: Apache-2.0
// The addresses of all pages: the patterns come from the program, and records are found by following
// links, as a person would. A new page is covered without a change here.
import { run } from "./world.mjs";

function expression(pattern) {
    const parts = pattern.split("/").map((part) =>
        part.startsWith(":") ? "[^/]+" : part.replace(/[.]/g, "\\."));
    return new RegExp(`^${parts.join("/")}$`);
}

// How many parts of a pattern are fixed: /risks/new wins over /risks/:no, like in the program.
const fixedParts = (pattern) => pattern.split("/").filter((part) => !part.startsWith(":")).length;

export function getPatterns() {
    return run(["routes"]).trim().split("\n").map((line) => line.split("\t"))
        .filter(([method, pattern]) => method === "GET" && !pattern.startsWith("/api/"))
        .map(([, pattern]) => ({ pattern, fits: expression(pattern) }))
        .sort((a, b) => fixedParts(b.pattern) - fixedParts(a.pattern));
}

// Records of one kind differ: four times as many of their pages are visited.
const mostOf = (pattern, most) => (/\/:(no|idx)$/.test(pattern) ? 4 * most : most);

// Visits pages without a browser, at most `most` of each pattern, and returns a map from pattern to
// answers {path, status, type, attachment}.
export async function follow(request, server, starts, most) {
    const patterns = getPatterns();
    const found = new Map(patterns.map(({ pattern }) => [pattern, []]));
    const seen = new Set();
    const broken = [];
    const queue = [];

    const add = (address, from) => {
        const url = new URL(address, new URL(from, server.url));
        if (url.origin !== server.url || seen.has(url.pathname)) return;
        seen.add(url.pathname);
        const match = patterns.find(({ fits }) => fits.test(url.pathname));
        if (!match) {
            if (!url.pathname.startsWith("/static/") && !url.pathname.startsWith("/api/"))
                broken.push(`${from} links to ${url.pathname}, which is no page`);
        } else if (found.get(match.pattern).length < mostOf(match.pattern, most)) {
            const entry = { path: url.pathname + url.search, from };
            found.get(match.pattern).push(entry);
            queue.push(entry);
        }
    };

    for (const start of starts) add(start, "/");
    while (queue.length) {
        const entry = queue.shift();
        const answer = await request.get(server.url + entry.path, { maxRedirects: 0 });
        const headers = answer.headers();
        entry.status = answer.status();
        entry.type = headers["content-type"] || "";
        entry.attachment = (headers["content-disposition"] || "").startsWith("attachment");
        if (headers.location) add(headers.location, entry.path);
        if (!entry.type.startsWith("text/html")) continue;
        const links = /<(?:a [^>]*?href|form (?=[^>]*method='get')[^>]*?action)='([^'#]*)/g;
        for (const link of (await answer.text()).matchAll(links))
            if (link[1]) add(link[1].replaceAll("&amp;", "&"), entry.path);
    }
    return { found, broken };
}
