"""The blueprints of the platform, gathered for the plugin."""

from __future__ import annotations

from flask import Blueprint

from ckanext.territoire.api.announcements import announcements
from ckanext.territoire.api.archive import archive
from ckanext.territoire.api.documents import elsewhere
from ckanext.territoire.api.promised import promised
from ckanext.territoire.api.reuses import reuses as reuses_api
from ckanext.territoire.api.rows import tables
from ckanext.territoire.api.sandbox import sandbox
from ckanext.territoire.audit.journal import journal
from ckanext.territoire.portal.account_pages import account_pages, journal_pages
from ckanext.territoire.portal.announcement_pages import announcing, changes
from ckanext.territoire.portal.api_pages import api_pages
from ckanext.territoire.portal.challenge_pages import challenges
from ckanext.territoire.portal.chart_pages import charts
from ckanext.territoire.portal.closed_screens import closed_screens
from ckanext.territoire.portal.communes import communes
from ckanext.territoire.portal.community_feeds import feeds
from ckanext.territoire.portal.compressed import compressed
from ckanext.territoire.portal.contribution_pages import received
from ckanext.territoire.portal.crawlers import crawlers
from ckanext.territoire.portal.decisions import decisions
from ckanext.territoire.portal.deliveries import deliveries
from ckanext.territoire.portal.deposits import deposits
from ckanext.territoire.portal.developer_pages import developers
from ckanext.territoire.portal.files import kept_files
from ckanext.territoire.portal.flag_pages import flags
from ckanext.territoire.portal.guides import guides
from ckanext.territoire.portal.headers import headers
from ckanext.territoire.portal.history_pages import history_pages
from ckanext.territoire.portal.identity_pages import identity_files, identity_pages
from ckanext.territoire.portal.invitation_pages import invitations
from ckanext.territoire.portal.key_officer_pages import column_uses, officer_keys
from ckanext.territoire.portal.letter_pages import letters
from ckanext.territoire.portal.link_pages import links
from ckanext.territoire.portal.live import live_values
from ckanext.territoire.portal.matrix_pages import matrix_pages
from ckanext.territoire.portal.notice_pages import by_link, mine
from ckanext.territoire.portal.old_address import old_addresses
from ckanext.territoire.portal.own_pages import own
from ckanext.territoire.portal.pages import pages
from ckanext.territoire.portal.preview import preview
from ckanext.territoire.portal.privacy_pages import privacy_pages
from ckanext.territoire.portal.progress import progress
from ckanext.territoire.portal.question_pages import questions, requests
from ckanext.territoire.portal.registration_pages import registration
from ckanext.territoire.portal.repair_pages import repairs
from ckanext.territoire.portal.reuse_pages import reuses
from ckanext.territoire.portal.review_pages import sources
from ckanext.territoire.portal.row_pages import row_pages
from ckanext.territoire.portal.same_pages import same_pages
from ckanext.territoire.portal.schemas import schemas
from ckanext.territoire.portal.search_ideas import ideas
from ckanext.territoire.portal.service_pages import services
from ckanext.territoire.portal.themes import themes
from ckanext.territoire.portal.typeset import typeset
from ckanext.territoire.portal.unreadable import unreadable
from ckanext.territoire.portal.usage_pages import usage
from ckanext.territoire.portal.webhook_pages import webhooks
from ckanext.territoire.security.forms import forms
from ckanext.territoire.security.sign_in import sign_in
from ckanext.territoire.security.sign_in_forms import sign_in_forms
from ckanext.territoire.usage.count import counted

BLUEPRINTS: list[Blueprint] = [
    themes,
    ideas,
    communes,
    pages,
    old_addresses,
    closed_screens,
    headers,
    typeset,
    compressed,
    kept_files,
    unreadable,
    preview,
    charts,
    history_pages,
    identity_pages,
    identity_files,
    live_values,
    same_pages,
    sources,
    schemas,
    tables,
    sandbox,
    announcements,
    elsewhere,
    promised,
    api_pages,
    developers,
    registration,
    changes,
    announcing,
    officer_keys,
    column_uses,
    deposits,
    deliveries,
    links,
    repairs,
    invitations,
    matrix_pages,
    decisions,
    letters,
    privacy_pages,
    progress,
    mine,
    by_link,
    guides,
    services,
    row_pages,
    flags,
    reuses,
    reuses_api,
    questions,
    requests,
    challenges,
    received,
    own,
    feeds,
    usage,
    counted,
    forms,
    sign_in,
    sign_in_forms,
    journal,
    journal_pages,
    account_pages,
    webhooks,
    crawlers,
    archive,
]
