// The customer's words on their way to the desk: one after the other, in order, each once.

import { postMessage, Refused } from "./api.js";
import { backoff } from "./connection.js";
import { dropUnsent, keepUnsent, readUnsent } from "./store.js";

const SHOW_AS_FAILED = 2;

export class Outbox {
  // `on.state(id, state, status)`: sending, waiting, failed or sent; `on.busy(busy)`; `on.answered(answer)`.
  constructor(session, proof, on) {
    this.session = session;
    this.proof = proof;
    this.on = on;
    this.queue = readUnsent(session);
    this.earlier = this.queue.length;
    this.refused = new Map();
    this.tries = 0;
    this.held = true;
    window.addEventListener("online", () => this.again());
  }

  // What an earlier visit left behind goes out before the history is read, which then has it.
  async sendEarlier() {
    for (; this.earlier; this.earlier--) {
      const [message] = this.queue;
      try {
        this.on.answered(await postMessage(this.session, this.proof, message));
      } catch (error) {
        if (!(error instanceof Refused)) return;
      }
      this.drop(message);
    }
  }

  add(message) {
    keepUnsent(this.session, message);
    this.queue.push(message);
    this.on.state(message.id, navigator.onLine ? "sending" : "waiting");
    this.run();
  }

  release() {
    this.held = false;
    this.run();
  }

  // At once and from the shortest wait on: the network is back, or the customer asks for it.
  again() {
    this.tries = 0;
    this.run();
  }

  retry(id) {
    const message = this.refused.get(id);
    if (message) {
      this.refused.delete(id);
      this.add(message);
    } else {
      this.again();
    }
  }

  async run() {
    if (this.running || this.held || !this.queue.length) return;
    clearTimeout(this.timer);
    this.running = true;
    this.on.busy(true);
    while (this.queue.length && (await this.send(this.queue[0])));
    this.on.busy(false);
    this.running = false;
  }

  // True where the next one may follow.
  async send(message) {
    this.on.state(message.id, "sending");
    let answer = null;
    try {
      answer = await postMessage(this.session, this.proof, message);
    } catch (error) {
      if (!(error instanceof Refused)) return this.wait();
      this.refused.set(message.id, message);
      this.done(message, "failed", error.status);
      return true;
    }
    this.done(message, "sent");
    this.on.answered(answer);
    return true;
  }

  done(message, state, status) {
    this.tries = 0;
    this.drop(message);
    this.on.state(message.id, state, status);
  }

  drop(message) {
    this.queue.shift();
    dropUnsent(this.session, message.id);
  }

  wait() {
    const state = navigator.onLine && this.tries >= SHOW_AS_FAILED ? "failed" : "waiting";
    for (const { id } of this.queue) this.on.state(id, state);
    this.timer = setTimeout(() => this.run(), backoff(this.tries++));
    return false;
  }
}
