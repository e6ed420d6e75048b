// Rows that are chosen, within [data-selection]: the box in the head chooses the page, Shift chooses from row to row,
// [data-selected-count] counts, and [data-bulk] is shown while anything is chosen.
import { onEach } from "./pages.js";

onEach("[data-selection]", (list) => {
  const boxes = () => [...list.querySelectorAll("tbody .pick input[type='checkbox']")];
  const all = () => list.querySelector("[data-select-page]");
  let last = null;

  function show() {
    const every = boxes();
    const chosen = every.filter((box) => box.checked).length;
    const head = all();
    if (head) {
      head.hidden = false;
      head.checked = chosen > 0 && chosen === every.length;
      head.indeterminate = chosen > 0 && chosen < every.length;
    }
    for (const count of list.querySelectorAll("[data-selected-count]")) count.textContent = chosen;
    for (const bar of list.querySelectorAll("[data-bulk]")) bar.hidden = !chosen;
  }

  list.addEventListener("click", (event) => {
    const every = boxes();
    if (event.shiftKey && last && every.includes(event.target) && every.includes(last)) {
      const [from, to] = [every.indexOf(last), every.indexOf(event.target)].sort((a, b) => a - b);
      for (const box of every.slice(from, to + 1)) box.checked = event.target.checked;
      show();
    }
    if (every.includes(event.target)) last = event.target;
  });

  list.addEventListener("change", (event) => {
    if (event.target === all()) for (const box of boxes()) box.checked = event.target.checked;
    show();
  });
  list.addEventListener("reset", () => setTimeout(show));
  document.addEventListener("htmx:after:swap", show);
  addEventListener("pageshow", show);
  show();
});
