"""The monthly letter of a commune, and the one that tells an officer of all of them. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ckanext.territoire.links.letter import Block, Heading, Item, Items, Letter, Way
from ckanext.territoire.notices.month import Month
from ckanext.territoire.notices.month_model import Happened, Need, Task, Told, Written
from ckanext.territoire.notices.month_words import NEEDS, say_happened, say_task, say_usage
from ckanext.territoire.notices.news import Frame, ending
from ckanext.territoire.portal.typography import count, of_place

SHOWN = 12  # lines of one part
PAGE = "/pilotage/lettres"
NUMBERS = ("", "La chose à faire", "Les deux choses à faire", "Les trois choses à faire")
WITHOUT_ACCOUNT = (
    "Pour déposer ou corriger sans compte, demandez un lien à la personne qui s’occupe des données "
    "à l’intercommunalité."
)


def to_letter(month: Month, place: str, told: Told, frame: Frame) -> Letter:
    """Write the letter of a commune."""
    blocks: list[Block] = [
        "Bonjour,",
        f"Voici les données {of_place(place)} sur {frame.site}, en {month.name}.",
        Heading("Ce qui est entré"),
        *_part(told.entered, frame, "Rien de nouveau ce mois-ci."),
        Heading("Ce qui est refusé ou mis de côté"),
        *_part(told.aside, frame, "Rien."),
        *_to_do(told, frame),
        *_used(told),
    ]
    return Letter(_subject(month, place, told), (*blocks, *ending(frame)))


def to_summary(month: Month, letters: Sequence[Written], silent: int, frame: Frame) -> Letter:
    """Write the letter of an officer: which communes have one, `silent` how many have none."""
    told = count(len(letters), "commune a une lettre", "communes ont une lettre")
    rest = count(silent, "n’en a pas", "n’en ont pas")
    blocks: list[Block] = ["Bonjour,", f"{told} {month.of}, avec ce qui est à faire."]
    if silent:
        blocks.append(f"{rest} : rien n’y a changé, et rien n’est à faire.")
    if counted := _counted(letters):
        blocks += [Heading("Ce qui revient"), Items(tuple(counted))]
    alive = [each for each in letters if _is_alive(each.told)]
    if alive:
        blocks += [Heading("Commune par commune"), Items(_communes(month, alive, frame))]
    if calm := [each.name for each in letters if not _is_alive(each.told)]:
        blocks += [
            Heading("Rien de nouveau"),
            f"Il y manque seulement des tableaux que la loi demande : {', '.join(calm)}.",
        ]
    blocks.append(Way("Lire toutes les lettres", f"{frame.address}{PAGE}?mois={month.key}"))
    if alone := [each.name for each in letters if not each.people]:
        blocks += [
            Heading("Personne à qui écrire"),
            f"Ces communes n’ont ni compte ni adresse : {', '.join(alone)}.",
        ]
    subject = f"{frame.site} : les lettres {month.of}, {count(len(letters), 'commune')}"
    return Letter(subject, (*blocks, *ending(frame)))


def _subject(month: Month, place: str, told: Told) -> str:
    to_do = len(told.tasks)
    tasks = f", {count(to_do, 'chose à faire', 'choses à faire')}" if to_do else ""
    return f"{place} : vos données en {month.name}{tasks}"


def _part(listed: Sequence[Happened], frame: Frame, nothing: str) -> list[Block]:
    if not listed:
        return [nothing]
    rest = len(listed) - SHOWN
    more = [f"Et {count(rest, 'autre ligne', 'autres lignes')}."] if rest > 0 else []
    return [Items(tuple(_happened(each, frame) for each in listed[:SHOWN])), *more]


def _happened(each: Happened, frame: Frame) -> Item:
    name, text = say_happened(each)
    return Item(name if text else f"{name}.", text and f"{text}.", _address(each.path, frame))


def _to_do(told: Told, frame: Frame) -> list[Block]:
    if not told.tasks:
        return [Heading("À faire"), "Rien : tout est en ordre."]
    items = tuple(_task(each, frame) for each in told.tasks)
    rest = count(told.more, "autre suivra", "autres suivront")
    more = [f"{rest}, celles-ci d’abord."] if told.more else []
    lonely = [] if frame.has_account else [WITHOUT_ACCOUNT]
    return [Heading(NUMBERS[len(items)]), Items(items, is_numbered=True), *more, *lonely]


def _task(each: Task, frame: Frame) -> Item:
    name, text = say_task(each)
    path = each.path if frame.has_account else each.open_path
    return Item(name, text, f"{frame.address}{path}" if path else "")


def _used(told: Told) -> list[Block]:
    if told.usage is None:
        return []
    return [Heading("Comment vos données ont été utilisées"), say_usage(told.usage)]


def _counted(letters: Sequence[Written]) -> list[Item]:
    """In how many communes each need is among the first things to do."""
    needs = Counter(need for each in letters for need in {task.need for task in each.told.tasks})
    return [
        Item(_upper(NEEDS[need]), f"dans {count(needs[need], 'commune')}")
        for need in Need
        if needs[need]
    ]


def _communes(month: Month, letters: Sequence[Written], frame: Frame) -> tuple[Item, ...]:
    return tuple(
        Item(each.name, _short(each.told), f"{frame.address}{page_of(month, each.slug)}")
        for each in letters
    )


def _short(told: Told) -> str:
    parts = [count(len(told.entered), "entrée")] if told.entered else []
    if told.aside:
        parts.append(f"{count(len(told.aside), 'point')} de côté")
    happened = ", ".join(parts) or "rien de nouveau"
    if not told.tasks:
        return f"{happened}."
    return f"{happened}. D’abord : {_lower(say_task(told.tasks[0])[0])}."


def _is_alive(told: Told) -> bool:
    """Whether something happened, or something else is to be done than to publish."""
    others = {task.need for task in told.tasks} - {Need.DUTY, Need.INVITE}
    return bool(told.happened or others)


def page_of(month: Month, slug: str) -> str:
    """The page where an officer reads the letter of a commune."""
    return f"{PAGE}/{month.key}/{slug}"


def _address(path: str, frame: Frame) -> str:
    return f"{frame.address}{path}" if path and frame.has_account else ""


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
