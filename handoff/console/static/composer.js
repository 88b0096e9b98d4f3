// Where the agent writes: to the customer or a note; canned answers by "/", suggested ones by Alt and a number.

import { Canned } from "./canned.js";
import { post, Refused, upload } from "./net.js";
import { toast } from "./notice.js";
import { isMine, news, path, sending, talk } from "./talk.js";
import { word } from "./words.js";

const IME = 229;
const TYPING_EVERY = 3000;
const OPEN_BRACE = /\{([^{}\s]{1,8})\}/;

const $ = (id) => document.getElementById(id);
let canned = null;
let typedAt = 0;
const drafts = new Map();

export const mode = () => $("composer").dataset.mode;

function showMode(to) {
  $("composer").dataset.mode = to;
  const text = $("text");
  text.dataset.reply ??= text.placeholder;
  text.placeholder = text.dataset[to];
  for (const tab of $("composer").querySelectorAll("[role=tab]")) {
    tab.setAttribute("aria-selected", String(tab.dataset.mode === to));
  }
}

export function setMode(to) {
  showMode(to);
  $("text").focus();
}

export function fill(text) {
  if (!$("text")) return;
  setMode("reply");
  $("text").value = text;
  grow();
  const brace = text.match(OPEN_BRACE);
  if (brace) $("text").setSelectionRange(brace.index, brace.index + brace[0].length);
}

export function suggestion(number) {
  $("suggest")?.querySelectorAll("button")[number - 1]?.click();
}

function grow() {
  const text = $("text");
  text.style.height = "auto";
  text.style.height = `${Math.min(text.scrollHeight + 2, 220)}px`;
  $("composer").querySelector(".send").disabled = !text.value.trim();
}

function tellTyping() {
  if (mode() !== "reply" || Date.now() - typedAt < TYPING_EVERY || !$("text").value) return;
  typedAt = Date.now();
  post(path("/typing")).catch(() => {});
}

// Enter that picks a word in an input method belongs to it; Safari tells that only by the code 229.
function pressed(event) {
  if (canned.pressed(event)) return;
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === IME) return;
  event.preventDefault();
  send();
}

async function send() {
  const text = $("text").value.trim();
  if (!text) return;
  const brace = mode() === "reply" && text.match(OPEN_BRACE);
  if (brace) {
    toast(word("fill", { name: brace[1] }), { bad: true });
    $("text").setSelectionRange(brace.index, brace.index + brace[0].length);
    return;
  }
  const note = mode() === "note";
  const values = note ? { text } : { text, version: isMine() ? talk().dataset.version : "" };
  const shown = note ? null : sending(text);
  $("text").value = "";
  grow();
  typedAt = 0;
  try {
    await post(path(note ? "/note" : "/say"), values);
    await news();
  } catch (error) {
    shown?.remove();
    if ($("text") && !$("text").value) $("text").value = text;
    grow();
    toast(error instanceof Refused && error.message ? error.message : word("offline"), { bad: true });
    if (error instanceof Refused) news();
  }
}

async function show(files) {
  for (const file of files) {
    try {
      await upload(path("/picture"), file);
    } catch (error) {
      toast(error instanceof Refused && error.message ? error.message : word("failed"), { bad: true });
    }
  }
  await news();
}

function takesFiles() {
  $("file").addEventListener("change", () => show(Array.from($("file").files)).then(() => ($("file").value = "")));
  $("text").addEventListener("paste", (event) => {
    if (!event.clipboardData.files.length) return;
    event.preventDefault();
    show(Array.from(event.clipboardData.files));
  });
  $("composer").addEventListener("dragover", (event) => event.preventDefault());
  $("composer").addEventListener("drop", (event) => {
    event.preventDefault();
    show(Array.from(event.dataTransfer.files));
  });
}

// Called when another conversation is on the screen.
export function ready() {
  if (!$("composer")) return;
  canned = new Canned($("text"), $("canned"), fill);
  $("text").value = drafts.get(talk().dataset.id) || "";
  $("text").addEventListener("input", () => {
    drafts.set(talk().dataset.id, $("text").value);
    grow();
    canned.typed();
    tellTyping();
  });
  $("text").addEventListener("keydown", pressed);
  takesFiles();
  $("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  for (const tab of $("composer").querySelectorAll("[role=tab]")) {
    tab.addEventListener("click", () => setMode(tab.dataset.mode));
  }
  if (talk().dataset.status === "assigned" && !isMine()) showMode("note");
  grow();
  // Nobody's words may land here who is writing elsewhere on the page.
  const elsewhere = document.activeElement.closest("input, textarea, select, dialog");
  if (!elsewhere && window.matchMedia("(pointer: fine)").matches) $("text").focus({ preventScroll: true });
}
