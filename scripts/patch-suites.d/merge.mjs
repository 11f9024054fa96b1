// Writes merge patch cases whose results two implementations agree on.
//
//   node merge.mjs CASES SEED >merge.json
//
// Where the two differ from each other, that is printed and ends the run.
import { isDeepStrictEqual } from "node:util";
import json8 from "json8-merge-patch";
import inglebert from "json-merge-patch";

const [count, seed] = process.argv.slice(2).map(Number);

// mulberry32: a run can be repeated.
let state = seed >>> 0;
const random = (below) => {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = Math.imul(state ^ (state >>> 15), state | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) % below;
};
const pick = (values) => values[random(values.length)];

// Few names, so that patches meet documents; none that JavaScript keeps for itself.
const names = ["a", "b", "c", "d/e", "~", "", "é", "0"];
const leaves = [null, null, true, false, 0, -1, 2.5, "", "a", "null", 1e21];

const list = (depth) => Array.from({ length: random(4) }, () => value(depth - 1));
const object = (depth) =>
  Object.fromEntries(Array.from({ length: random(5) }, () => [pick(names), value(depth - 1)]));
const value = (depth) => {
  const kind = depth > 0 ? random(10) : 0;
  return kind < 4 ? pick(leaves) : kind < 6 ? list(depth) : object(depth);
};

// Both change the document that they are given, and one hands parts of the patch on.
const applied = (implementation, doc, patch) => {
  const result = implementation.apply(structuredClone(doc), structuredClone(patch));
  return JSON.parse(JSON.stringify(result));
};

const cases = Array.from({ length: count }, (_, nth) => {
  const doc = value(4);
  const patch = random(8) ? object(4) : value(2);
  const expected = applied(json8, doc, patch);
  const other = applied(inglebert, doc, patch);
  if (!isDeepStrictEqual(expected, other)) {
    console.error("the two disagree:", JSON.stringify({ doc, patch, expected, other }));
    process.exit(1);
  }
  return { comment: `generated ${nth}`, doc, patch, expected, merge: true };
});
process.stdout.write(JSON.stringify(cases));
