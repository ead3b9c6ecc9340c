// The page itself: which person, which room, which thread; everything else is drawn from the store.
import { sail } from "./avatar.js";
import { append, byId, h, icon, replace } from "./dom.js";
import { Composer } from "./composer.js";
import { Faults } from "./faults.js";
import { Hints } from "./hints.js";
import { liveWire } from "./live.js";
import { Modals } from "./modal.js";
import { Rooms } from "./rooms.js";
import { drawChannels, drawWho, roomHead, roomStart } from "./sidebar.js";
import { roleOf, Store } from "./store.js";
import { Stream } from "./stream.js";
import { homeView } from "./home.js";
import { onPhone } from "./popover.js";
import { toast } from "./toast.js";

const FRAME = 16; // milliseconds
let drawing = null;

const store = new Store();
const rooms = new Rooms(store, toast);
const modals = new Modals(store, (values, act) => rooms.blockContext(values, act), toast);
const home = homeView(store, rooms);
const faults = new Faults(lamp, toast);

const stream = new Stream(byId("stream"), rooms.surface(openThread), { head: () => roomStart(store, rooms.channel) });
const thread = new Stream(byId("thread-stream"), rooms.surface(null), { days: false, between: replyLine });
const composer = new Composer(byId("composer"), {
  id: "composer-field",
  store,
  send: async (text) => (await rooms.say(text)) && (stream.toEnd(), true),
  isDirect: () => Boolean(rooms.channel?.is_im),
  shortcut: (id) => rooms.shortcut(id),
});
const threadComposer = new Composer(byId("thread-composer"), {
  id: "thread-field",
  store,
  send: (text) => rooms.say(text, rooms.thread),
  isDirect: () => Boolean(rooms.channel?.is_im),
});
const hints = new Hints(byId("hints"), store, (line) => rooms.ask(line));

const connect = liveWire(hear, (up) => (byId("banner").hidden = up));

function hear(event) {
  if (event.type === "snapshot") return enter(event.snapshot);
  if (event.type === "interaction_failed") return failed();
  const channel = store.apply(event);
  rooms.heard(event, channel);
  if (event.type === "home") home.sync();
  return drawSoon();
}

/** Many changes at once (a rollout, a log) are one drawing. */
function drawSoon() {
  drawing ??= setTimeout(draw, FRAME);
}

/** A snapshot arrived: for a new person go to their room, after a lost connection stay. */
function enter(snapshot) {
  const same = store.me?.id === snapshot.me.id;
  store.load(snapshot);
  rooms.arrive(same);
  if (!same) {
    stream.reset();
    thread.reset();
  }
  drawWho(store, become);
  home.sync();
  draw();
  if (!onPhone()) composer.focus();
}

function failed() {
  modals.unlock();
  toast("Shipmate did not answer in time. Is the bot running?");
}

function become(person) {
  if (person.id !== store.me.id) connect(person.id);
}

function go(channel) {
  drawer(false);
  rooms.go(channel);
  stream.reset();
  draw();
  if (!onPhone()) composer.focus();
}

function openThread(ts) {
  rooms.openThread(ts);
  thread.reset();
  draw();
  (ts && !onPhone() ? threadComposer : composer).focus();
}

function draw() {
  clearTimeout(drawing);
  drawing = null;
  rooms.read();
  const { mark, title, topic } = roomHead(store, rooms.channel);
  const tabs = rooms.channel.is_im && home.tabs();
  replace(byId("room-head"), h("h1", { id: "room-name" }, mark, title), tabs || h("span", { class: "topic" }, topic));
  replace(byId("top-title"), mark.cloneNode(true), h("span", {}, title));
  drawChannels(store, rooms.channel.id, (id) => rooms.unread(id), go);
  const elsewhere = [...store.channels.keys()].some((id) => rooms.unread(id).any);
  byId("menu-button").dataset.unread = elsewhere ? "yes" : "no";
  home.show();
  stream.sync(store.stream(rooms.channel.id));
  composer.enter(`${store.me.id}/${rooms.channel.id}`, `Message ${rooms.label()}`);
  drawThread();
  hints.sync();
  modals.sync();
  const waiting = rooms.totalUnread();
  document.title = `${waiting ? `(${waiting}) ` : ""}${rooms.label()} as ${roleOf(store.me)} · Shipmate sandbox`;
}

function drawThread() {
  byId("thread").hidden = !rooms.thread;
  if (!rooms.thread) return;
  const close = h("button", { type: "button", class: "round", "aria-label": "Close thread", on: { click: () => openThread(null) } }, icon("close"));
  replace(byId("thread-head"), h("h2", {}, "Thread", h("small", {}, rooms.label())), close);
  thread.sync(store.thread(rooms.channel.id, rooms.thread));
  threadComposer.enter(`${store.me.id}/${rooms.channel.id}/${rooms.thread}`, "Reply…");
}

function replyLine(count) {
  return h("div", { class: "thread-line" }, `${count} ${count === 1 ? "reply" : "replies"}`);
}

function lamp(count) {
  document.querySelectorAll('[data-tool="faults"]').forEach((button) => {
    button.dataset.on = count ? "yes" : "no";
    replace(button, icon("bolt"), h("span", {}, count ? `Faults (${count})` : "Faults"));
    button.setAttribute("aria-label", count ? `Faults: ${count} servers spoiled` : "Faults");
  });
}

function drawer(open) {
  byId("side").dataset.open = byId("scrim").dataset.open = open ? "yes" : "no";
  byId("menu-button").setAttribute("aria-expanded", String(open));
}

/** A swipe from the left edge opens the channel list, one back closes it: the thumb stays where it is. */
function swipes() {
  let from = null;
  addEventListener("touchstart", ({ touches }) => (from = { x: touches[0].clientX, y: touches[0].clientY }), { passive: true });
  addEventListener("touchend", ({ changedTouches: [touch] }) => {
    const along = touch.clientX - (from?.x ?? 0);
    if (!from || Math.abs(along) < 60 || Math.abs(touch.clientY - from.y) > 50 || document.querySelector("dialog[open]")) return;
    if (along < 0) drawer(false);
    else if (rooms.thread) openThread(null);
    else if (from.x < 90) drawer(true);
  });
}

/** Typing works at once, wherever the focus is: a printable key goes into the message field. */
function typeAnywhere(event) {
  const elsewhere = event.target.closest?.("input, textarea, select, dialog");
  if (elsewhere || event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1 || event.key === " ") return;
  (rooms.thread && event.target.closest?.("#thread") ? threadComposer : composer).focus();
}

function escape(event) {
  if (event.key !== "Escape" || event.defaultPrevented || event.target.closest?.("dialog")) return;
  drawer(false);
  if (rooms.thread) openThread(null);
}

function start() {
  byId("jump-place").append(stream.jumpButton());
  append(byId("workspace"), [sail(), h("span", {}, "Shop"), h("small", {}, "Shipmate sandbox")]);
  byId("menu-button").append(icon("menu"));
  lamp(0);
  document.querySelectorAll('[data-tool="hints"]').forEach((button) => {
    append(button, [icon("help"), h("span", {}, "Things to try")]);
    button.setAttribute("aria-label", "Things to try");
    button.addEventListener("click", () => (drawer(false), hints.toggle()));
  });
  document.querySelectorAll('[data-tool="faults"]').forEach((button) => button.addEventListener("click", () => (drawer(false), faults.open())));
  byId("menu-button").addEventListener("click", () => drawer(byId("side").dataset.open !== "yes"));
  byId("scrim").addEventListener("click", () => drawer(false));
  byId("home").addEventListener("home", draw);
  addEventListener("keydown", typeAnywhere);
  addEventListener("keydown", escape);
  addEventListener("hashchange", () => location.reload());
  document.addEventListener("visibilitychange", () => store.me && draw());
  swipes();
  faults.refresh();
  connect(rooms.person());
}

start();
