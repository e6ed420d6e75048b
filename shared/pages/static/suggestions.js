// The list under a combobox: its lines, the active one, and the keys (ARIA APG, editable combobox with list autocomplete).
import { filled, made, say } from "./pages.js";

let lists = 0;

function line(option, id) {
  const drawn = made("li", { id, role: "option", "aria-selected": "false" });
  drawn.append(option.text);
  if (option.dataset.note) drawn.appendChild(made("small", {})).append(option.dataset.note);
  return drawn;
}

// `choose` is given the option that was taken; `wanted` is called when a key asks for the list.
export function suggestions(field, choose, wanted) {
  const name = field.labels?.[0]?.textContent.trim() || field.getAttribute("aria-label");
  const list = made("ul", { id: `suggestions-${++lists}`, role: "listbox", "aria-label": name, hidden: "" });
  const marks = { role: "combobox", autocomplete: "off", "aria-autocomplete": "list", "aria-controls": list.id };
  for (const [mark, value] of Object.entries(marks)) field.setAttribute(mark, value);
  field.after(list);
  let options = [];
  let active = -1;

  function show(found) {
    options = found;
    active = -1;
    list.replaceChildren(...found.map((option, at) => line(option, `${list.id}-${at}`)));
    list.hidden = !found.length;
    field.setAttribute("aria-expanded", String(!list.hidden));
    field.removeAttribute("aria-activedescendant");
  }
  function activate(at) {
    active = (at + options.length) % options.length;
    for (const [index, one] of [...list.children].entries()) one.setAttribute("aria-selected", String(index === active));
    field.setAttribute("aria-activedescendant", list.children[active].id);
    list.children[active].scrollIntoView({ block: "nearest" });
  }
  function take(at) {
    choose(options[at]);
    show([]);
  }
  field.addEventListener("keydown", (event) => {
    const { key } = event;
    if (event.isComposing || !["ArrowDown", "ArrowUp", "Enter", "Escape"].includes(key)) return;
    if (list.hidden && !key.startsWith("Arrow")) return;
    event.preventDefault();
    if (list.hidden) wanted();
    else if (key === "Escape") show([]);
    else if (key === "Enter" && active >= 0) take(active);
    else activate(key === "ArrowUp" ? Math.max(active, 0) - 1 : active + 1);
  });
  // Before the click takes the focus from the field.
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const at = [...list.children].indexOf(event.target.closest("li"));
    if (at >= 0) take(at);
  });
  show([]);
  const tell = (found) => say(found.length ? filled(field.dataset.found, { count: found.length }) : field.dataset.none);
  return { show: (found) => (show(found), tell(found)), close: () => show([]) };
}
