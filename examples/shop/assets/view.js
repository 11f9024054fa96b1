// What both the panels and the detail show. Text from the service becomes text, never markup.

import { encode, isReadable, resolve } from "./links.js";

/** An element with attributes and children; strings become text. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** What to call an item. */
export const title = (item) =>
  String(item.name ?? item.title ?? item.alt ?? item.text ?? (item.id === undefined ? "" : `#${item.id}`));

// These are forms of the detail.
const FORMS = ["update", "delete"];

/** Each link of an item found in the document at `base`, ready to be clicked if a browser can. */
export const anchors = (item, base) =>
  (item.links ?? []).filter(({ rel }) => !FORMS.includes(rel)).map((link) => anchor(link, title(item), base));

function anchor({ href, rel, method = "GET", templated, type }, owner, base) {
  const url = templated ? null : resolve(href, base);
  if (method !== "GET" || !url) {
    return el("span", { class: "inert", title: `${method} ${href}` }, templated ? `${rel} {…}` : `${method} ${rel}`);
  }
  const name = { href: url.href, "aria-label": owner ? `${rel} of ${owner}` : rel };
  // A page for people is one of its own, and so is what this page may not read.
  if (isReadable(url) && type !== "text/html") return el("a", { ...name, "data-follow": "" }, rel);
  return el("a", { ...name, rel: "noopener", target: "_blank" }, `${rel} ↗`);
}

/** The picture that an item encloses, if it is one and this page may show it. */
export function picture(item, base) {
  const link = (item.links ?? []).find(({ rel }) => rel === "enclosure");
  const url = link && resolve(link.href, base);
  if (!url || !isReadable(url) || !(link.type ?? item.media_type ?? "").startsWith("image/")) return [];
  const size = item.width && item.height ? { width: item.width, height: item.height } : {};
  return [el("img", { src: url.href, alt: item.alt ?? "", ...size })];
}

/** A problem (RFC 9457), or an error of this page, in words. */
export function showProblem(place, { title, detail, errors = [] }, url) {
  const list = errors.map((error) =>
    el("li", {}, `${error.parameter ?? error.pointer ?? error.header ?? ""}: ${error.detail}`),
  );
  place.replaceChildren(el("strong", {}, title ?? "Problem"), ` ${detail ?? ""}`);
  if (list.length > 1) place.append(el("ul", {}, ...list));
  if (url) place.append(" ", el("a", { href: url.href, rel: "noopener" }, "Open it"));
  place.hidden = false;
}

/** What a document that is no success says about itself. */
export const problemOf = ({ body, status, text }) => body ?? { title: status, detail: text };

/** Why there is no document at all. */
export const failureOf = ({ url, message, title = url ? "Elsewhere" : "No answer" }) => ({ title, detail: message });

/** Focuses the link to `href` in `place`, or the place itself where it is gone. */
export function refocus(place, href) {
  const link = [...place.querySelectorAll("a")].find((link) => link.href === href);
  (link ?? place).focus();
}

/** The response to a request that this page has shown. */
export const responseOf = ({ type, text, body }) => (body ? JSON.stringify(body, null, 2) : readable(type, text));

/** Text as it is; of anything else its kind alone. */
function readable(type, text) {
  if (text === "") return "(empty)";
  return /^text\/|[+/](xml|json)\b/.test(type) ? text : `(${type || "no content type"})`;
}

/** The values of a form by the names a template has for them; empty fields are undefined. */
export function values(form) {
  const values = new Map();
  const set = (name, value) => values.set(encode(name), String(value));
  for (const field of form.elements) {
    if (!field.name || field.disabled || field.value === "" || (field.type === "checkbox" && !field.checked)) continue;
    if ("cents" in field.dataset) set(field.name, Math.round(field.valueAsNumber * 100));
    else if ("date" in field.dataset) set(field.name, `${field.value}T00:00:00Z`);
    // An option may bring its operator along.
    else if (field.matches("select") && field.value.includes("]=")) set(...field.value.split("="));
    else set(field.name, field.value);
  }
  return values;
}

/** Lets a button put the text of another element into the clipboard. */
export function copies(button, source) {
  const label = button.textContent;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(source.textContent);
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = label), 1500);
    } catch {
      // Browsers keep the clipboard from pages that came over plain HTTP from another host.
      getSelection().selectAllChildren(source);
    }
  });
}
