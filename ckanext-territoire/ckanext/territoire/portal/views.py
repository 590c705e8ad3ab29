"""The blueprints of the platform, gathered for the plugin."""

from __future__ import annotations

from flask import Blueprint

BLUEPRINTS: list[Blueprint] = []
