"""Fill the portal of a copy, in a process of its own: `python -m tests.deployment.portal_seed`.

One organisation, one dataset with an uploaded file and a DataStore table.
"""

from __future__ import annotations

import io
import os
import sys

from ckan.cli import load_config
from ckan.config.middleware import make_app
from werkzeug.datastructures import FileStorage

CONTENT = "insee;nom\n01001;L’Abergement\n".encode("cp1252")
NAME = "mairies"


def seed() -> None:
    """Make it all through actions, as the first administrator."""
    app = make_app(load_config(os.environ["CKAN_INI"]))
    with app._wsgi_app.test_request_context():
        from ckan.plugins import toolkit

        def act(action: str, **data: object) -> dict[str, object]:
            answer: dict[str, object] = toolkit.get_action(action)(
                {"ignore_auth": True, "user": "admin"}, data
            )
            return answer

        organization = act("organization_create", name="acigne", title="Acigné")
        act("package_create", name=NAME, title="Les mairies", notes="Adresses des mairies.",
            owner_org=organization["id"], license_id="lov2")  # fmt: skip
        # no table by its name, so that nobody else fills its DataStore
        file = FileStorage(io.BytesIO(CONTENT), "mairies.txt", content_type="text/plain")
        resource = act("resource_create", package_id=NAME, name="Fichier", upload=file, url="")
        act("datastore_create", resource_id=resource["id"], force=True,
            fields=[{"id": "insee", "type": "text"}], records=[{"insee": "01001"}])  # fmt: skip


if __name__ == "__main__":
    sys.exit(seed())
