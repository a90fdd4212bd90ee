"""The claims that ship have what their quantities want, and speak of columns, models and populations that there are."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from helpers.invented import curve
from netspaces.configuration.loading import load
from netspaces.statistics.widths_fit import PAPER_GRID
from netspaces.studies.claims.claim import Claim
from netspaces.studies.claims.models import model_quantity
from netspaces.studies.claims.populations import population_quantity
from netspaces.studies.claims.values import values_of

CONFIG = Path(__file__).parents[3] / "config"
MODELS = pd.read_csv(CONFIG / "published" / "models.csv")
SHIPPED = load({"run_studies": "all"}, CONFIG)


@pytest.mark.parametrize("name", SHIPPED.claims)
def test_claims_that_ship_have_what_their_quantity_wants(name):
    claim, curves = Claim.from_settings(name, SHIPPED.claims[name]), SHIPPED.claimed_curves(name)
    assert claim.low < claim.high and claim.chapter in {study["chapter"] for study in SHIPPED.studies.values()}
    if claim.models:
        model_quantity(claim)
        assert {model for models in claim.models for model in models} <= set(MODELS["model"])
    elif not claim.unmeasured:
        population_quantity(claim, len(curves))
        assert {c["population"] for c in curves} <= set(SHIPPED.run_populations)


def test_claims_that_ship_stand_in_the_papers_order():
    chapters = [settings["chapter"] for settings in SHIPPED.claims.values()]
    assert list(dict.fromkeys(chapters)) == ["section_3", "generalisation", "section_4", "section_5", "appendix"]
    assert sum(a != b for a, b in zip(chapters, chapters[1:], strict=False)) == 4


def test_claims_that_ship_speak_of_columns():
    of = curve("RegNetX_recipe")
    of = replace(of, table=of.table.assign(time=1.0))
    for name, settings in SHIPPED.claims.items():
        claim = Claim.from_settings(name, settings)
        for value in [] if claim.models else (*(claim.values or [claim.value]), *claim.against):
            assert np.isfinite(values_of(of, value, PAPER_GRID.scaled(1 / 8))).all(), name
