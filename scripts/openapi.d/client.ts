// A program against the client that openapi-typescript makes of the document: lists products page by page,
// and reads what belongs to one of them. That it compiles says that the document has these routes,
// parameters and members; that it runs, that they are true.
//
//   node client.js BASE
import createClient from "openapi-fetch";
import type { components, paths } from "./generated.js";

type Product = components["schemas"]["Product"];

const base = process.argv[2];
if (base === undefined) throw new Error("usage: client.js BASE");
// Of the forms that links have, this program reads the plain one.
const shop = createClient<paths, "application/json" | "application/problem+json">({ baseUrl: base });

/** The body of an answer, or an exception that tells of the problem. */
function body<T, E>(answer: { data?: T; error?: E; response: Response }): T {
  if (answer.data !== undefined) return answer.data;
  throw new Error(`${answer.response.url}: ${answer.response.status} ${JSON.stringify(answer.error)}`);
}

async function* products(limit: number): AsyncGenerator<Product[]> {
  let cursor: string | undefined;
  do {
    const query = { limit, sort: "-price_cents", "price_cents[gte]": 1000, ...(cursor && { cursor }) } as const;
    const page = body(await shop.GET("/api/v1/products", { params: { query } }));
    yield page.items;
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
}

const seen = new Map<number, Product>();
let pages = 0;
let last = Number.POSITIVE_INFINITY;
for await (const items of products(100)) {
  pages += 1;
  for (const product of items) {
    if (seen.has(product.id)) throw new Error(`product ${product.id} comes twice`);
    if (product.price_cents > last || product.price_cents < 1000) throw new Error(`product ${product.id} is out of order`);
    last = product.price_cents;
    seen.set(product.id, product);
  }
  if (pages === 20) break;
}
if (pages < 20) throw new Error(`only ${pages} pages`);

const [product] = seen.values();
if (product === undefined) throw new Error("no products");
const path = { id: product.id };
const again = body(await shop.GET("/api/v1/products/{id}", { params: { path } }));
if (again.name !== product.name) throw new Error(`product ${product.id} has two names`);
const category = body(await shop.GET("/api/v1/categories/{id}", { params: { path: { id: product.category_id } } }));
const reviews = body(await shop.GET("/api/v1/products/{id}/reviews", { params: { path } }));
const events = body(await shop.GET("/api/v1/events", { params: { query: { limit: 3 } } }));
const missing = await shop.GET("/api/v1/products/{id}", { params: { path: { id: 0 } } });
if (missing.error?.status !== 404) throw new Error(`product 0: ${missing.response.status}`);

console.log(
  `ok  ${seen.size} products on ${pages} pages; ${again.name}, in ${category.name}, ${reviews.items.length} reviews; ${events.items.length} events`,
);
