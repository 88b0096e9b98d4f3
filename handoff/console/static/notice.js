// What an agent must not miss: a word at the edge of the page, a sound, a notice of the browser, the title.

import { word } from "./words.js";

const SHOWN = 6000;
const MOST = 3;
const title = document.title;
let unseen = 0;
let audio = null;

export const sound = {
  get on() {
    return localStorage.getItem("yida.sound") !== "off";
  },
  toggle() {
    localStorage.setItem("yida.sound", this.on ? "off" : "on");
    if (this.on) ask();
    this.show();
  },
  show() {
    document.getElementById("sound-state").textContent = word(this.on ? "sound.on" : "sound.off");
  },
};

function ask() {
  if ("Notification" in window && Notification.permission === "default") Notification.requestPermission();
}

export function toast(text, { bad = false, head = "", href = "" } = {}) {
  const made = document.createElement(href ? "a" : "p");
  if (href) made.href = href;
  if (bad) made.className = "bad";
  if (head) {
    made.append(Object.assign(document.createElement("b"), { textContent: head }));
    made.append(Object.assign(document.createElement("span"), { textContent: text }));
  } else {
    made.textContent = text;
  }
  const toasts = document.getElementById("toasts");
  toasts.append(made);
  while (toasts.children.length > MOST) toasts.firstElementChild.remove();
  setTimeout(() => made.remove(), SHOWN);
}

// Two short tones, made here: no file is fetched.
function ring() {
  audio ||= new AudioContext();
  if (audio.state === "suspended") return;
  [880, 1175].forEach((pitch, index) => {
    const [tone, volume] = [audio.createOscillator(), audio.createGain()];
    const at = audio.currentTime + index * 0.16;
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.0001, at);
    volume.gain.exponentialRampToValueAtTime(0.12, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.15);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.16);
  });
}

export function call(head, text, href) {
  toast(text, { head, href });
  if (sound.on) ring();
  if (!document.hidden) return;
  unseen += 1;
  document.title = word("title", { n: unseen, title });
  if (sound.on && "Notification" in window && Notification.permission === "granted") {
    const notice = new Notification(head, { body: text, tag: href });
    notice.onclick = () => {
      window.focus();
      if (href) location.assign(href);
    };
  }
}

export function startNotices() {
  sound.show();
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    unseen = 0;
    document.title = title;
  });
  // Browsers let a page sound only after a press of the agent's.
  document.addEventListener(
    "pointerdown",
    () => {
      audio ||= new AudioContext();
      audio.resume();
    },
    { once: true },
  );
}
