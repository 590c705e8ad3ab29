"""Packaging of Territoire: three import packages, one distribution."""

from __future__ import annotations

from pathlib import Path

from setuptools import find_namespace_packages, find_packages, setup

HERE = Path(__file__).parent

EXTENSION = find_namespace_packages("ckanext-territoire", include=["ckanext.territoire*"])
PURE = find_packages(".", include=["schemas*", "harvesters*"])

KINDS = "ckanext.territoire.harvest_adapter.kinds"


def kinds() -> list[str]:
    """Each module of `harvesters/sources` is a kind, shown to ckanext-harvest as one plugin."""
    modules = (HERE / "harvesters" / "sources").glob("*.py")
    return sorted(path.stem for path in modules if not path.stem.startswith("_"))


setup(
    name="ckanext-territoire",
    version="0.1.0",
    description="An open-data platform shared by the communes of a French federation, on CKAN",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="AGPL-3.0-or-later",
    python_requires=">=3.11",
    packages=EXTENSION + PURE,
    package_dir={"ckanext": "ckanext-territoire/ckanext", "": "."},
    include_package_data=True,
    package_data={
        "schemas": ["**/*.yaml", "**/*.csv", "**/*.json"],
        "harvesters": ["**/*.yaml"],
        "ckanext.territoire": [
            "*.yaml",
            "search/*.yaml",
            "templates/**/*",
            "assets/**/*",
            "public/**/*",
            "i18n/**/*",
            "migration/**/*",
            "guides/*.md",
        ],
    },
    install_requires=[
        "ckan[requirements]==2.12.0",
        "ckanext-harvest==1.6.3",
        "ckanext-spatial==2.3.2",
        "ckanext-scheming==3.1.0",
        "ckanext-dcat==2.4.4",
        "requests>=2.32",
        "duckdb>=2.0,<3",
        "pyarrow>=26",
        "python-calamine>=0.4",
        "csv-detective>=0.9",
        "orjson>=3.10",
        "nh3>=0.3",
        # reads RDF catalogues: forty times faster than rdflib, and it fetches nothing
        "pyoxigraph>=0.5",
        "shapely>=2.1",
        "pyproj>=3.7",
        # reads shapefile, GeoPackage and GeoJSON; its wheel carries GDAL (fiona is kept no more)
        "pyogrio>=0.11",
        # decodes the pictures that visitors send, and writes them anew without what they carry
        "pillow>=12",
        # writes workbooks row by row (templates, exports); calamine reads them, faster
        "openpyxl>=3.1",
        # opening hours in OSM syntax: a Rust parser, the one on PyPI that follows the whole norm
        "opening-hours-py>=1.0",
        # robots by their name: the one list of its kind that is kept week by week, as data
        "crawler-user-agents>=1.67",
        "granian>=2.8,<3",
        # features and vector tiles of PostGIS, as a library in a process of its own (ADR 13)
        "tipg>=1.6,<2",
        "fastapi>=0.165",
        "asyncpg>=0.32",
        "cql2>=0.6",
    ],
    extras_require={
        "deploy": [
            "honcho>=2.0",
            # writes the inventory of what is installed, as CycloneDX
            "cyclonedx-python-lib>=11,<12",
        ],
        "test": [
            "pytest>=8",
            "pytest-ckan==0.0.12",
            # CKAN registers its fixtures as a pytest plugin, which needs these two
            "pytest-factoryboy>=2.7",
            "factory-boy>=3.3",
            # the tests run in two processes
            "pytest-xdist>=3.8",
            # a test that hangs fails and says where, and the others go on
            "pytest-timeout>=2.4",
            "hypothesis",
            "playwright",
            "pyshacl",
            "frictionless>=5.18",
            # a mail server on loopback
            "aiosmtpd>=1.4",
            # asks the API what its description allows, and what it does not
            "schemathesis>=4.32",
            # reads our features as the programs of others do
            "owslib>=0.32",
            "python-stdnum",
            "ruff",
            "mypy",
            "pyright",
            "types-requests",
            "types-PyYAML",
        ],
    },
    entry_points={
        "ckan.plugins": [
            "territoire=ckanext.territoire.plugin:TerritoirePlugin",
            *(f"territoire_{kind}={KINDS}:{kind}" for kind in kinds()),
        ],
        "ckan.rdf.profiles": [
            "territoire_dcat_ap=ckanext.territoire.dcat_profile:TerritoireDcatAp",
        ],
    },
    zip_safe=False,
)
