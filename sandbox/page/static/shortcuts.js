// The app's shortcuts: for the workspace beside the message field, for one message in its menu.
import { menu } from "./popover.js";

/** Choose one of `type` ("global" or "message") at `anchor`; `act(callback id)` does it. */
export async function shortcutMenu(anchor, store, type, act) {
  const items = store.shortcuts
    .filter((shortcut) => shortcut.type === type)
    .map(({ name, description, callback_id: value }) => ({ label: name, hint: description, value }));
  const item = await menu(anchor, { title: "Shortcuts", groups: [{ items }] });
  if (item) act(item.value);
}
