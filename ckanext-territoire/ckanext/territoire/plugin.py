"""The CKAN plugin: it only says which part of the extension answers which interface."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ckan import plugins
from ckan.lib import signals
from ckan.lib.plugins import DefaultTranslation
from ckan.plugins import toolkit
from ckan.types import AuthFunction, Context
from flask import Blueprint

from ckanext.territoire import cli, dcat_pages, licences, logic
from ckanext.territoire.api.quick_json import speak_quickly
from ckanext.territoire.audit.journal import note
from ckanext.territoire.harvest_adapter.chained import (
    drop_settings,
    hide_settings,
    note_corrections,
)
from ckanext.territoire.identity.mark import look_lightly
from ckanext.territoire.identity.store import open_settings
from ckanext.territoire.index_fields import add_index_fields, name_facets
from ckanext.territoire.portal.built_once import look_once
from ckanext.territoire.portal.facets import FACETS
from ckanext.territoire.portal.feed import FrenchFeed
from ckanext.territoire.portal.helpers import HELPERS
from ckanext.territoire.portal.hidden_screens import ask_right
from ckanext.territoire.portal.views import BLUEPRINTS
from ckanext.territoire.postgres_line import bound_lines, part_lines_at_forks
from ckanext.territoire.resource_facts import drop_stale_facts
from ckanext.territoire.search.solr_line import keep_lines
from ckanext.territoire.security import tokens
from ckanext.territoire.security.sign_in import count_failure
from ckanext.territoire.table.queue import queue_changed
from ckanext.territoire.validators import VALIDATORS


@toolkit.blanket.config_declarations
class TerritoirePlugin(plugins.SingletonPlugin, DefaultTranslation):
    """The single plugin of the platform."""

    plugins.implements(plugins.IConfigurer)
    plugins.implements(plugins.IActions)
    plugins.implements(plugins.IApiToken, inherit=True)
    plugins.implements(plugins.IAuthFunctions)
    plugins.implements(plugins.IBlueprint)
    plugins.implements(plugins.IClick)
    plugins.implements(plugins.IFacets, inherit=True)
    plugins.implements(plugins.IFeed)
    plugins.implements(plugins.IMiddleware, inherit=True)
    plugins.implements(plugins.IPackageController, inherit=True)
    plugins.implements(plugins.IResourceController, inherit=True)
    plugins.implements(plugins.ISignal)
    plugins.implements(plugins.ITemplateHelpers)
    plugins.implements(plugins.ITranslation)
    plugins.implements(plugins.IValidators)

    def update_config(self, config_: Any) -> None:
        toolkit.add_template_directory(config_, "templates")
        toolkit.add_public_directory(config_, "public")
        toolkit.add_resource("assets", "territoire")
        licences.install()
        bound_lines()
        part_lines_at_forks()
        keep_lines()
        look_once()
        look_lightly()
        tokens.hush()
        dcat_pages.write_addresses()

    def make_middleware(self, app: Any, config: Any) -> Any:
        app.before_request(ask_right)
        speak_quickly()
        return app

    def update_config_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return open_settings(schema)

    def get_actions(self) -> dict[str, Callable[..., Any]]:
        return logic.actions()

    def create_api_token_schema(self, schema: Any) -> Any:
        return tokens.add_fields(schema)

    def postprocess_api_token(
        self, data: dict[str, Any], jti: str, data_dict: dict[str, Any]
    ) -> dict[str, Any]:
        return tokens.seal(data, jti, data_dict)

    def decode_api_token(self, encoded: str, **kwargs: Any) -> dict[str, Any]:
        return tokens.read(encoded, **kwargs)

    def preprocess_api_token(self, data: Mapping[str, Any]) -> Mapping[str, Any]:
        return tokens.keep_out(data)

    def add_extra_fields(self, data_dict: dict[str, Any]) -> dict[str, Any]:
        return tokens.add_end(data_dict)

    def get_auth_functions(self) -> dict[str, AuthFunction]:
        return logic.auth_functions()

    def get_blueprint(self) -> list[Blueprint]:
        return BLUEPRINTS

    def get_commands(self) -> list[Any]:
        return [cli.territoire]

    def get_helpers(self) -> dict[str, Callable[..., Any]]:
        return HELPERS

    def get_signal_subscriptions(self) -> dict[Any, Any]:
        return {signals.failed_login: [count_failure], signals.action_succeeded: [note]}

    def get_validators(self) -> dict[str, Callable[..., Any]]:
        return VALIDATORS

    def dataset_facets(self, facets_dict: dict[str, str], package_type: str) -> dict[str, str]:
        return dict(FACETS) if package_type == "dataset" else facets_dict

    def group_facets(
        self, facets_dict: dict[str, str], group_type: str, package_type: str | None
    ) -> dict[str, str]:
        return dict(FACETS)

    def get_feed_class(self) -> type[FrenchFeed]:
        return FrenchFeed

    def get_item_additional_fields(self, dataset_dict: dict[str, Any]) -> dict[str, Any]:
        return {}

    def before_dataset_index(self, pkg_dict: dict[str, Any]) -> dict[str, Any]:
        return add_index_fields(pkg_dict)

    def after_dataset_create(self, context: Context, pkg_dict: dict[str, Any]) -> None:
        queue_changed(pkg_dict["id"])

    def after_dataset_update(self, context: Context, pkg_dict: dict[str, Any]) -> None:
        note_corrections(context, pkg_dict)
        queue_changed(pkg_dict["id"], is_seen=not pkg_dict.get("private"))

    def after_dataset_delete(self, context: Context, pkg_dict: dict[str, Any]) -> None:
        queue_changed(pkg_dict["id"], is_seen=False)

    def after_dataset_show(self, context: Any, pkg_dict: dict[str, Any]) -> dict[str, Any]:
        return hide_settings(context, pkg_dict)

    def after_dataset_search(
        self, search_results: dict[str, Any], search_params: dict[str, Any]
    ) -> dict[str, Any]:
        for package in search_results["results"]:
            if isinstance(package, dict) and package.get("type") == "harvest":
                drop_settings(package)
        return name_facets(search_results)

    def before_resource_update(
        self, context: Context, current: dict[str, Any], resource: dict[str, Any]
    ) -> None:
        drop_stale_facts(current, resource)
