// Walks a service with every client in every form that it reads, as scripts/hypermedia asks:
//
//   node run.mjs BASE relative|absolute
//
// BASE is where the public finds the service, as https://localhost:8443/shop; `relative`, when links
// are to be paths. Exits with 1 at the first violation.
import { halsons } from "./clients/halson.mjs";
import { headers } from "./clients/headers.mjs";
import { ketting } from "./clients/ketting.mjs";
import { traversons } from "./clients/traverson.mjs";
import { Tap } from "./tap.mjs";
import { walk } from "./walk.mjs";

const [base, references] = process.argv.slice(2);
const tap = new Tap({ base, relative: references === "relative" });
// Some clients take the global one.
globalThis.fetch = tap.fetch;

/** The only address that a client is told. */
const root = `${base}/api/v1`;
const total = { walks: 0, requests: 0, references: 0 };

for (const client of [...ketting, ...traversons, ...halsons, ...headers]) {
  const started = Date.now();
  tap.begin(client.accept);
  const form = client.what ?? client.accept;
  try {
    await walk(await client.start(root, tap));
  } catch (error) {
    console.error(`violation: ${client.name}, ${form}: ${error.stack}`);
    process.exit(1);
  }
  const { requests, references } = tap;
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(
    `ok  ${client.name.padEnd(17)} ${form.padEnd(31)} ${String(requests).padStart(4)} requests ${String(references).padStart(6)} links ${seconds.padStart(5)} s`,
  );
  total.walks += 1;
  total.requests += requests;
  total.references += references;
}
console.log(`    ${total.walks} walks, ${total.requests} requests, ${total.references} links seen`);
