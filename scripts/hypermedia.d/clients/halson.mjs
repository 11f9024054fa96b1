// halson (https://github.com/seznam/halson): HAL and HAL-FORMS. It reads references as they stand and
// expands templates of the simplest kind only, so addresses are resolved and expanded beside it.
import halson from "halson";
import { parseTemplate } from "url-template";

export const halsons = ["application/hal+json", "application/prs.hal-forms+json"].map((accept) => ({
  name: "halson",
  accept,
  start: (root, tap) => load({ accept, fetch: tap.fetch }, root),
}));

async function load(client, url) {
  const response = await client.fetch(url, { headers: { accept: client.accept } });
  return new Doc(client, url, halson(await response.text()));
}

class Doc {
  constructor(client, url, resource) {
    this.client = client;
    this.url = url;
    this.resource = resource;
  }

  links() {
    const { resource } = this;
    return resource.listLinkRels().flatMap((rel) => resource.getLinks(rel).map((link) => ({ rel, ...link })));
  }

  value(name) {
    return this.resource[name];
  }

  items(name) {
    return this.resource.getEmbeds(name).map((item) => this.resolve(item.getHref("self")));
  }

  embedded(name, nth) {
    return (member) => this.resource.getEmbeds(name)[nth][member];
  }

  item(name, nth) {
    return load(this.client, this.items(name)[nth]);
  }

  follow(rel, variables) {
    const { href, templated } = this.resource.getLink(rel);
    return load(this.client, this.resolve(templated ? parseTemplate(href).expand(variables ?? {}) : href));
  }

  async raw(rel) {
    const address = this.resolve(this.resource.getHref(rel));
    const response = await this.client.fetch(address, { headers: { accept: this.client.accept } });
    const { size } = await response.blob();
    return { type: response.headers.get("content-type"), size };
  }

  resolve(href) {
    return new URL(href, this.url).href;
  }
}
