// Things to try, for whoever one is; a tap sends the line.
import { h, icon, replace } from "./dom.js";
import { roleOf } from "./store.js";

const SEEN = "shipmate-sandbox-hints-closed";

// What each person of the sample shop would ask, and one thing they may not.
const TRY = {
  engineer: ["deploy web to trunk", "status", "logs web in trunk since 15m", "deploy web to product", "help"],
  qa: ["status web", "logs web in trunk since 10m level error", "deploy web to trunk", "whoami", "help"],
  oncall: ["status web in product", "Rollback web in product", "scale web in product to 6", "logs web in product level error", "help"],
  ops: ["status", "deploy web to product", "rollback web in product", "scale api in product to 4", "help"],
};
const ANYBODY = ["status", "deploy web to dev", "whoami", "help"];

export class Hints {
  /** `send(line)` says it where one is. */
  constructor(box, store, send) {
    Object.assign(this, { box, store, send });
    this.closed = remembered();
  }

  toggle() {
    this.closed = !this.closed;
    remember(this.closed);
    this.sync();
  }

  sync() {
    this.box.hidden = this.closed;
    if (this.closed) return;
    const lines = TRY[this.store.me.name] ?? ANYBODY;
    const chips = lines.map((line) => h("button", { type: "button", class: "hint", on: { click: () => this.send(line) } }, line));
    const close = h("button", { type: "button", class: "round", "aria-label": "Hide the things to try", on: { click: () => this.toggle() } }, icon("close"));
    replace(
      this.box,
      h("h2", {}, `Things to try as ${roleOf(this.store.me)}`),
      h("p", {}, "Tap one to say it here, or write your own: @shipmate, /ship, or a direct message."),
      h("div", { class: "hints-list" }, chips),
      close,
    );
  }
}

// Storage may be forbidden (a private window): then the panel simply comes back.
function remembered() {
  try {
    return localStorage.getItem(SEEN) === "yes";
  } catch {
    return false;
  }
}

function remember(closed) {
  try {
    localStorage.setItem(SEEN, closed ? "yes" : "no");
  } catch {
    /* see above */
  }
}
