"""Actions and authorisations on source: what the API and the screens call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

ACTIONS: dict[str, Callable[..., Any]] = {}
AUTH: dict[str, Callable[..., Any]] = {}
