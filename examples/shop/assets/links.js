// Where a document leads. Every address comes from the service: nothing here knows how its URLs are
// made, and links may be relative, under a prefix, or absolute.

/** The first link of a relation, or undefined. */
export const find = (body, rel) => (body?.links ?? []).find((link) => link.rel === rel);

/** The URL of a reference found in the document at `base`; null for what a page must not open. */
export function resolve(href, base) {
  try {
    const url = new URL(href, base);
    return ["http:", "https:"].includes(url.protocol) ? url : null;
  } catch {
    return null;
  }
}

/** Whether this page may read what is there. */
export const isReadable = (url) => url.origin === location.origin;

/** The URL of a document's link that is followed as it is, or null. */
export function target({ body, url }, rel) {
  const link = find(body, rel);
  return link && !link.templated ? resolve(link.href, url) : null;
}

/** Percent-encodes everything but the unreserved characters (RFC 3986 §2.3). */
export const encode = (text) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

// RFC 6570 §3.2.8 and §3.2.9, at level 3: names in order, undefined ones left out. A name may hold
// percent-encoded characters and is then written as it stands, so values are kept under that form.
const FORM = /\{([?&])([^{}]*)\}/g;

/** The names that a template takes in its query. */
export const variables = (template) =>
  new Set([...template.matchAll(FORM)].flatMap(([, , names]) => names.split(",")));

/** A template with the form-style expressions replaced by the values of a `Map`. */
export function expand(template, values) {
  return template.replace(FORM, (_, operator, names) => {
    const known = names.split(",").filter((name) => values.has(name));
    const pairs = known.map((name) => `${name}=${encode(values.get(name))}`);
    return pairs.length ? operator + pairs.join("&") : "";
  });
}

/** Where a link leads with these values, or an error that names what it does not take. */
export function fill(link, values, base) {
  const offered = variables(link?.href ?? "");
  const missing = [...values.keys()].filter((name) => !offered.has(name));
  const url = link && resolve(expand(link.href, values), base);
  if (url && missing.length === 0) return url;
  const what = missing.map(decodeURIComponent).join(", ") || "this";
  throw Object.assign(new Error(`The service does not take ${what} here.`), { title: "Not offered" });
}

/**
 * The answer to a request of `url` and perhaps `method`, `headers` and `body`, as it went over the
 * wire; its own `body` is null where it is not JSON.
 */
export async function send(request, signal) {
  const { url, method = "GET", headers = {}, body } = request;
  if (!isReadable(url)) {
    const elsewhere = `The links of the service lead to ${url.origin}, which this page may not read.`;
    throw Object.assign(new Error(elsewhere), { url });
  }
  const accept = "application/json, */*;q=0.1";
  // What is changed must be what is there now, so caches ask each time.
  const response = await fetch(url, { signal, method, body, cache: "no-cache", headers: { accept, ...headers } });
  const text = await response.text();
  return {
    request,
    url,
    ok: response.ok,
    code: response.status,
    status: `${response.status} ${response.statusText}`.trim(),
    type: response.headers.get("content-type") ?? "",
    link: response.headers.get("link"),
    etag: response.headers.get("etag"),
    headers: response.headers,
    text,
    body: parse(text),
  };
}

/** What is at `url`. */
export const load = (url, signal) => send({ url }, signal);

/** The value that a JSON text stands for; null where it is none. */
export function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** All items of a collection, page after page; `pages` bounds a service that never ends. */
export async function* walk(url, pages = 50) {
  for (let nth = 0; url && nth < pages; nth++) {
    const page = await load(url);
    if (!page.ok) return;
    yield* page.body?.items ?? [];
    url = target(page, "next");
  }
}

const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** The command that sends the same request. */
export function curl({ url, method = "GET", headers = {}, body }) {
  const command = `curl -i ${method === "GET" ? "" : `-X ${method} `}${quote(url.href)}`;
  const options = Object.entries(headers).map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`);
  if (body !== undefined) options.push(`--data-raw ${quote(body)}`);
  return [command, ...options].join(" \\\n  ");
}
