"""The error of everything that reads or writes a dataset, and the remedies that its messages name."""

from netspaces.files.safe import DamagedFile, OneLineError

EXPECTED = "expected a prepared dataset (rule prepare_dataset)"
REMEDY = "delete the folder to prepare it again"


class DatasetError(OneLineError):
    """A dataset that is missing or not what was expected; the message, one line, names the file or the key."""


class DamagedDataset(DamagedFile, DatasetError):
    """A file of a prepared dataset that does not hold what was written."""
