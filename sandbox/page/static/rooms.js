// Which channel and thread one looks at, what one has read, and what one does there.
import { post } from "./live.js";
import { Values } from "./store.js";

const BUSY = 350; // milliseconds a tapped button shows that it was tapped

export class Rooms {
  constructor(store, warn) {
    Object.assign(this, { store, warn });
    this.thread = null;
    this.home = false; // the Home tab of the direct message is shown
    this.where = new Map(); // person id -> channel id they last looked at
    this.readTo = new Map(); // "person/channel" -> newest ts seen
    this.values = new Map(); // "channel/ts" -> Values chosen in a message, not yet sent
    this.here = null;
  }

  get channel() {
    return this.store.channels.get(this.here) ?? [...this.store.channels.values()][0];
  }

  // The address keeps person and room over a reload: #engineer/deploys
  person() {
    return decodeURIComponent(location.hash.slice(1).split("/")[0]);
  }

  arrive(same) {
    const { store } = this;
    if (!same) {
      const named = decodeURIComponent(location.hash.slice(1).split("/")[1] ?? "");
      const before = this.where.get(store.me.id) ?? this.here;
      const wanted = [...store.channels.values()].find((channel) => store.title(channel) === named);
      const stay = store.channels.has(before) ? before : null;
      this.go(stay ?? wanted?.id ?? this.channel?.id);
      for (const { id } of store.channels.values()) {
        const key = `${store.me.id}/${id}`;
        if (!this.readTo.has(key)) this.readTo.set(key, store.latest(id));
      }
    }
  }

  go(id) {
    this.here = id;
    this.thread = null;
    this.home = false;
    this.where.set(this.store.me.id, id);
    history.replaceState(null, "", `#${encodeURIComponent(this.store.me.name)}/${encodeURIComponent(this.store.title(this.channel))}`);
  }

  openThread(ts) {
    this.thread = ts;
  }

  heard(event, channel) {
    if (event.type === "message_deleted" && event.ts === this.thread && channel === this.here) this.thread = null;
  }

  label() {
    return `${this.channel.is_im ? "" : "#"}${this.store.title(this.channel)}`;
  }

  // -- what was read ----------------------------------------------------------------------------

  read() {
    if (!document.hidden) this.readTo.set(`${this.store.me.id}/${this.channel.id}`, this.store.latest(this.channel.id));
  }

  /** {any: something new, count: how much of it is addressed to me}. */
  unread(id) {
    const { me } = this.store;
    const seen = this.readTo.get(`${me.id}/${id}`) ?? "";
    const news = this.store.stream(id).filter((message) => message.ts > seen && message.user !== me.id);
    const direct = this.store.channels.get(id)?.is_im;
    const mine = news.filter((message) => direct || message.is_ephemeral || message.text?.includes(`<@${me.id}>`));
    return { any: news.length > 0, count: mine.length };
  }

  totalUnread() {
    return [...this.store.channels.keys()].reduce((sum, id) => sum + this.unread(id).count, 0);
  }

  // -- what one does ----------------------------------------------------------------------------

  /** Say it here; resolves true when it was taken. */
  say(text, threadTs) {
    return this.#do("/api/say", { channel: this.channel.id, text, ...(threadTs ? { thread_ts: threadTs } : {}) });
  }

  /** Say it to the bot, the way this room needs. */
  ask(line) {
    return this.say(this.channel.is_im ? line : `@${this.store.bot.name} ${line}`);
  }

  /** What renderMessage needs to know of the place its messages stand in. */
  surface(openThread) {
    return {
      store: this.store,
      openThread,
      context: (message) => this.#messageContext(message),
      dismiss: (message) => this.#do("/api/dismiss", { ts: message.ts }),
      shortcut: (message, callbackId) => this.shortcut(callbackId, message),
      react: (message, name) => this.#do("/api/react", { channel: this.channel.id, ts: message.ts, name }),
    };
  }

  #messageContext(message) {
    const key = `${message.channel}/${message.ts}`;
    if (!this.values.has(key)) this.values.set(key, new Values());
    const values = this.values.get(key);
    return this.blockContext(values, (blockId, element, fields) => {
      const action = { block_id: blockId, action_id: element.action_id, values: values.all, ...fields };
      return this.press({ channel: message.channel, ts: message.ts, ...action });
    });
  }

  blockContext(values, act) {
    const { store } = this;
    const people = [...store.people.values()].filter((person) => !person.is_bot);
    const channels = [...store.channels.values()].filter((channel) => !channel.is_im);
    return { names: store.names, values, act, people, channels };
  }

  async press(action) {
    await Promise.all([this.#do("/api/press", action), new Promise((done) => setTimeout(done, BUSY))]);
  }

  /** Choose one of the app's shortcuts; a `message` is what it is about. */
  shortcut(callbackId, message) {
    return this.#do("/api/shortcut", { callback_id: callbackId, ...(message ? { channel: message.channel, ts: message.ts } : {}) });
  }

  openHome() {
    return this.#do("/api/home", {});
  }

  async #do(path, body) {
    try {
      await post(path, { as: this.store.me.id, ...body });
      return true;
    } catch (error) {
      this.warn(error.message);
      return false;
    }
  }
}
