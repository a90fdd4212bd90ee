"""Which parquet files of a folder are the shards of a split, in the layout of the Hugging Face hub.

A shard is named after its split (`train-00000-of-00005.parquet`, `train.parquet`), or is a number in a folder of that
name (`train/0000.parquet`). There must be one set of them: two snapshots in a cache of the hub, two configurations, or
an upload beside an older one would double or mix images, so the user has to name the folder of one.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from netspaces.data.errors import DatasetError

NUMBER = r"(?:[-_.]?(?P<number>\d+)(?:-of-(?P<total>\d+))?)?(?:-[0-9a-f]{16})?"
"""What may follow the name of a split: a number, how many there are, and a hash that the hub once wrote."""


@dataclass(frozen=True)
class Shard:
    """A parquet file of a split.

    `home` is the folder of all splits, `number` and `total` are None where its name does not say them, and `before` is
    what the number follows.
    """

    path: Path
    home: Path
    before: str
    number: int | None
    total: int | None

    @property
    def of_set(self) -> tuple:
        """What the shards of one set share."""
        return self.path.parent, self.before, self.total, self.number is None

    def sibling(self, number: int) -> Path:
        """The shard of the same set with another number."""
        digits = len(self.path.stem.removeprefix(self.before).partition("-")[0])
        total = self.path.stem[len(self.before) + digits :] if self.total is not None else ""
        return self.path.with_name(f"{self.before}{number:0{digits}d}{total}.parquet")


def find_shards(folder: Path, splits: Mapping[str, Sequence[str]]) -> dict[str, list[Path]]:
    """The shards of every split, in order.

    Parameters
    ----------
    folder : what is searched, with its subfolders.
    splits : the names that the shards of each split may go by.

    Raises DatasetError if a split has no shard, lacks one, has two sets of them, lies elsewhere than the others, or
    shares a file with another.
    """
    if not folder.is_dir():
        raise DatasetError(f"{folder}: no such folder")
    paths = sorted(path for path in folder.rglob("*.parquet") if not path.name.startswith("."))
    found = {split: _one_set(folder, paths, names) for split, names in splits.items()}
    first, *others = [shards[0] for shards in found.values()]
    for other in others:
        if other.home != first.home:
            raise DatasetError(f"{folder}: splits lie in {first.home} and {other.home}, expected one folder for all")
    owners: dict[Path, str] = {}
    for split, shards in found.items():
        for shard in shards:
            if (owner := owners.setdefault(shard.path.resolve(), split)) != split:
                raise DatasetError(f"{shard.path}: a shard of {owner} and of {split}, expected other images in each")
    return {split: [shard.path for shard in shards] for split, shards in found.items()}


def _one_set(folder: Path, paths: Sequence[Path], names: Sequence[str]) -> list[Shard]:
    """The shards among some files of the split that goes by `names`."""
    shards = [shard for path in paths if (shard := _shard(path, folder, names))]
    if not shards:
        example, there = f"{names[-1]}-00000-of-00001.parquet", f"; it has {paths[0].name}" if paths else ""
        raise DatasetError(f"{folder}: no parquet file of the split {names[0]}, such as {example}{there}")
    first = shards[0]
    if other := next((shard for shard in shards if shard.of_set != first.of_set), None):
        raise DatasetError(f"{folder}: {names[0]} has {first.path} and {other.path}, expected one set; name its folder")
    _check_complete(shards)
    return shards


def _shard(path: Path, folder: Path, names: Sequence[str]) -> Shard | None:
    """What a file is to the split that goes by `names`; None if it is another's."""
    match = re.fullmatch(rf"(?P<name>{'|'.join(map(re.escape, names))})?{NUMBER}", path.stem)
    in_own_folder = path.parent.name in names and path.parent != folder
    if not match or not (match["name"] or in_own_folder and match["number"]):
        return None
    number, total = (int(match[key]) if match[key] else None for key in ("number", "total"))
    before = path.stem[: match.start("number")] if match["number"] else path.stem
    return Shard(path, path.parent.parent if in_own_folder else path.parent, before, number, total)


def _check_complete(shards: Sequence[Shard]) -> None:
    """Each number must come once: from 0, or where no total is stated from 0 or 1 to the largest."""
    numbered: dict[int, Shard] = {}
    for shard in shards:
        if shard.number is None:  # then it is the only one
            return
        if (first := numbered.setdefault(shard.number, shard)) != shard:
            raise DatasetError(f"{shard.path}: another shard of the same number as {first.path}")
    total = shards[0].total
    start = 0 if total is not None or 0 in numbered else 1
    end = total if total is not None else max(numbered) + 1
    if beyond := [shard for number, shard in numbered.items() if number not in range(start, end)]:
        raise DatasetError(f"{beyond[0].path}: number {beyond[0].number}, expected {start} to {end - 1}")
    if (missing := next((number for number in range(start, end) if number not in numbered), None)) is not None:
        beside = f"beside {shards[0].path.name}"
        raise DatasetError(f"{shards[0].sibling(missing)}: missing, expected {end - start} shards {beside}")
