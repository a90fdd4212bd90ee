"""What the command line gives: values of --config, and the files of --configfile, each of them a layer of its own.

The engine merges them key by key, so that of a file which names another dataset the options of the one before it would
stay.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol


class ConfigSettings(Protocol):
    """What the engine knows of --config and --configfile."""

    config: Mapping
    configfiles: Sequence[Path]
    overwrite_config: Mapping


def given_layers(merged: Mapping, settings: ConfigSettings) -> tuple[Mapping, list[str]]:
    """The values that are given and the files, as `netspaces.configuration.loading.load` takes them.

    Parameters
    ----------
    merged : the engine's `config`. Where it is not what the command line says, as in a workflow that another one takes
        in as a module, it counts as a whole, and no file does.
    settings : of the engine.
    """
    if dict(merged) != dict(settings.overwrite_config):
        return merged, []
    return settings.config, [os.path.relpath(file) for file in settings.configfiles]
