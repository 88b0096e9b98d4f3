// Forms that change something: sent in the background, then the part that they changed is shown anew.

import { choose, neighbour, openId, refresh } from "./inbox.js";
import { part, post, Refused } from "./net.js";
import { toast } from "./notice.js";
import { fill } from "./composer.js";
import { leave, open, refreshPanel, reload } from "./talk.js";
import { tick } from "./times.js";
import { word } from "./words.js";

const $ = (id) => document.getElementById(id);

function showPresence({ agent, status }) {
  if (agent !== document.body.dataset.agent) return;
  $("my-dot").dataset.presence = status;
  for (const each of document.querySelectorAll(".presence button")) {
    each.setAttribute("aria-pressed", String(each.value === status));
  }
  const off = $("off-duty");
  if (!off) return;
  off.hidden = status === "online";
  off.querySelector(".dot").dataset.presence = status;
  if (!off.hidden) off.querySelector("span").textContent = word(`off.${status}`);
}

async function showLoad() {
  const load = $("load");
  if (!load || load.contains(document.activeElement)) return;
  load.replaceChildren(...(await part(load.dataset.refresh)).childNodes);
  tick(load);
}

async function next() {
  const row = neighbour(1);
  const id = row && row.dataset.id !== openId() ? row.dataset.id : "";
  await refresh();
  if (id && document.getElementById(`row-${id}`)) await open(id);
  else leave();
}

const THEN = {
  presence: showPresence,
  load: () => {
    document.activeElement?.blur();
    return showLoad();
  },
  reload,
  taken: async ({ id }) => {
    await choose("mine");
    await open(id, { push: false });
  },
  leave: next,
  panel: refreshPanel,
  go: ({ go }) => location.assign(go),
  secret: ({ login, password }) => {
    $("secret").hidden = false;
    $("secret").querySelector("b").textContent = login;
    $("secret").querySelector("strong").textContent = password;
  },
  open: async ({ id }) => {
    await choose("mine");
    await open(id);
  },
  summary: ({ summary }) => {
    const lines = summary.map((line) => Object.assign(document.createElement("span"), { textContent: line }));
    $("summary").firstElementChild.replaceChildren(...lines);
  },
  estimate: (filled) => $("estimate").replaceChildren(...filled.childNodes),
};

async function submit(form, submitter) {
  if (form.dataset.sure && !window.confirm(form.dataset.sure)) return;
  const values = new FormData(form, submitter);
  const buttons = Array.from(form.querySelectorAll("button"));
  buttons.forEach((each) => (each.disabled = true));
  try {
    const done = await post(form.dataset.post, values);
    form.closest("details.drop, details.me")?.removeAttribute("open");
    await THEN[form.dataset.then](done);
  } catch (error) {
    if (!(error instanceof Refused)) console.warn(error);
    toast(error instanceof Refused && error.message ? error.message : word("failed"), { bad: true });
    if (error instanceof Refused && error.status === 409 && openId()) reload();
  } finally {
    buttons.forEach((each) => (each.disabled = false));
  }
}

export function startForms() {
  document.addEventListener("submit", (event) => {
    if (!event.target.dataset.post) return;
    event.preventDefault();
    submit(event.target, event.submitter);
  });
  document.addEventListener("change", (event) => {
    if ("submit" in event.target.dataset) submit(event.target.form, null);
  });
  document.addEventListener("click", (event) => {
    const filler = event.target.closest("[data-fill]");
    if (filler) fill(filler.dataset.fill);
    // An open menu closes when the agent presses elsewhere.
    for (const menu of document.querySelectorAll("details.me[open], .talk-acts details[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
}

export { showLoad, showPresence };
