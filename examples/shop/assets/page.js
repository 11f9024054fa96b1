// Two panels over two collections, one that adds to the first, and a detail for whatever they link
// to. The page knows one address, that of the root document in its own markup; it reaches
// everything else by links.

import { Bulk } from "./bulk.js";
import { Detail } from "./detail.js";
import { curl, fill, find, load, target, walk } from "./links.js";
import { anchors, copies, el, failureOf, problemOf, refocus, responseOf, showProblem, values } from "./view.js";

const money = new Intl.NumberFormat("en", { style: "currency", currency: "USD" });
const count = new Intl.NumberFormat("en");
const time = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium", timeZone: "UTC" });

const categories = new Map();

const none = (what) => el("span", { class: "none", "aria-label": `no ${what}` }, "–");
const moment = (text) => el("time", { datetime: text, title: text }, time.format(new Date(text)));
const number = (value, what) => el("td", { class: "number" }, value === null ? none(what) : String(value));
const links = (item, base) => el("td", {}, el("div", { class: "links" }, ...anchors(item, base)));

const PRODUCTS = {
  name: "products",
  columns: [
    ["Product", (item) => el("th", { scope: "row" }, item.name, el("small", {}, item.sku))],
    ["Price", (item) => el("td", { class: "number" }, money.format(item.price_cents / 100)), "number"],
    ["Rating", (item) => number(item.rating, "rating"), "number"],
    ["Category", (item) => el("td", {}, categories.get(item.category_id) ?? String(item.category_id))],
    ["Added, UTC", (item) => el("td", {}, moment(item.created_at))],
    ["Links", links],
  ],
};

const EVENTS = {
  name: "events",
  columns: [
    ["Event", (item) => el("th", { scope: "row" }, item.title, el("small", {}, item.kind))],
    ["Severity", (item) => number(item.severity, "severity"), "number"],
    ["Occurred, UTC", (item) => el("td", {}, moment(item.occurred_at))],
    ["Recorded, UTC", (item) => el("td", {}, moment(item.created_at))],
    ["Links", links],
  ],
};

class Panel {
  #request = null;
  #page = null;

  constructor({ name, columns }) {
    this.name = name;
    this.columns = columns;
    this.root = document.getElementById(name);
    this.form = this.root.querySelector("form");
    this.root.append(document.getElementById("results").content.cloneNode(true));
    this.find(".scroll").setAttribute("aria-label", `Table of ${name}`);
    this.find("caption").textContent = `One page of ${name}`;
    this.find("thead tr").append(
      ...columns.map(([title, , kind = ""]) => el("th", { scope: "col", class: kind }, title)),
    );
    this.listen();
  }

  find(selector) {
    return this.root.querySelector(selector);
  }

  listen() {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.search();
    });
    this.form.addEventListener("change", (event) => {
      if (event.target.matches("select, [type=checkbox]")) this.search();
    });
    // The fields still hold their values while `reset` is dispatched.
    this.form.addEventListener("reset", () => setTimeout(() => this.search()));
    for (const button of this.root.querySelectorAll("[data-rel]")) {
      button.addEventListener("click", () => this.load(target(this.#page, button.dataset.rel), button));
    }
    copies(this.find("[data-copy]"), this.find(".curl"));
  }

  /** Shows the first page of the collection that the root document links. */
  async start(root) {
    const url = target(root, this.name);
    if (!url) {
      this.fail({ title: "No link", detail: `The service links no ${this.name}.` });
      return;
    }
    await this.load(url);
    // A browser may have kept what was in the form before the page was loaded again.
    if (values(this.form).size > 0) await this.search();
  }

  /** Shows the first page of what the form says. */
  async search() {
    if (!this.#page) return;
    const { body, url } = this.#page;
    try {
      await this.load(fill(find(body, "search"), values(this.form), url));
    } catch (error) {
      this.fail(failureOf(error));
    }
  }

  /** The page that is shown, or null. */
  get page() {
    return this.#page;
  }

  /** Shows what the page has become, unless it is about to be another one. */
  async reload() {
    if (this.#page && this.root.getAttribute("aria-busy") !== "true") await this.load(this.#page.url);
  }

  /** Shows the page at `url`. The answer to an older request never replaces that to a newer one. */
  async load(url, button) {
    this.#request?.abort();
    const request = (this.#request = new AbortController());
    this.root.setAttribute("aria-busy", "true");
    try {
      this.show(await load(url, request.signal));
    } catch (error) {
      if (error.name === "AbortError") return;
      this.fail(failureOf(error), error.url);
    }
    this.root.setAttribute("aria-busy", "false");
    if (button?.disabled) this.find(".scroll").focus();
  }

  show(answer) {
    this.behind(answer);
    const { ok, body, url } = answer;
    if (!ok || !body) {
      this.fail(problemOf(answer));
      return;
    }
    this.#page = answer;
    this.turn();
    this.find(".problem").hidden = true;
    const rows = this.find("tbody");
    const focused = rows.contains(document.activeElement) ? document.activeElement.href : null;
    rows.replaceChildren(
      ...body.items.map((item) => el("tr", {}, ...this.columns.map(([, cell]) => cell(item, url)))),
    );
    if (focused) refocus(this.find(".scroll"), focused);
    this.find(".status").textContent = this.summary(body);
  }

  summary({ items, total, next_cursor, previous_cursor }) {
    const name = items.length === 1 ? this.name.replace(/s$/, "") : this.name;
    if (items.length === 0 && !previous_cursor) return `No ${name}.`;
    const rows = items.length === 0 ? `No ${name}` : `${items.length} ${name}`;
    const all = total === undefined ? "" : ` of ${count.format(total)}`;
    const ends = [!previous_cursor && "first page", !next_cursor && "last page"].filter(Boolean);
    return `${rows}${all}${ends.length ? ` (${ends.join(" and ")})` : ""}.`;
  }

  /** Enables the buttons whose link the page has. */
  turn() {
    const leads = (rel) => target(this.#page, rel) !== null;
    for (const button of this.root.querySelectorAll("[data-rel]")) {
      const { rel } = button.dataset;
      // The service links the first page from everywhere; a button that leads nowhere new is off.
      button.disabled = !leads(rel) || (rel === "first" && !leads("prev"));
    }
  }

  /** The request and the response, as they went over the wire. */
  behind(answer) {
    const { status, type, link, body } = answer;
    this.find(".curl").textContent = curl(answer.request);
    this.find(".next-cursor").textContent = String(body?.next_cursor ?? null);
    this.find(".previous-cursor").textContent = String(body?.previous_cursor ?? null);
    this.find(".link-header").textContent = String(link);
    this.find(".http").textContent = `${status} ${type}`;
    this.find(".json").textContent = responseOf(answer);
  }

  /** The rows and their neighbours stay: a mistake loses nothing. */
  fail(problem, url) {
    showProblem(this.find(".problem"), problem, url);
    this.find(".status").textContent = "";
  }
}

/** Fills the list of categories; products show the number of a category until it is known. */
async function loadCategories(root) {
  const select = document.querySelector("[name=category_id]");
  for await (const { id, name } of walk(target(root, "categories"))) {
    categories.set(id, name);
    select.append(el("option", { value: id }, name));
  }
}

/** Links of the items open here; with a modifier key they open as a browser opens them. */
function followHere(detail) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-follow]");
    if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    detail.follow(new URL(link.href), link.getAttribute("aria-label") ?? link.textContent);
  });
}

/** The documentation, where the root document links it (RFC 8631). */
function linkDocs(root) {
  const url = target(root, "service-doc");
  if (url) document.querySelector("header nav").append(el("a", { href: url.href }, "Docs"));
}

const panels = [new Panel(PRODUCTS), new Panel(EVENTS)];
const [products] = panels;
const bulk = new Bulk(document.getElementById("many"), () => products.page);
const detail = new Detail(document.getElementById("detail"));
for (const { root } of [bulk, detail]) root.addEventListener("changed", () => products.reload());
followHere(detail);
try {
  const root = await load(new URL(document.querySelector("[data-root]").href));
  if (!root.ok) throw new Error(`The root document is not there: ${root.status}`);
  linkDocs(root);
  await loadCategories(root).catch(() => {});
  await Promise.all(panels.map((panel) => panel.start(root)));
} catch (error) {
  for (const panel of panels) panel.fail(failureOf(error), error.url);
}
