"""The terms of RDF that we read, under their usual prefix: `dct:title`, `dcat:distribution`…

Source: DCAT 3 (W3C), DCAT-AP 2 and 3 and GeoDCAT-AP (SEMIC), Hydra core, vCard, FOAF, LOCN.
"""

from __future__ import annotations

PREFIXES = {
    "adms": ("http://www.w3.org/ns/adms#",),
    "dcat": ("http://www.w3.org/ns/dcat#",),
    "dcatap": ("http://data.europa.eu/r5r/",),
    "dct": ("http://purl.org/dc/terms/",),
    "foaf": ("http://xmlns.com/foaf/0.1/",),
    "geodcatap": ("http://data.europa.eu/930/",),
    "gsp": ("http://www.opengis.net/ont/geosparql#", "http://www.opengis.net/rdf#"),
    "hydra": ("http://www.w3.org/ns/hydra/core#",),
    "locn": ("http://www.w3.org/ns/locn#",),
    "owl": ("http://www.w3.org/2002/07/owl#",),
    "rdf": ("http://www.w3.org/1999/02/22-rdf-syntax-ns#",),
    "rdfs": ("http://www.w3.org/2000/01/rdf-schema#",),
    "schema": ("http://schema.org/", "https://schema.org/"),
    "skos": ("http://www.w3.org/2004/02/skos/core#",),
    "spdx": ("http://spdx.org/rdf/terms#", "https://spdx.org/rdf/terms/#"),
    "time": ("http://www.w3.org/2006/time#",),
    "vcard": ("http://www.w3.org/2006/vcard/ns#",),
}
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"

# of these the value is another node, whose own terms are read with it
NESTED = frozenset(
    "adms:contactPoint dcat:accessService dcat:contactPoint dcat:distribution dcat:mediaType "
    "dcat:theme dct:accessRights dct:accrualPeriodicity dct:conformsTo dct:creator dct:format "
    "dct:language dct:license dct:publisher dct:rights dct:spatial dct:temporal "
    "geodcatap:custodian geodcatap:owner geodcatap:resourceProvider "
    "time:hasBeginning time:hasEnd vcard:hasEmail vcard:hasFN vcard:org".split()
)
PLAIN = frozenset(
    "dcat:accessURL dcat:bbox dcat:byteSize dcat:centroid dcat:downloadURL dcat:endDate "
    "dcat:endpointURL dcat:keyword dcat:landingPage dcat:startDate dct:abstract dct:description "
    "dct:identifier dct:issued dct:modified dct:title foaf:homepage foaf:mbox foaf:name "
    "geodcatap:topicCategory gsp:asGeoJSON gsp:asWKT locn:geometry owl:sameAs rdf:value "
    "rdfs:label schema:endDate schema:name schema:startDate skos:prefLabel time:inXSDDate "
    "time:inXSDDateTime time:inXSDDateTimeStamp vcard:fn vcard:hasValue vcard:organisation-name "
    "vcard:organization-name".split()
)
# of the catalogue and its pages
CATALOGUE = frozenset(
    "dcat:dataset hydra:next hydra:nextPage hydra:totalItems foaf:primaryTopic".split()
)
# known, and left on purpose: nothing of ours says it
LEFT = frozenset(
    "adms:identifier adms:sample adms:status adms:versionNotes dcat:compressFormat "
    "dcat:dataQuality dcat:granularity dcat:hasVersion dcat:inSeries dcat:packageFormat "
    "dcat:qualifiedRelation dcat:spatialResolutionInMeters dcat:temporalResolution dcat:version "
    "dcatap:applicableLegislation dcatap:availability dcatap:hvdCategory dct:alternative "
    "dct:created dct:hasPart dct:hasVersion dct:isPartOf dct:isReferencedBy dct:isVersionOf "
    "dct:provenance dct:references dct:relation dct:source dct:type foaf:isPrimaryTopicOf "
    "foaf:page foaf:thumbnail geodcatap:resourceType owl:versionInfo rdfs:comment "
    "spdx:checksum".split()
)
GEOMETRIES = frozenset("dcat:bbox dcat:centroid gsp:asGeoJSON gsp:asWKT locn:geometry".split())


def _spelt(names: frozenset[str]) -> dict[str, str]:
    """Index terms by each address they are written with."""
    pairs = ((name, *name.split(":", 1)) for name in sorted(names))
    return {base + word: name for name, prefix, word in pairs for base in PREFIXES[prefix]}


READ = _spelt(NESTED | PLAIN | CATALOGUE)
KNOWN = READ.keys() | _spelt(LEFT).keys()
DATASET = PREFIXES["dcat"][0] + "Dataset"
CATALOG = PREFIXES["dcat"][0] + "Catalog"
DISTRIBUTION = PREFIXES["dcat"][0] + "Distribution"


def short(address: str) -> str:
    """Write a term with its usual prefix, or as it is.

    >>> short("http://purl.org/dc/terms/title"), short("https://a.fr/ns#etat")
    ('dct:title', 'https://a.fr/ns#etat')
    """
    for prefix, bases in PREFIXES.items():
        for base in bases:
            if address.startswith(base):
                return f"{prefix}:{address[len(base) :]}"
    return address
