"""A browser without scripts: it opens real pages and sends their forms, CSRF token included."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lxml import html
from lxml.html import FormElement, HtmlElement

PASSWORD = "Une phrase de passe pour les essais 35"


@dataclass
class Page:
    """One answered page."""

    status: int
    url: str
    text: str

    @property
    def tree(self) -> HtmlElement:
        return html.fromstring(self.text)

    def form(self, form_id: str) -> FormElement:
        forms = self.tree.xpath(f'//form[@id="{form_id}"]')
        assert len(forms) == 1, f"{len(forms)} forms {form_id} at {self.url}"
        found: FormElement = forms[0]
        return found

    def errors(self) -> list[str]:
        """What the error summary says, one sentence a line."""
        lines = self.tree.xpath('//div[contains(@class, "error-explanation")]//li')
        return [" ".join(line.text_content().split()) for line in lines]


class Browser:
    """One visitor: `app` is CKAN's test application."""

    def __init__(self, app: Any) -> None:
        self.client = app.test_client(use_cookies=True)

    def log_in(self, name: str) -> None:
        page = self.open("/user/login")
        form = next(f for f in page.tree.forms if "login" in f.fields)
        self.send(page, form, {"login": name, "password": PASSWORD})

    def open(self, url: str) -> Page:
        return self._page(self.client.get(url, follow_redirects=True))

    def send(
        self,
        page: Page,
        form: FormElement,
        answers: dict[str, Any],
        button: tuple[str, str] | None = None,
    ) -> Page:
        """Send a form as a browser does: what it shows, our answers, the button pressed."""
        values: dict[str, list[str]] = {}
        for name, value in form.form_values():
            if name not in answers:
                values.setdefault(name, []).append(value)
        for name, answer in answers.items():
            if answer is not None:
                values[name] = answer if isinstance(answer, list) else [answer]
        if button:
            values[button[0]] = [button[1]]
        url = form.action or page.url
        return self._page(self.client.post(url, data=values, follow_redirects=True))

    def _page(self, response: Any) -> Page:
        return Page(response.status_code, response.request.path, response.get_data(as_text=True))
