// Slack's mrkdwn to nodes. https://docs.slack.dev/messaging/formatting-message-text
import { append, h, link } from "./dom.js";
import { formatDate } from "./dates.js";
import { glyph, unescape } from "./emoji.js";

const MARKS = { "*": "strong", _: "em", "~": "s" };
const CODE = /`([^`\n]+)`/y;
const ANGLE = /<([^<>\n]+)>/y;
const EMOJI = /:([a-z0-9_+'-]+):/iy;
const BARE_URL = /https?:\/\/[^\s<>|`]*[^\s<>|`.,;:!?)\]'"*_~]/iy;
const WORD = /[\p{L}\p{N}]/u;

/**
 * Nodes of a mrkdwn text. `names` answers `person(id)`, `channel(id)`, `group(id)` with a label and
 * `isMe(id)`; it is how mentions get their words.
 */
export function mrkdwn(text, names) {
  const pieces = text.split(/```\n?([\s\S]+?)```/);
  return pieces.map((piece, index) => {
    if (index % 2) return h("pre", { class: "pre" }, inline(piece.replace(/\n$/, ""), names, false));
    // The line breaks that part a code block from its neighbours are not blank lines.
    const before = index > 0 ? piece.replace(/^\n/, "") : piece;
    const around = index < pieces.length - 1 ? before.replace(/\n$/, "") : before;
    return around ? quotes(around, names) : null;
  });
}

function quotes(text, names) {
  const out = [];
  let open = null;
  let rest = false;
  for (const line of text.split("\n")) {
    const all = rest ? null : /^(?:&gt;|>){3} ?(.*)$/.exec(line);
    const one = rest || all ? null : /^(?:&gt;|>) ?(.*)$/.exec(line);
    rest ||= Boolean(all);
    const quoted = rest || Boolean(one);
    if (!open || open.quoted !== quoted) out.push((open = { quoted, lines: [] }));
    open.lines.push(all?.[1] ?? one?.[1] ?? line);
  }
  return out.map(({ quoted, lines }) => {
    const nodes = inline(lines.join("\n"), names);
    return quoted ? h("blockquote", { class: "quote" }, nodes) : nodes;
  });
}

/** Nodes of a run of text without blocks; `styled=false` (inside code) reads links and entities only. */
export function inline(text, names, styled = true) {
  const out = [];
  let words = "";
  const flush = () => {
    if (words) out.push(unescape(words));
    words = "";
  };
  for (let at = 0; at < text.length; ) {
    const found = atom(text, at, names, styled) ?? (styled ? emphasis(text, at, names) : null);
    if (found) {
      flush();
      out.push(found.node);
      at = found.end;
    } else {
      words += text[at++];
    }
  }
  flush();
  return out;
}

function match(pattern, text, at) {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** What stands for itself at this place: an angle token, code, an emoji, a bare address. */
function atom(text, at, names, styled) {
  const angle = match(ANGLE, text, at);
  const node = angle && token(angle[1], names, styled);
  if (node) return { node, end: at + angle[0].length };
  if (!styled) return null;
  const code = match(CODE, text, at);
  if (code) return { node: h("code", { class: "code" }, inline(code[1], names, false)), end: at + code[0].length };
  const emoji = match(EMOJI, text, at);
  if (emoji && glyph(emoji[1])) return { node: emojiNode(emoji[1]), end: at + emoji[0].length };
  const url = WORD.test(text[at - 1] ?? " ") ? null : match(BARE_URL, text, at);
  return url ? { node: link(unescape(url[0])), end: at + url[0].length } : null;
}

/** `*bold*`: the marks stand against the words inside and against no word outside, on one line. */
function emphasis(text, at, names) {
  const tag = MARKS[text[at]];
  const before = text[at - 1] ?? " ";
  const after = text[at + 1] ?? " ";
  if (!tag || WORD.test(before) || before === text[at] || /\s/.test(after) || after === text[at]) return null;
  for (let end = at + 1; end < text.length && text[end] !== "\n"; end++) {
    const skip = match(CODE, text, end) ?? match(ANGLE, text, end);
    if (skip) {
      end += skip[0].length - 1;
    } else if (text[end] === text[at] && !/\s/.test(text[end - 1]) && !WORD.test(text[end + 1] ?? " ")) {
      return { node: h(tag, {}, inline(text.slice(at + 1, end), names)), end: end + 1 };
    }
  }
  return null;
}

/** The inside of `<...>`, or null where it is not one of Slack's tokens. */
function token(inside, names, styled) {
  const bar = inside.indexOf("|");
  const head = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? "" : inside.slice(bar + 1);
  if (/^@[UWB]/.test(head)) return mention(`@${names.person(head.slice(1)) ?? (label || head.slice(1))}`, names.isMe(head.slice(1)));
  if (head.startsWith("#C")) return mention(`#${names.channel(head.slice(1)) ?? (label || head.slice(1))}`);
  if (head.startsWith("!date^")) return dateToken(head, label);
  if (head.startsWith("!subteam^")) return mention(label || `@${names.group(head.slice(9)) ?? head.slice(9)}`);
  if (/^!(here|channel|everyone)$/.test(head)) return mention(`@${head.slice(1)}`, true);
  if (head.startsWith("!")) return document.createTextNode(unescape(label || inside));
  if (/^(https?:|mailto:)/i.test(head)) {
    const words = label || head.replace(/^mailto:/i, "");
    return link(unescape(head), ...(styled ? inline(words, names) : [unescape(words)]));
  }
  return null;
}

function dateToken(head, fallback) {
  const [, seconds, format, url] = head.split("^");
  const words = formatDate(Number(seconds), format ?? "") ?? unescape(fallback);
  return url ? link(unescape(url), words) : h("time", { title: unescape(fallback) }, words);
}

export function mention(words, toMe = false) {
  return h("span", { class: toMe ? "mention mention-me" : "mention" }, words);
}

export function emojiNode(name) {
  const shown = glyph(name);
  return h("span", { class: "emoji", role: "img", title: `:${name}:`, "aria-label": name }, shown ?? `:${name}:`);
}

/** A text object of either kind, as nodes. */
export function textObject(object, names) {
  if (!object) return null;
  if (object.type === "mrkdwn") return mrkdwn(object.text ?? "", names);
  return plainNodes(object.text ?? "");
}

/** plain_text: only emoji and entities are read. */
export function plainNodes(text) {
  const pieces = text.split(/:([a-z0-9_+'-]+):/i);
  const out = [];
  pieces.forEach((piece, index) => {
    if (index % 2 === 0) out.push(unescape(piece));
    else if (glyph(piece)) out.push(emojiNode(piece));
    else out.push(`:${piece}:`);
  });
  return append(document.createDocumentFragment(), out);
}
