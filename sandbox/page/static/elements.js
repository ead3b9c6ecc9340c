// Block Kit's interactive elements. https://docs.slack.dev/reference/block-kit/block-elements
import { h, icon, link, safeUrl } from "./dom.js";
import { plain } from "./emoji.js";
import { plainNodes, textObject } from "./mrkdwn.js";
import { confirmed, menu } from "./popover.js";

/**
 * `context` is what a surface gives its blocks:
 *   names      who and where the ids are (see mrkdwn.js)
 *   values     what was chosen so far: `get(block_id, action_id)`, `set(block_id, action_id, value)`
 *   act        `act(block_id, element, fields)` sends one action, `fields` being {value} or {selected_option};
 *              a promise
 *   ask        `ask(element, typed)` gets {options} of an external select, as a promise
 *   people, channels   the lists that users_select and channels_select offer
 *   sends      whether a choice is sent at once (messages) or waits for the form (inputs)
 */
export function element(spec, blockId, context) {
  const draw = ELEMENTS[spec?.type];
  return draw ? draw(spec, blockId, context) : h("span", { class: "unknown" }, `[${spec?.type}]`);
}

const ELEMENTS = {
  button,
  overflow,
  image: (spec) => image(spec, "thumb"),
  static_select: select,
  external_select: select,
  users_select: (spec, blockId, context) => idSelect(spec, blockId, context, "selected_user", context.people),
  channels_select: (spec, blockId, context) => idSelect(spec, blockId, context, "selected_channel", context.channels),
  conversations_select: (spec, blockId, context) =>
    idSelect(spec, blockId, context, "selected_conversation", context.channels),
  multi_static_select: (spec, blockId, context) => checks(spec, blockId, context, "checkbox"),
  checkboxes: (spec, blockId, context) => checks(spec, blockId, context, "checkbox"),
  radio_buttons: (spec, blockId, context) => checks(spec, blockId, context, "radio"),
  datepicker: (spec, blockId, context) => field(spec, blockId, context, "date", "selected_date", spec.initial_date),
  timepicker: (spec, blockId, context) => field(spec, blockId, context, "time", "selected_time", spec.initial_time),
  number_input: (spec, blockId, context) => field(spec, blockId, context, "number", "value", spec.initial_value),
  email_text_input: (spec, blockId, context) => field(spec, blockId, context, "email", "value", spec.initial_value),
  url_text_input: (spec, blockId, context) => field(spec, blockId, context, "url", "value", spec.initial_value),
  plain_text_input: (spec, blockId, context) => field(spec, blockId, context, "text", "value", spec.initial_value),
};

export function image(spec, kind) {
  const alt = spec.alt_text ?? "";
  const url = safeUrl(spec.image_url ?? spec.slack_file?.url ?? "");
  // The page loads nothing from elsewhere (see its Content-Security-Policy): such an image is a link.
  const local = url && ["127.0.0.1", "localhost", "[::1]", location.hostname].includes(new URL(url).hostname);
  return local ? h("img", { class: kind, src: url, alt, loading: "lazy" }) : link(url ?? "", alt || "image");
}

/** Run `work` with the element shown busy, once at a time: a double tap is one action. */
async function busy(node, work) {
  if (node.dataset.busy) return;
  node.dataset.busy = "yes";
  node.setAttribute("aria-busy", "true");
  try {
    await work();
  } finally {
    delete node.dataset.busy;
    node.removeAttribute("aria-busy");
  }
}

const agreed = (spec, context) =>
  spec.confirm ? confirmed(spec.confirm, (object) => textObject(object, context.names)) : Promise.resolve(true);

function button(spec, blockId, context) {
  const href = spec.url && safeUrl(spec.url);
  const press = async ({ currentTarget: node }) => {
    if (!(await agreed(spec, context))) return;
    if (href) open(href, "_blank", "noopener,noreferrer");
    await busy(node, () => context.act(blockId, spec, { value: spec.value }));
  };
  const props = {
    type: "button",
    class: `button ${spec.style ?? ""}`,
    title: plain(spec.text?.text),
    "aria-label": spec.accessibility_label,
    on: { click: press },
  };
  return h("button", props, h("span", { class: "button-label" }, plainNodes(spec.text?.text ?? "")));
}

const optionItem = (option, context, current) => ({
  label: plain(option.text?.text),
  node: h("span", {}, textObject(option.text, context.names)),
  hint: option.description && plain(option.description.text),
  value: option,
  current: current?.value === option.value,
});

function optionGroups(spec, context, current) {
  const groups = spec.option_groups ?? [{ options: spec.options ?? [] }];
  return groups.map((group) => ({
    label: group.label && plain(group.label.text),
    items: (group.options ?? []).map((option) => optionItem(option, context, current)),
  }));
}

function overflow(spec, blockId, context) {
  const choose = async ({ currentTarget: node }) => {
    const item = await menu(node, { title: "More actions", groups: optionGroups(spec, context) });
    if (!item) return;
    if (!(await agreed(spec, context))) return;
    const href = item.value.url && safeUrl(item.value.url);
    if (href) open(href, "_blank", "noopener,noreferrer");
    await busy(node, () => context.act(blockId, spec, { selected_option: item.value.value }));
  };
  const props = { type: "button", class: "button overflow", "aria-label": "More actions", "aria-haspopup": "listbox" };
  return h("button", { ...props, on: { click: choose } }, icon("dots"));
}

/**
 * The button of any select. `groups()` are the menu's; `typed(item)` is the choice as a form keeps it,
 * `sent(item)` as an action sends it.
 */
function picker(spec, blockId, context, { shown, groups, ask, typed, sent }) {
  const title = plain(spec.placeholder?.text) || "Choose an option";
  const label = h("span", { class: "select-label" });
  const show = (text) => {
    label.textContent = text || title;
    label.classList.toggle("placeholder", !text);
  };
  const choose = async ({ currentTarget: node }) => {
    const item = await menu(node, { title, groups: groups(), ask });
    if (!item || !(await agreed(spec, context))) return;
    show(item.label);
    context.values.set(blockId, spec.action_id, { type: spec.type, ...typed(item) });
    if (context.sends) await busy(node, () => context.act(blockId, spec, sent(item)));
  };
  show(shown);
  const props = { type: "button", class: "select", "aria-haspopup": "listbox", on: { click: choose } };
  return h("button", props, label, icon("chevron"));
}

function select(spec, blockId, context) {
  const current = () => context.values.get(blockId, spec.action_id)?.selected_option;
  if (spec.initial_option && !current()) {
    context.values.set(blockId, spec.action_id, { type: spec.type, selected_option: spec.initial_option });
  }
  return picker(spec, blockId, context, {
    shown: plain(current()?.text?.text),
    groups: () => optionGroups(spec, context, current()),
    ask: spec.type === "external_select" && (async (typed) => optionGroups(await context.ask(spec, typed), context, current())),
    typed: (item) => ({ selected_option: item.value }),
    sent: (item) => ({ selected_option: item.value.value }),
  });
}

function idSelect(spec, blockId, context, key, things) {
  const initial = spec[key.replace("selected", "initial")];
  const current = () => context.values.get(blockId, spec.action_id)?.[key];
  if (initial && !current()) context.values.set(blockId, spec.action_id, { type: spec.type, [key]: initial });
  const items = () => things.map(({ id, name }) => ({ label: name, value: id, current: id === current() }));
  return picker(spec, blockId, context, {
    shown: items().find((item) => item.current)?.label,
    groups: () => [{ items: items() }],
    typed: (item) => ({ [key]: item.value }),
    sent: (item) => ({ value: item.value }),
  });
}

function checks(spec, blockId, context, type) {
  const many = type === "checkbox";
  const key = many ? "selected_options" : "selected_option";
  const first = spec[many ? "initial_options" : "initial_option"];
  const chosen = [context.values.get(blockId, spec.action_id)?.[key] ?? first ?? []].flat();
  const keep = (options) =>
    context.values.set(blockId, spec.action_id, { type: spec.type, [key]: many ? options : (options[0] ?? null) });
  const changed = ({ currentTarget: box }) => {
    const picked = spec.options.filter((_, index) => box.querySelectorAll("input")[index].checked);
    const sent = picked.map(({ value }) => value);
    keep(picked);
    if (context.sends) context.act(blockId, spec, { selected_option: many ? sent : sent[0] });
  };
  const name = `${blockId}-${spec.action_id}`;
  const options = (spec.options ?? []).map((option) => {
    const checked = chosen.some(({ value }) => value === option.value);
    const small = option.description && h("small", {}, textObject(option.description, context.names));
    const words = h("span", {}, textObject(option.text, context.names), small);
    return h("label", { class: "check" }, h("input", { type, name, checked }), words);
  });
  if (chosen.length) keep(chosen);
  return h("div", { class: "checks", role: many ? "group" : "radiogroup", on: { change: changed } }, options);
}

function field(spec, blockId, context, type, key, initial) {
  const kept = context.values.get(blockId, spec.action_id)?.[key] ?? initial ?? "";
  const tag = spec.multiline ? "textarea" : "input";
  const store = (value) => context.values.set(blockId, spec.action_id, { type: spec.type, [key]: value || null });
  const input = h(tag, {
    class: "input",
    type: spec.multiline ? null : type,
    rows: spec.multiline ? 4 : null,
    placeholder: plain(spec.placeholder?.text),
    maxlength: spec.max_length,
    min: spec.min_value,
    max: spec.max_value,
    step: type === "number" ? (spec.is_decimal_allowed ? "any" : "1") : null,
    autocomplete: "off",
    on: {
      input: ({ target }) => store(target.value),
      change: ({ target }) => context.sends && context.act(blockId, spec, { value: target.value }),
    },
  });
  input.value = kept;
  store(kept);
  return input;
}
