"""The identity of runs: what determines a run's result, the key under which the store keeps it, adoption of old keys.

The store is a folder of run records, `<store>/<key>.json`. A key is a hash of meaning: architecture, recipe, seed,
checksum of the dataset, `TRAINING_VERSION`, and the digests of those plug-in files of the user that the run uses. No
source file enters it, so neither a comment nor a refactoring nor a new block makes a run that was paid for worthless.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from netspaces.files.safe import write_json
from netspaces.networks.architecture import Architecture
from netspaces.networks.blocks import BLOCKS
from netspaces.spaces.sampling import Sample
from netspaces.training.part import names_of
from netspaces.training.recipe import REGISTRIES, Recipe
from netspaces.training.records import RecordError, check_record, key_of, read_record, read_with_digest

TRAINING_VERSION = 1
"""The version of what training computes. Raise it by hand when the same inputs give other results than before.

That is so when the arithmetic of a network, an optimiser, a loss or an augmentation changes, when random numbers are
drawn in another order or from other seeds, or when errors are measured in another way; rounding in the last digits,
which differs between processors too, is no reason. `tests/unit/training/test_pinned_records.py` fails when the results
of small trainings change while this number stays. A new block or a new option that nobody had asked for before needs no
new version. Every run of an earlier version is trained again.
"""

RECORD_VERSION = 2
"""What records and the outputs of training jobs carry: since 2 a digest, and seeds of repeated architectures.

Raise it by hand when jobs should write them again; the jobs find their runs, and no network is trained.
"""

SEEDS_APART = 2**32
"""Between the seeds of a network that was drawn twice: more than any configured seed or number of repeats."""

FORMER_SOURCES = "1ba59ac478a6cab7"
"""The digest in records from before versions were counted, whose key was a hash of the training code's source bytes.

Runs with this digest were trained by the last such sources (commit 42a23da), whose results are those of version 1.
Runs of earlier sources have other digests; whether their results would be the same today is not known.
"""


def run_identity(architecture: Architecture, recipe: Recipe, seed: int, dataset_checksum: str) -> dict:
    """All that determines the result of a run on one kind of device, as plain JSON values; its record keeps them."""
    identity = {
        "architecture": architecture.identity(),
        "recipe": recipe.to_dict(),
        "seed": seed,
        "dataset": dataset_checksum,
        "training_version": TRAINING_VERSION,
    }
    plugins = plugin_digests(architecture.block, vars(recipe))
    return identity | ({"plugins": plugins} if plugins else {})


def plugin_digests(block: str, recipe: Mapping) -> dict[str, str]:
    """The digests of the user's plug-in files that a run uses, by name; empty for a run of the library's own parts.

    `recipe` holds the values of a recipe; what it leaves out has a default, which is the library's own.
    """
    digests = BLOCKS.plugin_digests([block])
    for field, registry in REGISTRIES.items():
        digests |= registry.plugin_digests(names_of(recipe.get(field, ())))
    return digests


def run_key(architecture: Architecture, recipe: Recipe, seed: int, dataset_checksum: str) -> str:
    """The key under which the run of an architecture is, or will be, in the store."""
    return key_of(run_identity(architecture, recipe, seed, dataset_checksum))


def seed_of(seed: int, repetition: int) -> int:
    """The seed with which a network is trained: that of its population, or another where it was drawn before."""
    return seed + SEEDS_APART * repetition


def run_keys(sample: Sample, recipe: Mapping, seed: int, dataset_checksum: str) -> list[str]:
    """The key of the run of each network of a population, from its first one on.

    `recipe` is the configuration's, to which values that were sampled with a network are added; `seed` is that of
    training. Raises ValueError for a recipe with an unknown key or a wrong value.
    """
    recipes = [Recipe.from_dict({**recipe, **sample.recipe(row)}) for row in range(len(sample.indices))]
    architectures = [sample.architectures.row(row) for row in range(len(sample.indices))]
    seeds = [seed_of(seed, repetition) for repetition in sample.repetitions()]
    return [
        run_key(architecture, recipe, own_seed, dataset_checksum)
        for architecture, recipe, own_seed in zip(architectures, recipes, seeds, strict=True)
    ]


# ---- Records of the former kind --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Adoption:
    """What became of the records of a store: how many were adopted, had a key by meaning already, are of other sources.

    `damaged` holds a line for each file that is no whole record, `sealed` counts those that had no digest and got one.
    """

    adopted: int
    already_new: int
    of_other_sources: int
    damaged: tuple[str, ...]
    sealed: int = 0

    def __str__(self) -> str:
        counts = (
            f"{self.adopted} runs adopted, {self.already_new} have their new key already, "
            f"{self.of_other_sources} of other sources left as they are"
        ) + (f", {self.sealed} got a digest" if self.sealed else "")
        return "\n".join([counts, *(f"left out: {line}" for line in self.damaged)])


def is_adoptable(record: Mapping) -> bool:
    """Whether a record was written under a hash of source bytes, by sources whose results are those of version 1."""
    return "training_version" not in record and record.get("digest") == FORMER_SOURCES


def adopt(record: Mapping, source: str | Path = "record") -> dict:
    """A record of the former kind (`is_adoptable`) as it is written today: with its key by meaning.

    `adopted_from` keeps the former key and digest. Raises RecordError naming `source` if the record is not whole, or if
    its former key is not that of its contents.
    """
    check_record(record, source)
    architecture, recipe = Architecture.from_dict(record["architecture"]), Recipe.from_record(record["recipe"])
    identity = run_identity(architecture, recipe, record["seed"], record["dataset"]) | {"training_version": 1}
    renewed = {name if name != "digest" else "training_version": value for name, value in record.items()}
    former_identity = {"key": record["key"], "digest": record["digest"]}
    return renewed | {"key": key_of(identity)} | identity | {"adopted_from": former_identity}


def adopt_runs(store: str | Path) -> Adoption:
    """Give all records of a store that can be adopted their new key; a file is renamed only when its record is whole.

    Those that have today's key and no digest get one. Records of other sources and damaged ones stay as they are.
    """
    adopted, already_new, of_other_sources, sealed = 0, 0, 0, 0
    damaged: list[str] = []
    for path in sorted(Path(store).glob("*.json")):
        try:
            record, has_digest = read_with_digest(path)
            if "training_version" in record:
                already_new += 1
                if not has_digest:
                    write_json(path, record)
                    sealed += 1
            elif not is_adoptable(record):
                of_other_sources += 1
            else:
                renewed = adopt(record, path)
                renamed = path.with_name(f"{renewed['key']}.json")
                if not _is_whole(renamed):
                    write_json(renamed, renewed)
                path.unlink(missing_ok=True)  # another process may have adopted it meanwhile
                adopted += 1
        except RecordError as error:
            damaged.append(str(error))
        except OSError as error:
            damaged.append(f"{path}: {error.strerror or type(error).__name__}, expected a run record")
    return Adoption(adopted, already_new, of_other_sources, tuple(damaged), sealed)


def _is_whole(path: Path) -> bool:
    """Whether there is a whole record under a name."""
    try:
        read_record(path)
    except (ValueError, OSError):
        return False
    return True
