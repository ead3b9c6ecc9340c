// The field one types into: Enter sends, Shift+Enter breaks the line, arrow up brings back what was sent.
import { h, icon } from "./dom.js";
import { Completion, suggestions } from "./complete.js";
import { shortcutMenu } from "./shortcuts.js";

const KEPT = 50; // lines of history

export class Composer {
  /**
   * `send(text)` is a promise; the text stays in the field when it fails. `store` may change its contents.
   * `shortcut(callback id)`, where there is one, chooses a global shortcut.
   */
  constructor(box, { id, store, send, isDirect, shortcut }) {
    Object.assign(this, { store, send, isDirect });
    this.drafts = new Map();
    this.room = "";
    this.history = [];
    this.back = 0; // how far back in the history the field shows
    this.field = h("textarea", { id, rows: 1, autocomplete: "off", autocapitalize: "sentences", enterkeyhint: "send", spellcheck: "false" });
    this.button = h("button", { type: "button", class: "composer-send", "aria-label": "Send", disabled: true }, icon("send"));
    this.completion = new Completion(this.field, (text) => this.put(text));
    this.field.addEventListener("input", () => this.#typed());
    this.field.addEventListener("keydown", (event) => this.#key(event));
    this.field.addEventListener("blur", () => this.completion.close());
    this.button.addEventListener("pointerdown", (event) => event.preventDefault());
    this.button.addEventListener("click", () => this.#submit());
    const note = h("span", { class: "composer-note", "aria-hidden": "true" }, "Shift + Enter for a new line");
    const choose = ({ currentTarget }) => shortcutMenu(currentTarget, store, "global", shortcut);
    const bolt = shortcut && h("button", { type: "button", class: "composer-shortcuts", "aria-label": "Shortcuts", title: "Shortcuts", on: { click: choose } }, icon("bolt"));
    box.append(this.completion.list, h("div", { class: "composer-box" }, bolt, this.field, this.button), note);
  }

  /** Write to another room: its draft comes back. */
  enter(room, label) {
    if (room !== this.room) {
      const typed = this.room ? "" : this.field.value; // before it was known which room this is
      this.drafts.set(this.room, this.field.value);
      this.room = room;
      this.#set(this.drafts.get(room) ?? typed);
    }
    this.field.placeholder = label;
    this.field.setAttribute("aria-label", label);
  }

  /** Put text into the field as if typed. */
  put(text) {
    this.#set(text);
    this.focus();
    this.#typed();
  }

  focus() {
    this.field.focus({ preventScroll: true });
  }

  #set(text) {
    this.field.value = text;
    this.field.setSelectionRange(text.length, text.length);
    this.completion.close();
    this.#fit();
  }

  #typed() {
    this.back = 0;
    this.#fit();
    if (this.room) this.completion.show(suggestions(this.field.value, this.store, this.isDirect()));
  }

  #fit() {
    this.button.disabled = !this.field.value.trim();
    this.field.style.setProperty("height", "auto");
    this.field.style.setProperty("height", `${this.field.scrollHeight}px`);
  }

  #key(event) {
    if (event.isComposing) return;
    if (this.completion.key(event)) event.preventDefault();
    else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.#submit();
    } else if (event.key === "ArrowUp" && (!this.field.value || this.back)) this.#recall(event, 1);
    else if (event.key === "ArrowDown" && this.back) this.#recall(event, -1);
  }

  #recall(event, step) {
    const back = Math.min(Math.max(this.back + step, 0), this.history.length);
    if (back === this.back) return;
    event.preventDefault();
    this.#set(back ? this.history[this.history.length - back] : "");
    this.back = back;
  }

  async #submit() {
    const text = this.field.value.trim();
    if (!text || !this.room) return;
    this.#set("");
    this.back = 0;
    this.history = [...this.history.filter((line) => line !== text), text].slice(-KEPT);
    if (!(await this.send(text)) && !this.field.value) this.#set(text);
  }
}
