// Drawn initials: every person has a colour of their own, the bot has its sail.
import { h } from "./dom.js";
import { nameOf } from "./store.js";

const SVG = "http://www.w3.org/2000/svg";
const COLOURS = ["#1d6f8f", "#9a5b00", "#2d7a4f", "#8a3a8f", "#b3402e", "#3f5cae", "#6b6b1e", "#a3325f"];
const KNOWN = { engineer: 5, qa: 3, oncall: 4, ops: 2, guest: 1 };

export function avatar(person) {
  if (!person) return h("span", { class: "avatar", "aria-hidden": "true" }, "?");
  const colour = person.is_bot ? "#1264a3" : COLOURS[KNOWN[person.name] ?? hash(person.id) % COLOURS.length];
  return h("span", { class: "avatar", style: { "--avatar": colour }, "aria-hidden": "true" }, person.is_bot && person.name !== "slackbot" ? sail() : initials(person));
}

const initials = (person) =>
  (person.real_name || nameOf(person)).split(/[\s._-]+/).filter(Boolean).slice(0, 2).map((word) => [...word][0].toUpperCase()).join("");

const hash = (text) => [...text].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) >>> 0, 7);

export function sail() {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  for (const d of ["M12 3v12M12 4c4 3 6 7 6.5 11H12M12 7c-3 2-5 5-5.5 8H12", "M3.5 18h17c-1 2-2.5 3-4.5 3H8c-2 0-3.5-1-4.5-3z"]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}
