// What the other files share: what is done to every part of a page, and what is said to a screen reader.

// Does `act` to each element that matches, now and whenever htmx has put something new into the page.
export function onEach(selector, act) {
  const seen = new WeakSet();
  const look = () => {
    for (const element of document.querySelectorAll(selector)) {
      if (seen.has(element)) continue;
      seen.add(element);
      act(element);
    }
  };
  look();
  document.addEventListener("htmx:after:swap", look);
}

// Says a sentence by the page's live region; the same one is said again, for it is emptied first.
export function say(text) {
  const region = document.querySelector("#said");
  if (!region || !text) return;
  region.textContent = "";
  setTimeout(() => (region.textContent = text), 100);
}

// A text of the page, with `{name}` in it filled in.
export const filled = (text, values) => (text ?? "").replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);

// A new element with these attributes.
export function made(name, attributes) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
