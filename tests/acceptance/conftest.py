"""Whole stories, on the fixtures of the tests with real CKAN."""

from __future__ import annotations

from tests.ckan.conftest import clean, organization, run_for

__all__ = ["clean", "organization", "run_for"]
