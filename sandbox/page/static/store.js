// What this person sees of the workspace: a snapshot, kept true by changes. No DOM here.

const byTs = (a, b) => (a.ts < b.ts ? -1 : a.ts > b.ts ? 1 : 0);
const byOwnId = (things) => new Map(things.map((thing) => [thing.id, thing]));
const byTsKey = (messages) => new Map(messages.map((message) => [message.ts, message]));

export class Store {
  /** Take a snapshot whole (see sandbox/slack/state.py for its shape). */
  load(snapshot) {
    this.seq = snapshot.seq;
    this.me = snapshot.me;
    this.bot = snapshot.bot;
    this.team = snapshot.team;
    this.commands = snapshot.commands;
    this.shortcuts = snapshot.shortcuts;
    this.people = byOwnId([...snapshot.people, snapshot.bot, snapshot.me]);
    this.groups = byOwnId(snapshot.groups);
    this.channels = byOwnId(snapshot.channels);
    this.messages = new Map(Object.entries(snapshot.messages).map(([id, list]) => [id, byTsKey(list)]));
    this.ephemerals = byTsKey(snapshot.ephemerals);
    this.views = snapshot.views;
    this.home = snapshot.home;
    this.viewErrors = {};
  }

  /** Apply one change; returns the channel it touches, if any. */
  apply(change) {
    if (change.seq) this.seq = change.seq;
    APPLY[change.type]?.(this, change);
    return typeof change.channel === "string" ? change.channel : null;
  }

  /** The messages of a channel as its stream shows them: no thread replies, ephemerals among them. */
  stream(channel) {
    return this.#all(channel).filter((m) => !m.thread_ts || m.thread_ts === m.ts || m.subtype === "thread_broadcast");
  }

  /** A thread's messages, its parent first. */
  thread(channel, ts) {
    return this.#all(channel).filter((m) => m.ts === ts || m.thread_ts === ts);
  }

  #all(channel) {
    const own = [...(this.messages.get(channel)?.values() ?? [])];
    const only = [...this.ephemerals.values()].filter((m) => m.channel === channel);
    return [...own, ...only].sort(byTs);
  }

  /** Newest timestamp in a channel, "" when it is empty. */
  latest(channel) {
    return this.#all(channel).at(-1)?.ts ?? "";
  }

  directMessage() {
    return [...this.channels.values()].find((channel) => channel.is_im);
  }

  title(channel) {
    return channel.is_im ? nameOf(this.bot) : channel.name;
  }

  /** Words for the ids in messages; see mrkdwn.js. */
  get names() {
    return {
      person: (id) => this.#person(id),
      channel: (id) => this.channels.get(id)?.name,
      group: (id) => this.groups.get(id)?.handle,
      isMe: (id) => id === this.me.id,
    };
  }

  #person(id) {
    const person = this.people.get(id);
    return person && nameOf(person);
  }
}

const put = (messages, channel, message) => {
  if (!messages.has(channel)) messages.set(channel, new Map());
  messages.get(channel).set(message.ts, message);
};

const APPLY = {
  message: (store, { channel, message }) => put(store.messages, channel, message),
  message_changed: (store, { channel, message }) => put(store.messages, channel, message),
  message_deleted: (store, { channel, ts }) => store.messages.get(channel)?.delete(ts),
  ephemeral: (store, { channel, message }) => store.ephemerals.set(message.ts, { ...message, channel }),
  ephemeral_changed: (store, { channel, message }) => store.ephemerals.set(message.ts, { ...message, channel }),
  ephemeral_deleted: (store, { ts }) => store.ephemerals.delete(ts),
  views: (store, { views }) => {
    store.views = views;
    store.viewErrors = {};
  },
  view_errors: (store, { view_id: id, errors }) => {
    store.viewErrors = { [id]: errors };
  },
  home: (store, { view }) => {
    store.home = view;
  },
  channel: (store, { channel }) => {
    const gone = channel.is_archived || !channel.members.includes(store.me.id);
    if (gone) store.channels.delete(channel.id);
    else store.channels.set(channel.id, channel);
  },
  person: (store, { person }) => store.people.set(person.id, person),
};

export const nameOf = (person) => person.profile?.display_name || person.real_name || person.name;

const ROLES = { qa: "QA", oncall: "On-call", ops: "Operations" };

/** The part a person plays in the sandbox, for the switcher: "On-call". */
export const roleOf = (person) => ROLES[person.name] ?? person.name.charAt(0).toUpperCase() + person.name.slice(1);

/** Values of a form by block and action; the shape that a view's `state.values` has. */
export class Values {
  constructor(values = {}) {
    this.all = structuredClone(values);
  }

  get(block, action) {
    return this.all[block]?.[action];
  }

  set(block, action, value) {
    (this.all[block] ??= {})[action] = value;
  }
}
