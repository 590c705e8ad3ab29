/* The sample of the identity follows what is typed; nothing is kept before the form is sent. */
(() => {
  "use strict";
  const form = document.querySelector("form[data-identity]");
  const sample = document.querySelector("[data-sample]");
  if (!form || !sample) return;
  const WAIT_MS = 250;
  let timer = 0;
  let asked = 0;
  let logo = "";

  const showLogo = () => {
    for (const place of sample.querySelectorAll(".identity-logo")) {
      if (!logo) continue;
      const image = new Image();
      image.src = logo;
      image.alt = "";
      place.replaceChildren(image);
    }
  };
  const follow = async () => {
    const number = ++asked;
    const url = new URL(form.dataset.identity, window.location.href);
    for (const name of ["name", "text", "contact", "colour", "accent"]) {
      url.searchParams.set(name, form.elements[name].value);
    }
    const answer = await fetch(url, { credentials: "same-origin" });
    if (!answer.ok || number !== asked) return;
    sample.innerHTML = (await answer.json()).shown;
    showLogo();
  };
  const later = () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(follow, WAIT_MS);
  };

  form.addEventListener("input", later);
  form.elements.logo.addEventListener("change", () => {
    const [file] = form.elements.logo.files;
    if (logo) URL.revokeObjectURL(logo);
    logo = file ? URL.createObjectURL(file) : "";
    showLogo();
  });
  sample.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-use]");
    if (!button) return;
    form.elements[button.dataset.use].value = button.value;
    later();
  });
})();
