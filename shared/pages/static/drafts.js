// Drafts: what is typed into <form data-draft="address"> is kept on the server when typing rests, and on leaving.
// <p data-draft-said data-kept="… {time}" data-lost="…"> tells so.
import { filled, onEach } from "./pages.js";

const REST = 2000;

// All fields as text; what is secret or a file is no part of a draft.
function content(form) {
  const secret = new Set([...form.querySelectorAll("input[type='password'], input[type='file']")].map((one) => one.name));
  return new URLSearchParams([...new FormData(form)].filter(([name]) => !secret.has(name)));
}

function tell(form, text) {
  const said = form.querySelector("[data-draft-said]") ?? document.querySelector("[data-draft-said]");
  if (!said) return;
  const time = new Intl.DateTimeFormat("zh-CN", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Shanghai" });
  said.textContent = filled(said.dataset[text], { time: time.format(new Date()) });
}

async function keep(form) {
  const sent = content(form);
  try {
    const answer = await fetch(form.dataset.draft, { method: "POST", body: sent, redirect: "manual" });
    if (!answer.ok) throw new Error(String(answer.status));
    delete form.dataset.unkept;
    if (String(sent) === String(content(form))) delete form.dataset.changed;
    tell(form, "kept");
  } catch (error) {
    if (error instanceof TypeError) document.dispatchEvent(new Event("connection:lost"));
    form.dataset.unkept = "";
    tell(form, "lost");
  }
}

onEach("form[data-draft]", (form) => {
  let waiting = 0;
  const typed = () => {
    form.dataset.changed = "";
    clearTimeout(waiting);
    waiting = setTimeout(() => keep(form), REST);
  };
  form.addEventListener("input", typed);
  form.addEventListener("change", typed);
  form.addEventListener("submit", () => clearTimeout(waiting));
  window.addEventListener("pagehide", () => {
    clearTimeout(waiting);
    const open = form.isConnected && "changed" in form.dataset && !("sent" in form.dataset);
    if (open) navigator.sendBeacon(form.dataset.draft, content(form));
  });
});
