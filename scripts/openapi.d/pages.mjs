// Pages through every list of a described service by `x-pagination` alone, as a generator would write it:
//
//   node pages.mjs DOCUMENT BASE
//
// Path parameters are 1. Exits with 1 where a page is not as the extension says.
import { readFile } from "node:fs/promises";

const [document, base] = process.argv.slice(2);
const { paths } = JSON.parse(await readFile(document, "utf8"));
const PAGES = 5;

/** Where to go on, by the type of the pages: a function from a page and its number to a query, or null. */
const onward = {
  cursor: ({ cursor_param, next_cursor, has_more }) => (page) => {
    if (page[has_more] !== (page[next_cursor] !== null)) throw new Error(`${has_more} and ${next_cursor} differ`);
    return page[has_more] ? { [cursor_param]: page[next_cursor] } : null;
  },
  page: ({ page_param, limit_param, total }) => (page, number, limit) =>
    number * limit < page[total] ? { [page_param]: number + 1, [limit_param]: limit } : null,
};

async function walk(path, pagination) {
  const { limit_param, results, type } = pagination;
  const next = onward[type](pagination);
  const limit = 2;
  const seen = new Set();
  let query = {};
  let number = 0;
  while (query && number < PAGES) {
    const url = new URL(`${base}${path.replace(/{[^}]*}/g, "1")}`);
    url.search = new URLSearchParams({ [limit_param]: limit, ...query });
    const response = await fetch(url);
    if (response.status !== 200) throw new Error(`${url}: ${response.status} ${await response.text()}`);
    const page = await response.json();
    number += 1;
    query = next(page, number, limit);
    if (page[results].length !== limit && query) throw new Error(`${url}: ${page[results].length} items`);
    for (const { id } of page[results]) if (seen.size === seen.add(id).size) throw new Error(`${url}: ${id} comes twice`);
  }
  if (seen.size === 0) throw new Error(`${path}: no items`);
  return number;
}

let lists = 0;
let pages = 0;
for (const [path, { get }] of Object.entries(paths)) {
  if (!get?.["x-pagination"]) continue;
  pages += await walk(path, get["x-pagination"]);
  lists += 1;
}
if (lists === 0) throw new Error("no operation has x-pagination");
console.log(`ok  ${pages} pages of ${lists} lists by x-pagination`);
