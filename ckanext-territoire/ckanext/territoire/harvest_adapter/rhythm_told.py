"""The rhythm of a source as people read it, and how an officer changes it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ckan import model
from ckanext.harvest.model import HarvestSource

from ckanext.territoire import index_outbox
from ckanext.territoire.harvest_adapter import schedule
from ckanext.territoire.harvest_adapter.add import frequency_named, stock_frequency
from ckanext.territoire.harvest_adapter.hosts import hosts
from ckanext.territoire.harvest_adapter.sources import StoredSource
from harvesters.rhythm import Frequency, Reading, Wish, change_period, read_quiet
from harvesters.rhythm_words import say_change, say_moment, say_next, say_quiet


def rhythm_of(source: StoredSource, now: datetime) -> dict[str, Any]:
    """Tell when a source is read next and why, as JSON; writes nothing."""
    wish, readings = schedule.wish_of(source), schedule.readings_of(source.id)
    at = schedule.next_of(source, now) if source.is_active else None
    rest = hosts().resting_until(source.url)
    return {
        "frequency": source.frequency,
        "quiet_hours": source.quiet,
        "next_run": at.isoformat() if at else None,
        "sentence": _sentence(source, wish, readings, at, now),
        "quiet": say_quiet(wish.quiet.start, wish.quiet.end) if wish.quiet else "",
        "rest": f"Son serveur n’est pas interrogé avant {say_moment(rest, now)}." if rest else "",
    }


def _sentence(
    source: StoredSource, wish: Wish, readings: list[Reading], at: datetime | None, now: datetime
) -> str:
    if not source.is_active:
        return "Aucune moisson n’est prévue : cette source n’est pas active."
    if wish.frequency is Frequency.MANUAL:
        return "Cette source n’est moissonnée que lorsque vous la lancez."
    if at is None:
        return "Lancez la première moisson ; les suivantes se feront d’elles-mêmes."
    if wish.frequency is Frequency.ALWAYS or (wish.is_live and wish.frequency is Frequency.AUTO):
        return "Cette source est relue chaque minute."
    change = say_change(change_period(readings))
    return f"Prochaine moisson : {say_next(at, now)}{f' ({change})' if change else ''}."


def change_rhythm(source: StoredSource, frequency: str, quiet: str) -> None:
    """Set the frequency and the quiet hours of a source. Raises `Refused`. Commits."""
    chosen = frequency_named(frequency)
    read_quiet(quiet)
    if (chosen.value, quiet) == (source.frequency, source.quiet):
        return
    stock = stock_frequency(chosen)
    HarvestSource.get(source.id).frequency = stock
    package = model.Package.get(source.id)
    assert package
    package.extras["frequency"] = stock
    schedule.keep_wish(source.id, chosen.value, quiet)
    index_outbox.queue([source.id])
    model.Session.commit()
    index_outbox.drain()


def coming_runs(ids: set[str], now: datetime) -> list[dict[str, Any]]:
    """List when these sources are read next, soonest first, as JSON."""
    return [
        {"name": each.source.name, "title": each.source.title, "is_busy": each.is_busy}
        | rhythm_of(each.source, now)
        for each in schedule.coming(now)
        if each.source.id in ids
    ]
