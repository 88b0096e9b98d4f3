// The header's menu and the dialogs.

const $ = (id) => document.getElementById(id);
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

export function startMenu(act) {
  const button = $("menu-button");
  const menu = $("menu");
  const items = () => Array.from(menu.querySelectorAll("[role=menuitem]")).filter((each) => !each.hidden);

  function show(open) {
    menu.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    if (open) items()[0].focus();
  }

  button.addEventListener("click", () => show(menu.hidden));
  menu.addEventListener("keydown", (event) => {
    const all = items();
    if (event.key in STEPS) {
      event.preventDefault();
      all[(all.indexOf(document.activeElement) + STEPS[event.key] + all.length) % all.length].focus();
    } else if (event.key === "Escape") {
      show(false);
      button.focus();
    } else if (event.key === "Tab") {
      show(false);
    }
  });
  document.addEventListener("click", (event) => {
    if (!menu.hidden && !event.target.closest(".menu-box")) show(false);
  });
  for (const item of items()) {
    item.addEventListener("click", () => {
      show(false);
      button.focus();
      act(item.id);
    });
  }
}

// Resolves to whether the customer agreed.
export function confirmed(dialog) {
  return new Promise((resolve) => {
    dialog.returnValue = "";
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    dialog.showModal();
  });
}

// A picture of the log opens over the page; with a modifier key it opens in a tab as any link does.
export function startViewer(log, dialog) {
  const shown = dialog.querySelector("img");
  log.addEventListener("click", (event) => {
    const link = event.target.closest("a.picture");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    shown.src = link.href;
    shown.alt = link.querySelector("img").alt;
    dialog.showModal();
  });
  dialog.addEventListener("click", () => dialog.close());
}
