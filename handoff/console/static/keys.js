// Keyboard shortcuts; the sheet that lists them opens with "?".

import { mode, setMode, suggestion } from "./composer.js";
import { neighbour } from "./inbox.js";
import { sound } from "./notice.js";
import { open } from "./talk.js";

const $ = (id) => document.getElementById(id);

export function theme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  document.cookie = `yida_theme=${root.dataset.theme}; path=/console; samesite=strict; max-age=31536000`;
}

export function panel() {
  const narrow = matchMedia("(max-width: 1180px)").matches;
  document.body.classList.toggle(narrow ? "shown" : "folded");
}

const ACTS = { theme, panel, help: () => $("help").showModal(), sound: () => sound.toggle(), print: () => window.print() };

async function go(step) {
  const row = neighbour(step);
  if (row) await open(row.dataset.id);
}

const ALT = {
  KeyP: panel,
  KeyD: theme,
  KeyI: () => $("composer") && setMode(mode() === "note" ? "reply" : "note"),
  ArrowDown: () => go(1),
  ArrowUp: () => go(-1),
  Digit1: () => suggestion(1),
  Digit2: () => suggestion(2),
  Digit3: () => suggestion(3),
};

// A letter on a button, or on a menu that it opens.
function pressKey(letter) {
  const target = document.querySelector(`[data-key="${letter}"]`);
  if (!target) return;
  if (target.tagName !== "DETAILS") return target.click();
  target.open = true;
  target.querySelector("select, textarea")?.focus();
}

function pressed(event) {
  const typing = event.target.closest("input, textarea, select");
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && $("search")) {
    event.preventDefault();
    $("search").elements.q.focus();
  } else if (event.altKey && !event.ctrlKey && !event.metaKey) {
    const act = ALT[event.code] || (/^Key[NAERT]$/.test(event.code) && (() => pressKey(event.code[3].toLowerCase())));
    if (!act) return;
    event.preventDefault();
    act();
  } else if (event.key === "?" && !typing) {
    ACTS.help();
  } else if (event.key === "Escape") {
    document.body.classList.remove("shown");
    for (const menu of document.querySelectorAll("details.me[open], details.drop[open]")) menu.open = false;
  }
}

export function startKeys() {
  document.addEventListener("keydown", pressed);
  document.addEventListener("click", (event) => {
    const act = event.target.closest("[data-act]");
    if (act) ACTS[act.dataset.act]();
  });
}
