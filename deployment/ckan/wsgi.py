"""The portal as a WSGI application; `CKAN_INI` names its settings."""

from __future__ import annotations

import os
from logging.config import fileConfig

from ckan.cli import load_config
from ckan.common import config
from ckan.config.middleware import make_app

from deployment.ogc.relay import Relay

settings = os.environ["CKAN_INI"]
fileConfig(settings, disable_existing_loggers=False)
portal = make_app(load_config(settings))
application = Relay(portal, config["ckanext.territoire.ogc.url"], config["ckan.site_url"])
