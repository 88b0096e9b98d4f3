// The list of conversations: kept in its order by what the stream tells, without a reload.

import { part } from "./net.js";
import { tick } from "./times.js";

const SEARCH_AFTER = 220;
const FITS = {
  mine: (row, me) => row.dataset.status === "assigned" && row.dataset.holder === me,
  waiting: (row) => row.dataset.status === "waiting",
  all: (row) => ["waiting", "assigned", "scheduled"].includes(row.dataset.status),
  scheduled: (row) => row.dataset.status === "scheduled",
  closed: (row) => ["resolved", "returned"].includes(row.dataset.status),
};

const me = document.body.dataset.agent;
const box = document.getElementById("list-box");
const filters = document.getElementById("filters");
let timer = 0;

const list = () => document.getElementById("list");
export const rows = () => Array.from(list().children);
export const rowOf = (id) => document.getElementById(`row-${id}`);

export function openId() {
  const talk = document.getElementById("talk");
  return talk ? talk.dataset.id : "";
}

export function mark() {
  const id = openId();
  for (const row of rows()) row.classList.toggle("current", row.dataset.id === id);
}

async function show(url) {
  const filled = await part(url);
  box.replaceChildren(...filled.childNodes);
  const { filter, query, counts } = list().dataset;
  for (const each of filters.children) {
    if (!query && each.dataset.filter === filter) each.setAttribute("aria-current", "true");
    else each.removeAttribute("aria-current");
  }
  showCounts(JSON.parse(counts));
  mark();
  tick(box);
}

export function refresh() {
  const { filter, query } = list().dataset;
  return show(`/console/list?filter=${filter}&q=${encodeURIComponent(query)}`);
}

export function choose(filter) {
  document.cookie = `yida_filter=${filter}; path=/console; samesite=strict; max-age=31536000`;
  document.querySelector("#search input").value = "";
  return show(`/console/list?filter=${filter}`);
}

export function showCounts(counts) {
  for (const [name, count] of Object.entries(counts)) {
    const shown = filters.querySelector(`[data-count="${name}"]`);
    if (shown) shown.textContent = count || "";
  }
}

// Puts a row that the server has rendered where it belongs, or takes it out where it no longer does.
export function place(row) {
  const { filter, query } = list().dataset;
  const old = rowOf(row.dataset.id);
  if (query) {
    if (old) old.replaceWith(row);
  } else if (!FITS[filter](row, me)) {
    if (old) old.remove();
  } else {
    if (old) old.remove();
    list().insertBefore(row, rows().find((each) => goesBefore(row, each, filter)) || null);
  }
  if (row.isConnected) tick(row);
  mark();
}

function goesBefore(row, other, filter) {
  if (filter === "mine" || filter === "closed") return row.dataset.recent >= other.dataset.recent;
  return row.dataset.order < other.dataset.order;
}

export function neighbour(step) {
  const all = rows();
  const at = all.findIndex((row) => row.dataset.id === openId());
  return all[at < 0 ? 0 : Math.min(Math.max(at + step, 0), all.length - 1)];
}

export function startInbox() {
  filters.addEventListener("click", (event) => {
    const link = event.target.closest("[data-filter]");
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    choose(link.dataset.filter);
  });
  const search = document.getElementById("search");
  const field = search.elements.q;
  const find = () => show(`/console/list?filter=${list().dataset.filter}&q=${encodeURIComponent(field.value.trim())}`);
  search.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    find();
  });
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(find, SEARCH_AFTER);
  });
  mark();
}
