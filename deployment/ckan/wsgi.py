"""The portal as a WSGI application; `CKAN_INI` names its settings."""

from __future__ import annotations

import os
from logging.config import fileConfig

from ckan.cli import load_config
from ckan.config.middleware import make_app

settings = os.environ["CKAN_INI"]
fileConfig(settings, disable_existing_loggers=False)
application = make_app(load_config(settings))
