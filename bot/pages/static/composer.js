// Where the customer writes: text, pictures, keys.

import { Files } from "./files.js";
import { word } from "./words.js";

const LIMIT = 2000;
const TELL_FROM = 1800;
const IME = 229;

const $ = (id) => document.getElementById(id);

export class Composer {
  // `send(text, attachments)` takes what is to be sent.
  constructor(send) {
    this.send = send;
    this.text = $("text");
    this.files = new Files($("tray"), { changed: () => this.changed(), note: (text) => this.note(text) });
    this.text.addEventListener("input", () => this.changed());
    this.text.addEventListener("keydown", (event) => this.pressed(event));
    this.text.addEventListener("paste", (event) => this.pasted(event));
    $("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    for (const input of [$("file"), $("camera")]) input.addEventListener("change", () => this.chosen(input));
    this.takeDrops();
    this.changed();
  }

  focus() {
    this.text.focus({ preventScroll: true });
  }

  // Enter that picks a word in an input method belongs to it; Safari tells that only by the code 229.
  pressed(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === IME) return;
    event.preventDefault();
    this.submit();
  }

  submit() {
    const text = this.text.value.trim();
    if (!text && this.files.empty) return;
    if (this.files.busy) return this.note(word("file.busy"));
    if (this.files.broken) return this.note(word("file.broken"));
    this.text.value = "";
    this.note("");
    this.send(text, this.files.takeAll());
    this.changed();
    this.focus();
  }

  changed() {
    const text = this.text.value;
    $("send").disabled = !text.trim() && this.files.empty;
    this.text.style.height = "auto";
    this.text.style.height = `${this.text.scrollHeight + this.text.offsetHeight - this.text.clientHeight}px`;
    const count = text.length;
    if (count > TELL_FROM) this.note(word("length", { count, limit: LIMIT }), "length");
    else if ($("note").dataset.kind === "length") this.note("");
  }

  note(text, kind = "") {
    if ($("note").textContent !== text) $("note").textContent = text;
    $("note").dataset.kind = kind;
    $("note").hidden = !text;
  }

  chosen(input) {
    this.files.add(input.files);
    input.value = "";
    this.focus();
  }

  pasted(event) {
    const pasted = event.clipboardData ? event.clipboardData.files : [];
    if (pasted.length === 0) return;
    event.preventDefault();
    this.files.add(pasted);
  }

  takeDrops() {
    const carriesFiles = (event) => event.dataTransfer && event.dataTransfer.types.includes("Files");
    document.addEventListener("dragover", (event) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      $("drop").hidden = false;
    });
    document.addEventListener("dragleave", (event) => {
      if (!event.relatedTarget) $("drop").hidden = true;
    });
    document.addEventListener("drop", (event) => {
      $("drop").hidden = true;
      if (!carriesFiles(event)) return;
      event.preventDefault();
      this.files.add(event.dataTransfer.files);
    });
  }
}
