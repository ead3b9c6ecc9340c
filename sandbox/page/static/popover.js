// Menus and confirm dialogs: a floating card at its button, on a phone a sheet at the thumb.
import { h, icon, replace } from "./dom.js";

const SEARCH_FROM = 9; // options; fewer are seen at a glance
const GAP = 4;
const EDGE = 8;

export const onPhone = () => matchMedia("(max-width: 760px)").matches;

/** Open a `<dialog>` over the page; resolves with its return value ("" when dismissed) and removes it. */
export function showDialog(dialog) {
  const opener = document.activeElement;
  document.body.append(dialog);
  dialog.showModal();
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog && outside(dialog, event)) dialog.close("");
  });
  return new Promise((settle) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (opener?.isConnected) opener.focus({ preventScroll: true });
      settle(dialog.returnValue);
    });
  });
}

function outside(dialog, { clientX: x, clientY: y }) {
  const box = dialog.getBoundingClientRect();
  return x < box.left || x > box.right || y < box.top || y > box.bottom;
}

function place(dialog, anchor) {
  if (onPhone()) return;
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = dialog;
  const below = at.bottom + GAP;
  const top = below + height > innerHeight - EDGE ? Math.max(EDGE, at.top - GAP - height) : below;
  const left = Math.max(EDGE, Math.min(at.left, innerWidth - width - EDGE));
  dialog.style.setProperty("top", `${top}px`);
  dialog.style.setProperty("left", `${left}px`);
}

/**
 * Choose from a menu at `anchor`. `groups`: [{label?, items: [{label, hint?, node?, value, current?}]}].
 * `ask(typed)`, where there is one, gives the groups for what was typed, as a promise. Resolves with the item, or null.
 */
export async function menu(anchor, { title, groups, ask }) {
  const list = h("div", { class: "menu-list", role: "listbox", "aria-label": title });
  const dialog = h("dialog", { class: "menu", "aria-label": title });
  let chosen = null;
  const pick = (item) => {
    chosen = item;
    dialog.close("chosen");
  };
  const show = (wanted) => replace(list, wanted.map((group) => menuGroup(group, pick)));
  const count = groups.reduce((sum, group) => sum + group.items.length, 0);
  const search = ask ? askField(ask, show) : count >= SEARCH_FROM ? searchField(groups, show) : null;
  dialog.append(h("div", { class: "sheet-title" }, title), ...(search ? [search] : []), list);
  dialog.addEventListener("keydown", moveFocus);
  show(groups);
  if (ask) ask("").then(show, () => {});
  anchor.setAttribute("aria-expanded", "true");
  const closed = showDialog(dialog);
  place(dialog, anchor);
  await closed;
  anchor.setAttribute("aria-expanded", "false");
  return chosen;
}

function menuGroup(group, pick) {
  const items = group.items.map((item) =>
    h(
      "button",
      {
        type: "button",
        role: "option",
        class: "menu-item",
        "aria-selected": item.current ? "true" : "false",
        on: { click: () => pick(item) },
      },
      h("span", { class: "menu-label" }, item.node ?? item.label, item.hint && h("small", {}, item.hint)),
      item.current && icon("check"),
    ),
  );
  return [group.label && h("div", { class: "menu-heading" }, group.label), ...items];
}

/** Each letter asks anew; an answer that comes after a later one is dropped. */
function askField(ask, show) {
  let latest = 0;
  const find = async ({ target }) => {
    const mine = ++latest;
    const found = await ask(target.value).catch(() => []);
    if (mine === latest) show(found[0]?.items.length ? found : [{ label: "No results", items: [] }]);
  };
  const input = h("input", { type: "search", placeholder: "Type to find", "aria-label": "Type to find", on: { input: find } });
  return h("label", { class: "menu-search" }, icon("search"), input);
}

function searchField(groups, show) {
  const find = ({ target }) => {
    const text = target.value.trim().toLowerCase();
    const has = (item) => `${item.label} ${item.hint ?? ""}`.toLowerCase().includes(text);
    const found = groups.map((group) => ({ ...group, items: group.items.filter(has) })).filter((group) => group.items.length);
    show(found.length ? found : [{ label: "No results", items: [] }]);
  };
  const input = h("input", { type: "search", placeholder: "Find an option", "aria-label": "Find an option", on: { input: find } });
  return h("label", { class: "menu-search" }, icon("search"), input);
}

function moveFocus(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const items = [...event.currentTarget.querySelectorAll(".menu-item")];
  const next = items.indexOf(document.activeElement) + step;
  items[(next + items.length) % items.length]?.focus();
}

/** Slack's confirm object as a dialog; resolves true only for its confirm button. `say` renders text objects. */
export async function confirmed(confirm, say) {
  const dialog = h("dialog", { class: "card confirm" });
  const button = (kind, value, label) =>
    h("button", { type: "button", class: `button ${kind}`, on: { click: () => dialog.close(value) } }, label);
  dialog.append(
    h("h2", { class: "card-title" }, say(confirm.title)),
    h("div", { class: "card-text" }, say(confirm.text)),
    h(
      "div",
      { class: "card-buttons" },
      button("", "", say(confirm.deny) ?? "Cancel"),
      button(confirm.style === "danger" ? "danger" : "primary", "yes", say(confirm.confirm) ?? "Yes"),
    ),
  );
  const answer = showDialog(dialog);
  dialog.querySelector(".card-buttons .button:last-child").focus();
  return (await answer) === "yes";
}
