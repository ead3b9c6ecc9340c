// The shortcodes that chat operations use, and what they look like. Unknown ones stay as typed, as in Slack.

const TABLE = `
+1:👍 thumbsup:👍 -1:👎 thumbsdown:👎 ok_hand:👌 wave:👋 clap:👏 pray:🙏 raised_hands:🙌 muscle:💪 eyes:👀
point_up:☝️ point_right:👉 point_left:👈 point_down:👇 raised_hand:✋ hand:✋ handshake:🤝 writing_hand:✍️
smile:😄 slightly_smiling_face:🙂 grin:😁 joy:😂 sweat_smile:😅 thinking_face:🤔 neutral_face:😐 sob:😭 cry:😢
sunglasses:😎 confused:😕 disappointed:😞 scream:😱 robot_face:🤖 bow:🙇 shrug:🤷 facepalm:🤦 sleeping:😴
tada:🎉 rocket:🚀 ship:🚢 sailboat:⛵ anchor:⚓ package:📦 truck:🚚 airplane:✈️ fire:🔥 boom:💥 star:⭐ sparkles:✨
zap:⚡ bulb:💡 mag:🔍 mag_right:🔎 hammer:🔨 wrench:🔧 hammer_and_wrench:🛠️ gear:⚙️ nut_and_bolt:🔩 toolbox:🧰
lock:🔒 unlock:🔓 closed_lock_with_key:🔐 key:🔑 shield:🛡️ link:🔗 pushpin:📌 paperclip:📎 label:🏷️ bookmark:🔖
white_check_mark:✅ heavy_check_mark:✔️ ballot_box_with_check:☑️ x:❌ negative_squared_cross_mark:❎ no_entry:⛔
no_entry_sign:🚫 warning:⚠️ exclamation:❗ heavy_exclamation_mark:❗ question:❓ grey_question:❔ information_source:ℹ️
bangbang:‼️ rotating_light:🚨 octagonal_sign:🛑 stop_sign:🛑 construction:🚧 vertical_traffic_light:🚦 bug:🐛 ambulance:🚑
red_circle:🔴 large_red_circle:🔴 large_orange_circle:🟠 large_yellow_circle:🟡 large_green_circle:🟢 large_blue_circle:🔵
large_purple_circle:🟣 white_circle:⚪ black_circle:⚫ large_green_square:🟩 large_yellow_square:🟨 large_orange_square:🟧
large_red_square:🟥 large_blue_square:🟦 white_large_square:⬜ black_large_square:⬛ black_small_square:▪️
white_small_square:▫️ small_blue_diamond:🔹 small_orange_diamond:🔸 heavy_minus_sign:➖ heavy_plus_sign:➕ wavy_dash:〰️
hourglass:⌛ hourglass_flowing_sand:⏳ stopwatch:⏱️ timer_clock:⏲️ alarm_clock:⏰ clock1:🕐 clock3:🕒 clock9:🕘 watch:⌚
calendar:📅 date:📅 spiral_calendar_pad:🗓️ arrows_counterclockwise:🔄 arrows_clockwise:🔃 repeat:🔁 recycle:♻️
leftwards_arrow_with_hook:↩️ arrow_right_hook:↪️ rewind:⏪ fast_forward:⏩ arrow_forward:▶️ black_square_for_stop:⏹️
double_vertical_bar:⏸️ arrow_up:⬆️ arrow_down:⬇️ arrow_right:➡️ arrow_left:⬅️ arrow_upper_right:↗️ arrow_lower_right:↘️
chart_with_upwards_trend:📈 chart_with_downwards_trend:📉 bar_chart:📊 clipboard:📋 memo:📝 pencil:📝 pencil2:✏️
page_facing_up:📄 scroll:📜 books:📚 book:📖 file_folder:📁 open_file_folder:📂 inbox_tray:📥 outbox_tray:📤 email:✉️
envelope:✉️ bell:🔔 no_bell:🔕 mega:📣 loudspeaker:📢 speech_balloon:💬 thought_balloon:💭 telephone_receiver:📞
pager:📟 iphone:📱 computer:💻 desktop_computer:🖥️ cloud:☁️ satellite:🛰️ globe_with_meridians:🌐 earth_africa:🌍
sunny:☀️ partly_sunny:⛅ rain_cloud:🌧️ thunder_cloud_and_rain:⛈️ snowflake:❄️ ice_cube:🧊 dart:🎯 microscope:🔬 test_tube:🧪
stethoscope:🩺 adhesive_bandage:🩹 wastebasket:🗑️ broom:🧹 snail:🐌 turtle:🐢 whale:🐳 whale2:🐋 beetle:🐞 coffee:☕ crown:👑
dash:💨 heart:❤️ green_heart:💚 blue_heart:💙 yellow_heart:💛 broken_heart:💔 100:💯 zzz:💤 new:🆕 ok:🆗 sos:🆘 up:🆙
back:🔙 soon:🔜 end:🔚 one:1️⃣ two:2️⃣ three:3️⃣ four:4️⃣ five:5️⃣ six:6️⃣ seven:7️⃣ eight:8️⃣ nine:9️⃣ ten:🔟 zero:0️⃣
busts_in_silhouette:👥 bust_in_silhouette:👤 male-technologist:👨‍💻 female-technologist:👩‍💻 technologist:🧑‍💻
jigsaw:🧩 placard:🪧 ledger:📒 electric_plug:🔌 battery:🔋 low_battery:🪫 floppy_disk:💾 card_file_box:🗃️ checkered_flag:🏁
triangular_flag_on_post:🚩 white_flag:🏳️ thermometer:🌡️ balance_scale:⚖️ chains:⛓️ magnet:🧲 fork_and_knife:🍴 infinity:♾️
`;

const GLYPHS = new Map(
  TABLE.trim().split(/\s+/).map((entry) => {
    const colon = entry.indexOf(":");
    return [entry.slice(0, colon), entry.slice(colon + 1)];
  }),
);

/** The glyph of a shortcode without its colons, or undefined. */
export const glyph = (name) => GLYPHS.get(name.toLowerCase());

/** Text with `:shortcodes:` replaced, and Slack's three entities read. Returns a string. */
export function plain(text) {
  return unescape(text ?? "").replace(/:([a-z0-9_+'-]+):/gi, (typed, name) => glyph(name) ?? typed);
}

/** Slack escapes exactly these three: https://docs.slack.dev/messaging/formatting-message-text#escaping */
export function unescape(text) {
  return text.replace(/&(amp|lt|gt);/g, (_, name) => ({ amp: "&", lt: "<", gt: ">" })[name]);
}
