"""An exact replica of the paper: populations and published models that follow what it prints, for `replica.py`.

Errors follow a gamma law whose shape is that of the search curve of AnyNetX_A or of RegNetX in figure 9, and whose mean
and expected minimum are those of a legend. What the paper says of best networks holds for the best fifth: their values
scatter as the printed band does; a band that is not printed reaches a factor of SPREAD to both sides of the printed
value. All other networks have values from the range that is drawn. Points and bands of figures are readings.
"""

import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import optimize, stats

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from netspaces.configuration.configuration import Configuration  # noqa: E402
from netspaces.configuration.loading import load  # noqa: E402
from netspaces.studies.claims.claim import Claim  # noqa: E402
from netspaces.studies.study import Curve  # noqa: E402

CONFIG = ROOT / "config"
SPREAD = 2.0
BEST_SHARE = 0.2  # of the networks follow what is said of the best
SEARCHES = {  # figure 9: the expected best error of 1, 2, 4 ... 256 networks
    "AnyNet": (49.1, 45.6, 43.3, 42.0, 41.1, 40.6, 40.2, 39.9, 39.6),
    "RegNet": (41.1, 40.1, 39.5, 39.1, 38.8, 38.5, 38.4, 38.25, 38.2),
}
REGIMES = [f"sweep_{i}" for i in range(1, 8)]
GIGAFLOPS = dict(zip(REGIMES, (0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8), strict=True))
ACTIVATIONS = dict(zip(REGIMES, (2.2, 3.3, 5.1, 8.0, 11.5, 16.4, 21.8), strict=True))  # figure 12, the best, millions
TOP = {"sweep_1": "200MF", "sweep_2": "400MF", "sweep_3": "800MF", "sweep_4": "1.6GF", "sweep_5": "3.2GF"}
TOP |= {"sweep_6": "6.4GF", "sweep_7": "12GF"}  # RegNetX of figure 15, by regime of figure 11
PEARSON = {"activations": 0.897, "flops": 0.643}  # figure 12, with time

Band = tuple[float, float, float]  # 2.5 %, median and 97.5 % of the best value
BANDS: dict[tuple[str, str], Band] = {  # figures 2 and 8, by value and space
    ("depth_1 + depth_2 + depth_3 + depth_4", "AnyNetX_A"): (10, 20, 24),
    ("width_4", "AnyNetX_A"): (272, 448, 895),
    ("e_fit", "AnyNetX_C"): (0.07, 0.22, 0.52),
    ("e_fit", "AnyNetX_D"): (0.07, 0.18, 0.57),
    ("e_fit", "AnyNetX_E"): (0.05, 0.15, 0.29),
    ("w_m", "RegNetX"): (2.1, 2.55, 3.0),
    ("line", "AnyNetX_E"): (30, 48, 77),  # its two networks follow lines of 41 and 58
}
VALUES = {  # printed values without a band: figures 8, 21 and 22, the authors' code
    "best_rate": 0.1,
    "best_rate_times_decay": 5e-6,
    "rate_over_regimes": 0.1,
    "rate_times_decay_over_regimes": 5e-6,
    "best_rate_of_long_trainings": 0.1,
    "best_rate_times_decay_of_long_trainings": 5e-6,
    "best_rate_of_efficientnet": 0.2,
    "best_rate_times_decay_of_efficientnet": 2e-6,
}
OTHERS: dict[tuple[str, str], Band] = {  # all other networks: the ends of what is drawn; medians of e_fit by sampling
    ("depth_1 + depth_2 + depth_3 + depth_4", "AnyNetX_A"): (5, 18, 53),
    ("width_4", "AnyNetX_A"): (30, 174, 1010),
    ("e_fit", "AnyNetX_C"): (0.1, 0.9, 5.7),
    ("e_fit", "AnyNetX_D"): (0.07, 0.35, 2.2),
    ("e_fit", "AnyNetX_E"): (0.05, 0.17, 0.6),
    ("line", "AnyNetX_E"): (12, 48, 192),
}
SHARES = {  # of blocks in a stage: figure 15 from 3.2 GF on, and all other networks
    "long_third_stage": ((0.45, 0.59, 0.75), (0.2, 0.45, 0.8)),
    "short_last_stage": ((0.04, 0.06, 0.12), (0.03, 0.12, 0.45)),
}


@cache
def shipped() -> Configuration:
    """The configuration that ships, with the paper's preset."""
    return load({"preset": "imagenet"}, CONFIG)


# ---- Errors ----------------------------------------------------------------------------------------------------------


@cache
def expected_best(shape: float, networks: int) -> float:
    """The expected smallest of some draws from a gamma law of scale 1."""
    shares = (np.arange(4000) + 0.5) / 4000
    return float(stats.gamma.isf((1 - shares) ** (1 / networks), shape).mean())


@cache
def shape_of(kind: str) -> float:
    """The shape of the gamma law whose expected bests are nearest to a search curve of figure 9."""
    curve = np.array(SEARCHES[kind])

    def misfit(log_shape: np.ndarray) -> np.ndarray:
        bests = np.array([expected_best(float(np.exp(log_shape[0])), 2**i) for i in range(len(curve))])
        slope, start = np.polyfit(bests, curve, 1)
        return start + slope * bests - curve

    return float(np.exp(optimize.least_squares(misfit, [0.5]).x[0]))


@cache
def legends() -> dict[str, tuple[float, float]]:
    """By population of the configuration, the smallest error and the mean that the paper prints."""
    configuration, printed = shipped(), pd.read_csv(CONFIG / "published" / "edf_legends.csv")
    found = {}
    for row in printed.itertuples():
        for curve in configuration.curves(row.study)[row.panel]:
            if curve["space"] == row.space:
                found[curve["population"]] = (row.min, row.mean)
    means = pd.read_csv(CONFIG / "published" / "constrained_regnet.csv")
    for row in means.itertuples():  # figure 13 prints minima at 400 MF, 800 MF and 3.2 GF: others have the next spread
        near = {"sweep_1": "sweep_2", "sweep_2": "sweep_2", "sweep_3": "sweep_3"}.get(row.regime, "sweep_5")
        least, mean = found[f"{row.space}-{near}-medium"]
        found.setdefault(f"{row.space}-{row.regime}-medium", (row.mean_error - mean + least, row.mean_error))
    for regime in REGIMES:  # figure 19: alike
        found[f"RegNetX_fixed_depth-{regime}-medium"] = found[f"RegNetX_constrained-{regime}-medium"]
    return found


def networks_of(population: str) -> int:
    """How many networks the paper trains of a population: 500 in section 3, else 100, and 50 of RegNetY."""
    if population.startswith("RegNetY"):
        return 50
    others = ("5_stages", "AnyNetR", "AnyNetV", "doubled", "long", "medium", "sweep", "RegNetR", "RegNetV", "recipe")
    return 100 if any(name in population for name in others) else 500


def errors_of(population: str, rng: np.random.Generator, factor: float = 1) -> np.ndarray:
    """Errors of a population, (n,); those of RegNetX where the paper prints no legend and only their order counts."""
    printed, kind = networks_of(population), "AnyNet" if population.startswith("AnyNet") else "RegNet"
    least, mean = legends().get(population, (38.2, 41.0))
    shape = shape_of(kind)
    scale = (mean - least) / (shape - expected_best(shape, printed))
    return mean + scale * (rng.gamma(shape, 1.0, round(factor * printed)) - shape)


# ---- Values ----------------------------------------------------------------------------------------------------------


def drawn(band: Band, n: int, rng: np.random.Generator) -> np.ndarray:
    """Values whose logarithms are normal to each side of the median, so that 95 % lie in the band."""
    low, middle, high = np.log(band)
    normal = rng.standard_normal(n)
    return np.exp(middle + normal / 1.96 * np.where(normal < 0, middle - low, high - middle))


def around(value: float, spread: float = SPREAD) -> Band:
    """The band that reaches a factor to both sides of a value."""
    return value / spread, value, value * spread


def best_and_others(errors: np.ndarray, best: Band, others: Band, rng: np.random.Generator) -> np.ndarray:
    """Values of networks: the best fifth follow one band, all others another."""
    is_best = errors <= np.quantile(errors, BEST_SHARE)
    return np.where(is_best, drawn(best, errors.size, rng), drawn(others, errors.size, rng))


@cache
def trends() -> dict[tuple[str, str], Band]:
    """Figure 11: the band of the best value by parameter and regime; ends not shown are those of the range."""
    table = pd.read_csv(CONFIG / "published" / "parameter_trends.csv")
    bands = {}
    for row in table[table["study"] == "fig11_parameter_trends"].itertuples():
        low, _, high = around(row.best)
        if row.panel == "w_m":
            low, high = 1.5, 3.0
        ends = [end if np.isnan(of) else of for end, of in ((low, row.low), (high, row.high))]
        bands[row.panel, row.regime] = (ends[0], row.best, ends[1])
    return bands


@cache
def top_models() -> dict[str, pd.Series]:
    """Figure 15: the published RegNetX by regime of figure 11."""
    models = pd.read_csv(CONFIG / "published" / "models.csv").set_index("model")
    return {regime: models.loc[f"RegNetX-{size}"] for regime, size in TOP.items()}


def law(claim: str, regime: str) -> float:
    """Figure 12: what a claim is of, for the best networks of a regime: points of the figure, or between its ends."""
    gigaflops = GIGAFLOPS[regime]
    params = 2.5 * (gigaflops / 0.2) ** (np.log(63 / 2.5) / np.log(64))
    laws = {
        "activations_grow_as_root": ACTIVATIONS[regime],
        "activations_law": ACTIVATIONS[regime] / (6.5 * np.sqrt(gigaflops)),
        "params_grow_linearly": params,
        "params_law": params / (3.0 + 5.5 * gigaflops),
        "time_grows_between": 24 * np.sqrt(gigaflops) + 6.0 * gigaflops,
    }
    return float(laws[claim])


OF_TRENDS = {
    "depth_is_constant": "depth",
    "depth_is_20": "depth",
    "w_m_is_2_5": "w_m",
    "group_width_grows": "group_width",
    "w_a_grows": "w_a",
    "w_0_grows": "w_0",
}
OF_TOP_MODELS = {"depth_saturates": "depth", "top_group_width_grows": "group_w"}
OF_LAWS = ("activations_grow_as_root", "activations_law", "params_grow_linearly", "params_law", "time_grows_between")
WIDE = 1.3  # the scatter of laws of complexity, and of depths and group widths of top models: a factor to both sides


def bands_of(claim: Claim, curve: Mapping) -> tuple[Band, Band] | None:
    """The bands of a claim's value for the best networks of a population and for all others; None if not printed."""
    of, regime = ("line" if claim.name == "common_line" else claim.value, curve["space"]), curve["regime"]
    if claim.name in OF_TRENDS:
        best = trends()[OF_TRENDS[claim.name], regime]
        return best, (best[0] / SPREAD, best[1], best[2] * SPREAD)
    if claim.name in OF_TOP_MODELS:
        best = around(float(top_models()[regime][OF_TOP_MODELS[claim.name]]), WIDE)
        return best, around(best[1])
    if claim.name in OF_LAWS:
        best = around(law(claim.name, regime), WIDE)
        return best, around(best[1])
    if claim.name in SHARES:
        return SHARES[claim.name]
    if claim.name in VALUES:
        return around(VALUES[claim.name]), around(VALUES[claim.name], 10)
    if of in BANDS:
        return BANDS[of], OTHERS.get(of, (1.5, 2.2, 3.0))
    return None


def bottlenecks(claim: Claim, curve: Mapping, errors: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Figures 5 and 11: b of the best networks is 1, or 2 as often as its band says; that of others is any."""
    twos = 0.48 if claim.name == "best_b" else 0.1 if trends()["bottleneck", curve["regime"]][2] > 1 else 0.02
    best = rng.choice([1, 2, 4], errors.size, p=[0.98 - twos, twos, 0.02])
    is_best = errors <= np.quantile(errors, BEST_SHARE)
    return np.where(is_best, best, rng.choice([1, 2, 4], errors.size)).astype(float)


def value_columns(claim: Claim, curve: Mapping, errors: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """The columns of a population that a claim is of: its value as `x`, others by their names."""
    n = errors.size
    low, high = shipped().settings["regimes"][curve["regime"]]["flops"]
    columns = {"flops": rng.uniform(low, high, n)}
    if claim.quantity == "strongest_correlation":  # no trend
        return columns | {name: rng.integers(1, 4, n).astype(float) for name in claim.values}
    if claim.quantity == "correlation":
        standard = (np.log2(columns["flops"]) - np.log2(0.6e9)) / np.sqrt(5 / 4)
        partial = PEARSON["flops"] / PEARSON["activations"]
        columns["activations"] = partial * standard + np.sqrt(1 - partial**2) * rng.standard_normal(n)
        tied = PEARSON["activations"]
        columns["x"] = tied * columns["activations"] + np.sqrt(1 - tied**2) * rng.standard_normal(n)
        return columns | {"flops": standard}
    if claim.name == "constrained_parameters":
        means = pd.read_csv(CONFIG / "published" / "constrained_regnet.csv").set_index(["space", "regime"])
        mean = means.loc[(curve["space"], curve["regime"]), "mean_params_millions"]
        return columns | {"x": mean * rng.gamma(6.0, 1 / 6, n)}
    if claim.value == "bottleneck_1":
        return columns | {"x": bottlenecks(claim, curve, errors, rng)}
    bands = bands_of(claim, curve)
    assert bands is not None
    x = best_and_others(errors, *bands, rng)
    if "depth" in claim.value and claim.name not in SHARES and claim.name != "common_line":
        x = np.round(x)
    return columns | {"x": 2 ** np.round(np.log2(x)) if claim.value == "group_width_1" else x}


# ---- Replicas --------------------------------------------------------------------------------------------------------


def in_words(claim: Claim) -> bool:
    """Whether the paper prints no number of a claim on populations that a replica could follow."""
    curves = shipped().claimed_curves(claim.name)
    if claim.value == "error" and not claim.values:
        return any(curve["population"] not in legends() for curve in curves)
    without_bands = ("constrained_parameters", "best_b", "bottleneck_is_1")
    if claim.quantity in ("strongest_correlation", "correlation", "size_ratio") or claim.name in without_bands:
        return False
    return any(bands_of(claim, curve) is None for curve in curves)


def replica_curves(claim: Claim, rng: np.random.Generator, factor: float = 1) -> list[Curve]:
    """The populations of a claim, drawn anew; `factor` times as many networks as the paper trains."""
    curves = []
    for of in shipped().claimed_curves(claim.name):
        errors = errors_of(of["population"], rng, factor)
        columns = value_columns(claim, of, errors, rng) if claim.value != "error" or claim.values else {}
        table = pd.DataFrame({"error_min": errors} | columns).assign(status="finished")
        curves.append(Curve(of["label"], of["space"], of["population"], table, len(table), regime=of["regime"]))
    return curves


def replica_models(rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """What would be measured of the paper's models: one of its five trainings, evaluated, and times of one V100."""
    models = pd.read_csv(CONFIG / "published" / "models.csv").dropna(subset=["paper_top1_error"])
    second = pd.read_csv(CONFIG / "published" / "imagenetv2.csv").set_index("model").reindex(models["model"])
    noise = rng.standard_normal((2, len(models)))
    evaluation = pd.DataFrame({"model": models["model"], "version": "IMAGENET1K_V2"})
    evaluation["imagenet_error"] = models["top1_error"] + noise[0] * models["paper_top1_std"]
    evaluation["imagenetv2_error"] = (second["v2_error"] + noise[1] * second["v2_std"]).to_numpy()
    evaluation = evaluation.assign(imagenet_images=50_000, imagenetv2_images=10_000)
    milliseconds = models["paper_infer_ms"] * rng.normal(1, 0.01, len(models))
    times = pd.DataFrame({"model": models["model"], "inference_ms": milliseconds})
    times = times.assign(inference_low_ms=0.97 * milliseconds, inference_high_ms=1.03 * milliseconds)
    return {"evaluation": evaluation, "times": times.assign(batch=64, repeats=10, device="V100")}
