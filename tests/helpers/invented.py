"""Populations to draw with: networks of real, tiny design spaces, with errors that are invented.

The invented error falls with width towards the end of a network and with few bottlenecks, so that spaces differ.
"""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from netspaces.configuration.curves import complete_study
from netspaces.configuration.design_spaces import complete, resolve
from netspaces.configuration.merging import merge_spaces
from netspaces.configuration.yaml_files import read_yaml
from netspaces.spaces.sampling import sample
from netspaces.studies.study import Curve, Study

CONFIG = Path(__file__).parents[2] / "config"
DIGITS = read_yaml(CONFIG / "presets" / "digits.yaml")
DECLARED_SPACES = merge_spaces(read_yaml(CONFIG / "design_spaces.yaml"), DIGITS["design_spaces"])
RANGES = {  # of parameters, so that networks are tiny
    "depth": {"distribution": "log_uniform", "low": 1, "high": 4},
    "width": {"distribution": "log_uniform", "low": 8, "high": 128, "step": 8},
    "w_0": {"distribution": "log_uniform", "low": 8, "high": 32, "step": 8},
    "w_a": {"distribution": "log_uniform", "low": 4, "high": 32, "step": 0.1},
    "w_m": {"distribution": "log_uniform", "low": 1.5, "high": 3, "step": 0.001},
    "bottleneck": {"choice": [1, 2, 4]},
    "group_width": {"choice": [1, 2, 4, 8]},
}
REGNET_DEPTH = {"distribution": "uniform", "low": 4, "high": 16}
SPACES = (  # drawn with their own structure; all others are the plain space of their family
    *("AnyNetX_A", "AnyNetX_B", "AnyNetX_C", "AnyNetX_D", "AnyNetX_E"),
    *("AnyNetX_C_equal_widths", "AnyNetX_C_decreasing_widths", "AnyNetX_D_equal_depths"),
    *("RegNetX", "RegNetX_w0_wa", "RegNetR", "RegNetV", "RegNetVR", "RegNetY"),
    *(f"Skeleton_{block}_{n}_{strides}" for block in "XRV" for n in (3, 4) for strides in ("early", "late")),
)
FIGURES = {
    "fig01_design_space_design": {"spaces": ["AnyNetX_A", "AnyNetX_D", "RegNetX"]},
    "fig02_anynet_statistics": {"spaces": ["AnyNetX_A"]},
    "fig03_network_skeleton": {"spaces": ["AnyNetX_A"]},
    "fig04_x_block": {"spaces": ["RegNetY"]},
    "fig05_shared_bottleneck_group_width": {
        "bottleneck": ["AnyNetX_A", "AnyNetX_B"],
        "group_width": ["AnyNetX_B", "AnyNetX_C"],
    },
    "fig06_good_and_bad_networks": {"spaces": ["AnyNetX_C"]},
    "fig07_monotone_widths_depths": {
        "widths": ["AnyNetX_C", "AnyNetX_D", "AnyNetX_C_equal_widths", "AnyNetX_C_decreasing_widths"],
        "depths": ["AnyNetX_D", "AnyNetX_E", "AnyNetX_D_equal_depths"],
    },
    "fig08_linear_fits": {"spaces": ["AnyNetX_C", "AnyNetX_D", "AnyNetX_E"]},
    "fig09_regnet": {
        "spaces": ["AnyNetX_A", "AnyNetX_E", "RegNetX"],
        "variants": ["RegNetX", "RegNetX_w0_wa"],
        "search": ["AnyNetX_A", "RegNetX"],
    },
    "sharing_equivalence": {
        "bottleneck": ["AnyNetX_A", "AnyNetX_B"],
        "group_width": ["AnyNetX_B", "AnyNetX_C"],
        "both": ["AnyNetX_A", "AnyNetX_C"],
    },
    "fixed_choices": {
        strides: [space for space in SPACES if space.startswith("Skeleton") and space.endswith(strides)]
        for strides in ("early", "late")
    },
    "fig23_block_types": {"blocks": ["RegNetX", "RegNetR", "RegNetV", "RegNetVR"]},
}
DECLARED = (  # drawn with the panels that the configuration declares
    "fig10_generalisation",
    "fig11_parameter_trends",
    "fig12_complexity",
    "fig13_constrained_regnet",
    "fig14_alternatives",
    "fig19_ablations",
    "fig20_swish",
    "fig21_learning_rate_weight_decay",
    "fig22_efficientnet_learning_rate_weight_decay",
    "budget_agreement",
    "budget_drift",
    "budget_split",
    "matched_complexity",
    "time_attribution",
    "block_types_longer",
    "labels_and_recipe",
    "second_data",
    "unquantised_widths",
)
STUDIES = {name: complete_study(study) for name, study in read_yaml(CONFIG / "studies.yaml").items()}
FIGURES |= {name: STUDIES[name]["panels"] for name in DECLARED}


def module_of(name: str) -> str:
    """The module that draws a figure: the one that its study names, or its own name."""
    return STUDIES.get(name, {}).get("figure", name)


REGIMES = {"base": [8e5, 1e6], "doubled": [1.6e6, 2e6]} | {f"sweep_{i}": [4e4 * 2**i, 5e4 * 2**i] for i in range(1, 8)}
REGIMES |= {"efficientnet_b2": [1.28e6, 1.6e6], "efficientnet_b4": [2.56e6, 3.2e6]}
EPOCHS = {"short": 5, "medium": 8, "long": 20, "final": 20, "budget_2": 10, "budget_5": 25, "budget_10": 50}
EPOCHS |= {"rotation": 5, "other": 5, "second_data": 5}
NETWORKS = 24
CHANCE = 90.0  # percent


def definition(space: str) -> dict:
    """A design space as the digits preset has it, with tiny ranges and without limits on complexity."""
    plain = "AnyNetX_A" if space.startswith("AnyNet") else "RegNetX"
    whole = complete(resolve(space if space in SPACES else plain, DECLARED_SPACES, "design_spaces.yaml"), DIGITS)
    ranges = RANGES | ({"depth": REGNET_DEPTH} if whole["family"] == "regnet" else {})
    tied = whole.get("tied", {})
    parameters = {name: ranges.get(name, value) for name, value in whole["parameters"].items() if name not in tied}
    kept = {name: value for name, value in whole.items() if name not in ("constraints", "constraints_from")}
    return kept | {"name": space, "parameters": parameters}


@cache
def _networks(space: str, regime: str) -> pd.DataFrame:
    limits = REGIMES[regime] if regime.startswith("sweep_") else [5e4, 5e6]
    return pd.DataFrame(sample(definition(space), {"flops": limits}, 0, range(NETWORKS)).columns())


def _name(space: str, regime: str, recipe: str, repeat: int) -> str:
    return f"{space}-{regime}-{recipe}" + (f"-r{repeat}" if repeat else "")


@cache
def _population(space: str, regime: str, recipe: str, repeat: int) -> pd.DataFrame:
    """The same networks with every recipe and repeat, with other errors."""
    table, name = _networks(space, regime).copy(), _name(space, regime, recipe, repeat)
    last = table.filter(regex=r"^width_\d+$").iloc[:, -1].to_numpy(float)
    rng = np.random.default_rng(list(name.encode()))
    noise = rng.gamma(2.0, 0.15, len(table))
    penalty = np.log2(128 / last) + 0.3 * np.log2(table["bottleneck_1"]) + noise
    errors = np.minimum(3.0 * 2.0 ** penalty.to_numpy(), CHANCE).round(3)
    names = [f"{space}-{i}" for i in range(len(table))]
    if space.endswith("_recipe"):
        table["learning_rate"] = 10 ** rng.uniform(-3, 0.3, len(table))
        table["weight_decay"] = 10 ** rng.uniform(-6, -3, len(table))
    columns = {"population": name, "key": names, "status": "finished", "duplicate_of": None}
    return table.assign(error_min=errors, error=np.minimum(errors + 0.5, CHANCE), **columns)


def curve(
    space: str,
    n: int = NETWORKS,
    planned: int | None = None,
    diverged: int = 0,
    label: str = "",
    regime: str = "base",
    recipe: str = "short",
    repeat: int = 0,
) -> Curve:
    """n runs of a population of which `planned` were planned; the last `diverged` of them diverged."""
    table = _population(space, regime, recipe, repeat).head(n).copy()
    table.loc[table.index[len(table) - diverged :], ["error", "error_min"]] = CHANCE
    table.loc[table.index[len(table) - diverged :], "status"] = "diverged"
    planned = n if planned is None else planned
    limits, epochs = {"flops": REGIMES[regime]}, EPOCHS[recipe]
    name = _name(space, regime, recipe, repeat)
    return Curve(
        label=label or space,
        space=space,
        population=name,
        table=table,
        planned=planned,
        regime=regime,
        recipe=recipe,
        limits=limits,
        epochs=epochs,
    )


def times(of: Curve) -> pd.DataFrame:
    """Invented times of a population's networks, which follow activations."""
    table = of.table[["index", "resolution", "flops", "params", "activations"]]
    ms = 0.5 + 2e-5 * table["activations"] + 1e-8 * table["flops"]
    spread = {"": 1.0, "_low": 0.95, "_high": 1.1}
    taken = {
        f"{what}{end}_ms": k * f * ms for what, k in (("inference", 1), ("training", 3)) for end, f in spread.items()
    }
    return table.assign(**taken, batch=64, repeats=10, warmup=3, threads=1, device="invented processor")


def times_by_setting(of: Curve) -> pd.DataFrame:
    """The same in several settings: activations count for a batch, blocks for a single image."""
    table, rows = times(of).assign(depth=of.table["depth"], processor="cpu"), []
    noise = np.random.default_rng(len(of.population)).normal(0, 0.05, len(table))
    for precision, batch in (("fp32", 64), ("fp32", 1), ("bf16", 64)):
        ms = table["inference_ms"] if batch > 1 else 0.1 * table["depth"]
        taken = {"inference_ms": ms * np.exp(noise), "training_ms": 3 * ms * np.exp(noise) if batch > 1 else np.nan}
        rows.append(table.assign(precision=precision, batch=batch, **taken))
    return pd.concat(rows, ignore_index=True)


def declared_numbers(name: str) -> pd.DataFrame:
    """What the paper prints for a declared study."""
    files = STUDIES[name]["published"]
    table = pd.concat(
        [pd.read_csv(CONFIG / "published" / file) for file in ([files] if isinstance(files, str) else files)]
    )
    return table if "study" not in table else table[table["study"].isin([name]) | table["study"].isna()]


def study(name: str, panels: dict[str, list] | None = None, published: bool = True, **runs) -> Study:
    """A study over tiny populations; `runs` as for `curve`, `published` for invented numbers of the paper."""
    panels = {
        panel: [{"space": spec} if isinstance(spec, str) else spec for spec in specs]
        for panel, specs in (FIGURES[name] if panels is None else panels).items()
    }
    spaces = dict.fromkeys(spec["space"] for specs in panels.values() for spec in specs)
    printed = [(panel, spec["space"], 38.0, 49.0) for panel, specs in panels.items() for spec in specs if published]
    table = pd.DataFrame(printed, columns=["panel", "space", "min", "mean"])
    inputs = {}
    if name in ("fig11_parameter_trends", "fig12_complexity", "fig13_constrained_regnet"):
        table = declared_numbers(name).head(None if published else 0)
        inputs = {"limits": {"constraints": ["activations <= 31 * sqrt(flops)", "params <= 9000 + 0.3 * flops"]}}
    shown = {panel: [curve(**spec, **runs) for spec in specs] for panel, specs in panels.items()}
    if name == "fig12_complexity":
        inputs = {c.population: times(c) for curves in shown.values() for c in curves if len(c.table)}
    if name in ("matched_complexity", "time_attribution"):
        inputs = {c.population: times_by_setting(c) for curves in shown.values() for c in curves if len(c.table)}
    return Study(
        name=name,
        title=name.replace("_", " "),
        panels=shown,
        resamples=200,
        definitions={space: definition(space) for space in spaces},
        preset={"name": "tiny"},
        inputs=inputs,
        published=table,
    )
