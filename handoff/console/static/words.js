// The words of the page stand in script_words.html; the scripts only name them.

const words = new Map(
  Array.from(document.getElementById("words").content.children, (each) => [each.value, each.textContent]),
);

export function word(name, values = {}) {
  return words.get(name).replace(/\{(\w+)\}/g, (_, key) => values[key]);
}

export function has(name) {
  return words.has(name);
}
