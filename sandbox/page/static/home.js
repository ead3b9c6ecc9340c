// The Home tab of the bot's direct message.
import { byId, h, replace } from "./dom.js";
import { renderBlocks } from "./blocks.js";
import { Values } from "./store.js";

export function homeView(store, rooms) {
  const choose = (home) => () => {
    rooms.home = home;
    if (home) rooms.openHome();
    byId("home").dispatchEvent(new Event("home"));
  };
  const tab = (label, home) =>
    h("button", { type: "button", class: "tab", role: "tab", "aria-selected": String(rooms.home === home), on: { click: choose(home) } }, label);

  return {
    tabs: () => h("div", { class: "tabs", role: "tablist" }, tab("Messages", false), tab("Home", true)),

    /** Show the tab that was chosen. */
    show() {
      const shown = Boolean(rooms.home && rooms.channel.is_im);
      byId("home").hidden = !shown;
      byId("stream").hidden = byId("composer").hidden = shown;
      byId("hints").classList.toggle("away", shown);
    },

    /** Draw the view that the bot published. */
    sync() {
      const view = store.home;
      const values = new Values(view?.state?.values);
      const act = (blockId, element, fields) =>
        rooms.press({ view_id: view.id, block_id: blockId, action_id: element.action_id, values: values.all, ...fields });
      const empty = h("p", { class: "text" }, "Shipmate has not put anything here yet.");
      replace(byId("home-blocks"), view ? renderBlocks(view.blocks, rooms.blockContext(values, act)) : empty);
    },
  };
}
