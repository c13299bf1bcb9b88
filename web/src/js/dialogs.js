// Native dialogs and menus.
//
//   data-dialog="#id"        opens that <dialog>
//   data-dialog-close        closes the dialog it is in
//   data-confirm="Sentence"  on a form's button, a form or an hx-* element: asks first, in our own dialog
//   data-print               prints the page
//   details.pb-menu          closes on Escape, on a click elsewhere and when the focus leaves it

import { behaviour } from "./behaviours.js";

/** Ask a yes-or-no question in the page's #pb-confirm dialog. @returns {Promise<boolean>} */
export function ask(question, yes = null) {
  const dialog = document.getElementById("pb-confirm");
  const button = dialog.querySelector("[data-confirm-button]");
  const usual = (button.dataset.usual ??= button.textContent);
  dialog.querySelector("[data-confirm-text]").textContent = question;
  button.textContent = yes ?? usual;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

behaviour("[data-dialog]", (opener) => {
  opener.addEventListener("click", (event) => {
    event.preventDefault();
    opener.closest("details[open]")?.removeAttribute("open");
    const dialog = document.querySelector(opener.dataset.dialog);
    if (dialog && !dialog.open) dialog.showModal();
  });
});

behaviour("dialog", (dialog) => {
  dialog.addEventListener("click", (event) => {
    // A click on the backdrop reaches the dialog element itself.
    if (event.target === dialog || event.target.closest("[data-dialog-close]")) dialog.close();
  });
  // A form answered without content by htmx has been saved: the dialog has done its work.
  dialog.addEventListener("pb:saved", () => dialog.close());
});

behaviour("[data-confirm]:not([hx-get], [hx-post], [hx-put], [hx-patch], [hx-delete])", (element) => {
  const type = element.matches("form") ? "submit" : "click";
  let agreed = false;
  element.addEventListener(type, async (event) => {
    if (agreed) {
      agreed = false;
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    const submitter = event.submitter ?? null;
    if (!(await ask(element.dataset.confirm, element.dataset.confirmYes))) return;
    agreed = true;
    if (type === "submit") element.requestSubmit(submitter);
    else element.click();
  }, true);
});

behaviour("[data-print]", (button) => {
  button.addEventListener("click", () => {
    button.closest("details[open]")?.removeAttribute("open");
    print();
  });
});

behaviour("details.pb-menu", (menu) => {
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  menu.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget && !menu.contains(relatedTarget)) menu.open = false;
  });
});

/** Page-wide parts: close menus on a click elsewhere; let htmx ask through our dialog. */
export function startDialogs() {
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.pb-menu[open]"))
      if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("htmx:confirm", (event) => {
    const question = event.detail.question ?? event.target.dataset?.confirm;
    if (!question) return;
    event.preventDefault();
    ask(question, event.target.dataset.confirmYes).then((yes) => yes && event.detail.issueRequest(true));
  });
}
