"""The blueprints of the platform, gathered for the plugin."""

from __future__ import annotations

from flask import Blueprint

from ckanext.territoire.api.tables import tables
from ckanext.territoire.portal.communes import communes
from ckanext.territoire.portal.decisions import decisions
from ckanext.territoire.portal.deliveries import deliveries
from ckanext.territoire.portal.deposits import deposits
from ckanext.territoire.portal.files import kept_files
from ckanext.territoire.portal.guides import guides
from ckanext.territoire.portal.headers import headers
from ckanext.territoire.portal.invitation_pages import invitations
from ckanext.territoire.portal.link_pages import links
from ckanext.territoire.portal.live import live_values
from ckanext.territoire.portal.matrix_pages import matrix_pages
from ckanext.territoire.portal.notice_pages import by_link, mine
from ckanext.territoire.portal.old_address import old_addresses
from ckanext.territoire.portal.pages import pages
from ckanext.territoire.portal.preview import preview
from ckanext.territoire.portal.privacy_pages import privacy_pages
from ckanext.territoire.portal.progress import progress
from ckanext.territoire.portal.repair_pages import repairs
from ckanext.territoire.portal.review_pages import sources
from ckanext.territoire.portal.same_pages import same_pages
from ckanext.territoire.portal.schemas import schemas
from ckanext.territoire.portal.themes import themes

BLUEPRINTS: list[Blueprint] = [
    themes,
    communes,
    pages,
    old_addresses,
    headers,
    kept_files,
    preview,
    live_values,
    same_pages,
    sources,
    schemas,
    tables,
    deposits,
    deliveries,
    links,
    repairs,
    invitations,
    matrix_pages,
    decisions,
    privacy_pages,
    progress,
    mine,
    by_link,
    guides,
]
