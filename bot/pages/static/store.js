// What this device keeps: the session's secret, who answers, and words that are not sent yet.

const memory = new Map();

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return memory.has(key) ? memory.get(key) : null;
  }
}

// A browser that refuses to store keeps the words as long as the page is open.
function write(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    memory.set(key, value);
  }
}

function remove(key) {
  memory.delete(key);
  try {
    localStorage.removeItem(key);
  } catch {
    // Nothing was stored.
  }
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

function secret(length) {
  return Array.from(crypto.getRandomValues(new Uint8Array(length)), (byte) => LETTERS[byte & 63]).join("");
}

// randomUUID is missing where the page is not served over HTTPS.
export function newId() {
  return crypto.randomUUID ? crypto.randomUUID() : secret(24);
}

// The signed-in user whom the company's own site vouches for, in the page or around its frame, or null.
export function readIdentity(told) {
  const meta = document.querySelector('meta[name="yida-identity"]');
  try {
    const { session, phone, name = "", signature } = told || JSON.parse(meta.content);
    return phone && signature ? { session, proof: { phone, name, signature } } : null;
  } catch {
    return null;
  }
}

export function readSeen(session) {
  return read(`yida.seen.${session}`) || 0;
}

export function writeSeen(session, id) {
  write(`yida.seen.${session}`, id);
}

export function openSession() {
  return read("yida.session") || newSession();
}

export function newSession() {
  const session = `w-${secret(32)}`;
  write("yida.session", session);
  return session;
}

export function forget(session) {
  remove(`yida.outbox.${session}`);
  remove(`yida.handled.${session}`);
  remove(`yida.seen.${session}`);
}

export function readHandled(session) {
  return read(`yida.handled.${session}`) || { by: "bot", name: "" };
}

export function writeHandled(session, handled) {
  write(`yida.handled.${session}`, handled);
}

export function readUnsent(session) {
  return read(`yida.outbox.${session}`) || [];
}

// Another tab may keep words of its own, so each change is to one message.
export function keepUnsent(session, message) {
  write(`yida.outbox.${session}`, [...readUnsent(session).filter((each) => each.id !== message.id), message]);
}

export function dropUnsent(session, id) {
  const left = readUnsent(session).filter((each) => each.id !== id);
  if (left.length) write(`yida.outbox.${session}`, left);
  else remove(`yida.outbox.${session}`);
}
