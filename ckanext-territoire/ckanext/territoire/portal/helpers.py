"""Functions that templates call as `h.territoire_…`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckanext.territoire.form_choices import FORM_HELPERS

HELPERS: dict[str, Callable[..., Any]] = {**FORM_HELPERS}
