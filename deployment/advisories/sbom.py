"""The inventory as CycloneDX 1.6 in JSON, written by the library of CycloneDX."""

from __future__ import annotations

from collections.abc import Sequence

from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL

from deployment.advisories.inventory import Part


def to_sbom(parts: Sequence[Part]) -> str:
    """Write the inventory."""
    own = Component(name="territoire", type=ComponentType.APPLICATION, bom_ref="territoire")
    components = [_component(part) for part in parts]
    bom = Bom(components=components)
    bom.metadata.component = own
    bom.register_dependency(own, components)
    outputter = make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6)
    return outputter.output_as_string(indent=1)


def _component(part: Part) -> Component:
    return Component(
        name=part.name,
        group=part.group or None,
        version=part.version,
        type=ComponentType.LIBRARY,
        purl=PackageURL.from_string(part.purl),
        bom_ref=part.purl,
    )
