"""Validators that the scheming forms name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

VALIDATORS: dict[str, Callable[..., Any]] = {}
