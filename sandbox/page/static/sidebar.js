// Who one is and where: the person switcher and the channel list.
import { h, icon, replace } from "./dom.js";
import { avatar } from "./avatar.js";
import { menu } from "./popover.js";
import { nameOf, roleOf } from "./store.js";

/** People one can be: members of the workspace, in its own order. */
const playable = (store) => [...store.people.values()].filter((person) => !person.is_bot && !person.deleted);

export function drawWho(store, become) {
  const people = playable(store);
  const pills = people.map((person) =>
    h(
      "button",
      {
        type: "button",
        class: "who-person",
        title: person.real_name,
        "aria-pressed": String(person.id === store.me.id),
        on: { click: () => become(person) },
      },
      avatar(person),
      roleOf(person),
    ),
  );
  replace(document.getElementById("who-people"), pills);

  const choose = async ({ currentTarget }) => {
    const items = people.map((person) => ({
      label: roleOf(person),
      node: [avatar(person), h("span", {}, h("b", {}, roleOf(person)), ` ${person.real_name}`)],
      value: person,
      current: person.id === store.me.id,
    }));
    const item = await menu(currentTarget, { title: "Who do you want to be?", groups: [{ items }] });
    if (item) become(item.value);
  };
  const words = h("span", {}, h("small", {}, "You are"), h("b", {}, roleOf(store.me)));
  const props = { type: "button", class: "who-pick", "aria-haspopup": "listbox", "aria-label": `You are ${roleOf(store.me)}. Change` };
  replace(document.getElementById("who-pick"), h("button", { ...props, on: { click: choose } }, avatar(store.me), words, icon("chevron")));
}

/** `unread(channel id)` gives {any, count}; `go(channel id)` shows it. */
export function drawChannels(store, current, unread, go) {
  const item = (channel) => {
    const { any, count } = unread(channel.id);
    return h(
      "button",
      {
        type: "button",
        class: "side-item",
        "aria-current": channel.id === current ? "page" : null,
        data: { unread: any ? "yes" : "no" },
        on: { click: () => go(channel.id) },
      },
      channel.is_im ? avatar(store.bot) : icon("hash"),
      h("span", { class: "side-name" }, store.title(channel)),
      count > 0 && h("span", { class: "badge", "aria-label": `${count} unread` }, String(count)),
    );
  };
  const all = [...store.channels.values()];
  replace(
    document.getElementById("channels"),
    h("h2", {}, "Channels"),
    all.filter((channel) => !channel.is_im).map(item),
    h("h2", {}, "Apps"),
    all.filter((channel) => channel.is_im).map(item),
  );
}

const TOPICS = {
  deploys: "What ships, where and how it went",
  web: "The web shop's own channel",
  oncall: "Alerts and the people who answer them",
};

/** The heading above a channel: [icon or face, name, topic]. */
export function roomHead(store, channel) {
  const title = store.title(channel);
  if (channel.is_im) return { mark: avatar(store.bot), title, topic: "Write plain commands here: no mention needed" };
  return { mark: icon("hash"), title, topic: TOPICS[channel.name] ?? `${channel.members.length} members` };
}

/** What stands above the first message of a channel. */
export function roomStart(store, channel) {
  if (channel.is_im) {
    return h("div", { class: "stream-start" }, h("h2", {}, nameOf(store.bot)), h("p", {}, "This conversation is just between you and the app. Say “help” to see what you may do."));
  }
  const names = channel.members.map((id) => store.names.person(id)).filter(Boolean);
  return h("div", { class: "stream-start" }, h("h2", {}, `# ${channel.name}`), h("p", {}, `${TOPICS[channel.name] ?? "A channel of the shop"}. Here: ${names.join(", ")}.`));
}
