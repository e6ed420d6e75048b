// Where a combobox finds what it offers, and the field that stands before its select.

// Those of the select itself, or what the address answers to ?q=…, as <option>s.
export async function offered(given, text, signal) {
  const address = given.dataset.choose;
  if (!address) {
    const sought = text.trim().toLowerCase();
    return [...given.options].filter((one) => one.value && one.text.toLowerCase().includes(sought));
  }
  const url = new URL(address, document.baseURI);
  url.searchParams.set("q", text);
  const answer = await fetch(url, { signal, redirect: "manual", headers: { "HX-Request": "true" } });
  if (!answer.ok) return [];
  return [...new DOMParser().parseFromString(await answer.text(), "text/html").querySelectorAll("option")];
}

// What stands in the field while nothing is typed.
export const chosen = (select) => (select.selectedOptions[0]?.value ? select.selectedOptions[0].text : "");

// Makes `option` the select's own choice; null chooses nothing.
export function choose(select, option) {
  if (option && ![...select.options].some((one) => one.value === option.value)) select.append(option.cloneNode(true));
  select.value = option?.value ?? "";
  select.dispatchEvent(new Event("change", { bubbles: true }));
}

const PASSED_ON = ["aria-describedby", "aria-invalid", "aria-label", "placeholder"];
const TEXTS = ["data-found", "data-none", "data-pick"];

// It takes over the select's id, so that label and summary of faults lead to it; the select goes on being what is sent.
export function fieldBefore(select) {
  const field = Object.assign(document.createElement("input"), {
    id: select.id,
    required: select.required,
    className: select.className,
    value: chosen(select),
  });
  for (const name of [...PASSED_ON, ...TEXTS])
    if (select.hasAttribute(name)) field.setAttribute(name, select.getAttribute(name));
  Object.assign(select, { id: `${select.id}-value`, required: false, hidden: true });
  return field;
}
