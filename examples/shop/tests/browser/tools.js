const panel = document.getElementById("products");
const dialog = document.getElementById("detail");
const seen = document.body.dataset;
addEventListener("securitypolicyviolation", (event) => (seen.blocked = event.blockedURI));
addEventListener("error", (event) => (seen.thrown = event.message));
addEventListener("unhandledrejection", (event) => (seen.thrown = String(event.reason)));
const first = () => panel.querySelector("tbody th")?.textContent;
const button = (rel) => panel.querySelector(`[data-rel=${rel}]`);
const until = async (holds) => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
};
const command = (root) => root.querySelector(".curl").textContent;
const status = (root) => root.querySelector(".status").textContent;
const heading = () => dialog.querySelector("h2").textContent;
const arrived = () => until(() => dialog.open && dialog.getAttribute("aria-busy") === "false");
const follow = async (scope, rel) => {
  [...scope.querySelectorAll("a[data-follow]")].find((link) => link.textContent === rel).click();
  await arrived();
  return command(dialog);
};
const press = (root, label) => {
  [...root.querySelectorAll("button")].find((button) => button.textContent === label).click();
};
await until(() => !button("next").disabled);
