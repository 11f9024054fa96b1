// Two panels over two collections. Whatever comes from the service is put on the page as text,
// never as markup.

const money = new Intl.NumberFormat("en", { style: "currency", currency: "USD" });
const count = new Intl.NumberFormat("en");
const time = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium", timeZone: "UTC" });

const categories = new Map();

/** An element with attributes and children; strings become text. */
function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const none = (what) => el("span", { class: "none", "aria-label": `no ${what}` }, "–");
const moment = (text) => el("time", { datetime: text, title: text }, time.format(new Date(text)));

/** The links of an item; a browser can only follow those that are read. */
function links(item) {
  const cell = el("td");
  for (const { href, rel, method } of item.links ?? []) {
    if (method !== "GET" || !href.startsWith("/")) continue;
    cell.append(el("a", { href, "aria-label": `${rel} of ${item.name ?? item.title}` }, rel), " ");
  }
  return cell;
}

const PRODUCTS = {
  name: "products",
  columns: [
    ["Product", (item) => el("th", { scope: "row" }, item.name, el("small", {}, item.sku))],
    ["Price", (item) => el("td", { class: "number" }, money.format(item.price_cents / 100)), "number"],
    ["Rating", (item) => el("td", { class: "number" }, item.rating === null ? none("rating") : String(item.rating)), "number"],
    ["Category", (item) => el("td", {}, categories.get(item.category_id) ?? String(item.category_id))],
    ["Added, UTC", (item) => el("td", {}, moment(item.created_at))],
    ["Links", links],
  ],
};

const EVENTS = {
  name: "events",
  columns: [
    ["Event", (item) => el("th", { scope: "row" }, item.title, el("small", {}, item.kind))],
    ["Severity", (item) => el("td", { class: "number" }, item.severity === null ? none("severity") : String(item.severity)), "number"],
    ["Occurred, UTC", (item) => el("td", {}, moment(item.occurred_at))],
    ["Recorded, UTC", (item) => el("td", {}, moment(item.created_at))],
    ["Links", links],
  ],
};

/** The query of a form: empty fields are left out, and an option may bring its operator along. */
function query(form) {
  const query = new URLSearchParams();
  for (const field of form.elements) {
    if (!field.name || field.value === "" || (field.type === "checkbox" && !field.checked)) continue;
    if ("cents" in field.dataset) query.append(field.name, Math.round(field.valueAsNumber * 100));
    else if ("date" in field.dataset) query.append(field.name, `${field.value}T00:00:00Z`);
    else if (field.matches("select") && field.value.includes("]=")) query.append(...field.value.split("="));
    else query.append(field.name, field.value);
  }
  return query;
}

/** The targets of a `Link` header (RFC 8288) by their relation. */
function parseLinks(header) {
  const targets = {};
  for (const [, href, rel] of (header ?? "").matchAll(/<([^>]*)>;\s*rel="([^"]*)"/g)) targets[rel] = href;
  return targets;
}

const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;

class Panel {
  #request = null;
  #targets = {};

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
      this.start();
    });
    this.form.addEventListener("change", (event) => {
      if (event.target.matches("select, [type=checkbox]")) this.start();
    });
    // The fields still hold their values while `reset` is dispatched.
    this.form.addEventListener("reset", () => setTimeout(() => this.start()));
    for (const button of this.root.querySelectorAll("[data-rel]")) {
      button.addEventListener("click", () => this.load(this.#targets[button.dataset.rel], button));
    }
    this.find("[data-copy]").addEventListener("click", (event) => this.copy(event.target));
  }

  async copy(button) {
    const curl = this.find(".curl");
    try {
      await navigator.clipboard.writeText(curl.textContent);
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = "Copy curl"), 1500);
    } catch {
      // Browsers keep the clipboard from pages that came over plain HTTP from another host.
      getSelection().selectAllChildren(curl);
    }
  }

  /** Shows the first page of what the form says. */
  start() {
    const text = query(this.form).toString();
    const path = this.form.getAttribute("action");
    return this.load(text ? `${path}?${text}` : path);
  }

  /** Shows the page at `url`. The answer to an older request never replaces that to a newer one. */
  async load(url, button) {
    this.#request?.abort();
    const request = (this.#request = new AbortController());
    this.root.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(url, { signal: request.signal, headers: { accept: "application/json" } });
      const text = await response.text();
      this.show(url, response, text, parse(text));
    } catch (error) {
      if (error.name === "AbortError") return;
      this.fail({ title: "No answer", detail: String(error.message) });
    }
    this.root.setAttribute("aria-busy", "false");
    if (button?.disabled) this.find(".scroll").focus();
  }

  show(url, response, text, body) {
    const header = response.headers.get("link");
    this.behind(url, response, text, body, header);
    if (!response.ok || !body) {
      this.fail(body ?? { title: `${response.status} ${response.statusText}`, detail: text });
      return;
    }
    this.targets(parseLinks(header));
    this.find(".problem").hidden = true;
    this.find("tbody").replaceChildren(
      ...body.items.map((item) => el("tr", {}, ...this.columns.map(([, cell]) => cell(item)))),
    );
    this.find(".status").textContent = this.summary(body);
  }

  summary({ items, total, next_cursor, previous_cursor }) {
    const rows = items.length === 0 ? `No ${this.name}` : `${items.length} ${this.name}`;
    const all = total === undefined ? "" : ` of ${count.format(total)}`;
    const ends = [!previous_cursor && "first page", !next_cursor && "last page"].filter(Boolean);
    return `${rows}${all}${ends.length ? ` (${ends.join(" and ")})` : ""}.`;
  }

  targets(targets) {
    // The service links the first page from everywhere; a button that leads nowhere new is off.
    if (!targets.prev) delete targets.first;
    this.#targets = targets;
    for (const button of this.root.querySelectorAll("[data-rel]")) {
      button.disabled = !(button.dataset.rel in targets);
    }
  }

  /** The request and the response, as they went over the wire. */
  behind(url, response, text, body, header) {
    this.find(".curl").textContent = `curl -i ${quote(new URL(url, location.href).href)}`;
    this.find(".next-cursor").textContent = String(body?.next_cursor ?? null);
    this.find(".previous-cursor").textContent = String(body?.previous_cursor ?? null);
    this.find(".link-header").textContent = String(header);
    this.find(".http").textContent = `${response.status} ${response.headers.get("content-type")}`;
    this.find(".json").textContent = body ? JSON.stringify(body, null, 2) : text;
  }

  /** A problem (RFC 9457) in words. The rows and their neighbours stay: a mistake loses nothing. */
  fail({ title, detail, errors = [] }) {
    const list = errors.map((error) =>
      el("li", {}, `${error.parameter ?? error.pointer ?? error.header ?? ""}: ${error.detail}`),
    );
    const problem = this.find(".problem");
    problem.replaceChildren(el("strong", {}, title ?? "Problem"), ` ${detail ?? ""}`);
    if (list.length > 1) problem.append(el("ul", {}, ...list));
    problem.hidden = false;
    this.find(".status").textContent = "";
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Fills the list of categories; products show the number of a category until it is known. */
async function loadCategories() {
  const response = await fetch("/api/v1/categories?page_size=100");
  if (!response.ok) return;
  const select = document.querySelector("[name=category_id]");
  for (const { id, name } of (await response.json()).items) {
    categories.set(id, name);
    select.append(el("option", { value: id }, name));
  }
}

const products = new Panel(PRODUCTS);
const events = new Panel(EVENTS);
await loadCategories().catch(() => {});
await Promise.all([products.start(), events.start()]);
