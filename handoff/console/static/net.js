// Requests to the console: parts of pages as elements, changes with the session's secret.

const csrf = document.querySelector('meta[name="csrf"]').content;

// What was asked for is not done; the message is a sentence for the agent.
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function check(response) {
  if (response.ok) return response;
  if (response.status === 401) location.assign(`/console/sign-in?next=${encodeURIComponent(location.pathname)}`);
  const told = await response.json().catch(() => ({}));
  throw new Refused(response.status, told.detail || "");
}

// A part of a page. Our own server has rendered and escaped it; scripts in it would not run.
export async function part(url) {
  const response = await check(await fetch(url, { headers: { "X-Part": "1" }, cache: "no-store" }));
  return parse(await response.text());
}

export function parse(html) {
  return document.adoptNode(new DOMParser().parseFromString(html, "text/html").body);
}

export async function read(url) {
  const response = await check(await fetch(url, { headers: { "X-Part": "1" }, cache: "no-store" }));
  return response.json();
}

export async function post(url, values = {}) {
  const body = values instanceof FormData ? new URLSearchParams(values) : new URLSearchParams(Object.entries(values));
  const headers = { "X-CSRF": csrf, "X-Part": "1" };
  const response = await check(await fetch(url, { method: "POST", headers, body }));
  const html = (response.headers.get("Content-Type") || "").includes("text/html");
  return html ? parse(await response.text()) : response.json();
}

export async function upload(url, file) {
  const body = new FormData();
  body.append("file", file);
  const response = await check(await fetch(url, { method: "POST", headers: { "X-CSRF": csrf, "X-Part": "1" }, body }));
  return response.json();
}
