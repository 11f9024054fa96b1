// Many items in one request, and what became of each. Every Send has an Idempotency-Key of its own;
// Send again repeats the last request with its key, as a client does that never saw the answer.

import { curl, fill, find, isReadable, load, parse, resolve, send } from "./links.js";
import { copies, el, failureOf, problemOf, responseOf, showProblem, title, values } from "./view.js";

const KEY = "Idempotency-Key";
const REPLAYED = "Idempotency-Replayed";
/** What a reader of the answer wants to know beside its body. */
const TELLING = [REPLAYED, "Preference-Applied", "Retry-After"];
const FAILED_DEPENDENCY = 424;

const count = new Intl.NumberFormat("en");

/** Letters and digits that nobody else has. `randomUUID` is not there for pages over plain HTTP. */
function random(bytes) {
  const numbers = crypto.getRandomValues(new Uint8Array(bytes));
  return Array.from(numbers, (number) => number.toString(16).padStart(2, "0")).join("");
}

/** Five products, the third with two mistakes. */
function example() {
  const batch = random(3).toUpperCase();
  const item = (nth, name, price_cents) => ({ sku: `DEMO-${batch}-${nth}`, name, price_cents });
  const items = [
    item(1, "Tall Lamp", 4999),
    item(2, "Round Table", 12900),
    item(3, "", -1),
    item(4, "Oak Shelf", 7900),
    item(5, "Wool Blanket", 3950),
  ];
  const lines = items.map((item) => `    ${JSON.stringify(item, null, 1).replace(/\n\s*/g, " ")}`);
  return `{\n  "items": [\n${lines.join(",\n")}\n  ]\n}`;
}

export class Bulk {
  #request = null;
  #sent = null;

  /** `collection` tells the page of the collection that the items go to. */
  constructor(root, collection) {
    this.root = root;
    this.collection = collection;
    this.form = this.find("form");
    this.items = this.find("textarea");
    this.items.value = example();
    this.listen();
  }

  find(selector) {
    return this.root.querySelector(selector);
  }

  listen() {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.find("[data-again]").addEventListener("click", () => this.exchange(this.#sent));
    // The fields still hold their values while `reset` is dispatched.
    this.form.addEventListener("reset", () => setTimeout(() => this.renew()));
    this.form.elements.mode.addEventListener("change", () => this.allow());
    copies(this.find("[data-copy]"), this.find(".curl"));
    this.allow();
  }

  /** An example whose SKUs are free. */
  renew() {
    this.items.value = example();
    this.allow();
  }

  /** An atomic request stops at its first failure anyway. */
  allow() {
    const { mode, stop_after } = this.form.elements;
    stop_after.disabled = mode.value === "atomic";
    stop_after.placeholder = stop_after.disabled ? "best effort only" : "never";
  }

  /** Sends what the form says, as a request of its own. */
  async send() {
    try {
      const { body, url } = this.collection() ?? {};
      const headers = { "Content-Type": "application/json", [KEY]: random(16) };
      const to = fill(find(body, "create-many"), values(this.form), url);
      await this.exchange({ url: to, method: "POST", headers, body: this.items.value });
    } catch (error) {
      this.fail(failureOf(error), error.url);
    }
  }

  /** Sends the request and shows its answer. The answer to an older one never comes in its place. */
  async exchange(request) {
    this.#request?.abort();
    const { signal } = (this.#request = new AbortController());
    this.#sent = request;
    this.root.setAttribute("aria-busy", "true");
    this.find("[data-again]").disabled = false;
    this.find(".curl").textContent = curl(request);
    try {
      const before = await this.total(signal);
      const answer = await send(request, signal);
      this.show(answer, before, await this.total(signal));
    } catch (error) {
      if (error.name === "AbortError") return;
      this.lose(error);
    }
    this.root.setAttribute("aria-busy", "false");
  }

  /** How many items the collection has, where the service tells. */
  async total(signal) {
    const { body, url } = this.collection() ?? {};
    const query = new Map([["limit", "1"], ["include_total", "true"]]);
    try {
      return (await load(fill(find(body, "search"), query, url), signal)).body?.total;
    } catch (error) {
      if (error.name === "AbortError") throw error;
      return undefined;
    }
  }

  show(answer, before, after) {
    const { status, request, headers, ok, body } = answer;
    const replayed = headers.get(REPLAYED);
    this.find(".outcome").hidden = false;
    this.find(".key").textContent = request.headers[KEY];
    this.find(".replayed").textContent = replayed ?? "not in this answer";
    this.find(".total").textContent = totals(before, after);
    this.find(".http").textContent = described(answer);
    this.find(".json").textContent = responseOf(answer);
    const items = parse(request.body)?.items ?? [];
    const outcomes = ok && body ? outcomesOf(body, items.length) : null;
    if (!outcomes) {
      this.fail(problemOf(answer));
      return;
    }
    this.find(".problem").hidden = true;
    this.find(".scroll").hidden = false;
    this.find("tbody").replaceChildren(...outcomes.map((outcome) => row(outcome, items[outcome.index], answer.url)));
    this.find(".status").textContent = `${status}: ${summary(outcomes)}${replayed ? " The stored answer; nothing ran again." : ""}`;
    if (!replayed && outcomes.some(isDone)) this.root.dispatchEvent(new Event("changed"));
  }

  /** Nobody knows what has become of the items. */
  lose(error) {
    const { title, detail } = failureOf(error);
    this.find(".outcome").hidden = true;
    this.find(".http").textContent = "";
    this.find(".json").textContent = "";
    this.fail({ title, detail: `${detail}. Sending it again makes nothing twice: it has the same key.` }, error.url);
  }

  /** No item has been tried. */
  fail(problem, url) {
    showProblem(this.find(".problem"), problem, url);
    this.find(".status").textContent = "";
    this.find(".scroll").hidden = true;
    this.find("tbody").replaceChildren();
  }
}

/** The head of an answer, as far as it matters here. */
function described({ status, type, headers }) {
  const told = TELLING.filter((name) => headers.has(name)).map((name) => `${name}: ${headers.get(name)}`);
  return [status, type, ...told].join(" · ");
}

/** How the collection has grown, in words. */
function totals(before, after) {
  if (before === undefined || after === undefined) return "not told";
  return `${count.format(after)} (${before === after ? "as before" : `${count.format(before)} before`})`;
}

/** What became of each item, in the order of the request; null for an answer of another kind. */
function outcomesOf({ results, created, updated, errors }, length) {
  if (Array.isArray(results)) return results;
  if (!Array.isArray(errors)) return null;
  const failed = new Map(errors.map((error) => [error.index, error]));
  const made = (created ?? updated ?? []).values();
  const status = created ? 201 : 200;
  const outcome = (index) => failed.get(index) ?? { index, status, body: made.next().value };
  return Array.from({ length }, (_, index) => outcome(index));
}

const isDone = ({ status }) => status < 300;

function summary(outcomes) {
  const done = outcomes.filter(isDone).length;
  const undone = outcomes.filter(({ status }) => status === FAILED_DEPENDENCY).length;
  const refused = outcomes.length - done - undone;
  const parts = [`${done} of ${outcomes.length} created`];
  if (refused) parts.push(`${refused} refused`);
  if (undone) parts.push(`${undone} left out because of that`);
  return `${parts.join(", ")}.`;
}

function row(outcome, item, base) {
  const { index, status, problem } = outcome;
  return el(
    "tr",
    { class: isDone(outcome) ? "" : "failed" },
    el("th", { scope: "row" }, String(index), el("small", {}, String(item?.sku ?? ""))),
    el("td", { class: "number" }, String(status)),
    el("td", { class: "text" }, ...(problem ? refused(status, problem) : done(outcome, base))),
  );
}

/** What was made, with a link to it where this page may read it. */
function done({ status, body }, base) {
  const word = el("strong", {}, status === 201 ? "Created" : "Done");
  if (!body) return [word];
  const self = find(body, "self");
  const url = self && resolve(self.href, base);
  const name = title(body);
  const link = url && isReadable(url) ? el("a", { href: url.href, "data-follow": "" }, name) : name;
  return [word, " ", link, ` as number ${body.id}`];
}

/** Why nothing was made: the places in the item that are wrong, or in a sentence. */
function refused(status, { title, detail, errors = [] }) {
  const word = el("strong", {}, status === FAILED_DEPENDENCY ? "Left out:" : "Refused:");
  const place = ({ pointer, detail }) => el("li", {}, el("code", {}, pointer || "the item"), ` ${detail}`);
  if (errors.length > 0) return [word, ` ${title ?? ""}`, el("ul", { class: "plain" }, ...errors.map(place))];
  return [word, ` ${detail ?? title ?? ""}`];
}
