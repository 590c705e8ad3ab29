"""Our DCAT-AP 3 output: what a dataset and the catalogue say of themselves in RDF.

Input: a dataset as `package_show` answers it. Source: DCAT-AP 3.0.1 (classes,
cardinalities, node kinds) and the EU authority tables of our vocabularies. The
profile of ckanext-dcat is replaced, not completed: it writes literals where
DCAT-AP wants nodes (formats, licences, geometries, languages).
"""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit
from ckanext.dcat.profiles import EuropeanDCATAP3Profile
from ckanext.dcat.profiles.base import DCAT, DCT, FOAF, OWL, VCARD, CleanedURIRef, namespaces
from rdflib import RDF, RDFS, SKOS, BNode, Literal, URIRef
from rdflib.term import Node

from ckanext.territoire import dcat_places
from ckanext.territoire.dcat_distribution import add_distributions
from ckanext.territoire.dcat_terms import DATA_THEMES, LANGUAGE_FR, add_concept, language_uri
from ckanext.territoire.publishers import Publisher, publishers
from schemas import values
from schemas.vocabulary import load_vocabulary

LOCAL_AUTHORITY = URIRef("http://purl.org/adms/publishertype/LocalAuthority")
PUBLIC = URIRef("http://publications.europa.eu/resource/authority/access-right/PUBLIC")


class TerritoireDcatAp(EuropeanDCATAP3Profile):
    """The profile `territoire_dcat_ap`; reading RDF stays as in ckanext-dcat."""

    def graph_from_catalog(self, catalog_dict: dict[str, Any] | None, catalog_ref: URIRef) -> None:
        """Describe the catalogue: who publishes it, in which language, with which themes."""
        self._bind()
        add = self._adder(catalog_ref)
        add(RDF.type, DCAT.Catalog)
        title = toolkit.config["ckan.site_title"]
        add(DCT.title, Literal(title, lang="fr"))
        add(DCT.description, Literal(toolkit.config["ckan.site_description"] or title, lang="fr"))
        add(DCT.language, self._typed(LANGUAGE_FR, DCT.LinguisticSystem))
        home = CleanedURIRef(toolkit.config["ckan.site_url"].rstrip("/") + "/")
        add(FOAF.homepage, self._typed(home, FOAF.Document))
        add(DCT.publisher, self._catalogue_publisher(title))
        add(DCAT.themeTaxonomy, self._typed(DATA_THEMES, SKOS.ConceptScheme))
        self.g.add((DATA_THEMES, DCT.title, Literal("Thèmes européens des données", lang="fr")))
        modified = self._last_catalog_modification()
        self._add_date_triple(catalog_ref, DCT.modified, modified and f"{modified}Z")

    def graph_from_dataset(self, dataset_dict: dict[str, Any], dataset_ref: URIRef) -> None:
        """Describe one dataset with its files."""
        self._bind()
        add = self._adder(dataset_ref)
        add(RDF.type, DCAT.Dataset)
        add(DCT.identifier, Literal(dataset_dict["id"]))
        add(DCT.title, Literal(dataset_dict["title"], lang="fr"))
        add(DCT.description, Literal(dataset_dict.get("notes") or dataset_dict["title"], lang="fr"))
        add(DCT.accessRights, self._typed(PUBLIC, DCT.RightsStatement))
        for tag in dataset_dict.get("tags", []):
            add(DCAT.keyword, Literal(tag["name"], lang="fr"))
        self._add_subject(dataset_dict, dataset_ref)
        self._add_moments(dataset_dict, dataset_ref)
        self._add_agents(dataset_dict, dataset_ref)
        self._add_links(dataset_dict, dataset_ref)
        dcat_places.add_places(self.g, dataset_dict, dataset_ref)
        add_distributions(self, dataset_dict, dataset_ref)

    def _add_subject(self, dataset: dict[str, Any], ref: URIRef) -> None:
        """Say the themes, ours and the European ones above them, and the languages."""
        vocabulary = load_vocabulary("themes")
        chosen = values.to_list(dataset.get("theme"))
        for theme_id in {up for theme in chosen for up in vocabulary.ancestors(theme)}:
            self.g.add((ref, DCAT.theme, add_concept(self.g, theme_id)))
        for language in values.to_list(dataset.get("language")) or ["fr"]:
            uri = language_uri(language)
            if uri is not None:
                self.g.add((ref, DCT.language, self._typed(uri, DCT.LinguisticSystem)))

    def _add_moments(self, dataset: dict[str, Any], ref: URIRef) -> None:
        """Say when it was published and changed, how often it will be, and its period."""
        for predicate, key, own in (
            (DCT.issued, "issued", "metadata_created"),
            (DCT.modified, "modified", "metadata_modified"),
        ):
            self._add_date_triple(ref, predicate, dataset.get(key) or f"{dataset[own]}Z")
        frequency = load_vocabulary("frequencies").get(dataset.get("frequency") or "")
        if frequency:
            rhythm = self._typed(URIRef(frequency.uri), DCT.Frequency)
            self.g.add((ref, DCT.accrualPeriodicity, rhythm))
        start, end = dataset.get("temporal_start"), dataset.get("temporal_end")
        if start or end:
            period = self._typed(BNode(), DCT.PeriodOfTime)
            self.g.add((ref, DCT.temporal, period))
            self._add_date_triple(period, DCAT.startDate, start)
            self._add_date_triple(period, DCAT.endDate, end)

    def _add_agents(self, dataset: dict[str, Any], ref: URIRef) -> None:
        """Say who publishes, which service made the data, and whom to ask."""
        publisher = publishers().get(dataset.get("owner_org") or "")
        if publisher:
            self.g.add((ref, DCT.publisher, self._agent(publisher)))
        service = dataset.get("publisher_name")
        if service and not (publisher and publisher.title == service):
            maker = self._typed(BNode(), FOAF.Agent)
            self.g.add((maker, FOAF.name, Literal(service, lang="fr")))
            self.g.add((ref, DCT.creator, maker))
        self._add_contact(dataset, ref, publisher)

    def _add_contact(
        self, dataset: dict[str, Any], ref: URIRef, publisher: Publisher | None
    ) -> None:
        name = dataset.get("contact_name") or (publisher.title if publisher else "")
        email = dataset.get("contact_email") or ""
        if not (name or email):
            return
        contact = self._typed(BNode(), VCARD.Kind)
        self.g.add((contact, RDF.type, VCARD.Organization))
        self.g.add((contact, VCARD.fn, Literal(name or email, lang="fr" if name else None)))
        if email:
            self.g.add((contact, VCARD.hasEmail, CleanedURIRef(self._add_mailto(email))))
        self.g.add((ref, DCAT.contactPoint, contact))

    def _add_links(self, dataset: dict[str, Any], ref: URIRef) -> None:
        """Say where people read about it, and which dataset of another portal it is."""
        own_page = f"{toolkit.config['ckan.site_url'].rstrip('/')}/dataset/{dataset['name']}"
        landing_page = values.to_web_address(dataset.get("url") or "") or own_page
        self.g.add((ref, DCAT.landingPage, self._typed(CleanedURIRef(landing_page), FOAF.Document)))
        upstream = values.to_web_address(dataset.get("upstream_uri") or "")
        if upstream and CleanedURIRef(upstream) != ref:
            self.g.add((ref, OWL.sameAs, CleanedURIRef(upstream)))

    def _catalogue_publisher(self, title: str) -> Node:
        """The federation publishes the catalogue; before there is one, the site does."""
        for publisher in publishers().values():
            if publisher.kind == "epci":
                return self._agent(publisher)
        site = self._typed(BNode(), FOAF.Agent)
        self.g.add((site, FOAF.name, Literal(title, lang="fr")))
        return site

    def _agent(self, publisher: Publisher) -> URIRef:
        site = toolkit.config["ckan.site_url"].rstrip("/")
        ref = URIRef(f"{site}/organization/{publisher.id}")
        if (ref, RDF.type, FOAF.Agent) in self.g:
            return ref
        self.g.add((ref, RDF.type, FOAF.Agent))
        self.g.add((ref, FOAF.name, Literal(publisher.title, lang="fr")))
        for identifier in filter(None, (publisher.siren, publisher.insee)):
            self.g.add((ref, DCT.identifier, Literal(identifier)))
        page = self._typed(CleanedURIRef(f"{site}/organization/{publisher.name}"), FOAF.Document)
        self.g.add((ref, FOAF.homepage, page))
        if publisher.is_local_authority:
            self.g.add((ref, DCT.type, self._typed(LOCAL_AUTHORITY, SKOS.Concept)))
            self.g.add((LOCAL_AUTHORITY, SKOS.prefLabel, Literal("Collectivité locale", lang="fr")))
        return ref

    def _typed(self, node: Node, kind: URIRef) -> Any:
        """Say the class of a node, which DCAT-AP asks of every object, and answer the node."""
        self.g.add((node, RDF.type, kind))
        return node

    def _adder(self, subject: Node) -> Any:
        return lambda predicate, value: self.g.add((subject, predicate, value))

    def _bind(self) -> None:
        for prefix, namespace in namespaces.items():
            self.g.bind(prefix, namespace)
        self.g.bind("rdfs", RDFS)
