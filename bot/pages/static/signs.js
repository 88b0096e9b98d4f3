// Small signs between this page and an agent: who types, what was seen.

import { postSign } from "./api.js";
import { isShown } from "./embed.js";
import { word } from "./words.js";

const TYPING_EVERY = 3000;
const LASTS = 6000;
const SEEN_AFTER = 150;

export class Signs {
  // `withPerson()` tells whether a person has the conversation or will soon.
  constructor(session, view, withPerson) {
    Object.assign(this, { session, view, withPerson, typedAt: 0, told: 0, read: 0, seenTimer: 0, typingTimer: 0 });
    document.addEventListener("visibilitychange", () => this.seen());
  }

  // The customer types.
  typed(text) {
    if (!text || !this.withPerson() || Date.now() - this.typedAt < TYPING_EVERY) return;
    this.typedAt = Date.now();
    postSign("typing", { session: this.session });
  }

  // The page shows all that was said, once somebody looks at it.
  seen() {
    clearTimeout(this.seenTimer);
    this.seenTimer = setTimeout(() => {
      const last = this.view.last();
      if (document.hidden || !isShown() || !this.withPerson() || last <= this.told) return;
      this.told = last;
      postSign("seen", { session: this.session, last });
    }, SEEN_AFTER);
  }

  agentTypes({ name }) {
    clearTimeout(this.typingTimer);
    this.view.typing(true, { from: "agent", name, text: word("typing.agent") });
    this.typingTimer = setTimeout(() => this.agentStops(), LASTS);
  }

  agentStops() {
    clearTimeout(this.typingTimer);
    this.view.typing(false);
  }

  // An agent has read the customer's words up to an id.
  agentRead({ last }) {
    this.read = Math.max(this.read, last);
    this.view.showRead(this.read);
  }
}
