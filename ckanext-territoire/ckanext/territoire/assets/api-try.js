/* Shows the answer of an example or of a form below it, with its address, status and headers.
   Without this file, or with a modifier key, an example is a plain link and a form leads there. */
(() => {
  "use strict";

  const box = document.querySelector(".api-answer");
  if (!box) return;
  const head = box.querySelector(".api-answer-head");
  const body = box.querySelector(".api-answer-body");
  const SHOWN = ["content-type", "etag", "ratelimit", "link"];
  const MAX_LETTERS = 20000;

  const readable = (type, text) => {
    if (!type.includes("json")) return text;
    try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
  };

  const isText = (type) => /json|csv|text|xml/.test(type);

  const show = async (place, address) => {
    place.append(box);
    box.hidden = false;
    head.textContent = "Lecture…";
    body.textContent = "";
    try {
      const answer = await fetch(address);
      const type = answer.headers.get("content-type") || "";
      const size = Number(answer.headers.get("content-length") || 0);
      const text = isText(type) ? readable(type, await answer.text()) : `(un fichier de ${size} octets)`;
      const told = SHOWN.filter((name) => answer.headers.has(name));
      head.textContent = `Réponse ${answer.status}`;
      const where = new URL(answer.url);
      const lines = told.map((name) => `${name}: ${answer.headers.get(name)}`);
      const cut = text.length > MAX_LETTERS ? `${text.slice(0, MAX_LETTERS)}\n…` : text;
      body.textContent = `GET ${where.pathname}${where.search}\n${lines.join("\n")}\n\n${cut}`;
    } catch {
      head.textContent = "Le serveur n’a pas répondu. Réessayez dans un instant.";
    }
  };

  for (const link of document.querySelectorAll("a[data-try]")) {
    link.addEventListener("click", (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
      event.preventDefault();
      show(link.closest("li"), link.href);
    });
  }
  for (const form of document.querySelectorAll("form[data-try]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      show(form, `${form.action}?${new URLSearchParams(new FormData(form))}`);
    });
  }
})();
