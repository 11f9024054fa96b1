// Sees every exchange of a client, counts them, and checks what no client would tell: the status, the
// media type, and that every reference begins where the public is meant to go.
import LinkHeader from "http-link-header";
import { parseList } from "structured-headers";

/** What the service answered is not what it promises. */
export class Violation extends Error {}

export function expect(condition, what) {
  if (!condition) throw new Violation(what);
}

/** Media types of documents with links; the others are pictures, descriptions and pages. */
const NEGOTIATED = new Set([
  "application/json",
  "application/hal+json",
  "application/prs.hal-forms+json",
  "application/vnd.api+json",
]);

export class Tap {
  /**
   * `base` is where the public finds the service, without a slash at its end. `relative`: references
   * are to be paths, because nobody vouches for a host.
   */
  constructor({ base, relative }) {
    this.base = base;
    this.relative = relative;
    this.accept = undefined;
    this.requests = 0;
    this.references = 0;
  }

  /** Counts from zero for a client that asks for `accept`. */
  begin(accept) {
    Object.assign(this, { accept, requests: 0, references: 0 });
  }

  /** One exchange; `header` finds a header of the response by its lower-case name. */
  seen({ method, url, status, header, text }) {
    const what = `${method} ${url} (${this.accept})`;
    this.requests += 1;
    expect(url === this.base || url.startsWith(`${this.base}/`), `${what}: not below ${this.base}`);
    const expected = method === "POST" ? 201 : 200;
    expect(status === expected, `${what}: ${status}, expected ${expected}: ${text.slice(0, 500)}`);
    const type = (header("content-type") ?? "").split(";")[0];
    const body = type.endsWith("json") ? parse(text, what) : undefined;
    if (body?.openapi) return this.description(body, url, what);
    if (NEGOTIATED.has(type)) this.negotiated(type, header, what);
    for (const reference of this.found(body, header)) this.reference(reference, what);
  }

  negotiated(type, header, what) {
    expect(type === this.accept, `${what}: ${type}`);
    const vary = (header("vary") ?? "").toLowerCase().split(/[\s,]+/);
    expect(vary.includes("accept"), `${what}: Vary is ${vary}`);
  }

  *found(body, header) {
    yield* inBody(body);
    for (const link of LinkHeader.parse(header("link") ?? "").refs) yield link.uri;
    for (const [template] of parseList(header("link-template") ?? "")) yield template;
    if (header("location")) yield header("location");
    if (header("content-location")) yield header("content-location");
  }

  reference(reference, what) {
    this.references += 1;
    const right = this.relative
      ? /^\/(?!\/)/.test(reference)
      : reference.startsWith(`${this.base}/`);
    expect(right, `${what}: a reference to ${reference}, expected ${this.relative ? "a path" : `${this.base}/…`}`);
  }

  /** The servers of an OpenAPI document are relative to where it was found. */
  description(body, url, what) {
    for (const server of body.servers ?? [{ url: "/" }]) {
      const base = new URL(server.url, url).href.replace(/\/$/, "");
      expect(base === this.base, `${what}: the server ${server.url} is ${base}, expected ${this.base}`);
    }
  }

  /** `fetch` with this tap in it, for the clients that use it. */
  fetch = async (input, init) => {
    const request = new Request(input, init);
    const response = await plainFetch(request);
    const text = await response.clone().text();
    const { method, url } = request;
    this.seen({ method, url, status: response.status, header: (name) => response.headers.get(name), text });
    return response;
  };
}

const plainFetch = globalThis.fetch;

function parse(text, what) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Violation(`${what}: ${error.message}: ${text.slice(0, 200)}`);
  }
}

/** Where the four forms keep references: `href`, `target`, and the members of a JSON:API `links`. */
function* inBody(value) {
  if (value === null || typeof value !== "object") return;
  for (const [name, member] of Object.entries(value)) {
    const named = name === "links" && !Array.isArray(member) ? Object.values(member) : [];
    const href = name === "href" || name === "target" ? [member] : [];
    yield* [...named, ...href].filter((reference) => typeof reference === "string");
    yield* inBody(member);
  }
}
