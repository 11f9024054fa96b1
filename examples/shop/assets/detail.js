// One document at a time, with its links as further steps, what may be done to it, and a way back.

import { Changes } from "./changes.js";
import { curl, send } from "./links.js";
import { anchors, copies, el, failureOf, picture, problemOf, refocus, responseOf, showProblem, title } from "./view.js";

export class Detail {
  #steps = [];
  #request = null;
  #opener = {};

  constructor(root) {
    this.root = root;
    this.changes = new Changes(this.find(".changes"), this);
    this.find("[data-close]").addEventListener("click", () => root.close());
    this.find("[data-back]").addEventListener("click", () => {
      this.#steps.pop();
      this.reload();
    });
    // A click on the dimmed page beside it; text that is marked there from inside must not close it.
    const isBeside = (event) => event.target === root && event.clientX < root.getBoundingClientRect().left;
    let pressed = false;
    root.addEventListener("pointerdown", (event) => (pressed = isBeside(event)));
    root.addEventListener("click", (event) => pressed && isBeside(event) && root.close());
    root.addEventListener("close", () => {
      this.#request?.abort();
      this.#steps = [];
      // The browser gives the focus back to what had it, unless a change has replaced that.
      const { link, place } = this.#opener;
      if (place && !link.isConnected) refocus(place, link.href);
    });
    copies(this.find("[data-copy]"), this.find(".curl"));
  }

  find(selector) {
    return this.root.querySelector(selector);
  }

  /** Goes to `url`; `label` names it until it has told its own name. */
  follow(url, label) {
    this.#steps.push({ url, label });
    if (!this.root.open) {
      const link = document.activeElement;
      this.#opener = { link, place: link.closest(".scroll") };
      this.root.showModal();
    }
    return this.reload();
  }

  /** Reads the document again. */
  async reload() {
    const { url, label } = this.#steps.at(-1);
    this.find(".status").textContent = "Loading…";
    const answer = await this.#exchange({ url });
    if (!answer) return;
    if (answer.failure) {
      this.#clear(label);
      showProblem(this.find(".problem"), failureOf(answer.failure), answer.failure.url);
    } else {
      this.#show(answer, label);
    }
    this.find("h2").focus();
  }

  /** The answer to a request that changes the document, which stays as it is shown. */
  async change(request) {
    this.find(".status").textContent = "Sending…";
    const answer = await this.#exchange(request);
    if (answer) this.#wire(answer);
    return answer;
  }

  /** Shows what a change has made of the document. */
  async saved(answer) {
    this.root.dispatchEvent(new Event("changed"));
    if (answer.body) this.#show(answer, this.#steps.at(-1).label);
    else await this.reload();
    this.find(".status").prepend("Saved. ");
    this.find("h2").focus();
  }

  /** Shows that the document is no more. */
  deleted(answer) {
    this.root.dispatchEvent(new Event("changed"));
    this.#clear(this.find("h2").textContent);
    this.#wire(answer);
    this.find(".status").prepend("Deleted. ");
    this.find("h2").focus();
  }

  /** The answer, or why there is none; null where nobody waits for it any longer. */
  async #exchange(request) {
    this.#request?.abort();
    const { signal } = (this.#request = new AbortController());
    this.root.setAttribute("aria-busy", "true");
    this.find(".curl").textContent = curl(request);
    try {
      return await send(request, signal);
    } catch (failure) {
      return failure.name === "AbortError" ? null : { failure };
    } finally {
      if (!signal.aborted) this.root.setAttribute("aria-busy", "false");
    }
  }

  /** The response, as it went over the wire. */
  #wire(answer) {
    const { failure, status, type, etag } = answer;
    const parts = failure ? ["No answer"] : [status, type, etag && `ETag ${etag}`];
    this.find(".status").textContent = parts.filter(Boolean).join(" · ");
    this.find(".json").textContent = failure ? "" : responseOf(answer);
  }

  #clear(label) {
    this.find("h2").textContent = label;
    this.find("[data-back]").disabled = this.#steps.length < 2;
    this.find(".problem").hidden = true;
    for (const place of [".status", ".links", ".shown", ".json"]) this.find(place).replaceChildren();
    this.changes.offer(null);
    this.root.scrollTop = 0;
  }

  #show(answer, label) {
    const { url, body, type } = answer;
    const isImage = type.startsWith("image/");
    this.#clear((answer.ok && body && title(body)) || label);
    this.#wire(answer);
    if (!answer.ok) return showProblem(this.find(".problem"), problemOf(answer));
    this.find(".links").append(...(body ? anchors(body, url) : []));
    this.find(".shown").append(
      ...(isImage ? [el("img", { src: url.href, alt: label })] : []),
      ...(body ? picture(body, url) : []),
      ...(Array.isArray(body?.items) ? [list(body.items, url)] : []),
    );
    this.changes.offer(answer);
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
