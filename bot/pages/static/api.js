// The desk's web chat over HTTP.

const PATIENCE = 45000;
const REFUSALS = new Set([400, 401, 413, 415, 422]);

// The desk does not take it; to send it again as it is would not help.
export class Refused extends Error {
  constructor(status) {
    super(`refused: ${status}`);
    this.status = status;
  }
}

function check(status) {
  if (REFUSALS.has(status)) throw new Refused(status);
  if (status !== 200) throw new Error(`unexpected status ${status}`);
}

async function call(url, options = {}) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), PATIENCE);
  try {
    const response = await fetch(url, { cache: "no-store", signal: abort.signal, ...options });
    check(response.status);
    return await response.json();
  } finally {
    clearTimeout(timer);
  }
}

export function postMessage(session, proof, { id, text, attachments }) {
  const body = { session, id, text, attachments: attachments.map(({ name, url }) => ({ name, url })) };
  if (proof) body.identity = proof;
  return call("/chat/messages", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

export function readHistory(session) {
  return call(`/chat/history?session=${session}`);
}

// A sign that is lost does no harm.
export function postSign(name, body) {
  const headers = { "Content-Type": "application/json" };
  fetch(`/chat/${name}`, { method: "POST", headers, body: JSON.stringify(body), keepalive: true }).catch(() => {});
}

export function openStream(session, after) {
  return new EventSource(`/chat/stream?session=${session}&after=${after}&with=customer`);
}

// XMLHttpRequest, because fetch does not tell how much of a body is sent.
export function upload(file, progress, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.responseType = "json";
    request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    request.onerror = request.ontimeout = request.onabort = () => reject(new Error("the upload was cut off"));
    request.onload = () => {
      try {
        check(request.status);
        resolve(request.response);
      } catch (error) {
        reject(error);
      }
    };
    signal.addEventListener("abort", () => request.abort());
    const form = new FormData();
    form.append("file", file, file.name);
    request.open("POST", "/chat/uploads");
    request.send(form);
  });
}
