/* Deposits: a file is dropped, a button says that it works, a proposal is taken without a page load,
   a grid grows and shows the help of the column. Every page works without this file. */
(() => {
  "use strict";

  for (const zone of document.querySelectorAll(".drop-zone")) {
    const input = zone.querySelector("input[type=file]");
    const over = (is) => zone.classList.toggle("is-over", is);
    zone.addEventListener("dragover", (event) => { event.preventDefault(); over(true); });
    zone.addEventListener("dragleave", () => over(false));
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      over(false);
      if (event.dataTransfer.files.length) input.files = event.dataTransfer.files;
    });
  }

  // the button is marked after the form has left, so that its name and value go with it
  for (const form of document.querySelectorAll("form")) {
    form.addEventListener("submit", (event) => {
      const button = event.submitter || form.querySelector("button");
      if (!button || !button.dataset.busy) return;
      if (form.dataset.isSent) { event.preventDefault(); return; }
      form.dataset.isSent = "1";
      button.setAttribute("aria-busy", "true");
      button.textContent = button.dataset.busy;
    });
  }
  window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });

  const repair = document.querySelector("[data-repair]");
  if (repair) {
    const take = (cell) => {
      const button = cell.querySelector("[data-repair-value]");
      const input = cell.querySelector("input:not([type=checkbox]), select");
      const value = button.dataset.repairValue;
      if (input.tagName === "SELECT" && ![...input.options].some((each) => each.value === value)) {
        input.add(new Option(value, value));
      }
      input.value = value;
      input.removeAttribute("aria-invalid");
      cell.classList.add("is-mended");
    };
    const next = (cell) => {
      const cells = [...repair.querySelectorAll("[data-cell]")];
      const after = cells.slice(cells.indexOf(cell) + 1).find((each) => !each.classList.contains("is-mended"));
      const to = after ? after.querySelector("input, select") : repair.querySelector("[type=submit]");
      to.focus();
    };
    repair.addEventListener("click", (event) => {
      const button = event.target.closest("button[name=accept]");
      if (!button) return;
      event.preventDefault();
      const cell = button.closest("[data-cell]");
      take(cell);
      next(cell);
    });
    repair.addEventListener("input", (event) => {
      const cell = event.target.closest("[data-cell]");
      if (cell) cell.classList.toggle("is-mended", event.target.value !== event.target.defaultValue);
    });
  }

  const entry = document.querySelector("[data-entry]");
  if (entry) {
    const body = entry.querySelector("tbody");
    const now = document.createElement("p");
    now.className = "entry-now";
    now.textContent = "L’aide de la colonne où vous êtes s’affiche ici.";
    entry.querySelector(".table-frame").after(now);
    entry.addEventListener("focusin", (event) => {
      const help = document.getElementById(event.target.getAttribute("aria-describedby") || "");
      // it stays when the focus leaves: what is being clicked must not move
      if (help) now.textContent = `${help.previousElementSibling.firstChild.textContent.trim()} : ${help.textContent.trim()}`;
    });
    entry.addEventListener("click", (event) => {
      if (event.target.name !== "add") return;
      event.preventDefault();
      const number = body.rows.length;
      const row = body.rows[number - 1].cloneNode(true);
      row.querySelector("th").textContent = number + 1;
      for (const input of row.querySelectorAll("input, select")) {
        input.name = input.name.replace(/^r\.\d+\./, `r.${number}.`);
        input.setAttribute("aria-label", input.getAttribute("aria-label").replace(/\d+$/, number + 1));
        input.value = "";
      }
      body.append(row);
      row.querySelector("input, select").focus();
    });
  }
})();
