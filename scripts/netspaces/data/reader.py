"""What a reader is: how a dataset is opened at its source, and how many images it has before it was opened."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from netspaces.data.datasets import Split


def _unknown(dataset: Mapping) -> None:
    """The count of a reader that knows the number of images only once the dataset is prepared."""


@dataclass(frozen=True)
class Reader:
    """An entry of the registry `netspaces.data.readers.READERS`.

    Attributes
    ----------
    read : opens the source, and returns its `train` and its `test` split, whose images may still be encoded
        (`EncodedImages`). Its parameters are the options of a preset's `dataset:`, with their types and their defaults;
        those that every dataset has (`options.OF_EVERY_DATASET`) it names only if it needs them. It raises DatasetError
        for a source that is not what was expected. It imports heavy packages where it uses them, because every job of
        the workflow imports its file to check the configuration.
    count : the numbers of training and of test images that a preset's `dataset:` will have, None if they are not known;
        the cost of training is predicted from them before the dataset is prepared. It may look at the source as far as
        that is quick, and raises nothing for one that is missing or damaged.
    """

    read: Callable[..., dict[str, Split]]
    count: Callable[[Mapping], tuple[int, int] | None] = _unknown
