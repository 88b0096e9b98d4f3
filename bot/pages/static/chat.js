// The customer's chat page: puts its parts together.

import { readHistory } from "./api.js";
import { Composer } from "./composer.js";
import { backoff, Connection } from "./connection.js";
import { heard, hello, isShown, startClosing } from "./embed.js";
import { confirmed, startMenu, startViewer } from "./menu.js";
import { Outbox } from "./outbox.js";
import { Signs } from "./signs.js";
import { forget, newId, newSession, openSession, readHandled, readIdentity, readSeen, writeHandled, writeSeen } from "./store.js";
import { View } from "./view.js";
import { word } from "./words.js";

const $ = (id) => document.getElementById(id);
const TYPING_AFTER = 250;
const LOST_AFTER = 1500;

const identity = readIdentity(await hello());
const session = (identity && identity.session) || openSession();
const proof = identity ? identity.proof : null;
let handled = readHandled(session);
let typingTimer = 0;
let lostTimer = 0;

function showHandled(by, name = "") {
  handled = { by, name: name || (by === "agent" ? handled.name : "") };
  writeHandled(session, handled);
  const named = by === "agent" && handled.name;
  $("handled").dataset.by = by;
  $("handled").textContent = named ? word("handled.agent.named", handled) : word(`handled.${by}`);
}

// A word of the system says who has the conversation from now on; otherwise the speaker is the sign.
function showSpeaker({ from, name, handled_by }) {
  if (handled_by) showHandled(handled_by, name);
  else if (from === "agent") showHandled("agent", name);
  else if (from === "bot" && handled.by === "agent") showHandled("bot");
}

function showTyping(busy) {
  clearTimeout(typingTimer);
  view.typing(false);
  if (busy && handled.by !== "agent") typingTimer = setTimeout(() => view.typing(true), TYPING_AFTER);
}

function showLost(lost) {
  clearTimeout(lostTimer);
  const show = () => {
    $("banner").textContent = lost ? word("offline") : "";
  };
  if (lost && navigator.onLine) lostTimer = setTimeout(show, LOST_AFTER);
  else show();
}

function hear(message) {
  if (!view.has(message.id) && !view.settle(message)) {
    view.add(message);
    if (message.from === "agent") signs.agentStops();
    if (message.from !== "customer") tellNews(message);
  }
  signs.agentRead({ last: 0 });
  signs.seen();
}

function tellNews(message) {
  view.news();
  heard();
  if (isShown()) writeSeen(session, message.id);
}

function say(text, attachments = []) {
  const message = { id: newId(), text, attachments, at: new Date().toISOString() };
  view.add({ from: "customer", ...message, id: undefined }, message.id);
  outbox.add(message);
}

const view = new View({
  retry: (id) => outbox.retry(id),
  choose(text, byKeyboard) {
    say(text);
    if (byKeyboard) composer.focus();
  },
});

const outbox = new Outbox(session, proof, {
  state: (id, state, status) => view.mark(id, state, status),
  busy: showTyping,
  answered({ replies, handled_by }) {
    showHandled(handled_by);
    replies.forEach((reply) => hear({ from: "bot", ...reply }));
  },
});

const connection = new Connection(session, {
  message(message) {
    if (!view.has(message.id)) showSpeaker(message);
    hear(message);
  },
  typing: (sign) => signs.agentTypes(sign),
  seen: (sign) => signs.agentRead(sign),
  state: (open) => showLost(!open),
});

const signs = new Signs(session, view, () => handled.by !== "bot");

const composer = new Composer(say);
$("text").addEventListener("input", () => signs.typed($("text").value));

function greet() {
  const greeting = $("greeting").content;
  view.add({
    from: "bot",
    text: greeting.querySelector("p").textContent,
    choices: Array.from(greeting.querySelectorAll("button"), (each) => each.textContent),
  });
}

function showHistory(history) {
  view.clear();
  history.forEach((message) => view.add(message));
  const spoken = history.filter(({ from }) => from === "agent" || from === "bot");
  if (spoken.length) showSpeaker(spoken[spoken.length - 1]);
  if (history.length === 0) greet();
  const seen = readSeen(session);
  heard(history.filter(({ from, id }) => from !== "customer" && id > seen).length);
  if (isShown() && history.length) writeSeen(session, history[history.length - 1].id);
  for (const message of outbox.queue) {
    view.add({ from: "customer", ...message, id: undefined }, message.id);
    view.mark(message.id, "waiting");
  }
}

async function start(tries = 0) {
  let history;
  try {
    await outbox.sendEarlier();
    history = await readHistory(session);
  } catch {
    showLost(true);
    setTimeout(() => start(tries + 1), backoff(tries));
    return;
  }
  showHistory(history);
  view.log.setAttribute("aria-busy", "false");
  connection.start(history.length ? history[history.length - 1].id : 0);
  outbox.release();
}

async function startAgain() {
  if (!(await confirmed($("confirm-new")))) return;
  forget(session);
  newSession();
  location.reload();
}

// The keyboard of an iPhone covers the page instead of making it smaller; a zoomed page is left alone.
function fitKeyboard() {
  const seen = window.visualViewport;
  if (!seen || seen.scale > 1.01) return;
  $("app").style.height = `${seen.height}px`;
  $("app").style.transform = seen.offsetTop ? `translateY(${seen.offsetTop}px)` : "";
}

// Another tab of the same conversation learns first who answers what was typed there.
window.addEventListener("storage", () => {
  const { by, name } = readHandled(session);
  if (by !== handled.by || name !== handled.name) showHandled(by, name);
});

startMenu((item) => (item === "new-chat" ? startAgain() : say($("ask-human").value)));
startViewer(view.log, $("viewer"));
startClosing($("close-widget"));
// A session that the company's site has signed cannot be changed for another.
$("new-chat").hidden = Boolean(identity && identity.session);
if (window.visualViewport) {
  window.visualViewport.addEventListener("resize", fitKeyboard);
  window.visualViewport.addEventListener("scroll", fitKeyboard);
}
showHandled(handled.by, handled.name);
if (window.matchMedia("(pointer: fine)").matches) composer.focus();
start();
