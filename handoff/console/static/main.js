// The agents' console: puts its parts together.

import { ready } from "./composer.js";
import { showLoad, showPresence, startForms } from "./forms.js";
import { mark, openId, place, refresh, rowOf, showCounts, startInbox } from "./inbox.js";
import { startKeys } from "./keys.js";
import { parse } from "./net.js";
import { call, startNotices } from "./notice.js";
import { listen } from "./stream.js";
import { news, open, refreshPanel, showRead, startTalk, talk, typed } from "./talk.js";
import { startTimes } from "./times.js";
import { word } from "./words.js";

const LOAD_EVERY = 1000;
const LOST_AFTER = 1200;
const CASE = /^(case|deadline)\./;

const me = document.body.dataset.agent;
const onDesk = Boolean(document.getElementById("list-box"));
const known = new Map();
let loadTimer = 0;
let lostTimer = 0;

// What an agent must hear of: who waits, what was given to him, what his customers say.
function notice({ id, status, holder, title, last, kinds }) {
  const before = known.get(id);
  known.set(id, `${status} ${holder}`);
  if (before === `${status} ${holder}`) {
    const unwatched = document.hidden || openId() !== id;
    if (holder === me && status === "assigned" && kinds.includes("said.customer") && unwatched) {
      call(word("new.word", { name: title }), last, `/console/c/${id}`);
    }
  } else if (status === "waiting") {
    call(word("new.waiting"), `${title}  ${last}`, `/console/c/${id}`);
  } else if (status === "assigned" && holder === me && openId() !== id) {
    call(word("new.mine"), `${title}  ${last}`, `/console/c/${id}`);
  }
}

function change(told) {
  notice(told);
  if (document.getElementById("load")) {
    loadTimer ||= setTimeout(() => {
      loadTimer = 0;
      showLoad();
    }, LOAD_EVERY);
  }
  if (!onDesk) return;
  place(parse(`<ol>${told.row}</ol>`).querySelector(".row"));
  if (told.id !== openId()) return;
  news();
  if (told.kinds.some((kind) => CASE.test(kind))) refreshPanel();
}

function state(connected) {
  clearTimeout(lostTimer);
  document.getElementById("lost")?.remove();
  if (connected) return;
  lostTimer = setTimeout(() => {
    const sign = Object.assign(document.createElement("p"), { id: "lost", className: "lost", textContent: word("lost") });
    document.body.append(sign);
  }, LOST_AFTER);
}

function startDesk() {
  for (const row of document.querySelectorAll(".row")) known.set(row.dataset.id, `${row.dataset.status} ${row.dataset.holder}`);
  startInbox();
  startTalk(() => {
    mark();
    ready();
  });
  document.getElementById("list-box").addEventListener("click", (event) => {
    const link = event.target.closest(".row > a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link.closest(".row").dataset.id);
  });
}

startTimes();
startNotices();
startForms();
startKeys();
if (onDesk) startDesk();
listen({
  change,
  counts: (counts) => onDesk && showCounts(counts),
  typing: (told) => onDesk && typed(told),
  presence(told) {
    showPresence(told);
    showLoad();
  },
  read({ conversation, last }) {
    if (!talk() || talk().dataset.conversation !== conversation) return;
    talk().dataset.read = String(last);
    showRead();
  },
  refresh() {
    if (onDesk) {
      refresh();
      news();
    }
    showLoad();
  },
  state,
});
