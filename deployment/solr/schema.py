"""Complete the Solr schema of the installed CKAN: French words, and shapes on the map.

The stock text chain stems English before it folds accents. Ours drops French elisions before words
are cut at apostrophes, folds accents, then takes the endings off that `ckanext.territoire.search`
knows: « L’Écoles » and « ecole » meet, « stationnement » and « station » do not. Words that stand
for each other are put into the question (`search/query.py`), not into the index.
ckanext-spatial's `solr-spatial-field` backend needs `spatial_geom`.
"""

from __future__ import annotations

import re
from xml.sax.saxutils import quoteattr

STEMMER = r'<filter class="solr.SnowballPorterFilterFactory" language="English"[^>]*/>\s*'
FOLDING = '<filter class="solr.ASCIIFoldingFilterFactory"/>'
WHITESPACE = '<tokenizer class="solr.WhitespaceTokenizerFactory"/>'
ELISION = '<filter class="solr.ElisionFilterFactory" ignoreCase="true"/>'
# what facets count: read in columns, so that a new searcher has nothing to turn round
COUNTED = ("tags", "groups", "organization", "res_format", "license_id")
TYPES = f"""
    <fieldType name="territoire_shape" class="solr.SpatialRecursivePrefixTreeFieldType"
               spatialContextFactory="JTS" autoIndex="true" validationRule="repairBuffer0"
               distErrPct="0.025" maxDistErr="0.001" distanceUnits="kilometers"/>
    <fieldType name="territoire_spelling" class="solr.TextField" positionIncrementGap="100">
        <analyzer>
            <tokenizer class="solr.StandardTokenizerFactory"/>
            {ELISION}
            <filter class="solr.LowerCaseFilterFactory"/>
            {FOLDING}
            <filter class="solr.LengthFilterFactory" min="4" max="30"/>
        </analyzer>
    </fieldType>
</types>"""
FIELDS = """
    <field name="spatial_geom" type="territoire_shape" indexed="true" stored="true"
           multiValued="true"/>
    <field name="words_tags" type="text" indexed="true" stored="false" multiValued="true"/>
    <field name="words_files" type="text" indexed="true" stored="false" multiValued="true"/>
    <field name="words_owner" type="text" indexed="true" stored="false" multiValued="true"/>
    <field name="words_model" type="text" indexed="true" stored="true" multiValued="true"/>
    <field name="words_themes" type="text" indexed="true" stored="true" multiValued="true"/>
    <field name="words_places" type="text" indexed="true" stored="true" multiValued="true"/>
    <field name="words_spelt" type="territoire_spelling" indexed="true" stored="false"
           multiValued="true"/>
</fields>"""
# a text there makes Solr fail when it replays its journal: after a kill, what it took is lost
VERSION = '<field name="_version_" type="long" indexed="false" stored="false" docValues="true"/>'
COPIES = {
    "tags": ("words_tags", "words_spelt"),
    "res_name": ("words_files",),
    "res_description": ("words_files",),
    "organization": ("words_owner",),
    "extras_publisher_name": ("words_owner",),
    "title": ("words_spelt",),
    "notes": ("words_spelt",),
    "words_model": ("words_spelt",),
    "words_themes": ("words_spelt",),
}


class UnknownSchema(ValueError):
    """The schema of this CKAN is not the one we know how to complete."""


def add_french_and_maps(stock: str) -> tuple[str, list[str]]:
    """Complete a stock schema; answer it with the names of the (empty) files it refers to."""
    found = re.search(r'<fieldType name="text" .*?</fieldType>', stock, re.DOTALL)
    if not found or "</types>" not in stock or "</fields>" not in stock:
        raise UnknownSchema("the stock schema has no text type, types or fields")
    chain = found.group(0)
    french = re.sub(STEMMER, "", chain).replace(FOLDING, FOLDING + _endings())
    french = french.replace(WHITESPACE, WHITESPACE + ELISION)
    if french.count(_endings()) != 2:
        raise UnknownSchema("the stock text chain is not made as expected")
    schema = _with_numbered_versions(_in_columns(stock.replace(chain, french)))
    schema = schema.replace("</types>", TYPES).replace("</fields>", FIELDS)
    schema = schema.replace("</schema>", f"{_copies()}\n</schema>")
    return schema, side_files(schema)


def side_files(schema: str) -> list[str]:
    """Name the files that a schema refers to."""
    return sorted(set(re.findall(r'"([a-z_]+\.txt)"', schema)))


def _endings() -> str:
    # here: what stops and cleans a copy imports this module without any environment
    from ckanext.territoire.search.french import ENDINGS

    return "".join(
        '<filter class="solr.PatternReplaceFilterFactory" replace="all"'
        f" pattern={quoteattr(found)} replacement={quoteattr(put)}/>"
        for found, put in ENDINGS
    )


def _in_columns(schema: str) -> str:
    names = "|".join((*COUNTED, r"vocab_\*"))
    return re.sub(
        rf'(<(?:field|dynamicField) name="(?:{names})" type="string")',
        r'\1 docValues="true"',
        schema,
    )


def _with_numbered_versions(schema: str) -> str:
    found, count = re.subn(r'<field name="_version_"[^>]*/>', VERSION, schema)
    if count != 1:
        raise UnknownSchema("the stock schema has no field _version_")
    return found


def _copies() -> str:
    return "".join(
        f'\n<copyField source="{source}" dest="{to}"/>'
        for source, targets in COPIES.items()
        for to in targets
    )
