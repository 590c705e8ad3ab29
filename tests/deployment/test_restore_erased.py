"""A backup does not bring back what was erased on purpose since it was made."""

from __future__ import annotations

from pathlib import Path

from deployment.backup.restore import erase_again

GONE, KEPT = "a" * 64, "b" * 64


def put(folder: Path, name: str) -> Path:
    path = folder / "territoire" / name[:2] / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(name)
    return path


def test_what_was_erased_since_the_backup_goes_again_and_is_remembered(tmp_path: Path) -> None:
    before, now = tmp_path / "before", tmp_path / "now"
    put(before, KEPT)
    (before / "territoire" / "erased").write_text(f"{GONE}\n{'c' * 64}\n")
    gone, kept = put(now, GONE), put(now, KEPT)

    assert erase_again(before, now) == 1
    assert (gone.exists(), kept.exists()) == (False, True)
    assert (now / "territoire" / "erased").read_text().split() == [GONE, "c" * 64]


def test_a_first_restore_has_nothing_to_erase(tmp_path: Path) -> None:
    kept = put(tmp_path / "now", KEPT)

    assert erase_again(tmp_path / "before", tmp_path / "now") == 0
    assert kept.is_file()
