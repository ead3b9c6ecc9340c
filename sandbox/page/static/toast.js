// One short notice at a time, for what went wrong with something one just did.
import { h } from "./dom.js";

const SHOWN = 6000; // milliseconds
let shown = null;

export function toast(words) {
  shown?.remove();
  const mine = (shown = h("div", { class: "toast", role: "alert" }, words));
  // An open dialog covers the page: then the notice belongs in it.
  (document.querySelector("dialog[open]") ?? document.body).append(mine);
  setTimeout(() => mine.remove(), SHOWN);
}
