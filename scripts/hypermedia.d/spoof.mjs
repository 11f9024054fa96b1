// Sends what a client may write to lead links elsewhere, and compares the answers with those to a
// request without it:
//
//   node spoof.mjs BASE direct|proxied
//
// Exits with 1 at the first difference.
import http from "node:http";
import https from "node:https";
import { expect, Violation } from "./tap.mjs";

const EVIL = "evil.example";
const FORWARDING = [
  { "x-forwarded-host": EVIL },
  { "x-forwarded-host": [EVIL, `${EVIL}, localhost`] },
  { "x-forwarded-proto": "gopher" },
  { "x-forwarded-proto": "http" },
  { "x-forwarded-port": "1" },
  { "x-forwarded-prefix": "/evil" },
  { "x-forwarded-prefix": ["/evil", "//evil.example"] },
  { forwarded: `host=${EVIL};proto=http` },
  { forwarded: [`for=192.0.2.1;host="${EVIL}:99";proto=https`, `host=${EVIL}`] },
  { forwarded: `host=${EVIL}`, "x-forwarded-host": EVIL, "x-forwarded-prefix": "/evil" },
  { "x-forwarded-server": EVIL, "x-host": EVIL, "x-http-host-override": EVIL },
  { "x-original-url": "/evil", "x-rewrite-url": "/evil", "x-original-host": EVIL },
];
const HOSTS = [EVIL, `${EVIL}:99999`, `user@${EVIL}`, "[::1", '"', "localhost,evil.example"];

const FORMS = [
  "application/json",
  "application/hal+json",
  "application/prs.hal-forms+json",
  "application/vnd.api+json",
];
const PATHS = ["/api/v1", "/openapi.json", "/api/v1/products?limit=2", "/api/v1/products/1", "/api/v1/categories", "/nowhere"];

const [base, way] = process.argv.slice(2);
let sent = 0;

/** Status, body, and the headers in which there are links. */
function answer(path, headers, target = (url) => url.pathname + url.search) {
  const url = new URL(base + path);
  const { request } = url.protocol === "https:" ? https : http;
  // Node would take the server name of TLS from a `host` header.
  const { hostname: host, port } = url;
  const options = { host, port, servername: host, path: target(url), headers };
  sent += 1;
  return new Promise((resolve, reject) => {
    const got = async (response) => {
      let body = "";
      for await (const chunk of response.setEncoding("utf8")) body += chunk;
      const { link, location, "link-template": template } = response.headers;
      resolve({ status: response.statusCode, link, location, template, body });
    };
    request(options, (response) => got(response).catch(reject)).on("error", reject).end();
  });
}

async function compare(path, accept) {
  const plain = await answer(path, { accept });
  const check = (found, headers) =>
    expect(
      JSON.stringify(found) === JSON.stringify(plain),
      `${path} with ${JSON.stringify(headers)} (${accept}): ${JSON.stringify(found)}, without: ${JSON.stringify(plain)}`,
    );
  for (const headers of FORWARDING) check(await answer(path, { accept, ...headers }), headers);
  for (const host of HOSTS) {
    const found = await answer(path, { accept, host });
    if (way === "direct") check(found, { host });
    // Here the proxy knows its name, and lets nobody else's through.
    else expect(found.status >= 400 && !found.body.includes("/api"), `${path} with host ${host}: ${found.status}`);
  }
  if (way === "direct") {
    const absolute = await answer(path, { accept, host: EVIL }, (url) => `http://${EVIL}${url.pathname}${url.search}`);
    check(absolute, { target: EVIL });
  }
}

try {
  for (const path of PATHS) for (const accept of FORMS) await compare(path, accept);
} catch (error) {
  console.error(error instanceof Violation ? `violation: ${error.message}` : error);
  process.exit(1);
}
console.log(`ok  ${sent} requests, and nothing that they say about hosts, schemes and prefixes shows`);
