// The stream of the desk's words: resumes after the last one seen, waits longer after each failure.

import { openStream } from "./api.js";

const LONGEST = 30000;
const ASLEEP = 30000;

// Milliseconds before the next try; spread out so that many pages do not return at once.
export function backoff(tries) {
  return Math.min(LONGEST, 1000 * 2 ** tries) * (0.75 + Math.random() / 2);
}

export class Connection {
  // `on.message` takes a message, `on.typing` and `on.seen` signs of an agent; `on.state` takes whether the
  // stream is open.
  constructor(session, on) {
    this.session = session;
    this.on = on;
    this.last = 0;
    this.tries = 0;
    this.hiddenAt = 0;
    this.source = null;
    window.addEventListener("online", () => this.again());
    window.addEventListener("offline", () => this.lose());
    document.addEventListener("visibilitychange", () => this.wake());
  }

  start(last) {
    this.last = last;
    this.started = true;
    this.open();
  }

  open() {
    this.close();
    this.source = openStream(this.session, this.last);
    this.source.onopen = () => {
      this.tries = 0;
      this.on.state(true);
    };
    this.source.onerror = () => this.lose();
    this.source.addEventListener("message", (event) => {
      this.last = Math.max(this.last, Number(event.lastEventId));
      this.on.message(JSON.parse(event.data));
    });
    for (const sign of ["typing", "seen"]) {
      this.source.addEventListener(sign, (event) => this.on[sign](JSON.parse(event.data)));
    }
  }

  close() {
    clearTimeout(this.timer);
    if (this.source) this.source.close();
    this.source = null;
  }

  // The browser's own reconnecting gives up on an error page and never waits longer, so it is not used.
  lose() {
    this.close();
    this.on.state(false);
    if (this.started) this.timer = setTimeout(() => this.open(), backoff(this.tries++));
  }

  again() {
    if (!this.started) return;
    this.tries = 0;
    this.open();
  }

  // A phone that slept may hold a stream that is dead without knowing.
  wake() {
    if (document.hidden) this.hiddenAt = Date.now();
    else if (Date.now() - this.hiddenAt > ASLEEP) this.again();
  }
}
