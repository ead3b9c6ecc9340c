// The page's two wires: a WebSocket that brings a snapshot and then every change, and small POSTs.

const FIRST_WAIT = 400; // milliseconds; doubled up to LAST_WAIT
const LAST_WAIT = 5000;

/**
 * Keep a socket open for one person at a time. `hear(event)` gets every event, `status(up)` whether it is open.
 * Returns `connect(person)`; an empty one is the first of the workspace.
 */
export function liveWire(hear, status) {
  let socket = null;
  let person = null;
  let wait = FIRST_WAIT;
  let timer = null;

  function open() {
    clearTimeout(timer);
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const mine = new WebSocket(`${scheme}://${location.host}/api/live?as=${encodeURIComponent(person)}`);
    let opened = false;
    socket = mine;
    mine.onopen = () => {
      opened = true;
      wait = FIRST_WAIT;
      status(true);
    };
    mine.onmessage = ({ data }) => socket === mine && hear(JSON.parse(data));
    mine.onclose = () => {
      if (socket !== mine) return;
      status(false);
      if (!opened) forgetStranger(mine);
      timer = setTimeout(open, wait);
      wait = Math.min(wait * 2, LAST_WAIT);
    };
  }

  /** The address named somebody who is not there: be the first of those who are. */
  async function forgetStranger(mine) {
    const { status: code } = await fetch(`/api/state?as=${encodeURIComponent(person)}`).catch(() => ({}));
    if (code !== 404 || socket !== mine) return;
    person = "";
    open();
  }

  // A phone that was in a pocket has lost its socket and should not wait for the timer.
  const wake = () => {
    if (!document.hidden && socket?.readyState === WebSocket.CLOSED) open();
  };
  document.addEventListener("visibilitychange", wake);
  addEventListener("online", wake);

  return (as) => {
    person = as;
    const old = socket;
    open();
    old?.close();
  };
}

/** One request to the page's server. Rejects with an Error whose message can be shown. */
export async function call(method, path, body) {
  let answer;
  try {
    const headers = { "Content-Type": "application/json" };
    answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw new Error("The sandbox cannot be reached. Is it still running?");
  }
  const result = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(result.error ?? `The sandbox answered ${answer.status}.`);
  return result;
}

export const post = (path, body) => call("POST", path, body);
