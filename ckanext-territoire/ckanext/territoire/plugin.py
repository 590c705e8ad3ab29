"""The CKAN plugin: it only says which part of the extension answers which interface."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckan import plugins
from ckan.plugins import toolkit
from ckan.types import AuthFunction, Context
from flask import Blueprint

from ckanext.territoire import cli, licences, logic
from ckanext.territoire.harvest_adapter.chained import (
    drop_settings,
    hide_settings,
    note_corrections,
)
from ckanext.territoire.index_fields import add_index_fields, name_facets
from ckanext.territoire.portal.facets import FACETS
from ckanext.territoire.portal.helpers import HELPERS
from ckanext.territoire.portal.views import BLUEPRINTS
from ckanext.territoire.resource_facts import drop_stale_facts
from ckanext.territoire.table.queue import queue_changed
from ckanext.territoire.validators import VALIDATORS


@toolkit.blanket.config_declarations
class TerritoirePlugin(plugins.SingletonPlugin):
    """The single plugin of the platform."""

    plugins.implements(plugins.IConfigurer)
    plugins.implements(plugins.IActions)
    plugins.implements(plugins.IAuthFunctions)
    plugins.implements(plugins.IBlueprint)
    plugins.implements(plugins.IClick)
    plugins.implements(plugins.IFacets, inherit=True)
    plugins.implements(plugins.IPackageController, inherit=True)
    plugins.implements(plugins.IResourceController, inherit=True)
    plugins.implements(plugins.ITemplateHelpers)
    plugins.implements(plugins.IValidators)

    def update_config(self, config_: Any) -> None:
        toolkit.add_template_directory(config_, "templates")
        toolkit.add_public_directory(config_, "public")
        toolkit.add_resource("assets", "territoire")
        licences.install()

    def get_actions(self) -> dict[str, Callable[..., Any]]:
        return logic.actions()

    def get_auth_functions(self) -> dict[str, AuthFunction]:
        return logic.auth_functions()

    def get_blueprint(self) -> list[Blueprint]:
        return BLUEPRINTS

    def get_commands(self) -> list[Any]:
        return [cli.territoire]

    def get_helpers(self) -> dict[str, Callable[..., Any]]:
        return HELPERS

    def get_validators(self) -> dict[str, Callable[..., Any]]:
        return VALIDATORS

    def dataset_facets(self, facets_dict: dict[str, str], package_type: str) -> dict[str, str]:
        return dict(FACETS) if package_type == "dataset" else facets_dict

    def before_dataset_index(self, pkg_dict: dict[str, Any]) -> dict[str, Any]:
        return add_index_fields(pkg_dict)

    def after_dataset_create(self, context: Context, pkg_dict: dict[str, Any]) -> None:
        queue_changed(pkg_dict["id"])

    def after_dataset_update(self, context: Context, pkg_dict: dict[str, Any]) -> None:
        note_corrections(context, pkg_dict)
        queue_changed(pkg_dict["id"])

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
