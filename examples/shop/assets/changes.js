// Changing and deleting the document that is shown, where it links that. Nothing is overwritten
// unseen: each request goes on condition that the document still is what was read (RFC 9110 §13.1.1).

import { target } from "./links.js";
import { failureOf, problemOf, showProblem } from "./view.js";

const PRECONDITION_FAILED = 412;

const optional = (field) => (field.value === "" ? null : field.value);
const decimal = (field) => (field.value === "" ? null : field.valueAsNumber);
const cents = (field) => (decimal(field) === null ? null : Math.round(decimal(field) * 100));

/** How each member is written into its field, and read from there. */
const MEMBERS = {
  name: [String, (field) => field.value],
  price_cents: [(value) => (value / 100).toFixed(2), cents],
  rating: [(value) => String(value ?? ""), decimal],
  description: [(value) => value ?? "", optional],
};

export class Changes {
  #document = null;
  #read = new Map();

  /** `detail` is what shows the document, sends the requests and reads the document again. */
  constructor(root, detail) {
    this.root = root;
    this.detail = detail;
    this.form = this.find("form");
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.save();
    });
    this.form.addEventListener("reset", () => this.calm());
    this.find("[data-now]").addEventListener("click", () => this.delete());
    this.find("[data-current]").addEventListener("click", () => this.loadCurrent());
  }

  find(selector) {
    return this.root.querySelector(selector);
  }

  /** Offers what the document links; nothing without a document. */
  offer(answer) {
    this.#document = answer;
    const may = (rel) => Boolean(answer?.body && target(answer, rel));
    this.calm();
    for (const rel of ["update", "delete"]) {
      const part = this.find(`[data-rel=${rel}]`);
      part.open = false;
      part.hidden = !may(rel);
    }
    if (may("update")) this.fill(answer.body);
    const unless = answer?.etag ? `unless somebody has changed it since (If-Match: ${answer.etag})` : "whatever it is now";
    this.find("[data-condition]").textContent = `Gone for good, ${unless}.`;
    this.root.hidden = !may("update") && !may("delete");
  }

  fill(body) {
    for (const [name, [write]] of Object.entries(MEMBERS)) {
      const field = this.form.elements[name];
      const has = name in body;
      field.closest("div").hidden = !has;
      field.defaultValue = has ? write(body[name]) : "";
      field.value = field.defaultValue;
      // As the field tells it: it may write line ends in a way of its own.
      this.#read.set(name, field.value);
    }
  }

  fields() {
    return Object.keys(MEMBERS).map((name) => this.form.elements[name]);
  }

  /** The fields that no longer hold what was read; 1.50 is still 1.5. */
  typed() {
    const { body } = this.#document;
    const differs = ({ name, value }) => value !== this.#read.get(name);
    return this.fields().filter((field) => differs(field) && MEMBERS[field.name][1](field) !== body[field.name]);
  }

  /** Takes back what was said about the last attempt. */
  calm() {
    this.find(".problem").hidden = true;
    this.find("[data-current]").hidden = true;
    for (const name of Object.keys(MEMBERS)) this.hint(name, "");
  }

  hint(name, text, isWrong = false) {
    const place = this.find(`#hint-${name}`);
    place.textContent = text;
    place.classList.toggle("wrong", isWrong);
    this.form.elements[name].setAttribute("aria-invalid", String(isWrong));
  }

  request(rel, method, more = {}) {
    const { etag } = this.#document;
    const { headers = {}, ...rest } = more;
    const condition = etag ? { "If-Match": etag } : {};
    return { url: target(this.#document, rel), method, headers: { ...headers, ...condition }, ...rest };
  }

  /** Sends what has been typed as a merge patch (RFC 7396): what is not in it stays. */
  async save() {
    this.calm();
    // Such a field says that it is empty, which would take the value away.
    const garbled = this.fields().filter((field) => field.validity.badInput);
    for (const field of garbled) this.hint(field.name, "must be a number", true);
    if (garbled.length > 0) {
      garbled[0].focus();
      return;
    }
    const typed = this.typed();
    if (typed.length === 0) {
      this.tell({ title: "Nothing to save", detail: "No field has been changed." });
      return;
    }
    const patch = Object.fromEntries(typed.map((field) => [field.name, MEMBERS[field.name][1](field)]));
    const headers = { "Content-Type": "application/merge-patch+json" };
    const answer = await this.detail.change(this.request("update", "PATCH", { headers, body: JSON.stringify(patch) }));
    if (answer?.ok) await this.detail.saved(answer);
    else if (answer) this.refuse(answer);
  }

  async delete() {
    this.calm();
    const answer = await this.detail.change(this.request("delete", "DELETE"));
    if (answer?.ok) this.detail.deleted(answer);
    else if (answer) this.refuse(answer);
  }

  refuse(answer) {
    const { code, body, failure } = answer;
    if (code === PRECONDITION_FAILED) {
      this.find("[data-current]").hidden = false;
      const detail = "This has been changed since it was read here, so nothing was overwritten.";
      this.tell({ title: answer.status, detail });
      return;
    }
    for (const { pointer, detail } of body?.errors ?? []) {
      const name = pointer?.slice(1);
      if (name in MEMBERS) this.hint(name, detail, true);
    }
    this.tell(failure ? failureOf(failure) : problemOf(answer));
    this.form.querySelector("[aria-invalid=true]")?.focus();
  }

  tell(problem) {
    const place = this.find(".problem");
    showProblem(place, problem);
    place.scrollIntoView({ block: "nearest" });
  }

  /** Reads the document again; what had been typed is kept in words beside its fields. */
  async loadCurrent() {
    const typed = this.typed().map(({ name, value }) => [name, value]);
    await this.detail.reload();
    if (typed.length === 0 || this.find("[data-rel=update]").hidden) return;
    this.find("[data-rel=update]").open = true;
    for (const [name, value] of typed) {
      if (value !== this.#read.get(name)) this.hint(name, value ? `You had typed: ${value}` : "You had emptied this.");
    }
    this.form.elements[typed[0][0]].focus();
  }
}
