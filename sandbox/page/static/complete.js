// What may be typed: the help under the composer as one writes a command.
import { h, replace } from "./dom.js";

// [usage, what it does], as the bot itself has them.
const COMMANDS = await fetch("/api/commands").then((answer) => answer.json());

/** {lead, word} when `text` addresses the bot and its command is still being typed; else null. */
function reading(text, store, inDirectMessage) {
  const leads = [...store.commands, `@${store.bot.name}`];
  const lead = leads.find((start) => text.toLowerCase().startsWith(`${start} `));
  if (lead) return { lead: `${lead} `, rest: text.slice(lead.length).trimStart().toLowerCase() };
  if (/^[/@]\S*$/.test(text)) return { start: text.toLowerCase(), leads: leads.filter((start) => start.startsWith(text.toLowerCase())) };
  return inDirectMessage && text.trim() ? { lead: "", rest: text.trimStart().toLowerCase() } : null;
}

/** Suggestions for the text: [{shown, says, insert, sure}]; `sure` ones are chosen by Enter. */
export function suggestions(text, store, inDirectMessage) {
  const found = reading(text, store, inDirectMessage);
  if (!found) return [];
  if (found.leads) {
    return found.leads.map((lead) => ({
      shown: lead,
      says: lead.startsWith("/") ? "Ask Shipmate; only you see the command" : "Ask Shipmate in front of everybody",
      insert: `${lead} `,
      sure: true,
    }));
  }
  const [verb] = found.rest.split(" ");
  const typing = !found.rest.includes(" ");
  return COMMANDS.filter(([usage]) => (typing ? usage.startsWith(found.rest) : usage.split(" ")[0] === verb)).map(
    ([usage, says]) => ({
      shown: `${found.lead}${usage}`,
      says,
      insert: typing ? `${found.lead}${usage.split(" ")[0]} ` : null,
      sure: false,
    }),
  );
}

/** The list above the composer. `take(text)` puts a suggestion into the field. */
export class Completion {
  constructor(field, take) {
    this.field = field;
    this.take = take;
    this.items = [];
    this.at = -1;
    this.list = h("div", { class: "complete", role: "listbox", "aria-label": "Suggestions", id: `${field.id}-complete`, hidden: true });
    field.setAttribute("aria-controls", this.list.id);
    field.setAttribute("aria-autocomplete", "list");
  }

  show(items) {
    this.items = items;
    this.at = items[0]?.sure ? 0 : -1;
    this.list.hidden = items.length === 0;
    this.#draw();
  }

  close() {
    this.show([]);
  }

  /** Handle a key of the field; true when it was for the list. */
  key(event) {
    if (!this.items.length) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.#move(step);
    else if (event.key === "Escape") this.close();
    else if (event.key === "Tab" && !event.shiftKey) return this.#choose(Math.max(this.at, 0));
    else if (event.key === "Enter" && this.at >= 0) return this.#choose(this.at);
    else return false;
    return true;
  }

  #move(step) {
    this.at = (this.at + step + this.items.length) % this.items.length;
    this.#draw();
  }

  #choose(index) {
    const { insert } = this.items[index];
    if (insert === null) return false;
    this.take(insert);
    return true;
  }

  #draw() {
    const options = this.items.map((item, index) =>
      h(
        "button",
        {
          type: "button",
          class: "complete-item",
          role: "option",
          tabindex: "-1",
          "aria-selected": index === this.at ? "true" : "false",
          // The field must keep the focus, or a phone closes its keyboard.
          on: { pointerdown: (event) => event.preventDefault(), click: () => this.#choose(index) },
        },
        h("b", {}, item.shown),
        h("small", {}, item.says),
      ),
    );
    replace(this.list, options);
  }
}
