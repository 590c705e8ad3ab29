"""Make the first administrator: `python -m deployment.ckan.first_admin`, once at set-up.

In its own process, because it boots CKAN; the password never shows on a command line.
"""

from __future__ import annotations

import sys

from ckan.cli import load_config
from ckan.config.middleware import make_app

from deployment.layout import Layout, layout

NAME = "admin"
MAIL = "admin@territoire.invalid"


def make_admin(here: Layout) -> None:
    """Make the account with the generated password; leave an account that exists alone."""
    app = make_app(load_config(str(here.ini("ckan"))))
    with app._wsgi_app.test_request_context():
        from ckan import model

        user = model.User.by_name(NAME)
        if user is None:
            user = model.User(name=NAME, email=MAIL, fullname="Administrateur")
            user.password = here.secret()["admin"]
            model.Session.add(user)
        user.sysadmin = True
        model.repo.commit_and_remove()


if __name__ == "__main__":
    sys.exit(make_admin(layout()))
