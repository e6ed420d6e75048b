// <time datetime="…" data-relative>: "11 minutes ago" goes on while the page is open; abroad its title adds the time there.
import { onEach } from "./pages.js";

const language = document.documentElement.lang || "zh-CN";
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
const own = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "long" });
const day = new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Shanghai" });
const abroad = new Date().getTimezoneOffset() !== -480;

// Days are Beijing's: late yesterday evening was yesterday, not so many hours ago.
function told(moment, now) {
  const minutes = Math.round((moment - now) / 60_000);
  const days = Math.round((Date.parse(day.format(moment)) - Date.parse(day.format(now))) / 86_400_000);
  if (Math.abs(days) > 6) return "";
  if (days) return relative.format(days, "day");
  return Math.abs(minutes) < 60 ? relative.format(minutes, "minute") : relative.format(Math.round(minutes / 60), "hour");
}

function show(time) {
  const text = told(new Date(time.dateTime), new Date());
  // A space between figures and Han, as everywhere on these pages.
  if (text) time.textContent = text.replace(/(\d)(?=\p{Script=Han})/u, "$1 ");
}

onEach("time[data-relative]", (time) => {
  show(time);
  if (abroad) time.title = [time.title, own.format(new Date(time.dateTime))].filter(Boolean).join(" · ");
});

setInterval(() => document.querySelectorAll("time[data-relative]").forEach(show), 60_000);
