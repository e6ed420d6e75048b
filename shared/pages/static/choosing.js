// One of many: <select data-choose="address"> or <input data-choose="address"> becomes a combobox.
// What is sent is the field that was there before, so that the page does the same without a script.
import { choose, chosen, fieldBefore, offered } from "./options.js";
import { onEach } from "./pages.js";
import { suggestions } from "./suggestions.js";

const REST = 200;

onEach("select[data-choose], input[data-choose]", (given) => {
  const select = given.matches("select") ? given : null;
  const isFocused = document.activeElement === given;
  const box = Object.assign(document.createElement("div"), { className: "combobox" });
  given.before(box);
  const field = select ? fieldBefore(select) : given;
  field.removeAttribute("list");
  box.append(...new Set([field, given]));
  if (isFocused) field.focus();
  let waiting = 0;
  let asking = new AbortController();

  const settle = () => {
    if (select) field.value = chosen(select);
    field.setCustomValidity("");
  };
  const take = (option) => {
    if (select) choose(select, option);
    else field.value = option.value;
    settle();
  };
  const find = async (text) => {
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    try {
      const found = await offered(given, text, signal);
      if (!signal.aborted && document.activeElement === field) list.show(found);
    } catch (error) {
      if (error instanceof TypeError) document.dispatchEvent(new Event("connection:lost"));
    }
  };
  const list = suggestions(field, take, () => find(""));

  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => find(field.value), REST);
    // Text that is nobody's name is not sent as if the former choice had been meant.
    field.setCustomValidity(select && field.value ? (field.dataset.pick ?? "") : "");
  });
  field.addEventListener("click", () => find(field.value === (select && chosen(select)) ? "" : field.value));
  field.addEventListener("blur", () => {
    clearTimeout(waiting);
    asking.abort();
    list.close();
    if (select && !field.value && select.value) choose(select, null);
    settle();
  });
});
