// The walk: from the root to every resource, by following links alone. A document is what a client
// makes of an answer:
//
//   links()               what it finds: rel, href, maybe method and templated
//   items(name)           the references of a page's items, which are called `name`
//   embedded(name, nth)   the members of an item as the page has them: a function from their names
//   item(name, nth)       the item itself, requested
//   follow(rel, values)   the document behind a link; values for a template
//   raw(rel)              type and size of what is behind a link, whatever it is
//   value(name)           a member
//   create(fields)        where the client knows links that are not followed with GET: the id of the new row
import { randomUUID } from "node:crypto";
import { expect } from "./tap.mjs";

const COLLECTIONS = ["products", "categories", "events"];
/** As many pages as there are, up to so many, in each direction. */
const PAGES = 5;

export async function walk(root) {
  for (const name of COLLECTIONS) expect(has(root, name), `the root does not link ${name}`);
  await every(root);
  const products = await root.follow("products");
  await pages(products, "products");
  await every(products, ["item"]);
  await search(products);
  await productsOf(products);
  await categories(await root.follow("categories"));
  await events(await root.follow("events"));
  if (products.create) await create(products);
  await again(root, "self");
}

const has = (doc, rel) => doc.links().some((link) => link.rel === rel);

/** Behind each relation of a document that is followed with GET there is something. */
async function every(doc, except = []) {
  const followed = ({ rel, method = "GET", templated }) =>
    method === "GET" && rel !== "create" && !templated && !except.includes(rel);
  for (const rel of new Set(doc.links().filter(followed).map((link) => link.rel))) {
    expect((await doc.raw(rel)).type, `${doc.url}: nothing behind ${rel}`);
  }
}

/** Forward by `next` and back by `prev` through the same rows, none of them twice. */
async function pages(first, name) {
  const there = [first];
  while (there.length < PAGES && has(there.at(-1), "next")) there.push(await there.at(-1).follow("next"));
  const rows = there.map((page) => page.items(name));
  const distinct = new Set(rows.flat());
  expect(rows[0].length > 0, `${first.url}: no items on the first page`);
  expect(distinct.size === rows.flat().length, `${first.url}: rows repeated in ${there.length} pages`);
  expect(!has(first, "prev"), `${first.url}: the first page has a link to a previous one`);
  for (let nth = there.length - 1, page = there.at(-1); nth > 0; nth--) {
    page = await page.follow("prev");
    same(page.items(name), rows[nth - 1], `${page.url}: back on page ${nth}`);
  }
  const begin = await there.at(-1).follow("first");
  same(begin.items(name), rows[0], `${first.url}: the first page`);
  await again(first, "self", name);
  return there.length;
}

/** A document's own link leads to what it was. */
async function again(doc, rel, name) {
  const other = await doc.follow(rel);
  if (name) same(other.items(name), doc.items(name), `${doc.url}: ${rel}`);
  else same(other.links(), doc.links(), `${doc.url}: ${rel}`);
}

function same(found, expected, what) {
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
  expect(a === b, `${what}: ${a}, expected ${b}`);
}

/** The item of a page by itself: it is the one that the page has told of. */
async function single(page, name, nth, members) {
  const item = await page.item(name, nth);
  for (const member of members) {
    same(item.value(member), page.embedded(name, nth)(member), `${item.url}: ${member}`);
  }
  await again(item, "self");
  return item;
}

/** The templates of RFC 6570: other values, other rows. */
async function search(products) {
  const link = products.links().find((link) => link.rel === "search");
  if (!link) return;
  expect(link.templated, `${products.url}: the search is not marked as templated`);
  const found = await products.follow("search", { q: "cutting board", sort: "price_cents", limit: 5 });
  const prices = found.items("products").map((_, nth) => found.embedded("products", nth)("price_cents"));
  same(prices, [...prices].sort((a, b) => a - b), `${found.url}: the prices`);
  expect(prices.length === 5, `${found.url}: ${prices.length} found`);
  const none = await products.follow("search", { q: "a/b?c#d é&limit=1", limit: 3 });
  expect(none.items("products").length === 0, `${none.url}: found something`);
}

async function productsOf(page) {
  const reached = { reviews: 0, images: 0 };
  const enough = (nth) => nth >= 4 && reached.reviews > 0 && reached.images > 0;
  for (let nth = 0; nth < page.items("products").length && !enough(nth); nth++) {
    const product = await single(page, "products", nth, ["name", "price_cents", "rating", "created_at"]);
    await every(product);
    await category(product);
    reached.reviews += await below(product, "reviews", ["rating", "text"]);
    reached.images += await below(product, "images", ["alt", "size"]);
  }
  expect(reached.reviews > 0 && reached.images > 0, `reached: ${JSON.stringify(reached)}`);
}

async function category(product) {
  const category = await product.follow("category");
  same(Number(category.value("id")), product.value("category_id"), `${product.url}: its category`);
  const products = await category.follow("products");
  const others = products.items("products").map((_, nth) => products.embedded("products", nth)("category_id"));
  expect(others.every((id) => id === product.value("category_id")), `${products.url}: of other categories`);
  return products;
}

/** The collection of a product and its first member; answers how many there are. */
async function below(product, name, members) {
  const page = await product.follow(name);
  const count = page.items(name).length;
  if (count === 0) return 0;
  await pages(page, name);
  const item = await single(page, name, 0, members);
  await every(item);
  const back = await item.follow("product");
  same(back.value("id"), product.value("id"), `${item.url}: its product`);
  same((await item.follow("collection")).items(name), page.items(name), `${item.url}: its collection`);
  if (has(item, "enclosure")) await picture(item);
  return count;
}

async function picture(image) {
  const { type, size } = await image.raw("enclosure");
  same([type, size], [image.value("media_type"), image.value("size")], `${image.url}: its content`);
}

async function categories(page) {
  await pages(page, "categories");
  const category = await single(page, "categories", 1, ["name", "description"]);
  await every(category);
  await pages(await category.follow("products"), "products");
  await again(page, "self", "categories");
}

async function events(page) {
  await pages(page, "events");
  const event = await single(page, "events", 2, ["kind", "title", "occurred_at"]);
  await every(event);
  same((await event.follow("collection")).items("events"), page.items("events"), `${event.url}: its collection`);
}

/** The link that is not followed with GET: a new row, and it is where the answer says. */
async function create(products) {
  const sku = `walk-${randomUUID()}`;
  const id = await products.create({ sku, name: "Left by a walk", price_cents: 1 });
  const found = await products.follow("search", { id });
  same(found.embedded("products", 0)("sku"), sku, `${products.url}: the new product`);
}
