/* A cell of the matrix opens beside it; without scripts, and for what is not a cell, on its page. */
(() => {
  "use strict";
  const frame = document.querySelector(".matrix-frame");
  if (!frame || !window.HTMLDialogElement) return;
  const panel = document.createElement("dialog");
  panel.className = "side-panel";
  panel.setAttribute("aria-labelledby", "cell-title");
  document.body.append(panel);

  const close = () => {
    const button = document.createElement("button");
    button.className = "button is-quiet side-panel-close";
    button.type = "button";
    button.textContent = "Fermer";
    button.addEventListener("click", () => panel.close());
    return button;
  };
  const open = async (url) => {
    const answer = await fetch(url);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const cell = page.querySelector("#cell");
    if (!answer.ok || !cell) throw new Error("no cell");
    panel.replaceChildren(close(), document.adoptNode(cell));
    panel.showModal();
  };

  frame.addEventListener("click", (event) => {
    const link = event.target.closest("td a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    open(link.href).catch(() => window.location.assign(link.href));
  });
  panel.addEventListener("click", (event) => {
    if (event.target === panel) panel.close();
  });
})();
