/* Propose datasets, communes and themes while somebody types in the search field. Without it the form works as it is.
   The down arrow enters the list, arrows go through it, Escape closes it; what was found is said to screen readers. */
(() => {
  "use strict";
  const WAIT_MS = 180;
  const LEAST = 2;
  const form = document.querySelector("form[data-ideas]");
  if (!form || !window.fetch) return;
  const field = form.querySelector('input[type="search"]');
  const list = form.querySelector(".ideas");
  const said = form.querySelector('[role="status"]');
  const known = new Map();
  let timer = 0;
  let asking = null;
  let last = "";

  const links = () => [...list.querySelectorAll("a")];
  const close = () => {
    list.hidden = true;
    said.textContent = "";
  };
  const show = (html) => {
    list.innerHTML = html;
    const groups = list.querySelector("[data-count]");
    list.hidden = !groups || document.activeElement !== field;
    if (list.hidden) said.textContent = "";
    else {
      const count = Number(groups.dataset.count);
      said.textContent = `${count} proposition${count > 1 ? "s" : ""}, flèche bas pour les parcourir.`;
    }
  };
  const ask = async (words) => {
    if (known.has(words)) return show(known.get(words));
    if (asking) asking.abort();
    asking = new AbortController();
    try {
      const answer = await fetch(`${form.dataset.ideas}?q=${encodeURIComponent(words)}`, { signal: asking.signal });
      if (!answer.ok) return close();
      const html = await answer.text();
      known.set(words, html);
      if (words === last) show(html);
    } catch (fault) {
      if (fault.name !== "AbortError") close();
    }
  };
  field.addEventListener("input", () => {
    clearTimeout(timer);
    last = field.value.trim().toLowerCase();
    if (last.length < LEAST) {
      list.innerHTML = "";
      return close();
    }
    timer = setTimeout(() => ask(last), WAIT_MS);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      field.focus();
      return close();
    }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const all = links();
    if (list.hidden && event.key === "ArrowDown" && all.length) list.hidden = false;
    if (list.hidden || !all.length) return;
    event.preventDefault();
    const at = all.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    if (at < 0) field.focus();
    else all[Math.min(at, all.length - 1)].focus();
  });
  form.addEventListener("submit", () => clearTimeout(timer));
  document.addEventListener("pointerdown", (event) => { if (!form.contains(event.target)) close(); });
  form.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !form.contains(event.relatedTarget)) close();
  });
})();
