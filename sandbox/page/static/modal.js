// Modals that the bot opens: drawn from the view, kept while it is changed under one's fingers.
import { h, icon, replace } from "./dom.js";
import { renderBlocks } from "./blocks.js";
import { post } from "./live.js";
import { plainNodes } from "./mrkdwn.js";
import { Values } from "./store.js";

const REQUIRED = "Please complete this required field.";

export class Modals {
  /** `context(values, act)` completes a block context; `warn(words)` shows a problem. */
  constructor(store, context, warn) {
    Object.assign(this, { store, context, warn });
    this.values = new Map(); // view id -> Values
    this.dialog = h("dialog", { class: "card modal" });
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.#close();
    });
    document.body.append(this.dialog);
    this.sign = "";
  }

  /** Show what the store says is on top, or nothing. */
  sync() {
    const view = this.store.views.at(-1);
    const ids = new Set(this.store.views.map(({ id }) => id));
    [...this.values.keys()].filter((id) => !ids.has(id)).forEach((id) => this.values.delete(id));
    const errors = view && this.store.viewErrors[view.id];
    const sign = JSON.stringify([view?.id, view?.hash, errors]);
    if (sign === this.sign) return;
    this.sign = sign;
    if (!view) this.dialog.close();
    else this.#draw(view, errors ?? {});
  }

  #draw(view, errors) {
    const values = this.values.get(view.id) ?? new Values(view.state?.values);
    this.values.set(view.id, values);
    const act = (blockId, element, fields) =>
      this.#try("/api/press", { view_id: view.id, block_id: blockId, action_id: element.action_id, values: values.all, ...fields });
    const body = h("div", { class: "modal-body blocks" }, renderBlocks(view.blocks, { ...this.context(values, act), ask: this.#ask(view), errors }));
    const button = (kind, label, click) => h("button", { type: "button", class: `button ${kind}`, on: { click } }, label);
    const submit = view.submit && button("primary", plainNodes(view.submit.text), () => this.#submit(view, values));
    const close = button("", view.close ? plainNodes(view.close.text) : "Cancel", () => this.#close());
    const cross = h("button", { type: "button", class: "round", "aria-label": "Close", on: { click: () => this.#close() } }, icon("close"));
    replace(
      this.dialog,
      h("div", { class: "modal-head" }, h("h2", { class: "card-title" }, plainNodes(view.title?.text ?? "")), cross),
      body,
      h("div", { class: "modal-foot card-buttons" }, close, submit),
    );
    this.dialog.setAttribute("aria-label", view.title?.text ?? "Dialog");
    if (!this.dialog.open) this.dialog.showModal();
    (body.querySelector(".field-wrong :is(input, textarea, button)") ?? body.querySelector("input, textarea") ?? submit)?.focus();
  }

  /** What the bot offers for what is typed into one of the view's external selects. */
  #ask(view) {
    return async ({ action_id }, value) => {
      const { result } = await post("/api/suggest", { as: this.store.me.id, view_id: view.id, action_id, value });
      return { options: result };
    };
  }

  async #submit(view, values) {
    const missing = view.blocks.filter((block) => block.type === "input" && !block.optional && empty(block, values));
    if (missing.length) {
      this.sign = "";
      this.#draw(view, Object.fromEntries(missing.map((block) => [block.block_id, REQUIRED])));
      return;
    }
    const button = this.dialog.querySelector(".modal-foot .primary");
    button?.setAttribute("aria-busy", "true");
    this.store.viewErrors = {};
    const failed = () => button?.removeAttribute("aria-busy");
    await this.#try("/api/submit", { view_id: view.id, values: values.all }, failed);
  }

  async #close() {
    const view = this.store.views.at(-1);
    if (view) await this.#try("/api/close", { view_id: view.id });
    else this.dialog.close();
  }

  /** The bot did not answer a submission: let it be pressed again. */
  unlock() {
    this.dialog.querySelectorAll("[aria-busy]").forEach((node) => node.removeAttribute("aria-busy"));
  }

  async #try(path, body, failed = () => {}) {
    try {
      await post(path, { as: this.store.me.id, ...body });
    } catch (error) {
      failed();
      this.warn(error.message);
    }
  }
}

function empty(block, values) {
  const { type: _, ...fields } = values.get(block.block_id, block.element.action_id) ?? {};
  const [value] = Object.values(fields);
  return value == null || value === "" || (Array.isArray(value) && value.length === 0);
}
