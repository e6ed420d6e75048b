// Who leaves with something typed that is not kept is asked first: <form data-guard>, or a draft that could not be kept.
const UNKEPT = "form[data-guard][data-changed]:not([data-sent]), form[data-unkept]:not([data-sent])";

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.matches("[data-guard]")) form.dataset.changed = "";
});

addEventListener("beforeunload", (event) => {
  if (document.querySelector(UNKEPT)) event.preventDefault();
});
