"""Training in a notebook: a dataset, and one network at a time, with the same records as the workflow's."""

import atexit
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from netspaces.configuration.loading import load
from netspaces.data import datasets
from netspaces.data.datasets import Dataset
from netspaces.data.preparation import prepare
from netspaces.networks.architecture import Architecture
from netspaces.networks.numbers import whole_number
from netspaces.notebook.spaces import CONFIG, counts_of
from netspaces.training.process import one_thread
from netspaces.training.records import check_record, read_record
from netspaces.training.train import train_network
from netspaces.training.weights import load_weights

if TYPE_CHECKING:
    from netspaces.networks.modules import Network


def load_dataset(folder: str | Path | None = None, preset: str = "digits") -> Dataset:
    """A prepared dataset: from a folder that the workflow wrote (`results/<preset>/dataset`), or made for a preset.

    Parameters
    ----------
    folder : of a prepared dataset; None prepares that of the preset in a temporary folder, which is removed when Python
        ends.
    preset : whose images are prepared.

    Raises
    ------
    ValueError : in one line for a folder that is not a prepared dataset, and for images that cannot be read.

    Examples
    --------
    >>> import netspaces
    >>> netspaces.load_dataset().train.images.shape
    (898, 8, 8, 1)
    """
    if folder is not None:
        return datasets.load(folder)
    temporary = tempfile.mkdtemp(prefix="netspaces-")
    atexit.register(shutil.rmtree, temporary, ignore_errors=True)
    prepare(load({"preset": preset}, CONFIG).settings["dataset"], temporary)
    return datasets.load(temporary)


def train(
    architecture: Architecture,
    dataset: Dataset,
    recipe: Mapping,
    seed: int = 0,
    store: str | Path | None = None,
    device: str = "cpu",
    keep_weights: bool = False,
) -> dict:
    """Train one network, or find its run in a store; returns the run record (docs/reference/data_dictionary.md).

    On a CPU with one thread, as the workflow's jobs, which is fastest for small networks and leaves nothing to chance.

    Parameters
    ----------
    architecture : what to build; channels and classes are the dataset's.
    dataset : as `load_dataset` gives it.
    recipe : such as {"epochs": 5, "learning_rate": 0.05}; all else has the recipe's defaults.
    seed : of weights, order and augmentation.
    store : a folder of run records, such as `results/<preset>/runs`; None trains anew and keeps nothing.
    keep_weights : beside the record, for `load_network`; needs a store. A run found without is not trained again.

    Raises
    ------
    ValueError : in one line for a recipe or network that does not fit.

    Examples
    --------
    >>> import netspaces
    >>> networks = netspaces.sample(netspaces.space("RegNetX"), {"flops": [0.1e6, 0.2e6]}, n=1)
    >>> record = netspaces.train(networks.architectures.row(0), netspaces.load_dataset(), {"epochs": 1})
    >>> record["status"], 0 <= record["error"] <= 100
    ('finished', True)
    """
    if not isinstance(architecture, Architecture):
        raise ValueError(f"train: got {type(architecture).__name__}, expected one architecture: architectures.row(0)")
    if not isinstance(recipe, Mapping):
        raise ValueError(f"train: got the recipe {recipe!r}, expected values by name: {{'epochs': 5}}")
    if keep_weights and store is None:
        raise ValueError("train: got keep_weights without a store, expected store=FOLDER")
    seed = whole_number("train: seed", seed)
    channels = dataset.train.images.shape[-1]
    counts = counts_of(architecture, channels, dataset.classes)
    with tempfile.TemporaryDirectory(prefix="netspaces-") as temporary:
        folder = store or temporary
        with one_thread():
            return train_network(
                architecture, counts, recipe, seed, dataset, folder, device=device, keep_weights=keep_weights
            )


def load_network(record: Mapping | str | Path, store: str | Path | None = None) -> "Network":
    """A trained network with its weights, on the CPU and ready to be evaluated: that of a run whose weights were kept.

    It is the network of the record's `error`: that after the last epoch, and the moving average if the recipe has one.

    Parameters
    ----------
    record : the path of a run record (`results/<preset>/runs/<key>.json`) or of its weights (`<key>.safetensors`), or
        the record itself.
    store : the folder of the record, if it is not given by its path.

    Raises
    ------
    ValueError : in one line if no weights were kept, if they or the record are damaged, or if the block is a user's
        whose file is not loaded (`load_plugins`) or has changed.
    FileNotFoundError : if there is no such record.

    Examples
    --------
    >>> import netspaces
    >>> import tempfile
    >>> networks = netspaces.sample(netspaces.space("RegNetX"), {"flops": [0.1e6, 0.2e6]}, n=1)
    >>> dataset, store = netspaces.load_dataset(), tempfile.mkdtemp()
    >>> record = netspaces.train(networks.architectures.row(0), dataset, {"epochs": 1}, store=store, keep_weights=True)
    >>> network = netspaces.load_network(record, store)
    >>> network.head.out_features, network.training
    (10, False)
    """
    if isinstance(record, Mapping):
        if store is None:
            raise ValueError("load_network: got a record without its folder, expected store='results/PRESET/runs'")
        return load_weights(check_record(record, "load_network: the record"), store)
    if not isinstance(record, str | Path):
        raise ValueError(f"load_network: got {type(record).__name__}, expected a run record or its path")
    path = Path(record).with_suffix(".json")
    return load_weights(read_record(path), store or path.parent)
