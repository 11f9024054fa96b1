// ketting (https://github.com/badgateway/ketting): HAL, HAL-FORMS, JSON:API and the Link header.
import { Client } from "ketting";

/** Where ketting finds the items of a page. */
const embedded = (name) => name;
const linked = () => "item";

export const ketting = [
  { name: "ketting", accept: "application/hal+json", items: embedded, headers: false },
  { name: "ketting", accept: "application/prs.hal-forms+json", items: embedded, headers: false, forms: true },
  { name: "ketting", accept: "application/vnd.api+json", items: linked, headers: false },
  { name: "ketting", accept: "application/json", items: linked, headers: true, what: "Link header" },
].map((client) => ({ ...client, start: (root) => start(client, root) }));

async function start(client, root) {
  const ketting = new Client(root);
  ketting.use(async (request, next) => {
    request.headers.set("Accept", client.accept);
    const response = await next(request);
    // It reads the Link header beside every body: the body has to do alone.
    return client.headers ? response : without(response, "link");
  });
  return new Doc(client, await ketting.go().get());
}

function without(response, name) {
  const headers = new Headers(response.headers);
  headers.delete(name);
  headers.delete("content-encoding");
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
}

class Doc {
  constructor(client, state) {
    this.client = client;
    this.state = state;
    this.url = state.uri;
  }

  links() {
    return this.state.links.getAll();
  }

  /** JSON:API keeps the members one floor down. */
  value(name) {
    return value(this.state.data, name);
  }

  items(name) {
    return this.state.followAll(this.client.items(name)).map((resource) => resource.uri);
  }

  /** What the page already says of an item, where the format embeds it. */
  embedded(name, nth) {
    const { data } = this.state;
    const item = data.data?.[nth] ?? data.items?.[nth] ?? this.state.getEmbedded()[nth]?.data;
    return (member) => value(item?.attributes ? { data: item } : item, member);
  }

  async item(name, nth) {
    return this.to(this.state.followAll(this.client.items(name))[nth]);
  }

  async follow(rel, variables) {
    return this.to(this.state.follow(rel, variables));
  }

  async raw(rel) {
    const { headers, data } = await this.state.follow(rel).refresh();
    return { type: headers.get("content-type"), size: data.size ?? data.length };
  }

  /** Not from ketting's cache, which embedded items are in. */
  async to(resource) {
    return new Doc(this.client, await resource.refresh());
  }

  /** Submits the only form of the document. */
  get create() {
    if (!this.client.forms) return undefined;
    return async (fields) => value((await this.state.action().submit(fields)).data, "id");
  }
}

function value(data, name) {
  const resource = data?.data;
  return resource && !Array.isArray(resource) ? (resource.attributes[name] ?? resource[name]) : data?.[name];
}
