// The pictures and files that wait in the composer: checked, shown, uploaded, tried again.

import { Refused, upload } from "./api.js";
import { element, icon } from "./view.js";
import { word } from "./words.js";

const LARGEST = 10 * 2 ** 20;
const MOST = 9;

export class Files {
  // `on.changed()` when there is something else to send; `on.note(text)` for a word to the customer.
  constructor(tray, on) {
    this.tray = tray;
    this.on = on;
    this.files = [];
    window.addEventListener("online", () => this.files.filter((each) => each.failed).forEach((each) => this.start(each)));
  }

  get busy() {
    return this.files.some((each) => !each.url && !each.failed);
  }

  get broken() {
    return this.files.some((each) => each.failed);
  }

  get empty() {
    return this.files.length === 0;
  }

  add(chosen) {
    this.on.note("");
    for (const file of chosen) {
      const fault = this.fault(file);
      if (fault) this.on.note(fault);
      else this.take(file);
    }
    this.on.changed();
  }

  fault(file) {
    const name = file.name || word("file.unnamed");
    if (this.files.length >= MOST) return word("file.many", { limit: MOST });
    if (!/^image\/|^application\/pdf$/.test(file.type)) return word("file.type", { name });
    return file.size > LARGEST ? word("file.size", { name }) : "";
  }

  take(file) {
    const one = { file, name: file.name || word("file.unnamed"), preview: URL.createObjectURL(file) };
    one.item = this.item(one);
    this.files.push(one);
    this.tray.append(one.item);
    this.tray.hidden = false;
    this.start(one);
  }

  item(one) {
    const item = element("li", "waiting");
    const shown = this.preview(one);
    const progress = document.createElement("progress");
    progress.max = 1;
    progress.setAttribute("aria-label", word("file.progress", one));
    const retry = element("button", "again");
    retry.type = "button";
    retry.setAttribute("aria-label", word("file.retry", one));
    retry.append(icon("retry"));
    retry.addEventListener("click", () => this.start(one));
    const remove = element("button", "remove");
    remove.type = "button";
    remove.setAttribute("aria-label", word("file.remove", one));
    remove.append(icon("close"));
    remove.addEventListener("click", () => this.remove(one));
    item.append(shown, progress, retry, remove);
    return item;
  }

  preview({ file, name, preview }) {
    const paper = element("span", "paper");
    paper.append(icon("file"), element("span", "", name));
    if (file.type === "application/pdf") return paper;
    const picture = document.createElement("img");
    picture.src = preview;
    picture.alt = word("file.picture", { name });
    picture.addEventListener("error", () => picture.replaceWith(paper));
    return picture;
  }

  async start(one) {
    one.failed = false;
    one.abort = new AbortController();
    one.item.className = "waiting";
    this.on.changed();
    const bar = one.item.querySelector("progress");
    try {
      one.url = (await upload(one.file, (part) => (bar.value = part), one.abort.signal)).url;
      one.item.className = "ready";
    } catch (error) {
      if (!this.files.includes(one)) return;
      if (error instanceof Refused) this.remove(one);
      one.failed = true;
      one.item.className = "failed";
      this.on.note(this.reason(one, error));
    }
    this.on.changed();
  }

  reason({ name }, error) {
    if (!(error instanceof Refused)) return word("file.failed", { name });
    return word(error.status === 413 ? "file.size" : "file.type", { name });
  }

  remove(one) {
    this.files = this.files.filter((each) => each !== one);
    if (!one.url) one.abort.abort();
    this.drop(one);
    this.on.note("");
    this.on.changed();
  }

  drop(one) {
    URL.revokeObjectURL(one.preview);
    one.item.remove();
    this.tray.hidden = this.files.length === 0;
  }

  // Hands over what is uploaded and empties the tray.
  takeAll() {
    const taken = this.files;
    this.files = [];
    taken.forEach((each) => this.drop(each));
    return taken.map(({ name, url }) => ({ name, url }));
  }
}
