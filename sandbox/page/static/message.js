// One message to one element.
import { h, icon } from "./dom.js";
import { avatar } from "./avatar.js";
import { renderAttachments, renderBlocks, renderFiles } from "./blocks.js";
import { clock, dateOf, dayName, precise } from "./dates.js";
import { emojiNode, mrkdwn } from "./mrkdwn.js";
import { shortcutMenu } from "./shortcuts.js";
import { nameOf } from "./store.js";

const SHOWN_REPLIERS = 3;

/**
 * `message` as sandbox/slack/state.py describes it. `room` is the surface it stands in:
 *   store, context(message)   what blocks need (see elements.js)
 *   openThread(ts) | null     null inside a thread
 *   dismiss(message)          for what only this person sees
 *   react(message, name)
 *   shortcut(message, callbackId)
 * `follow`: by the same author as the one above, shortly after; shown without name and avatar.
 */
export function renderMessage(message, room, follow) {
  const author = room.store.people.get(message.user) ?? (message.bot_id ? room.store.bot : null);
  const only = message.is_ephemeral;
  const classes = ["message", follow && "message-follow", only && "message-ephemeral", mentionsMe(message, room.store) && "message-mine-mentioned"];
  const when = dateOf(message.ts);
  const side = follow ? h("time", { class: "message-side-time", title: precise(when) }, clock(when)) : avatar(author);
  const article = h(
    "article",
    { class: classes.filter(Boolean).join(" "), data: { ts: message.ts } },
    only && h("div", { class: "message-only" }, icon("eye"), "Only visible to you"),
    message.subtype === "thread_broadcast" && h("div", { class: "message-context" }, "replied to a thread"),
    side,
    h("div", { class: "message-body" }, !follow && head(message, author, when), content(message, room), foot(message, room)),
    tools(message, room),
    touchMenu(message, room),
  );
  if (room.openThread && !only) article.addEventListener("click", (event) => tapped(event, message, room));
  if (hasMenu(message, room)) article.addEventListener("contextmenu", (event) => held(event, message, room));
  return article;
}

function head(message, author, when) {
  const name = message.bot_profile?.name ?? (author ? nameOf(author) : message.username) ?? "someone";
  return h(
    "div",
    { class: "message-head" },
    h("span", { class: "message-name" }, name),
    (message.bot_id || author?.is_bot) && h("span", { class: "message-app" }, "APP"),
    h("time", { class: "message-time", datetime: when.toISOString(), title: precise(when) }, clock(when)),
  );
}

function content(message, room) {
  const context = room.context(message);
  const edited = message.edited && h("span", { class: "message-edited", title: precise(dateOf(message.edited.ts)) }, " (edited)");
  // With blocks, the text is only what a notification would say; blocks people's typing became are drawn too.
  const body = message.blocks?.length
    ? h("div", { class: "blocks" }, renderBlocks(message.blocks, context), edited)
    : message.text && h("div", { class: "text" }, mrkdwn(message.text, context.names), edited);
  return [body, renderAttachments(message.attachments, context), renderFiles(message.files)];
}

function foot(message, room) {
  const dismiss = () => room.dismiss(message);
  return [
    message.reactions?.length > 0 && reactions(message, room),
    room.openThread && message.reply_count > 0 && replies(message, room),
    message.is_ephemeral && h("button", { type: "button", class: "message-dismiss", on: { click: dismiss } }, "Dismiss message"),
  ];
}

function reactions(message, room) {
  const chips = message.reactions.map(({ name, users, count }) => {
    const mine = users.includes(room.store.me.id);
    const who = users.map((id) => room.store.names.person(id) ?? id).join(", ");
    const props = { type: "button", class: "reaction", "aria-pressed": String(mine), title: `${who} reacted with :${name}:` };
    const click = () => mine || room.react(message, name);
    return h("button", { ...props, on: { click } }, emojiNode(name), String(count ?? users.length));
  });
  return h("div", { class: "reactions" }, chips);
}

function replies(message, room) {
  const count = `${message.reply_count} ${message.reply_count === 1 ? "reply" : "replies"}`;
  const last = message.latest_reply && dateOf(message.latest_reply);
  const faces = (message.reply_users ?? []).slice(0, SHOWN_REPLIERS).map((id) => avatar(room.store.people.get(id)));
  const said = last && h("small", {}, `Last reply ${lastReply(last)}`);
  return h("button", { type: "button", class: "replies", on: { click: () => room.openThread(message.ts) } }, faces, h("b", {}, count), said);
}

function lastReply(when) {
  const day = dayName(when);
  return `${day === "Today" || day === "Yesterday" ? day.toLowerCase() : day} at ${clock(when)}`;
}

const hasMenu = (message, room) => !message.is_ephemeral && room.store.shortcuts.some((one) => one.type === "message");

const more = (anchor, message, room) => shortcutMenu(anchor, room.store, "message", (id) => room.shortcut(message, id));

/** Where nothing hovers: its menu in sight, as a long press tells a page on iOS nothing. */
function touchMenu(message, room) {
  const open = ({ currentTarget }) => more(currentTarget, message, room);
  return hasMenu(message, room) && h("button", { type: "button", class: "message-more", "aria-label": "Message menu", on: { click: open } }, icon("dots"));
}

/** On a touch screen a message that is held shows its menu, as in Slack's app. */
function held(event, message, room) {
  if (!matchMedia("(hover: none)").matches || event.target.closest("a, input, textarea")) return;
  event.preventDefault();
  more(event.currentTarget, message, room);
}

function tools(message, room) {
  if (message.is_ephemeral) return null;
  const tool = (name, label, act) =>
    h("button", { type: "button", class: "round", title: label, "aria-label": label, on: { click: act } }, name);
  const menu = hasMenu(message, room) && tool(icon("dots"), "More", ({ currentTarget }) => more(currentTarget, message, room));
  if (!room.openThread) return menu && h("div", { class: "message-tools" }, menu);
  const reply = tool(icon("thread"), "Reply in thread", () => room.openThread(message.ts));
  const quick = ["eyes", "white_check_mark"].map((name) => tool(emojiNode(name), `React with :${name}:`, () => room.react(message, name)));
  return h("div", { class: "message-tools" }, quick, reply, menu);
}

/** On a touch screen a tap on the message itself opens its thread, as in Slack's app. */
function tapped(event, message, room) {
  const control = event.target.closest("button, a, input, textarea, label, select");
  if (control || !matchMedia("(hover: none)").matches || String(getSelection())) return;
  room.openThread(message.ts);
}

const mentionsMe = (message, store) => !message.is_ephemeral && Boolean(message.text?.includes(`<@${store.me.id}>`));
