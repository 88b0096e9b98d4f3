// The conversation on the screen. What people wrote is only ever set as text.

import { has, word } from "./words.js";

const TOGETHER = 5 * 60000;
const NEAR = 80;
const FAR = 400;

const $ = (id) => document.getElementById(id);

export function icon(name) {
  const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  picture.setAttribute("class", "icon");
  picture.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#icon-${name}`);
  picture.append(use);
  return picture;
}

export function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

const CLOCK = new Intl.DateTimeFormat("zh-CN", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const DAY = new Intl.DateTimeFormat("zh-CN", { month: "long", day: "numeric" });
const YEAR = new Intl.DateTimeFormat("zh-CN", { year: "numeric", month: "long", day: "numeric" });

export function timeWords(at, now) {
  const time = CLOCK.format(at);
  const days = Math.round((new Date(now).setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / 86400000);
  if (days === 0) return time;
  if (days === 1) return word("time.yesterday", { time });
  return `${(at.getFullYear() === now.getFullYear() ? DAY : YEAR).format(at)} ${time}`;
}

function pictureOf({ name, url }, what) {
  const link = element("a", "picture");
  link.href = url;
  link.target = "_blank";
  link.rel = "noopener";
  link.setAttribute("aria-label", word("file.open", { what }));
  const shown = document.createElement("img");
  shown.src = url;
  shown.alt = what;
  shown.decoding = "async";
  // A picture that this browser cannot show (HEIC) becomes a link with its name.
  shown.addEventListener("error", () => link.replaceWith(documentOf({ name, url })));
  link.append(shown);
  return link;
}

function documentOf({ name, url }) {
  const link = element("a", "document");
  link.href = url;
  link.target = "_blank";
  link.rel = "noopener";
  link.append(icon("file"), element("span", "", name || word("file.unnamed")));
  return link;
}

function attachmentOf(each) {
  const name = each.name || word("file.unnamed");
  return /\.pdf$/i.test(each.name) ? documentOf(each) : pictureOf(each, word("file.picture", { name }));
}

export class View {
  // `on.retry(id)` and `on.choose(text, byKeyboard)` are called for what the customer presses.
  constructor(on) {
    this.on = on;
    this.log = $("log");
    this.scroller = $("scroller");
    this.choices = $("choices");
    this.pinned = true;
    this.unseen = 0;
    this.title = document.title;
    this.clear();
    this.scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    const sizes = new ResizeObserver(() => this.pinned && this.toEnd());
    sizes.observe(this.scroller);
    sizes.observe(this.scroller.firstElementChild);
    $("jump").addEventListener("click", () => this.jump());
    document.addEventListener("visibilitychange", () => this.noticed());
  }

  clear() {
    this.log.replaceChildren();
    this.seen = new Set();
    this.mine = new Map();
    this.lastAt = 0;
    this.showChoices([]);
  }

  has(id) {
    return this.seen.has(id);
  }

  // A message {id?, from, name, text, attachments, choices, at}; `key` is the sender's own id of one just typed.
  add(message, key) {
    const at = message.at ? new Date(message.at) : new Date();
    if (message.id !== undefined) this.seen.add(message.id);
    const before = this.later(message.id);
    const row = this.row(message, before);
    if (key) this.mine.set(key, row);
    if (before) {
      this.log.insertBefore(row, before);
    } else {
      this.separate(at, row);
      this.log.append(row);
      this.showChoices(message.choices || []);
    }
    if (message.from === "customer") this.pinned = true;
    if (this.pinned) this.toEnd();
    return row;
  }

  // What was typed here comes back from the desk with its number; false where another tab typed it.
  settle({ id, sent_as: key }) {
    const row = key && this.mine.get(key);
    if (!row) return false;
    row.dataset.id = id;
    this.seen.add(id);
    return true;
  }

  // The first message that belongs after this one: the stream and an answer may overtake each other.
  later(id) {
    let found = null;
    for (let each = this.log.lastElementChild; id !== undefined && each; each = each.previousElementSibling) {
      if (!(Number(each.dataset.id) > id)) break;
      found = each;
    }
    return found;
  }

  separate(at, row) {
    if (Math.abs(at - this.lastAt) > TOGETHER) {
      const time = element("time", "separator", timeWords(at, new Date()));
      time.dateTime = at.toISOString();
      this.log.append(time);
      row.classList.remove("follows");
    }
    this.lastAt = at;
  }

  row({ id, from, name, text, attachments = [] }, before) {
    const row = element("div", `message ${from}`);
    if (id !== undefined) row.dataset.id = id;
    row.dataset.sender = `${from} ${name || ""}`;
    const previous = before ? before.previousElementSibling : this.log.lastElementChild;
    if (previous && previous.dataset.sender === row.dataset.sender) row.classList.add("follows");
    const sender = (from !== "system" && name) || word(`from.${from}`);
    if (from !== "customer") row.append(this.face(from, name));
    const body = element("div", "body");
    body.append(element("span", from === "bot" || from === "customer" ? "unseen" : "sender", sender));
    if (attachments.length) {
      const files = element("div", "files");
      files.append(...attachments.map(attachmentOf));
      body.append(files);
    }
    if (text) body.append(element("p", "bubble", text));
    row.append(body);
    return row;
  }

  face(from, name) {
    const face = element("span", "face");
    face.setAttribute("aria-hidden", "true");
    face.append(from === "agent" && name ? Array.from(name)[0] : icon(from));
    return face;
  }

  // The state of a message that was typed here: sending, waiting, failed or sent.
  mark(key, state, status) {
    const row = this.mine.get(key);
    if (!row || row.dataset.state === state) return;
    row.dataset.state = state;
    for (const old of row.querySelectorAll(".state, .reason")) old.remove();
    if (state === "failed") {
      row.prepend(this.retryButton(key));
      const reason = has(`refused.${status}`) ? `refused.${status}` : "refused";
      if (status) row.querySelector(".body").append(element("p", "reason", word(reason)));
    } else if (state !== "sent") {
      row.prepend(this.sign(word(`status.${state}`)));
    }
  }

  sign(text) {
    const sign = element("span", "state");
    sign.title = text;
    sign.append(element("span", "unseen", text));
    return sign;
  }

  retryButton(key) {
    const button = element("button", "state retry");
    button.type = "button";
    button.title = word("retry");
    button.setAttribute("aria-label", word("retry"));
    button.append(icon("retry"));
    button.addEventListener("click", () => this.on.retry(key));
    return button;
  }

  showChoices(choices) {
    this.choices.replaceChildren(...choices.map((text) => this.choice(text)));
    this.choices.hidden = choices.length === 0;
  }

  choice(text) {
    const button = element("button", "choice", text);
    button.type = "button";
    // A press of Enter or Space comes as a click without a pointer.
    button.addEventListener("click", (event) => this.on.choose(text, event.detail === 0));
    return button;
  }

  typing(shown, { from = "bot", name = "", text = word("typing") } = {}) {
    const dots = element("span", "dots");
    dots.append(element("i", ""), element("i", ""), element("i", ""));
    const told = element("span", from === "bot" ? "unseen" : "typing-text", text);
    $("typing").className = `typing ${from}`;
    $("typing").replaceChildren(...(shown ? [this.face(from, name), dots, told] : []));
  }

  // The highest id on the page.
  last() {
    return Math.max(0, ...this.seen);
  }

  // Marks the customer's words that an agent has read.
  showRead(last) {
    for (const row of this.log.querySelectorAll(".customer[data-id]:not(.read)")) {
      if (Number(row.dataset.id) > last) continue;
      row.classList.add("read");
      row.prepend(element("span", "read-mark", word("read")));
    }
  }

  // Something new was said to the customer, who may be looking elsewhere.
  news() {
    if (!this.pinned || document.hidden) this.unseen += 1;
    this.showUnseen();
  }

  noticed() {
    if (this.pinned && !document.hidden) this.unseen = 0;
    this.showUnseen();
  }

  showUnseen() {
    const count = this.unseen;
    const away = this.scroller.scrollHeight - this.scroller.clientHeight - this.scroller.scrollTop;
    $("jump").hidden = this.pinned || (count === 0 && away < FAR);
    $("jump").classList.toggle("new", count > 0);
    $("jump").lastElementChild.textContent = count ? word("jump.new", { count }) : word("jump");
    document.title = count && document.hidden ? word("title.new", { count, title: this.title }) : this.title;
  }

  scrolled() {
    const { scrollHeight, clientHeight, scrollTop } = this.scroller;
    this.pinned = scrollHeight - clientHeight - scrollTop < NEAR;
    this.noticed();
  }

  jump() {
    this.toEnd();
    this.scroller.focus({ preventScroll: true });
  }

  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }
}
