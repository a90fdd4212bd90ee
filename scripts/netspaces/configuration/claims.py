"""Claims of the configuration, checked before any job starts by what will compute them."""

import csv
from collections.abc import Callable
from pathlib import Path

from netspaces.configuration.configuration import Configuration
from netspaces.configuration.curves import IMPORTED
from netspaces.configuration.errors import ConfigError
from netspaces.studies.claims.checks import check_claim
from netspaces.studies.claims.claim import Claim

MODELS = "models.csv"


def check_claims(configuration: Configuration, published: Path, source: Callable[[str], str]) -> None:
    """Check all claims; `published` is the folder of published numbers, `source` says where a claim is stated.

    Raises ConfigError for a claim that cannot be computed whatever is trained.
    """
    models = published_models(published / MODELS)
    for name, settings in configuration.claims.items():
        curves = configuration.claimed_curves(name)
        try:
            claim = Claim.from_settings(name, settings, configuration.settings["statistics"]["margin"])
            check_claim(claim, len(curves), sum(IMPORTED in curve for curve in curves), models)
            _check_different([curve["population"] for curve in curves], name)
        except ValueError as error:
            raise ConfigError(f"{source(name)}: {error}") from None


def _check_different(populations: list[str], name: str) -> None:
    """Raise ValueError for a population that stands twice: differences and intervals take independent ones."""
    if twice := [population for population in populations if populations.count(population) > 1]:
        raise ValueError(f"{name}.populations: {twice[0]} stands there twice, expected each once")


def published_models(path: Path) -> list[str]:
    """The names of the published models; raises ConfigError if the file cannot be read."""
    try:
        with open(path, encoding="utf-8", newline="") as file:
            models = [row.get("model") for row in csv.DictReader(file)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"{path}: {getattr(error, 'strerror', None) or error}") from None
    if not models or not all(models):
        raise ConfigError(f"{path}: expected a table with a name in the column model of each row")
    return [str(model) for model in models]
