// The open conversation: its words as they come, earlier ones when they are asked for.

import { openId } from "./inbox.js";
import { part, post } from "./net.js";
import { tick } from "./times.js";
import { word } from "./words.js";

const NEAR_END = 120;
const NEAR_START = 80;
const SIGN_LASTS = 6000;

const $ = (id) => document.getElementById(id);
const box = $("talk-box");
const panel = $("panel");
let loading = null;
let again = false;
let older = false;
let signTimer = 0;
let stale = false;

export const talk = () => $("talk");
export const isMine = () => Boolean(talk()) && talk().dataset.mine === "yes";
export const path = (rest = "") => `/console/c/${openId()}${rest}`;

// `changed` is told that another conversation, or another state of it, is on the screen.
let changed = () => {};

export async function open(id, { push = true } = {}) {
  if (push) history.pushState(null, "", `/console/c/${id}`);
  const filled = await part(`/console/c/${id}`);
  const same = openId() === id;
  box.replaceChildren(...filled.querySelector('[data-part="talk"]').childNodes);
  showPanel(filled.querySelector('[data-part="panel"]'), same);
  document.body.classList.add("opened");
  arrive();
}

export async function reload() {
  const draft = $("text") ? $("text").value : "";
  const id = openId();
  if (!id) return;
  await open(id, { push: false });
  if ($("text")) {
    $("text").value = draft;
    $("text").dispatchEvent(new Event("input"));
  }
}

export function leave() {
  document.body.classList.remove("opened");
  history.pushState(null, "", "/console");
  panel.replaceChildren();
  if (talk()) talk().remove();
  changed();
}

function arrive() {
  toEnd();
  tick();
  showRead();
  seen();
  changed();
  // Pictures that come later push the end away.
  for (const picture of $("log").querySelectorAll("img")) picture.addEventListener("load", keepEnd, { once: true });
  $("log").addEventListener("scroll", scrolled, { passive: true });
  $("earlier").firstElementChild.addEventListener("click", earlier);
}

function keepEnd() {
  if ($("log") && $("log").dataset.pinned !== "no") toEnd();
}

function toEnd() {
  $("log").scrollTop = $("log").scrollHeight;
}

function scrolled() {
  const log = $("log");
  const away = log.scrollHeight - log.clientHeight - log.scrollTop;
  log.dataset.pinned = away < NEAR_END ? "yes" : "no";
  if (log.scrollTop < NEAR_START && log.dataset.more === "yes") earlier();
}

async function earlier() {
  const log = $("log");
  if (older || log.dataset.more !== "yes") return;
  older = true;
  try {
    const filled = (await part(path(`/earlier?before=${log.dataset.first}`))).querySelector("#before");
    const height = log.scrollHeight;
    Object.assign(log.dataset, { first: filled.dataset.first, more: filled.dataset.more });
    $("earlier").after(...filled.childNodes);
    $("earlier").hidden = filled.dataset.more !== "yes";
    log.scrollTop += log.scrollHeight - height;
  } finally {
    older = false;
  }
}

function last(kind) {
  return Math.max(0, ...Array.from($("log").querySelectorAll(`[data-${kind}]`), (each) => Number(each.dataset[kind])));
}

// Fetches what came; asked again while it fetches, it fetches once more.
export function news() {
  if (loading) {
    again = true;
    return loading;
  }
  loading = fetchNews().finally(() => {
    loading = null;
    if (again) {
      again = false;
      news();
    }
  });
  return loading;
}

async function fetchNews() {
  const shown = talk();
  if (!shown) return;
  const filled = await part(path(`/news?after=${last("id")}&note=${last("note")}`));
  if (talk() !== shown) return;
  const fresh = filled.querySelector("#news");
  for (const sent of $("log").querySelectorAll(".sending")) sent.remove();
  const { status, holder, version, read } = fresh.dataset;
  const moved = status !== talk().dataset.status || holder !== talk().dataset.holder;
  $("log").append(...fresh.childNodes);
  $("suggest")?.replaceChildren(...filled.querySelector("#news-suggest").childNodes);
  Object.assign(talk().dataset, { read, version });
  showSign("");
  showRead();
  keepEnd();
  seen();
  if (moved) await reload();
}

// Which of our words the customer's page has shown.
export function showRead() {
  const read = Number(talk().dataset.read);
  for (const each of $("log").querySelectorAll(".word.agent[data-id]")) {
    each.classList.toggle("seen", Number(each.dataset.id) <= read);
  }
}

function seen() {
  if (isMine() && !document.hidden) post(path("/seen")).catch(() => {});
}

export function sending(text) {
  const made = document.createElement("article");
  made.className = "word agent sending";
  made.append(Object.assign(document.createElement("p"), { className: "bubble", textContent: text }));
  $("log").append(made);
  toEnd();
  return made;
}

export function showSign(text, collision = false) {
  const signs = $("signs");
  if (!signs) return;
  clearTimeout(signTimer);
  signs.textContent = text;
  signs.classList.toggle("collision", collision);
  if (text) signTimer = setTimeout(() => showSign(""), SIGN_LASTS);
}

export function typed({ conversation, agent, name }) {
  if (!talk() || talk().dataset.conversation !== conversation || agent === document.body.dataset.agent) return;
  if (agent) showSign(word("typing.agent", { name }), true);
  else showSign(word("typing.customer"));
}

export async function refreshPanel() {
  if (!openId()) return;
  showPanel(await part(path("/panel")), true);
}

// Shows the side panel anew. One of the same conversation keeps what is folded open, and waits while the
// agent fills in the form of a step.
function showPanel(filled, same) {
  stale = same && Boolean(panel.querySelector("details.drop[open]"));
  if (stale) return;
  const key = (each) => each.dataset.number || each.id;
  const opened = same ? Array.from(panel.querySelectorAll("details[open]"), key).filter(Boolean) : [];
  const calculator = same && panel.querySelector("#calculator");
  panel.replaceChildren(...filled.childNodes);
  if (calculator) panel.querySelector("#calculator").replaceWith(calculator);
  for (const each of panel.querySelectorAll("details")) {
    if (opened.includes(key(each))) each.open = true;
  }
  tick(panel);
}

export function startTalk(onChange) {
  changed = onChange;
  document.addEventListener("visibilitychange", seen);
  window.addEventListener("popstate", () => {
    const id = location.pathname.match(/\/console\/c\/([\w-]+)/);
    if (id) open(id[1], { push: false });
    else leave();
  });
  panel.addEventListener("toggle", (event) => !event.target.open && stale && refreshPanel(), true);
  if (talk()) arrive();
  startViewer();
}

// A picture opens over the page; with a modifier key it opens in a tab as any link does.
function startViewer() {
  const dialog = $("viewer");
  box.addEventListener("click", (event) => {
    const link = event.target.closest("a.picture");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    dialog.querySelector("img").src = link.href;
    dialog.showModal();
  });
  dialog.addEventListener("click", () => dialog.close());
}
