const changes = dialog.querySelector(".changes");
const form = changes.querySelector("form");
const problem = () => changes.querySelector(".problem");
const hint = (name) => changes.querySelector(`#hint-${name}`).textContent;
const act = async (label) => {
  const part = label === "Save" ? "update" : "delete";
  changes.querySelector(`[data-rel=${part}]`).open = true;
  press(changes, label);
  await arrived();
};
const save = async (values) => {
  for (const [name, value] of Object.entries(values)) form.elements[name].value = value;
  await act("Save");
};
const follower = panel.querySelector("tbody a");
follower.focus();
follower.click();
await arrived();
const url = follower.href;
const overtake = (price_cents) =>
  fetch(url, {
    method: "PATCH",
    headers: { "Content-Type": "application/merge-patch+json" },
    body: JSON.stringify({ price_cents }),
  });
seen.read = status(dialog);
await act("Save");
[seen.idle, seen.idleRequest] = [problem().textContent, command(dialog)];
await save({ name: "It's new", price_cents: "12.34", description: "", rating: "9.5" });
[seen.saved, seen.savedRequest, seen.heading] = [status(dialog), command(dialog), heading()];
await until(() => first().startsWith("It's new"));
await save({ name: " ", rating: "99" });
[seen.refused, seen.refusedStatus] = [problem().textContent, status(dialog)];
seen.hints = ["name", "price_cents", "rating"].map((name) => (hint(name) ? name : "")).join(" ");
seen.focused = document.activeElement.name;
press(changes, "Undo");
seen.undone = `${form.elements.name.value} ${hint("name")}`;
await overtake(777);
await save({ name: "Mine" });
[seen.overtaken, seen.kept] = [problem().textContent, form.elements.name.value];
press(changes, "Load the current one");
await until(() => hint("name"));
seen.current = `${form.elements.name.value}, ${form.elements.price_cents.value}, ${hint("name")}`;
await save({ name: "Mine" });
seen.mine = heading();
await overtake(778);
await act("Delete it");
seen.notDeleted = problem().textContent;
press(changes, "Load the current one");
await until(() => form.elements.price_cents.value === "7.78");
await act("Delete it");
[seen.deleted, seen.deletedRequest, seen.offered] = [status(dialog), command(dialog), !changes.hidden];
await until(() => !first().startsWith("Mine"));
press(dialog, "Close");
await until(() => document.activeElement.matches("#products .scroll"));
await follow(panel.querySelector("tbody"), "category");
seen.offeredElsewhere = changes.checkVisibility();
seen.end = "edited";
