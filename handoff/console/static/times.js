// Times that go on: how long somebody waits, how much is left of a deadline.

import { word } from "./words.js";

const LONG = 10 * 60000;
const NEAR = 2 * 3600000;
const EVERY = 10000;

export function span(milliseconds) {
  const minutes = Math.floor(milliseconds / 60000);
  if (minutes < 1) return word("wait.now");
  if (minutes < 60) return word("wait.minutes", { n: minutes });
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return word("wait.hours", { h: hours, m: minutes % 60 });
  return word("wait.days", { d: Math.floor(hours / 24), h: hours % 24 });
}

// The server's clock counts: an agent's may be wrong.
const ahead = Date.parse(document.querySelector('meta[name="now"]').content) - Date.now();

export function tick(root = document) {
  const now = Date.now() + ahead;
  for (const each of root.querySelectorAll("[data-since]")) {
    const waited = Math.max(0, now - Date.parse(each.dataset.since));
    each.textContent = span(waited);
    each.classList.toggle("long", waited > LONG);
  }
  for (const each of root.querySelectorAll("[data-due]")) {
    const left = Date.parse(each.dataset.due) - now;
    const shown = each.querySelector("em") || each.appendChild(document.createElement("em"));
    shown.textContent = left > 0 ? word("due.left", { time: span(left) }) : word("due.over", { time: span(-left) });
    each.classList.toggle("near", left > 0 && left < NEAR);
    each.classList.toggle("over", left <= 0);
  }
}

export function startTimes() {
  tick();
  setInterval(tick, EVERY);
}
