// Judges what a browser did to open a page of documentation:
//
//   node docs.mjs NETLOG DOM BASE DOCUMENT
//
// NETLOG is what Chromium's --log-net-log wrote, DOM what --dump-dom printed. Every request went below
// BASE, and each operation of DOCUMENT is on the page. Exits with 1 otherwise.
import { readFile } from "node:fs/promises";

const [netlog, dom, base, document] = process.argv.slice(2);

/** The addresses of what pages asked for; what the browser asks for itself has no origin. */
async function requested() {
  const { constants, events } = await json(netlog);
  const start = constants.logEventTypes.URL_REQUEST_START_JOB;
  const asked = events.filter(({ type, params }) => type === start && params?.url && params.initiator !== "not an origin");
  return [...new Set(asked.map(({ params }) => params.url))];
}

async function json(path) {
  return JSON.parse(await readFile(path, "utf8"));
}

/** The names under which Swagger UI shows the operations. */
const shown = ({ paths }) =>
  Object.values(paths)
    .flatMap((item) => Object.values(item).filter((operation) => operation.operationId))
    .map(({ tags: [tag], operationId }) => `operations-${tag}-${operationId}`);

const urls = await requested();
const own = urls.filter((url) => url.startsWith(`${base}/`));
const foreign = urls.filter((url) => !url.startsWith(`${base}/`) && !/^(data|blob|chrome|about|devtools):/.test(url));
const text = await readFile(dom, "utf8");
const all = shown(await json(document));
const absent = all.filter((name) => !text.includes(`id="${name}"`));

for (const url of foreign) console.error(`error: the page asked for ${url}`);
for (const name of absent) console.error(`error: the page does not show ${name}`);
if (own.length === 0) console.error(`error: the browser asked for nothing from ${base}`);
if (foreign.length || absent.length || own.length === 0) process.exit(1);
console.log(`ok  /docs shows ${all.length} operations with ${own.length} requests, all to the shop`);
