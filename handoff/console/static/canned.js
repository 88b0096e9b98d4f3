// Canned answers: "/" and a shortcut, words of the title, or its pinyin's first letters.

import { read } from "./net.js";
import { path } from "./talk.js";
import { word } from "./words.js";

const SHOWN = 8;

export class Canned {
  constructor(text, box, fill) {
    Object.assign(this, { text, box, fill, all: null, at: 0 });
  }

  async typed() {
    const asked = this.text.value.match(/^\/([^\n]{0,20})$/);
    if (!asked) return this.close();
    if (!this.all) this.all = (await read(path("/canned"))).canned;
    if (this.text.value.startsWith("/")) this.show(asked[1].trim().toLowerCase());
  }

  show(query) {
    this.found = this.all.filter((each) => rank(each, query) < 3).sort((a, b) => rank(a, query) - rank(b, query)).slice(0, SHOWN);
    this.at = 0;
    const none = Object.assign(document.createElement("p"), { textContent: word("empty.canned") });
    this.box.replaceChildren(...(this.found.length ? this.found.map((each, index) => this.option(each, index)) : [none]));
    this.box.hidden = false;
  }

  option({ shortcut, title, text }, index) {
    const made = document.createElement("button");
    made.type = "button";
    made.setAttribute("role", "option");
    made.setAttribute("aria-selected", String(index === 0));
    const name = Object.assign(document.createElement("b"), { textContent: title });
    name.append(Object.assign(document.createElement("small"), { textContent: `/${shortcut}` }));
    made.append(name, Object.assign(document.createElement("span"), { textContent: text }));
    made.addEventListener("click", () => this.choose(index));
    return made;
  }

  // Whether the key was for the list.
  pressed(event) {
    if (this.box.hidden || event.isComposing) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") this.close();
    else if (step && this.found.length) this.move(step);
    else if ((event.key === "Enter" || event.key === "Tab") && this.found.length) this.choose(this.at);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  move(step) {
    this.at = (this.at + step + this.found.length) % this.found.length;
    Array.from(this.box.children).forEach((each, index) => each.setAttribute("aria-selected", String(index === this.at)));
    this.box.children[this.at].scrollIntoView({ block: "nearest" });
  }

  choose(index) {
    const { text } = this.found[index];
    this.close();
    this.fill(text);
  }

  close() {
    this.box.hidden = true;
  }
}

// How well an answer fits: the shortcut first, then the pinyin's first letters, then its words.
function rank({ shortcut, title, text, letters }, query) {
  if (shortcut.startsWith(query)) return 0;
  if (letters.startsWith(query)) return 1;
  return letters.includes(query) || title.toLowerCase().includes(query) || text.includes(query) ? 2 : 3;
}
