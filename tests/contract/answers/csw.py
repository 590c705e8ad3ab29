"""A CSW server in memory, pages of two records: ISO 19139 and ISO 19115-3 as catalogues write them.

The names of elements are those of the norms; the datasets are invented for communes of Rennes
Métropole.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit
from xml.sax.saxutils import escape

from harvesters.model import Config, Issue, Request, Response
from tests.contract.case import Case, Serve, response

CAP = 2
GMD = (
    'xmlns:gmd="http://www.isotc211.org/2005/gmd" xmlns:gco="http://www.isotc211.org/2005/gco" '
    'xmlns:gmx="http://www.isotc211.org/2005/gmx" xmlns:srv="http://www.isotc211.org/2005/srv" '
    'xmlns:gml="http://www.opengis.net/gml" xmlns:xlink="http://www.w3.org/1999/xlink"'
)
_PART = "http://standards.iso.org/iso/19115/-3"
MDB = (
    f'xmlns:mdb="{_PART}/mdb/2.0" xmlns:cit="{_PART}/cit/2.0" xmlns:mri="{_PART}/mri/1.0" '
    f'xmlns:mcc="{_PART}/mcc/1.0" xmlns:gex="{_PART}/gex/1.0" xmlns:mrd="{_PART}/mrd/1.0" '
    f'xmlns:mco="{_PART}/mco/1.0" xmlns:lan="{_PART}/lan/1.0" xmlns:gco="{_PART}/gco/1.0" '
    f'xmlns:gcx="{_PART}/gcx/1.0" xmlns:gml="http://www.opengis.net/gml/3.2" '
    'xmlns:xlink="http://www.w3.org/1999/xlink"'
)


def text(value: str) -> str:
    return f"<gco:CharacterString>{escape(value)}</gco:CharacterString>"


def code(name: str, value: str) -> str:
    return f'<{name} codeList="#{name}" codeListValue="{value}"/>'


def online(url: str, protocol: str = "", name: str = "", function: str = "") -> str:
    """One link of ISO 19139."""
    told = f"<gmd:linkage><gmd:URL>{escape(url)}</gmd:URL></gmd:linkage>"
    told += f"<gmd:protocol>{text(protocol)}</gmd:protocol>" if protocol else ""
    told += f"<gmd:name>{text(name)}</gmd:name>" if name else ""
    if function:
        told += f"<gmd:function>{code('gmd:CI_OnLineFunctionCode', function)}</gmd:function>"
    return f"<gmd:onLine><gmd:CI_OnlineResource>{told}</gmd:CI_OnlineResource></gmd:onLine>"


def party(role: str, organisation: str, person: str = "", mail: str = "") -> str:
    """One responsible party of ISO 19139."""
    name = f"<gmd:individualName>{text(person)}</gmd:individualName>" if person else ""
    return (
        f"<gmd:CI_ResponsibleParty>{name}"
        f"<gmd:organisationName>{text(organisation)}</gmd:organisationName>"
        "<gmd:contactInfo><gmd:CI_Contact><gmd:address><gmd:CI_Address>"
        f"<gmd:electronicMailAddress>{text(mail)}</gmd:electronicMailAddress>"
        "</gmd:CI_Address></gmd:address></gmd:CI_Contact></gmd:contactInfo>"
        f"<gmd:role>{code('gmd:CI_RoleCode', role)}</gmd:role></gmd:CI_ResponsibleParty>"
    )


def box(west: str, south: str, east: str, north: str) -> str:
    """One extent of ISO 19139."""
    sides = {"westBoundLongitude": west, "eastBoundLongitude": east,
             "southBoundLatitude": south, "northBoundLatitude": north}  # fmt: skip
    told = "".join(
        f"<gmd:{side}><gco:Decimal>{value}</gco:Decimal></gmd:{side}>"
        for side, value in sides.items()
    )
    return (
        "<gmd:extent><gmd:EX_Extent><gmd:geographicElement><gmd:EX_GeographicBoundingBox>"
        f"{told}</gmd:EX_GeographicBoundingBox></gmd:geographicElement></gmd:EX_Extent></gmd:extent>"
    )


def rights(*sentences: str) -> str:
    """The conditions of use of ISO 19139."""
    told = "".join(f"<gmd:useLimitation>{text(s)}</gmd:useLimitation>" for s in sentences)
    return (
        f"<gmd:resourceConstraints><gmd:MD_LegalConstraints>{told}"
        "</gmd:MD_LegalConstraints></gmd:resourceConstraints>"
    )


def iso19139(remote_id: str, title: str, about: str = "", links: str = "", **told: str) -> str:
    """A record of ISO 19139; `about` goes in its identification, `told` elsewhere."""
    kind = told.get("kind", "gmd:MD_DataIdentification")
    return (
        f"<gmd:MD_Metadata {GMD}><gmd:fileIdentifier>{text(remote_id)}</gmd:fileIdentifier>"
        f"<gmd:language>{code('gmd:LanguageCode', told.get('language', 'fre'))}</gmd:language>"
        f"{told.get('head', '')}<gmd:hierarchyLevel>"
        f"{code('gmd:MD_ScopeCode', told.get('level', 'dataset'))}</gmd:hierarchyLevel>"
        f"<gmd:identificationInfo><{kind}><gmd:citation><gmd:CI_Citation>"
        f"<gmd:title>{told.get('title_xml') or text(title)}</gmd:title>{told.get('citation', '')}"
        f"</gmd:CI_Citation></gmd:citation>{about}</{kind}></gmd:identificationInfo>"
        "<gmd:distributionInfo><gmd:MD_Distribution><gmd:transferOptions>"
        f"<gmd:MD_DigitalTransferOptions>{links}</gmd:MD_DigitalTransferOptions>"
        f"</gmd:transferOptions></gmd:MD_Distribution></gmd:distributionInfo>{told.get('tail', '')}"
        "</gmd:MD_Metadata>"
    )


def iso19115_3(remote_id: str, title: str, link: str) -> str:
    """A record of ISO 19115-3: people, extent and licence are written another way."""
    return f"""<mdb:MD_Metadata {MDB}>
  <mdb:metadataIdentifier><mcc:MD_Identifier><mcc:code>{text(remote_id)}</mcc:code>
    <mcc:codeSpace>{text("urn:uuid")}</mcc:codeSpace></mcc:MD_Identifier></mdb:metadataIdentifier>
  <mdb:defaultLocale><lan:PT_Locale id="FR"><lan:language>{code("lan:LanguageCode", "fre")}
    </lan:language></lan:PT_Locale></mdb:defaultLocale>
  <mdb:metadataScope><mdb:MD_MetadataScope><mdb:resourceScope>
    {code("mcc:MD_ScopeCode", "series")}</mdb:resourceScope></mdb:MD_MetadataScope>
  </mdb:metadataScope>
  <mdb:identificationInfo><mri:MD_DataIdentification>
    <mri:citation><cit:CI_Citation><cit:title>{text(title)}</cit:title></cit:CI_Citation>
    </mri:citation>
    <mri:abstract>{text("Une série de plans, commune par commune.")}</mri:abstract>
    <mri:pointOfContact><cit:CI_Responsibility>
      <cit:role>{code("cit:CI_RoleCode", "owner")}</cit:role>
      <cit:party><cit:CI_Organisation><cit:name>{text("Ville de Betton")}</cit:name>
      </cit:CI_Organisation></cit:party></cit:CI_Responsibility></mri:pointOfContact>
    <mri:extent><gex:EX_Extent><gex:geographicElement><gex:EX_GeographicBoundingBox>
      <gex:westBoundLongitude><gco:Decimal>-1.68</gco:Decimal></gex:westBoundLongitude>
      <gex:eastBoundLongitude><gco:Decimal>-1.58</gco:Decimal></gex:eastBoundLongitude>
      <gex:southBoundLatitude><gco:Decimal>48.15</gco:Decimal></gex:southBoundLatitude>
      <gex:northBoundLatitude><gco:Decimal>48.22</gco:Decimal></gex:northBoundLatitude>
    </gex:EX_GeographicBoundingBox></gex:geographicElement></gex:EX_Extent></mri:extent>
    <mri:topicCategory><mri:MD_TopicCategoryCode>planningCadastre</mri:MD_TopicCategoryCode>
    </mri:topicCategory>
    <mri:resourceConstraints><mco:MD_LegalConstraints><mco:otherConstraints>
      <gcx:Anchor xlink:href="https://spdx.org/licenses/etalab-2.0">Licence Ouverte</gcx:Anchor>
    </mco:otherConstraints></mco:MD_LegalConstraints></mri:resourceConstraints>
  </mri:MD_DataIdentification></mdb:identificationInfo>
  <mdb:distributionInfo><mrd:MD_Distribution><mrd:transferOptions>
    <mrd:MD_DigitalTransferOptions><mrd:onLine><cit:CI_OnlineResource>
      <cit:linkage>{text(link)}</cit:linkage>
      <cit:protocol>{text("WWW:DOWNLOAD")}</cit:protocol></cit:CI_OnlineResource></mrd:onLine>
    </mrd:MD_DigitalTransferOptions></mrd:transferOptions></mrd:MD_Distribution>
  </mdb:distributionInfo></mdb:MD_Metadata>"""


def results(records: list[str], first: int = 1, matched: int = 0, following: str = "") -> bytes:
    """The answer to GetRecords; `following` replaces what `nextRecord` says."""
    total = matched or len(records)
    after = first + len(records)
    told = following or str(after if after <= total else 0)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<csw:GetRecordsResponse xmlns:csw="http://www.opengis.net/cat/csw/2.0.2">'
        '<csw:SearchStatus timestamp="2026-11-24T06:00:00Z"/>'
        f'<csw:SearchResults numberOfRecordsMatched="{total}" elementSet="full" '
        f'numberOfRecordsReturned="{len(records)}" nextRecord="{told}">'
        f"{''.join(records)}</csw:SearchResults></csw:GetRecordsResponse>"
    ).encode()


def server(records: list[str], cap: int = CAP) -> Serve:
    """A catalogue that gives at most `cap` records a page."""

    def serve(request: Request) -> Response | Issue:
        query = dict(parse_qsl(urlsplit(request.url).query))
        first = int(query["startPosition"])
        page = records[first - 1 : first - 1 + min(cap, int(query["maxRecords"]))]
        return response(request, results(page, first, len(records)), "application/xml")

    return serve


def real_pages(folder: Path) -> Serve:
    """Three pages of a real catalogue (Geo-IDE), two records each."""

    def serve(request: Request) -> Response | Issue:
        first = dict(parse_qsl(urlsplit(request.url).query))["startPosition"]
        page = folder / "csw" / f"geoide-iso19139-page-{first}.xml"
        return response(request, page.read_bytes(), "application/xml")

    return serve


def real_records(folder: Path) -> list[str]:
    """Eight real records of both norms (Géo2France, Wallonie), in the order of their names."""
    files = sorted((folder / "iso").glob("*iso19*.xml"))
    return [re.sub(r"^<[?].*[?]>", "", file.read_text(encoding="utf-8")).strip() for file in files]


def real_server(folder: Path) -> Serve:
    """These records on one page; read when asked, because they may not be on this machine."""

    def serve(request: Request) -> Response | Issue:
        return server(real_records(folder), 10)(request)

    return serve


TREES = iso19139(
    "3c892ef0-2ff6-11de-b8c0-001517506978",
    "Arbres d’alignement d’Acigné",
    "<gmd:abstract>" + text("Position, essence et année de plantation.") + "</gmd:abstract>"
    "<gmd:pointOfContact>"
    + party("pointOfContact", "Ville d’Acigné", "", "sig@acigne.example")
    + "</gmd:pointOfContact>"
    + rights("Licence Ouverte version 2.0 (Etalab)")
    + box("-1.60", "48.09", "-1.47", "48.17"),
    online("https://geo.acigne.example/wms", "OGC:WMS-1.3.0-http-get-map", "acigne:arbres")
    + online("https://geo.acigne.example/arbres.csv", "WWW:DOWNLOAD", "Arbres"),
)
PATHS = iso19139(
    "fr-123456789-chemins", "Chemins ruraux",
    rights("Données sous licence ODbL"), online("https://geo.acigne.example/chemins.zip"),
)  # fmt: skip
VIEWER = iso19139("fr-123456789-carte", "Carte des chemins", level="interactiveMap")
PLANS = iso19115_3("fr-123456789-plans", "Plans", "https://geo.betton.example/p.gpkg")
RECORDS = [TREES, PATHS, VIEWER, PLANS]
CASES = [
    Case(
        "csw-ecrit",
        "csw",
        Config("https://geo.exemple.fr/geonetwork"),
        server(RECORDS),
        3,
        empty=results([]),
    )
]
