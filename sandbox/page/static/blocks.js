// Block Kit's layout blocks and attachments to nodes. https://docs.slack.dev/reference/block-kit/blocks
import { h, icon, link, safeUrl } from "./dom.js";
import { precise, dateOf } from "./dates.js";
import { element, image } from "./elements.js";
import { mrkdwn, plainNodes, textObject } from "./mrkdwn.js";
import { richText } from "./richtext.js";

const COLOURS = { good: "#2eb67d", warning: "#ecb22e", danger: "#e01e5a" };
const SHOWN_ACTIONS = 5; // Slack folds the rest away behind a button

const BLOCKS = {
  section,
  header: (block) => h("h3", { class: "block-header" }, plainNodes(block.text?.text ?? "")),
  divider: () => h("hr", { class: "block-divider" }),
  context: contextBlock,
  actions,
  image: imageBlock,
  rich_text: (block, context) => richText(block, context.names),
  input,
  markdown: (block, context) => h("div", { class: "text" }, mrkdwn(block.text ?? "", context.names)),
  file: (block) => h("div", { class: "unknown" }, block.external_id ?? "file"),
};

/** All blocks of a message or view. `context` as in elements.js, with `errors` (block_id -> words) for inputs. */
export function renderBlocks(blocks, context) {
  return (blocks ?? []).map((block, index) => {
    const draw = BLOCKS[block.type];
    if (!draw) return h("div", { class: "unknown" }, `[${block.type}]`);
    const sends = block.type !== "input" || Boolean(block.dispatch_action);
    return draw({ ...block, block_id: block.block_id ?? `block-${index}` }, { ...context, sends });
  });
}

function section(block, context) {
  const body = h(
    "div",
    { class: "section-body" },
    block.text && h("div", { class: "text" }, textObject(block.text, context.names)),
    block.fields && h("div", { class: "fields" }, block.fields.map((f) => h("div", { class: "text" }, textObject(f, context.names)))),
  );
  if (!block.accessory) return h("div", { class: "section" }, body);
  const accessory = h("div", { class: "accessory" }, element(block.accessory, block.block_id, context));
  return h("div", { class: "section", data: { accessory: block.accessory.type } }, body, accessory);
}

function contextBlock(block, context) {
  const parts = (block.elements ?? []).map((part) =>
    part.type === "image" ? image(part, "context-image") : h("span", { class: "text" }, textObject(part, context.names)),
  );
  return h("div", { class: "context" }, parts);
}

function actions(block, context) {
  const drawn = (block.elements ?? []).map((spec) => element(spec, block.block_id, context));
  const row = h("div", { class: "actions" }, drawn.slice(0, SHOWN_ACTIONS));
  const rest = drawn.slice(SHOWN_ACTIONS);
  if (rest.length) {
    const more = h("button", { type: "button", class: "button", on: { click: () => more.replaceWith(...rest) } }, `+${rest.length} more`);
    row.append(more);
  }
  return row;
}

function imageBlock(block) {
  const title = block.title && h("figcaption", {}, plainNodes(block.title.text));
  return h("figure", { class: "image" }, title, image(block, "picture"));
}

function input(block, context) {
  const control = element(block.element, block.block_id, context);
  const id = `input-${block.block_id}`;
  const inner = control.matches("input, textarea, button") ? control : null;
  inner?.setAttribute("id", id);
  const words = context.errors?.[block.block_id];
  if (words) control.setAttribute("aria-invalid", "true");
  return h(
    "div",
    { class: words ? "field field-wrong" : "field", data: { block: block.block_id } },
    h("label", { class: "field-label", for: inner && id }, plainNodes(block.label?.text ?? ""), block.optional && h("small", {}, " (optional)")),
    control,
    block.hint && h("div", { class: "field-hint" }, plainNodes(block.hint.text)),
    words && h("div", { class: "field-error", role: "alert" }, words),
  );
}

/** Secondary attachments: https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments */
export function renderAttachments(attachments, context) {
  return (attachments ?? []).map((item) => {
    const colour = COLOURS[item.color] ?? (/^#?[0-9a-f]{6}$/i.test(item.color ?? "") ? `#${item.color.replace("#", "")}` : null);
    const inside = item.blocks ? renderBlocks(item.blocks, context) : legacy(item, context.names);
    return h("div", { class: "attachment", style: colour ? { "--bar": colour } : {} }, inside);
  });
}

function legacy(item, names) {
  const title = item.title && plainNodes(item.title);
  const fields = (item.fields ?? []).map((f) =>
    h("div", { class: f.short ? "text" : "text wide" }, h("strong", {}, plainNodes(f.title ?? "")), "\n", mrkdwn(f.value ?? "", names)),
  );
  const footer = [item.footer && plainNodes(item.footer), item.ts && precise(dateOf(item.ts))].filter(Boolean);
  return [
    item.pretext && h("div", { class: "text" }, mrkdwn(item.pretext, names)),
    item.author_name && h("div", { class: "attachment-author" }, item.author_name),
    title && h("div", { class: "attachment-title" }, safeUrl(item.title_link ?? "") ? link(item.title_link, title) : title),
    (item.text ?? item.fallback) && h("div", { class: "text" }, mrkdwn(item.text ?? item.fallback, names)),
    fields.length > 0 && h("div", { class: "fields" }, fields),
    item.image_url && image({ image_url: item.image_url, alt_text: item.title ?? "" }, "picture"),
    footer.length > 0 && h("div", { class: "context" }, footer.flatMap((part, index) => (index ? [" | ", part] : [part]))),
  ];
}

/** Uploaded files: a text file shows its head, an image itself, anything else its name. */
export function renderFiles(files) {
  return (files ?? []).map((file) => {
    const url = file.url_private ?? file.permalink ?? "";
    const name = file.title || file.name || file.id;
    const preview = file.preview ?? file.plain_text;
    const size = file.size ? ` · ${Math.max(1, Math.round(file.size / 1024))} KB` : "";
    const label = [h("strong", {}, name), h("small", {}, `${file.pretty_type || file.filetype || file.mimetype || "File"}${size}`)];
    const head = h("div", { class: "file-head" }, icon("file"), safeUrl(url) ? link(url, label) : h("span", {}, label));
    return h("div", { class: "file" }, head, preview && h("pre", { class: "file-preview" }, preview));
  });
}
