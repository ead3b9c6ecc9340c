// Times as Slack writes them, in the reader's own time zone.

const MONTHS = "January February March April May June July August September October November December".split(" ");
const DAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");
const DAY = 86_400_000;
const two = (number) => String(number).padStart(2, "0");

/** A Slack timestamp ("1700000000.000100", seconds) as a Date. */
export const dateOf = (ts) => new Date(Number.parseFloat(ts) * 1000);

export const clock = (date) => `${two(date.getHours())}:${two(date.getMinutes())}`;
const clockSeconds = (date) => `${clock(date)}:${two(date.getSeconds())}`;

const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();

/** Whole calendar days from `date` to now; 0 is today, 1 yesterday, -1 tomorrow. */
const daysAgo = (date) => Math.round((midnight(new Date()) - midnight(date)) / DAY);

function ordinal(day) {
  const teen = day % 100 >= 11 && day % 100 <= 13;
  return `${day}${teen ? "th" : (["th", "st", "nd", "rd"][day % 10] ?? "th")}`;
}

const numeric = (date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
const full = (date) => `${MONTHS[date.getMonth()]} ${ordinal(date.getDate())}, ${date.getFullYear()}`;
const short = (date) => `${MONTHS[date.getMonth()].slice(0, 3)} ${date.getDate()}, ${date.getFullYear()}`;
const long = (date) => `${DAYS[date.getDay()]}, ${full(date)}`;
const pretty = (write) => (date) => ({ 0: "today", 1: "yesterday", [-1]: "tomorrow" })[daysAgo(date)] ?? write(date);

/** "5 minutes ago", "in 2 hours". */
export function ago(date) {
  const seconds = Math.round((Date.now() - date.getTime()) / 1000);
  const size = Math.abs(seconds);
  if (size < 45) return seconds >= 0 ? "just now" : "in a moment";
  const [count, unit] = [
    [Math.round(size / 60), "minute", 3570],
    [Math.round(size / 3600), "hour", 84_600],
    [Math.round(size / 86_400), "day", Infinity],
  ].find(([, , limit]) => size < limit);
  const words = `${count} ${unit}${count === 1 ? "" : "s"}`;
  return seconds >= 0 ? `${words} ago` : `in ${words}`;
}

// https://docs.slack.dev/messaging/formatting-message-text#date-formatting
const TOKENS = {
  date_num: numeric,
  date_slash: (date) => numeric(date).replaceAll("-", "/"),
  date: full,
  date_short: short,
  date_long: long,
  date_pretty: pretty(full),
  date_short_pretty: pretty(short),
  date_long_pretty: pretty(long),
  day_divider_pretty: pretty(long),
  time: clock,
  time_secs: clockSeconds,
  ago,
};

/** A `<!date^...>` format with its tokens filled in, or null where a token is unknown (show the fallback). */
export function formatDate(seconds, format) {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return null;
  let known = true;
  const text = format.replace(/\{(\w+)\}/g, (_, token) => {
    if (!TOKENS[token]) known = false;
    return TOKENS[token]?.(date) ?? "";
  });
  return known ? text.charAt(0).toUpperCase() + text.slice(1) : null;
}

/** The heading between two days of messages. */
export function dayName(date) {
  const words = pretty((d) => `${DAYS[d.getDay()]}, ${MONTHS[d.getMonth()]} ${ordinal(d.getDate())}`)(date);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export const precise = (date) => `${short(date)} at ${clockSeconds(date)}`;
