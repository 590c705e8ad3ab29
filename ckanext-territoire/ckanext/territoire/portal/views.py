"""The blueprints of the platform, gathered for the plugin."""

from __future__ import annotations

from flask import Blueprint

from ckanext.territoire.portal.themes import themes

BLUEPRINTS: list[Blueprint] = [themes]
