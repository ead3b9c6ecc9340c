// The drawer of switches: break a server, or hold the logs up on their way, and watch what the bot says of it.
import { h, icon, replace } from "./dom.js";
import { call } from "./live.js";
import { showDialog } from "./popover.js";

const HOPS = {
  filebeat: ["filebeat", "Sends nothing: lines stay in the pods' files"],
  kafka: ["Kafka", "All brokers are down"],
  logstash: ["Logstash", "Does not read: lines pile up in Kafka"],
  elasticsearch: ["Elasticsearch", "Takes no new lines: Logstash holds them back"],
};
const SWITCHES = [
  ["Refuse", { kind: "refuse" }, "Connections are dropped at once"],
  ["Hang", { kind: "hang" }, "Requests are taken and never answered"],
  ["500", { kind: "error", status: 500 }, "Every answer is an internal server error"],
  ["Reset", { kind: "reset" }, "The connection breaks in the middle of the answer"],
  ["Slow", { kind: "slow", seconds: 3 }, "Every answer takes three seconds longer"],
  ["429", { kind: "throttle", seconds: 5 }, "Too many requests, try again in 5 s"],
];

/** Tells `lamp(count)` how many servers are spoiled, now and after each change. */
export class Faults {
  constructor(lamp, warn) {
    Object.assign(this, { lamp, warn });
    this.body = h("div", { class: "drawer-body" });
  }

  async refresh() {
    await this.#do("GET", "/api/faults");
  }

  async open() {
    const close = h("button", { type: "button", class: "round", "aria-label": "Close", on: { click: () => dialog.close() } }, icon("close"));
    const head = h("div", { class: "drawer-head" }, h("h2", {}, "Faults"), close);
    const dialog = h("dialog", { class: "drawer", "aria-label": "Faults" }, head, this.body);
    await this.refresh();
    await showDialog(dialog);
  }

  async #do(method, path, body) {
    try {
      const { servers, hops } = await call(method, path, body);
      this.lamp(servers.filter((server) => server.faults.length).length + hops.filter((hop) => hop.stalled).length);
      this.#draw(servers, hops);
    } catch (error) {
      this.warn(error.message);
    }
  }

  #draw(servers, hops) {
    const focus = document.activeElement?.dataset.focus;
    replace(
      this.body,
      h("p", {}, "Break a system the bot depends on, then ask it something. The chat itself keeps working: faults hit what the bot calls."),
      servers.map((server) => this.#server(server)),
      hops.length > 0 && this.#pipeline(hops),
    );
    this.body.querySelector(`[data-focus="${focus}"]`)?.focus();
  }

  #pipeline(hops) {
    const buttons = hops.map(({ name, stalled, waiting }) => {
      const [label, says] = HOPS[name];
      const flip = () => (stalled ? this.#do("DELETE", `/api/stalls?hop=${name}`) : this.#do("POST", "/api/stalls", { hop: name }));
      const props = { type: "button", class: "switch", title: says, "aria-pressed": String(stalled), data: { focus: `hop-${name}` } };
      return h("button", { ...props, on: { click: flip } }, waiting ? `${label} · ${waiting}` : label);
    });
    const on = hops.some(({ stalled }) => stalled);
    const says = "Hold lines up at one hop; ask @shipmate logs pipeline, a minute later logs";
    return h(
      "section",
      { class: "server", "aria-label": "log pipeline" },
      h("h3", {}, h("i", { class: "lamp", data: { on: on ? "yes" : "no" } }), "log pipeline", h("small", {}, says)),
      h("div", { class: "switches" }, buttons),
    );
  }

  #server({ name, url, faults, hits }) {
    const at = `/api/faults?server=${encodeURIComponent(name)}`;
    const buttons = SWITCHES.map(([label, fault, says]) => {
      const on = faults.some(({ kind }) => kind === fault.kind);
      const flip = () => (on ? this.#do("DELETE", `${at}&kind=${fault.kind}`) : this.#do("POST", "/api/faults", { server: name, ...fault }));
      const props = { type: "button", class: "switch", title: says, "aria-pressed": String(on), data: { focus: `${name}-${fault.kind}` } };
      return h("button", { ...props, on: { click: flip } }, label);
    });
    const clear = h("button", { type: "button", class: "switch clear", on: { click: () => this.#do("DELETE", at) } }, "Clear");
    return h(
      "section",
      { class: "server", "aria-label": name },
      h("h3", {}, h("i", { class: "lamp", data: { on: faults.length ? "yes" : "no" } }), name, h("small", {}, `${url}${hits ? ` · hit ${hits}×` : ""}`)),
      h("div", { class: "switches" }, buttons, faults.length > 0 && clear),
    );
  }
}
