// One document at a time, with its links as further steps and a way back.

import { curl, load } from "./links.js";
import { anchors, copies, el, failureOf, picture, problemOf, showProblem, title } from "./view.js";

export class Detail {
  #steps = [];
  #request = null;

  constructor(root) {
    this.root = root;
    this.find("[data-close]").addEventListener("click", () => root.close());
    this.find("[data-back]").addEventListener("click", () => {
      this.#steps.pop();
      this.#load();
    });
    // A click on the dimmed page around it.
    root.addEventListener("click", (event) => event.target === root && root.close());
    root.addEventListener("close", () => {
      this.#request?.abort();
      this.#steps = [];
    });
    copies(this.find("[data-copy]"), this.find(".curl"));
  }

  find(selector) {
    return this.root.querySelector(selector);
  }

  /** Goes to `url`; `label` names it until it has told its own name. */
  follow(url, label) {
    this.#steps.push({ url, label });
    if (!this.root.open) this.root.showModal();
    return this.#load();
  }

  async #load() {
    const { url, label } = this.#steps.at(-1);
    this.#request?.abort();
    const request = (this.#request = new AbortController());
    this.root.setAttribute("aria-busy", "true");
    this.find(".status").textContent = "Loading…";
    this.find(".curl").textContent = curl(url);
    try {
      this.#show(await load(url, request.signal), label);
    } catch (error) {
      if (error.name === "AbortError") return;
      this.#clear(label);
      showProblem(this.find(".problem"), failureOf(error), error.url);
    }
    this.root.setAttribute("aria-busy", "false");
    this.find("h2").focus();
  }

  #clear(label) {
    this.find("h2").textContent = label;
    this.find("[data-back]").disabled = this.#steps.length < 2;
    this.find(".problem").hidden = true;
    for (const place of [".status", ".links", ".shown", ".json"]) this.find(place).replaceChildren();
    this.root.scrollTop = 0;
  }

  #show(answer, label) {
    const { url, body, type, text } = answer;
    const isImage = type.startsWith("image/");
    this.#clear((answer.ok && body && title(body)) || label);
    this.find(".status").textContent = `${answer.status} · ${type}`;
    this.find(".json").textContent = body ? JSON.stringify(body, null, 2) : readable(type, text);
    if (!answer.ok) return showProblem(this.find(".problem"), problemOf(answer));
    this.find(".links").append(...(body ? anchors(body, url) : []));
    this.find(".shown").append(
      ...(isImage ? [el("img", { src: url.href, alt: label })] : []),
      ...(body ? picture(body, url) : []),
      ...(Array.isArray(body?.items) ? [list(body.items, url)] : []),
    );
  }
}

/** The items of a page, each with its picture and its links. */
function list(items, base) {
  if (items.length === 0) return el("p", { class: "none" }, "Nothing here.");
  const entry = (item) =>
    el(
      "li",
      {},
      ...picture(item, base),
      el("div", {}, el("strong", {}, title(item)), el("div", { class: "links" }, ...anchors(item, base))),
    );
  return el("ul", { class: "items" }, ...items.map(entry));
}

/** Text as it is; of anything else its kind alone. */
function readable(type, text) {
  return /^text\/|[+/](xml|json)\b/.test(type) ? text : `(${type || "no content type"})`;
}
