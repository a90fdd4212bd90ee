"""The configuration that ships, and changed and refused ones to test with."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml
from netspaces.configuration.errors import ConfigError
from netspaces.configuration.loading import load
from netspaces.configuration.merging import merge

CONFIG = Path(__file__).parents[2] / "config"
PRESETS = sorted(path.stem for path in (CONFIG / "presets").glob("*.yaml"))


def change(path: Path, **settings) -> None:
    """Merge settings into a YAML file."""
    path.write_text(yaml.safe_dump(merge(yaml.safe_load(path.read_text()), settings)))


def refusal(given: dict | None = None, folder: Path = CONFIG, files: Sequence[Path] = ()) -> str:
    """The one line with which a configuration is refused."""
    with pytest.raises(ConfigError) as error:
        load(given or {}, folder, files)
    assert len(str(error.value).splitlines()) == 1
    return str(error.value)
