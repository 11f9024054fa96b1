// traverson (https://github.com/traverson/traverson): plain JSON by JSONPath, and HAL with
// traverson-hal. It sends its requests with the package `request`, and expands templates itself.
import request from "request";
import traverson from "traverson";
import JsonHalAdapter from "traverson-hal";

traverson.registerMediaType(JsonHalAdapter.mediaType, JsonHalAdapter);

const plain = {
  name: "traverson",
  accept: "application/json",
  step: (rel) => `$.links[?(@.rel=="${rel}")].href`,
  own: (name, nth) => [`$.items[${nth}].links[?(@.rel=="self")].href`],
  items: (body) => body.items,
  links: (body) => body.links,
  creates: true,
};

const hal = {
  name: "traverson-hal",
  accept: JsonHalAdapter.mediaType,
  step: (rel) => rel,
  own: (name, nth) => [`${name}[${nth}]`, "self"],
  items: (body, name) => body._embedded[name],
  links: (body) =>
    Object.entries(body._links).flatMap(([rel, links]) => [links].flat().map((link) => ({ rel, ...link }))),
};

export const traversons = [plain, hal].map((client) => ({
  ...client,
  start: (root, tap) => {
    const builder = traverson.from(root).withRequestLibrary(tapped(tap));
    return doc(client, client === hal ? builder.jsonHal() : builder.json());
  },
}));

const doc = async (client, builder) => new Doc(client, ...(await run(builder, "getResource")));

class Doc {
  constructor(client, body, traversal) {
    this.client = client;
    this.body = body;
    this.traversal = traversal;
  }

  get url() {
    return self(this.client, this.body);
  }

  links() {
    return this.client.links(this.body);
  }

  value(name) {
    return this.body[name];
  }

  items(name) {
    return this.client.items(this.body, name).map((item) => self(this.client, item));
  }

  embedded(name, nth) {
    return (member) => this.client.items(this.body, name)[nth][member];
  }

  item(name, nth) {
    return doc(this.client, this.after(...this.client.own(name, nth)));
  }

  follow(rel, variables) {
    return doc(this.client, this.after(this.client.step(rel)).withTemplateParameters(variables ?? {}));
  }

  async raw(rel) {
    const [{ headers, body }] = await run(this.after(this.client.step(rel)), "get");
    return { type: headers["content-type"], size: body.length };
  }

  /** Goes on from here; a builder of its own, so that one document can be left in many directions. */
  after(...steps) {
    return this.traversal.continue().newRequest().convertResponseToObject(false).follow(...steps);
  }

  /** Sends the fields where the link says. */
  get create() {
    if (!this.client.creates) return undefined;
    return async (fields) => {
      const [{ body }] = await run(this.after(this.client.step("create")), "post", fields);
      return JSON.parse(body).id;
    };
  }
}

const self = (client, body) => client.links(body).find((link) => link.rel === "self").href;

const run = (builder, method, ...body) =>
  new Promise((resolve, reject) => {
    const done = (error, result, traversal) => (error ? reject(error) : resolve([result, traversal]));
    builder[method](...body, done);
  });

/** The package `request` with a tap in it. */
function tapped(tap) {
  const through = (method) => (url, options, done) =>
    request[method](url, options, (error, response, body) => {
      try {
        if (!error) tap.seen(exchange(method, url, response, body));
      } catch (violation) {
        return done(violation);
      }
      return done(error, response, body);
    });
  return { get: through("get"), post: through("post") };
}

function exchange(method, url, response, body) {
  const header = (name) => response.headers[name];
  return { method: method.toUpperCase(), url, status: response.statusCode, header, text: body };
}
