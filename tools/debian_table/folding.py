"""Fold a list of header paths into folders, so that the table stays small."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Candidates = tuple[str, ...]


@dataclass
class _Folder:
    files: dict[str, Candidates] = field(default_factory=dict)
    folders: dict[str, _Folder] = field(default_factory=dict)

    def candidates(self) -> Iterator[Candidates]:
        yield from self.files.values()
        for folder in self.folders.values():
            yield from folder.candidates()


def fold(paths: Mapping[str, Candidates]) -> dict[str, Candidates]:
    """Return folders (`boost/`) with their candidates, and paths that differ from them.

    The longest entry that is a path or a folder above it has the same first candidate as the
    path had: nothing is lost for headers that exist.
    """
    root = _Folder()
    for path, candidates in paths.items():
        *folders, name = path.split("/")
        at = root
        for folder in folders:
            at = at.folders.setdefault(folder, _Folder())
        at.files[name] = candidates
    folded: dict[str, Candidates] = {}
    _emit(root, "", "", folded)
    return folded


def _emit(folder: _Folder, prefix: str, inherited: str, folded: dict[str, Candidates]) -> None:
    for name, candidates in sorted(folder.files.items()):
        if candidates[0] != inherited:
            folded[prefix + name] = candidates
    for name, child in sorted(folder.folders.items()):
        counted = Counter(child.candidates())
        first = Counter(each[0] for each in counted.elements())
        top = min(first, key=lambda each: (-first[each], each))
        passed_on = inherited
        if 2 * first[top] >= first.total():
            passed_on = top
            if top != inherited:
                fitting = [each for each in counted if each[0] == top]
                folded[f"{prefix}{name}/"] = min(fitting, key=lambda each: (-counted[each], each))
        _emit(child, f"{prefix}{name}/", passed_on, folded)
