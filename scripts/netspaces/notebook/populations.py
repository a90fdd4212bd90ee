"""Populations in a notebook: the tables and records that the workflow wrote."""

from pathlib import Path

import pandas as pd

from netspaces.files.tables import read_csv, read_parquet
from netspaces.training import records


def load_population(path: str | Path) -> pd.DataFrame:
    """The table of a population, a row per network: `results/<preset>/populations/<population>.parquet` or `.csv`.

    Raises
    ------
    ValueError : in one line for a file that is not such a table.

    Examples
    --------
    >>> import netspaces
    >>> import tempfile
    >>> path = tempfile.mkdtemp() + "/RegNetX-base-short.csv"
    >>> with open(path, "w") as file:
    ...     _ = file.write("index,flops,error_min\\n0,955818,9.1\\n1,910058,1.5\\n")
    >>> netspaces.load_population(path)["error_min"].tolist()
    [9.1, 1.5]
    """
    path = Path(path)
    try:
        read = read_parquet if path.suffix == ".parquet" else read_csv
        return read(path, "the table of a population", digest_needed=False)
    except FileNotFoundError:
        raise ValueError(f"{path}: no such file, expected the table of a population") from None
    except (ValueError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"{path}: not a table ({reason}), expected that of a population") from None


def load_record(path: str | Path) -> dict:
    """A run record, checked: `results/<preset>/runs/<key>.json`.

    Raises
    ------
    RecordError : a ValueError that names the file, the key and what was expected.
    FileNotFoundError : if there is no such file.

    Examples
    --------
    >>> import netspaces
    >>> import tempfile
    >>> networks = netspaces.sample(netspaces.space("RegNetX"), {"flops": [0.1e6, 0.2e6]}, n=1)
    >>> store = tempfile.mkdtemp()
    >>> trained = netspaces.train(networks.architectures.row(0), netspaces.load_dataset(), {"epochs": 1}, store=store)
    >>> netspaces.load_record(f"{store}/{trained['key']}.json") == trained
    True
    """
    return records.read_record(path)
