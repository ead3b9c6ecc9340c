// A list of messages that follows its data: unchanged messages keep their elements, changed ones are redrawn in place.
import { h, icon } from "./dom.js";
import { dateOf, dayName } from "./dates.js";
import { renderMessage } from "./message.js";

const TOGETHER = 5 * 60; // seconds within which one author's messages stand under one name
const SHOWN = 300; // newest messages kept in the document
const NEAR = 60; // pixels from the end that still count as reading the end
const FOCUSABLE = "button, a[href], input, textarea";

const author = (message) => `${message.user}/${message.bot_id ?? ""}`;
const dayOf = (message) => dateOf(message.ts).toDateString();

function follows(message, before) {
  if (!before || before.is_ephemeral || message.is_ephemeral || message.subtype === "thread_broadcast") return false;
  return author(message) === author(before) && Number(message.ts) - Number(before.ts) < TOGETHER && dayOf(message) === dayOf(before);
}

export class Stream {
  /** `box` scrolls; `head()` gives the nodes above the first message; `between` those after the first, if any. */
  constructor(box, room, { head = () => null, days = true, between = () => null } = {}) {
    Object.assign(this, { box, room, head, days, between });
    this.drawn = new Map(); // ts -> {node, sign}
    this.atEnd = true;
    this.jump = null;
    box.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    // A keyboard that opens or a picture that loads must not push the newest line out of sight.
    new ResizeObserver(() => this.#resized()).observe(box);
  }

  /** Forget everything: the next `sync` draws another room and shows its end. */
  reset() {
    this.drawn.clear();
    this.box.replaceChildren();
    this.atEnd = true;
    this.first = true;
  }

  sync(all) {
    const messages = all.slice(-SHOWN);
    const wanted = [h("div", { class: "stream-top" }, this.head())];
    const kept = new Map();
    messages.forEach((message, index) => {
      const before = messages[index - 1];
      const replyToHead = !this.days && index === 1;
      if (this.days && (!before || dayOf(before) !== dayOf(message))) wanted.push(dayLine(message));
      if (replyToHead) wanted.push(this.between(messages.length - 1));
      const entry = this.#entry(message, !replyToHead && follows(message, before));
      kept.set(message.ts, entry);
      wanted.push(entry.node);
    });
    const news = !this.first && messages.some((message) => !this.drawn.has(message.ts));
    this.drawn = kept;
    this.first = false;
    arrange(this.box, wanted.filter(Boolean));
    if (this.atEnd) this.toEnd();
    else if (news) this.jump?.removeAttribute("hidden");
  }

  #entry(message, follow) {
    const sign = JSON.stringify([message, follow]);
    const old = this.drawn.get(message.ts);
    if (old?.sign === sign) return old;
    const node = renderMessage(message, this.room, follow);
    if (!old && !this.first) node.classList.add("message-new");
    if (old) replaceKeepingFocus(old.node, node);
    return { node, sign };
  }

  toEnd() {
    this.box.scrollTop = this.box.scrollHeight;
    this.#scrolled();
  }

  #resized() {
    this.height = this.box.clientHeight;
    if (this.atEnd) this.toEnd();
  }

  /** The button that appears when news arrives below what one reads. */
  jumpButton() {
    this.jump = h("button", { type: "button", class: "jump", hidden: true, on: { click: () => this.toEnd() } }, icon("down"), "New messages");
    return this.jump;
  }

  #scrolled() {
    const { scrollTop, clientHeight, scrollHeight } = this.box;
    // The box itself was resized: where one reads has not changed, and the observer above sees to it.
    if (clientHeight !== this.height) return;
    this.atEnd = scrollHeight - scrollTop - clientHeight < NEAR;
    if (this.atEnd) this.jump?.setAttribute("hidden", "");
  }
}

const dayLine = (message) => h("div", { class: "day" }, h("span", {}, dayName(dateOf(message.ts))));

/** Make `wanted` the children of `box`, in order, moving only what is out of place. */
function arrange(box, wanted) {
  wanted.forEach((node, index) => {
    const present = box.children[index];
    if (present === node) return;
    if (present && !wanted.includes(present)) present.replaceWith(node);
    else box.insertBefore(node, present ?? null);
  });
  while (box.children.length > wanted.length) box.lastElementChild.remove();
}

function replaceKeepingFocus(old, node) {
  const index = [...old.querySelectorAll(FOCUSABLE)].indexOf(document.activeElement);
  old.replaceWith(node);
  if (index >= 0) node.querySelectorAll(FOCUSABLE)[index]?.focus({ preventScroll: true });
}
