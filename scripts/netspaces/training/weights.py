"""The weights of trained networks: safetensors files beside their records, `<store>/<key>.safetensors`.

A file holds the state of the network that the record's last error is of: weights and batch norm statistics in fp32, of
the moving average where the recipe has one. Its metadata says whose weights they are and carries a digest of all of it.
Weights are no part of a run: they are written when its network is trained, and no network is trained again for them.
"""

import hashlib
import json
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from netspaces.files.safe import DamagedFile, OneLineError, OneLineWarning, check_regular, json_digest, write_atomically
from netspaces.networks.architecture import Architecture
from netspaces.networks.blocks import BLOCKS
from netspaces.training.records import DIVERGED

if TYPE_CHECKING:
    import torch

    from netspaces.networks.modules import Network

KEPT = {"none": (), "finals": ("final",), "all": ("final", "population")}
"""By the configuration's `keep_weights`: the trainings whose weights are kept, final ones and those of populations."""

SUFFIX = ".safetensors"
METADATA = "netspaces"  # one entry: safetensors orders several as it likes
COUNTERS = ".num_batches_tracked"  # of batch norms: how many batches training saw, which decides no output
HOW = "docs/how-to/top_models.md, Weights"


def weights_path(store: str | Path, key: str) -> Path:
    """Where the weights of a run are, if they were kept."""
    return Path(store) / f"{key}{SUFFIX}"


def write_weights(path: Path, network: "torch.nn.Module", error: float, channels: int, classes: int) -> None:
    """Keep the weights of a run's network; `path` is named after its key.

    `error` is that of the network on the test split (%), `channels` and `classes` are what it was built for.
    """
    from safetensors.torch import save

    state = {
        name: value.detach().to("cpu", copy=True).contiguous()
        for name, value in network.state_dict().items()
        if not name.endswith(COUNTERS)
    }
    said = {"key": path.stem, "error": error, "channels": channels, "classes": classes}
    digest = _digest(*_parts(save(state)), said)
    content = save(state, {METADATA: json.dumps(said | {"digest": digest})})
    write_atomically(path, lambda file: file.write(content))


def read_weights(path: Path, record: Mapping | None = None) -> tuple[dict, bytes]:
    """What a file of weights says of itself (`key`, `error`, `channels`, `classes`), and all that it holds.

    Raises DamagedFile if it is not as it was written, or if its weights are not those of a run's `record`;
    FileNotFoundError and other OSErrors as they come.
    """
    check_regular(path, "weights")
    content = path.read_bytes()
    try:
        header, data = _parts(content)
        said = json.loads(header.pop("__metadata__")[METADATA])
        given = said.pop("digest")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _damaged(path, "it does not begin as weights of the workflow do") from None
    if given != _digest(header, data, said):
        raise _damaged(path, "its digest is not that of its contents")
    if said["key"] != path.stem:
        raise _damaged(path, f"it is of run {said['key']}")
    if record is not None and said["error"] != record["error"]:
        raise _damaged(path, f"its error is {said['error']:.10g} %, that of its record {record['error']:.10g} %")
    return said, content


def load_weights(record: Mapping, store: str | Path) -> "Network":
    """The trained network of a run record, on the CPU and ready to be evaluated.

    Raises OneLineError if no weights were kept of the run, if they are damaged, or if the block is a user's whose file
    is not loaded or has changed.
    """
    from safetensors.torch import load

    from netspaces.networks.modules import build

    _check_block(record)
    path = weights_path(store, record["key"])
    try:
        said, content = read_weights(path, record)
    except FileNotFoundError:
        raise OneLineError(f"{path}: no such file; {_why_none(record)}") from None
    network = build(Architecture.from_dict(record["architecture"]), said["channels"], said["classes"])
    counters = {name: value for name, value in network.state_dict().items() if name.endswith(COUNTERS)}
    try:
        network.load_state_dict(counters | load(content))
    except RuntimeError as error:  # the library names or shapes its modules otherwise than it did
        raise OneLineError(f"{path}: not the weights that its network takes: {str(error)[:300]}") from None
    return network.eval()


def warn_of_missing(record: Mapping, store: str | Path) -> None:
    """Say in one line that a run which was found in the store has no weights, if it could have some."""
    if record["status"] != DIVERGED and not weights_path(store, record["key"]).exists():
        warnings.warn(
            OneLineWarning(
                f"{Path(store) / record['key']}.json: its weights were not kept when it was trained, and it is not "
                f"trained again for them ({HOW})"
            ),
            stacklevel=2,
        )


def _why_none(record: Mapping) -> str:
    if record["status"] == DIVERGED:
        return "the run diverged, and of such runs no weights are kept"
    return f"its weights were not kept when it was trained, expected keep_weights ({HOW})"


def _check_block(record: Mapping) -> None:
    """Raise OneLineError unless the block of a run is the one that it was trained with."""
    block = record["architecture"]["block"]
    if block not in BLOCKS:
        raise OneLineError(f"block: got {block!r}, expected its file to be loaded: netspaces.load_plugins([FILE])")
    if BLOCKS.plugin_digests([block]).get(block) != record.get("plugins", {}).get(block):
        raise OneLineError(f"block: the file of {block!r} is not the one that run {record['key']} was trained with")


def _damaged(path: Path, why: str) -> DamagedFile:
    return DamagedFile(path, why, f"remove it; the run keeps its record, and how to have its weights again says {HOW}")


def _parts(content: bytes) -> tuple[dict, bytes]:
    """The header of a safetensors file, which says where in the rest each tensor lies, and the rest."""
    start = 8 + int.from_bytes(content[:8], "little")
    return json.loads(content[8:start]), content[start:]


def _digest(header: Mapping, data: bytes, said: Mapping) -> str:
    return json_digest({"tensors": header, "data": hashlib.sha256(data).hexdigest(), "said": said})
