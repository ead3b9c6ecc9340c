// The only way this page makes elements: data becomes text nodes and attributes, never markup.

const SVG = "http://www.w3.org/2000/svg";
const SAFE_SCHEMES = new Set(["http:", "https:", "mailto:"]);

/**
 * An element. `props`: `class`, `on: {event: listener}`, `data: {name: value}`, `style: {property: value}`;
 * any other key is an attribute (true: present, false/null/undefined: absent). Children that are null,
 * undefined or false are left out; strings become text nodes.
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(props ?? {})) {
    if (key === "on") Object.entries(value).forEach(([event, listen]) => element.addEventListener(event, listen));
    else if (key === "data") Object.assign(element.dataset, value);
    else if (key === "style") Object.entries(value).forEach(([name, v]) => element.style.setProperty(name, v));
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value != null) element.setAttribute(key, value);
  }
  append(element, children);
  return element;
}

export function append(parent, children) {
  const wanted = [children].flat(Infinity).filter((child) => child != null && child !== false);
  parent.append(...wanted);
  return parent;
}

export function replace(parent, ...children) {
  parent.replaceChildren();
  return append(parent, children);
}

export const byId = (id) => document.getElementById(id);

/** The address if a click on it can do no more than open a page, else null. */
export function safeUrl(text) {
  try {
    const url = new URL(text);
    return SAFE_SCHEMES.has(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** A link that opens elsewhere; plain text when the address is none we would open. */
export function link(url, ...label) {
  const href = safeUrl(url);
  const shown = label.length ? label : [url];
  if (!href) return h("span", {}, ...shown);
  return h("a", { class: "link", href, target: "_blank", rel: "noopener noreferrer" }, ...shown);
}

const ICONS = {
  menu: "M4 6h16M4 12h16M4 18h16",
  close: "M6 6l12 12M18 6L6 18",
  hash: "M9.5 4l-2 16M16.5 4l-2 16M4.5 9h16M3.5 15h16",
  chevron: "M6 9l6 6 6-6",
  send: "M4 12l16-7-5 15-3.5-6.5L4 12zM11.5 13.5L20 5",
  thread: "M5 5h14a1 1 0 011 1v9a1 1 0 01-1 1h-8l-4 4v-4H5a1 1 0 01-1-1V6a1 1 0 011-1zM8 9h8M8 12h5",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 15a3 3 0 100-6 3 3 0 000 6z",
  dots: "M12 6.01V6M12 12.01V12M12 18.01V18",
  bolt: "M13 3L5 14h6l-1 7 8-11h-6l1-7z",
  file: "M7 3h7l4 4v14H7a1 1 0 01-1-1V4a1 1 0 011-1zM14 3v5h4",
  down: "M12 5v14M6 13l6 6 6-6",
  check: "M5 13l4 4L19 7",
  back: "M15 5l-7 7 7 7",
  help: "M12 21a9 9 0 100-18 9 9 0 000 18zM9.7 9.6a2.4 2.4 0 114 1.8c-1 .7-1.7 1.1-1.7 2.2M12 16.6v-.01",
  search: "M11 18a7 7 0 100-14 7 7 0 000 14zM20 20l-4-4",
};

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", `icon icon-${name}`);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}
