// The page inside the widget of another site: the two tell each other who is signed in and what is unread.

const ANSWER_AFTER = 3000;
const inside = new URLSearchParams(location.search).get("in") === "widget" && window.parent !== window;
const origins = (document.querySelector('meta[name="yida-origins"]')?.content || "").split(" ");

let site = "";
let shown = !inside;
let unread = 0;

function tell(message, more = {}) {
  if (inside) window.parent.postMessage({ yida: message, ...more }, site || "*");
}

function show(now) {
  shown = now;
  if (shown) unread = 0;
}

// What the site says of its signed-in user, or null; a page that is not in a widget goes on at once.
export function hello() {
  if (!inside) return Promise.resolve(null);
  return new Promise((resolve) => {
    window.addEventListener("message", ({ source, origin, data }) => {
      if (source !== window.parent || !data || !(origins.includes(origin) || origin === location.origin)) return;
      site = origin;
      if (data.yida === "hello") {
        show(data.shown);
        resolve(data.identity);
      }
      if (data.yida === "shown") show(data.shown);
    });
    setTimeout(() => resolve(null), ANSWER_AFTER);
    tell("ready");
  });
}

export function heard(count = 1) {
  if (shown || !count) return;
  unread += count;
  tell("unread", { count: unread });
}

export function isShown() {
  return shown;
}

// The way back to the site: a button that only the widget has, and Escape.
export function startClosing(button) {
  button.hidden = !inside;
  if (!inside) return;
  button.addEventListener("click", () => tell("close"));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("dialog[open]")) tell("close");
  });
}
