"""For whom a person may deposit: the organisations, and the one meant when none is named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ckan import model
from ckan.plugins import toolkit

from ckanext.territoire import publishers


@dataclass(frozen=True, slots=True)
class Depositor:
    """The organisation chosen, and those that may be."""

    name: str
    title: str
    choices: tuple[tuple[str, str], ...]

    @property
    def is_alone(self) -> bool:
        return len(self.choices) == 1


def depositor(asked: str = "") -> Depositor | None:
    """Answer for whom the person at work deposits; `None` when for nobody, or not for `asked`.

    Without `asked`: their own commune, then the organisation of which they are a member.
    """
    user = toolkit.g.user
    listed = toolkit.get_action("organization_list_for_user")(
        {"user": user}, {"permission": "create_dataset"}
    )
    titles = {each["name"]: each["display_name"] or each["name"] for each in listed}
    choices = tuple(sorted(titles.items(), key=lambda pair: pair[1]))
    name = asked if asked or not choices else _own(user, [name for name, _ in choices])
    return Depositor(name, titles[name], choices) if name in titles else None


def _own(user: str, names: list[str]) -> str:
    found: Any = model.User.get(user)
    ids = set(found.get_group_ids("organization")) if found else set()
    own = [each for each in map(publishers.find, names) if each and each.id in ids]
    own.sort(key=lambda each: not each.insee)
    return own[0].name if own else names[0]
