// rich_text blocks to nodes. https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
import { h, link } from "./dom.js";
import { formatDate } from "./dates.js";
import { glyph } from "./emoji.js";
import { emojiNode, mention } from "./mrkdwn.js";

const STYLES = { bold: "strong", italic: "em", strike: "s", underline: "u" };

const CONTAINERS = {
  rich_text_section: (part, names) => h("div", { class: "rich-section" }, runs(part.elements, names)),
  rich_text_quote: (part, names) => h("blockquote", { class: "quote" }, runs(part.elements, names)),
  rich_text_preformatted: (part, names) => h("pre", { class: "pre" }, runs(part.elements, names)),
};

const RUNS = {
  text: (run) => run.text ?? "",
  link: (run) => link(run.url ?? "", run.text || run.url || ""),
  user: (run, names) => mention(`@${names.person(run.user_id) ?? run.user_id}`, names.isMe(run.user_id)),
  channel: (run, names) => mention(`#${names.channel(run.channel_id) ?? run.channel_id}`),
  usergroup: (run, names) => mention(`@${names.group(run.usergroup_id) ?? run.usergroup_id}`),
  broadcast: (run) => mention(`@${run.range}`, true),
  emoji: (run) => (glyph(run.name) || !run.unicode ? emojiNode(run.name) : fromUnicode(run)),
  date: dateRun,
  color: (run) => h("span", { class: "color" }, h("i", { class: "swatch", style: { background: run.value } }), run.value),
};

export function richText(block, names) {
  const out = [];
  let ordinals = [];
  for (const part of block.elements ?? []) {
    if (part.type === "rich_text_list") {
      out.push(list(part, names, ordinals));
    } else {
      ordinals = [];
      out.push(CONTAINERS[part.type]?.(part, names) ?? h("div", { class: "unknown" }, part.type));
    }
  }
  return h("div", { class: "rich" }, out);
}

/** One list; Slack writes a nested list as a neighbour with `indent`, and numbers go on around it. */
function list(part, names, ordinals) {
  const indent = part.indent ?? 0;
  const ordered = part.style === "ordered";
  const start = (ordinals[indent] ?? part.offset ?? 0) + 1;
  ordinals[indent] = start - 1 + part.elements.length;
  ordinals.length = indent + 1;
  const items = part.elements.map((item) => h("li", {}, runs(item.elements, names)));
  const props = { class: `list list-${indent % 3}`, style: { "--indent": indent }, start: ordered ? start : null };
  return h(ordered ? "ol" : "ul", { ...props, data: { border: part.border ? "yes" : "no" } }, items);
}

function runs(elements = [], names) {
  return elements.map((run) => {
    const node = RUNS[run.type]?.(run, names) ?? run.text ?? `[${run.type}]`;
    return styled(node, run.style ?? {});
  });
}

function styled(node, style) {
  const inner = style.code ? h("code", { class: "code" }, node) : node;
  return Object.entries(STYLES).reduce((inside, [name, tag]) => (style[name] ? h(tag, {}, inside) : inside), inner);
}

function fromUnicode(run) {
  const points = run.unicode.split("-").map((point) => Number.parseInt(point, 16));
  return h("span", { class: "emoji", title: `:${run.name}:` }, String.fromCodePoint(...points));
}

function dateRun(run) {
  const words = formatDate(run.timestamp, run.format ?? "{date}") ?? run.fallback ?? String(run.timestamp);
  return run.url ? link(run.url, words) : h("time", { title: run.fallback }, words);
}
