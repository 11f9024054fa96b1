// http-link-header (https://github.com/jhermsmeier/node-http-link-header) and li
// (https://github.com/jfromaniello/li): the Link header alone (RFC 8288); templates from Link-Template
// (RFC 9652), read with structured-headers and expanded with url-template.
import LinkHeader from "http-link-header";
import li from "li";
import { parseList } from "structured-headers";
import { parseTemplate } from "url-template";

const parsers = {
  "http-link-header": (text) => LinkHeader.parse(text).refs.map(({ rel, uri }) => ({ rel, href: uri })),
  li: (text) => li.parse(text, { extended: true }).flatMap(({ rel, link }) => rel.map((rel) => ({ rel, href: link }))),
};

/** Nothing of a body is read for links, so each form of it does. */
export const headers = Object.entries(parsers).map(([name, parser]) => ({
  name,
  accept: "application/json",
  what: "Link header",
  start: (root, tap) => load({ parser, fetch: tap.fetch }, root),
}));

async function load(client, url) {
  const response = await client.fetch(url, { headers: { accept: "application/json" } });
  return new Doc(client, url, response.headers, await response.json());
}

class Doc {
  constructor(client, url, headers, body) {
    this.client = client;
    this.url = url;
    this.headers = headers;
    this.body = body;
  }

  links() {
    const templates = parseList(this.headers.get("link-template") ?? "");
    return [
      ...this.client.parser(this.headers.get("link") ?? ""),
      ...templates.map(([href, parameters]) => ({ rel: parameters.get("rel"), href, templated: true })),
    ];
  }

  value(name) {
    return this.body[name];
  }

  items() {
    return this.links()
      .filter((link) => link.rel === "item")
      .map((link) => this.resolve(link.href));
  }

  embedded(name, nth) {
    return (member) => this.body.items[nth][member];
  }

  item(name, nth) {
    return load(this.client, this.items(name)[nth]);
  }

  follow(rel, variables) {
    const { href, templated } = this.link(rel);
    return load(this.client, this.resolve(templated ? parseTemplate(href).expand(variables ?? {}) : href));
  }

  async raw(rel) {
    const response = await this.client.fetch(this.resolve(this.link(rel).href));
    const { size } = await response.blob();
    return { type: response.headers.get("content-type"), size };
  }

  link(rel) {
    return this.links().find((link) => link.rel === rel);
  }

  resolve(href) {
    return new URL(href, this.url).href;
  }
}
