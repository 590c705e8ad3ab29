"""Serve a real pycsw on loopback: an empty catalogue that takes CSW transactions from here.

Run by the Python of the peers: `python pycsw_server.py FOLDER PORT`; FOLDER keeps its settings and
its SQLite database.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

from pycsw import wsgi
from pycsw.core import admin

SETTINGS = """[server]
home={folder}
url=http://127.0.0.1:{port}/csw
mimetype=application/xml; charset=UTF-8
encoding=UTF-8
language=fr-FR
maxrecords=10
profiles=apiso

[manager]
transactions=true
allowed_ips=127.0.0.1

[metadata:main]
identification_title=Catalogue d’essai
identification_abstract=Catalogue d’essai
identification_keywords=essai
identification_keywords_type=theme
identification_fees=None
identification_accessconstraints=None
provider_name=Territoire
provider_url=http://127.0.0.1:{port}/
contact_name=Territoire
contact_position=
contact_address=
contact_city=
contact_stateorprovince=
contact_postalcode=
contact_country=
contact_phone=
contact_fax=
contact_email=essai@territoire.example
contact_url=
contact_hours=
contact_instructions=
contact_role=pointOfContact

[repository]
database=sqlite:///{folder}/records.db
table=records

[metadata:inspire]
enabled=false
"""


class Quiet(WSGIRequestHandler):
    """A request is no event of the test."""

    def log_message(self, *_: object) -> None:
        return


def main() -> None:
    """Make the database, then answer until ended."""
    folder, port = Path(sys.argv[1]).resolve(), int(sys.argv[2])
    settings = folder / "pycsw.cfg"
    settings.write_text(SETTINGS.format(folder=folder, port=port), encoding="utf-8")
    admin.setup_db(f"sqlite:///{folder}/records.db", "records", str(folder))
    os.environ["PYCSW_CONFIG"] = str(settings)
    make_server("127.0.0.1", port, wsgi.application, handler_class=Quiet).serve_forever()


if __name__ == "__main__":
    main()
