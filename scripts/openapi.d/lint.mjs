// Lints an OpenAPI document with two engines, Redocly's and Spectral's, by the rules that each recommends:
//
//   node lint.mjs FILE
//
// Prints what they find. Exits with 1 at a finding that is an error or a warning.
import { readFile } from "node:fs/promises";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import spectralCore from "@stoplight/spectral-core";
import Parsers from "@stoplight/spectral-parsers";
import { oas } from "@stoplight/spectral-rulesets";

async function redocly(source, path) {
  const config = await createConfig({ extends: ["recommended"] });
  const problems = await lintFromString({ source, absoluteRef: path, config });
  return problems
    .filter((problem) => !problem.ignored)
    .map(({ severity, ruleId, location, message }) => ({
      severity,
      rule: ruleId,
      where: location[0]?.pointer ?? "#/",
      message,
    }));
}

async function spectral(source, path) {
  const { Spectral, Document } = spectralCore;
  const linter = new Spectral();
  linter.setRuleset({ extends: [[oas, "recommended"]] });
  const severities = ["error", "warn", "information", "hint"];
  const problems = await linter.run(new Document(source, Parsers.Json, path));
  return problems.map(({ severity, code, path, message }) => ({
    severity: severities[severity],
    rule: code,
    where: `#/${path.join("/")}`,
    message,
  }));
}

/** Operations that take nothing, so that no request of theirs is wrong. */
const isTrue = ({ rule, where }) => rule === "operation-4xx-response" && where.startsWith("#/paths/~1health~1");

const [path] = process.argv.slice(2);
const source = await readFile(path, "utf8");
let bad = 0;
for (const [name, lint] of Object.entries({ redocly, spectral })) {
  const found = (await lint(source, path)).filter((problem) => !isTrue(problem));
  for (const { severity, rule, where, message } of found) {
    console.log(`${severity.padEnd(5)} ${name} ${rule}  ${where}\n      ${message}`);
  }
  const counted = found.filter(({ severity }) => severity === "error" || severity === "warn").length;
  console.log(`${counted ? "!! " : "ok "} ${name}: ${counted} errors and warnings, ${found.length - counted} remarks`);
  bad += counted;
}
process.exit(bad ? 1 : 0);
