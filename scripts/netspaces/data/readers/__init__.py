"""The readers of datasets, one per file: the file `npz.py` holds what the dataset `name: npz` is read with.

A file holds a `READER` (netspaces.data.reader.Reader).
"""

from netspaces.data.reader import Reader
from netspaces.plugins.registry import Registry

READERS: Registry[Reader] = Registry(
    "reader", "READER", "netspaces.data.readers", entry_type="netspaces.data.reader.Reader"
)
