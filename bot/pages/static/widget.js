// Puts the desk's chat on any page:
//   <script async src="https://desk.example/widget.js"></script>
// Attributes of the tag: data-side="left", data-colour="#07785a", and data-identity='{"session": …,
// "phone": …, "name": …, "signature": …}' where the site vouches for its signed-in user.
// Styles are constructed, so a site's Content-Security-Policy needs script-src and frame-src only.

(() => {
  const tag = document.currentScript;
  const words = {{ words }};
  const desk = new URL(tag.src).origin;
  const KEY = "yida.widget.used";
  const ICON = "M4 5h16v11H10l-4 3.5V16H4zM8 10.5h.01M12 10.5h.01M16 10.5h.01";
  const STYLE = `
    :host { all: initial; }
    * { box-sizing: border-box; }
    .button, .frame { position: fixed; z-index: 2147483000; inset-inline-end: 20px; }
    .left .button, .left .frame { inset-inline: 20px auto; }
    .button { inset-block-end: 20px; width: 56px; height: 56px; padding: 14px; border: 0; border-radius: 50%;
      background: var(--colour, #07785a); color: #fff; cursor: pointer; box-shadow: 0 6px 24px rgb(10 30 22 / 28%); }
    .button:focus-visible { outline: 3px solid #fff; outline-offset: -6px; }
    .button svg { width: 28px; height: 28px; fill: none; stroke: currentColor; stroke-width: 2;
      stroke-linecap: round; stroke-linejoin: round; }
    .badge { position: absolute; inset-block-start: -4px; inset-inline-end: -4px; min-width: 22px; padding: 0 6px;
      border-radius: 11px; background: #bd2a20; color: #fff; font: 600 13px/22px system-ui, sans-serif; }
    .frame { inset-block-end: 88px; width: min(390px, calc(100vw - 40px)); height: min(640px, calc(100vh - 108px));
      border: 0; border-radius: 16px; background: #f1f4f3; box-shadow: 0 12px 48px rgb(10 30 22 / 32%); }
    [hidden] { display: none; }
    @media (max-width: 520px) {
      .frame, .left .frame { inset: auto 0 0; width: 100%; height: calc(100vh - 24px); height: calc(100dvh - 24px);
        border-radius: 16px 16px 0 0; }
      .opened .button { display: none; }
    }`;

  const host = document.createElement("yida-chat");
  const shadow = host.attachShadow({ mode: "open" });
  const box = document.createElement("div");
  const button = document.createElement("button");
  const badge = document.createElement("span");
  let frame = null;
  let unread = 0;

  function readIdentity() {
    try {
      return JSON.parse(tag.dataset.identity || "null");
    } catch {
      console.error("yida: data-identity is not JSON");
      return null;
    }
  }

  function used() {
    try {
      return localStorage.getItem(KEY) === "yes";
    } catch {
      return false;
    }
  }

  function remember() {
    try {
      localStorage.setItem(KEY, "yes");
    } catch {
      // The chat is then loaded when it is opened.
    }
  }

  function tell(message) {
    if (frame) frame.contentWindow.postMessage({ yida: message, ...arguments[1] }, desk);
  }

  function load() {
    if (frame) return;
    frame = document.createElement("iframe");
    frame.className = "frame";
    frame.title = words.title;
    frame.allow = "camera";
    frame.hidden = true;
    frame.src = `${desk}/?in=widget`;
    box.append(frame);
  }

  function showUnread(count) {
    unread = count;
    badge.hidden = count === 0;
    badge.textContent = count > 99 ? "99+" : String(count);
    const open = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-label", open ? words.close : count ? words.unread.replace("{count}", count) : words.open);
  }

  function show(open) {
    load();
    remember();
    frame.hidden = !open;
    box.classList.toggle("opened", open);
    button.setAttribute("aria-expanded", String(open));
    showUnread(open ? 0 : unread);
    tell("shown", { shown: open });
    (open ? frame : button).focus();
  }

  window.addEventListener("message", ({ source, origin, data }) => {
    if (!frame || source !== frame.contentWindow || origin !== desk || !data) return;
    if (data.yida === "ready") tell("hello", { identity: readIdentity(), shown: !frame.hidden });
    if (data.yida === "unread" && frame.hidden) showUnread(data.count);
    if (data.yida === "close") show(false);
  });

  function begin() {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    shadow.adoptedStyleSheets = [sheet];
    if (tag.dataset.side === "left") box.classList.add("left");
    if (/^#[0-9a-f]{3,8}$/i.test(tag.dataset.colour || "")) box.style.setProperty("--colour", tag.dataset.colour);
    const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    icon.setAttribute("viewBox", "0 0 24 24");
    icon.setAttribute("aria-hidden", "true");
    path.setAttribute("d", ICON);
    icon.append(path);
    button.type = "button";
    button.className = "button";
    badge.className = "badge";
    button.setAttribute("aria-expanded", "false");
    button.append(icon, badge);
    button.addEventListener("click", () => show(!frame || frame.hidden));
    box.append(button);
    shadow.append(box);
    document.body.append(host);
    showUnread(0);
    if (used()) load();
    window.Yida = { open: () => show(true), close: () => frame && show(false) };
  }

  if (document.body) begin();
  else document.addEventListener("DOMContentLoaded", begin);
})();
