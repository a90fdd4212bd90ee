"""Populations of other people: their files -> the table that the workflow makes of its own runs.

Formats: "nds", the json files of "On Network Design Spaces for Visual Recognition" (one per sweep: a list of jobs, or
two such lists named top and mid); "pycls", the sweep.json that the authors' code collects; "csv", any table with a
column of errors. Every job is a row, also one without a result. docs/importing.md says which columns come from where.
"""

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from netspaces.networks.architecture import make_compatible, quantised_linear
from netspaces.populations.table import MISSING, RESULTS
from netspaces.training.records import DIVERGED, FINISHED

MOST_STAGES = 8  # of a RegNet that pycls may have drawn
IDENTITY = ("population", "index", "duplicate_of", "architecture")
NDS_STAGES = {"ds": "depth", "ws": "width", "bot_muls": "bottleneck", "num_gs": "groups", "ss": "stride"}
ANYNET_STAGES = {"DEPTHS": "depth", "WIDTHS": "width", "BOT_MULS": "bottleneck", "GROUP_WS": "group_width"}
ANYNET_STAGES |= {"STRIDES": "stride"}
CELL = ("depth", "width", "aux", "drop_prob")
BLOCKS = {"res_bottleneck_block": "x", "vanilla_block": "v", "res_basic_block": "vr"}  # of pycls; other names stay


class ImportFileError(ValueError):
    """A file that is not in the format it is said to be; one line names the file, the job or row, and the key."""

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))


class _Job:
    """One job of a file: mappings, read key by key, with complaints that say where."""

    def __init__(self, content: object, where: str) -> None:
        self.where = where
        if not isinstance(content, Mapping):
            raise ImportFileError(f"{where}: got {type(content).__name__}, expected keys and values")
        self.content = content

    def part(self, name: str) -> "_Job":
        """The mapping under a key."""
        if name not in self.content:
            raise ImportFileError(f"{self.where}: {name} is missing, expected keys and values")
        return _Job(self.content[name], f"{self.where}: {name}")

    def number(self, name: str, needed: bool = False) -> float:
        """A number, NaN if it is not there and not needed."""
        value = self.content.get(name)
        if value is None and not needed:
            return math.nan
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ImportFileError(f"{self.where}: {name} is {json.dumps(value)[:40]}, expected a number")
        return float(value)

    def numbers(self, name: str) -> list[float]:
        """A list of numbers, empty if it is not there."""
        values = self.content.get(name) or []
        if not isinstance(values, list) or not all(isinstance(value, int | float) for value in values):
            raise ImportFileError(f"{self.where}: {name} is {json.dumps(values)[:40]}, expected a list of numbers")
        return [float(value) for value in values]


def read_population(name: str, declared: Mapping) -> pd.DataFrame:
    """The table of an imported population; `declared` holds format, file and, for csv, columns. Raises ImportFileError.

    A row per job in the order of the file. Jobs without a result, or that ended before their last epoch, have status
    `missing` and no errors; those with a loss that is not a number are `diverged` and keep the errors they have.
    """
    rows = READERS[declared["format"]](Path(declared["file"]), declared.get("columns", {}))
    table = pd.DataFrame(rows)
    if table.empty:
        raise ImportFileError(f"{declared['file']}: holds no jobs, expected at least one")
    for column, dtype in RESULTS.items():
        table[column] = (table[column] if column in table else pd.Series(np.nan, table.index, object)).astype(dtype)
    table.loc[table["status"] == MISSING, ["error", "error_min", "error_selected"]] = np.nan
    first = table.groupby("architecture").cumcount() > 0
    index = np.arange(len(table))
    firsts = table.assign(index=index).groupby("architecture")["index"].transform("min")
    table = table.assign(population=name, index=index, duplicate_of=firsts.where(first).astype("Int64"))
    results = [column for column in RESULTS if column in table]
    own = [column for column in table if column not in (*IDENTITY, *results)]
    return table[[*IDENTITY[:3], *own, "architecture", *results]]


def _identity(*content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def _jobs(path: Path) -> list[tuple[str, _Job]]:
    """(group, job) of a json file: a list of jobs, or several by group."""
    try:
        content = json.loads(path.read_text())
    except ValueError as error:
        raise ImportFileError(f"{path}: not JSON ({error}), expected a list of jobs") from None
    groups = content if isinstance(content, dict) else {"": content}
    if not groups or not all(isinstance(jobs, list) for jobs in groups.values()):
        raise ImportFileError(f"{path}: expected a list of jobs, or lists of jobs by name")
    return [
        (group, _Job(job, f"{path}: {f'{group} ' if group else ''}job {i}"))
        for group, jobs in groups.items()
        for i, job in enumerate(jobs)
    ]


def _per_stage(values: Mapping[str, Iterable[float]]) -> dict[str, float]:
    """Columns depth_1, width_1, ... from lists by name."""
    return {f"{name}_{stage}": value for name, of in values.items() for stage, value in enumerate(of, start=1)}


def _result(errors: list[float], least: float, losses: list[float], training: list[float], epochs: float) -> dict:
    """What a job came to: status, errors, and the last epoch's training loss and error."""
    ended = bool(errors) and (math.isnan(epochs) or len(errors) >= epochs)
    known = [error for error in [*errors, least] if math.isfinite(error)]
    if not (ended or (not errors and math.isfinite(least))) or not known:
        status = MISSING
    else:
        status = FINISHED if all(map(math.isfinite, [*losses, *errors])) else DIVERGED
    last = [error for error in errors if math.isfinite(error)]
    return {
        "status": status,
        "error": last[-1] if last else least,
        "error_min": min(known, default=math.nan),
        "epochs": None if math.isnan(epochs) else int(epochs),
        "train_loss": losses[-1] if losses else math.nan,
        "train_error": training[-1] if training else math.nan,
    }


# ---- NDS -------------------------------------------------------------------------------------------------------------


def _nds(path: Path, columns: Mapping) -> list[dict]:
    rows = []
    for group, job in _jobs(path):
        net, optim = job.part("net"), job.part("optim")
        row = {"group": group} if group else {}
        row |= _nds_cell(net) if "genotype" in net.content else _nds_stages(net)
        row |= {name: job.number(name) for name in ("flops", "params")}
        row |= {"learning_rate": optim.number("base_lr"), "weight_decay": optim.number("wd")}
        row |= {"seed": job.number("rng_seed"), "iteration_seconds": job.number("iter_time")}
        errors, losses, training = map(job.numbers, ("test_ep_top1", "train_ep_loss", "train_ep_top1"))
        row |= _result(errors, job.number("min_test_top1"), losses, training, optim.number("max_ep"))
        row["architecture"] = _identity(net.content)
        rows.append(row | {"key": _identity(net.content, optim.content)})
    return rows


def _nds_stages(net: _Job) -> dict:
    """A standard network; of the multipliers, b is one over, and the stem has none."""
    stages = {name: net.numbers(key) for key, name in NDS_STAGES.items()}
    if not stages["depth"] or len(stages["depth"]) != len(stages["width"]):
        raise ImportFileError(f"{net.where}: expected ds and ws, lists of one length, or a genotype")
    inner = [w * m for w, m in zip(stages["width"], stages["bottleneck"], strict=False)]
    stages["group_width"] = [w / g if w and g else math.nan for w, g in zip(inner, stages.pop("groups"), strict=False)]
    stages["bottleneck"] = [1 / m if m else math.nan for m in stages["bottleneck"]]
    whole = {"block": str(net.content.get("block_type", "")), "stem_width": net.number("stem_w")}
    return whole | {"stages": len(stages["depth"]), "depth": sum(stages["depth"])} | _per_stage(stages)


def _nds_cell(net: _Job) -> dict:
    """A network of searched cells."""
    return {name: net.number(name) for name in CELL} | {"genotype": json.dumps(net.content["genotype"])}


# ---- pycls -----------------------------------------------------------------------------------------------------------


def _pycls(path: Path, columns: Mapping) -> list[dict]:
    rows = []
    for _, job in _jobs(path):
        cfg = job.part("cfg")
        optim, kind = cfg.part("OPTIM"), cfg.part("MODEL").content.get("TYPE", "")
        row = {"anynet": _anynet, "regnet": _regnet}.get(kind, lambda cfg: {})(cfg)
        if "complexity" in job.content:
            row |= {n: job.part("complexity").number(k) for n, k in (("flops", "flops"), ("params", "params"))}
            row["activations_all"] = job.part("complexity").number("acts")  # max-pool and last layer count there
        row |= {"learning_rate": optim.number("BASE_LR"), "weight_decay": optim.number("WEIGHT_DECAY")}
        # what their analysis plots: the averaged network, where there is one
        tested = next((name for name in ("test_ema_epoch", "test_epoch") if name in job.content), None)
        test, train = (job.part(n) if n in job.content else _Job({}, job.where) for n in (tested, "train_epoch"))
        errors, losses = test.numbers("top1_err"), train.numbers("loss")
        least = min(test.numbers("min_top1_err"), default=math.nan)
        row |= _result(errors, least, losses, train.numbers("top1_err"), optim.number("MAX_EPOCH", needed=True))
        row["seconds"] = sum(train.numbers("time_epoch")) or math.nan
        nets = {name: cfg.content.get(name) for name in ("MODEL", kind.upper())}
        row["architecture"] = _identity(nets)
        rows.append(row | {"key": _identity(nets, optim.content)})
    return rows


def _anynet(cfg: _Job) -> dict:
    net = cfg.part("ANYNET")
    stages = {name: net.numbers(key) for key, name in ANYNET_STAGES.items()}
    if not stages["depth"] or len(stages["depth"]) != len(stages["width"]):
        raise ImportFileError(f"{net.where}: expected DEPTHS and WIDTHS, lists of one length")
    stages["bottleneck"] = [1 / m if m else math.nan for m in stages["bottleneck"]]
    return _whole(net) | {"stages": len(stages["depth"]), "depth": sum(stages["depth"])} | _per_stage(stages)


def _regnet(cfg: _Job) -> dict:
    net = cfg.part("REGNET")
    given = [net.number(key, needed=True) for key in ("DEPTH", "W0", "WA", "WM")]
    multiplier, group_width = net.number("BOT_MUL"), net.number("GROUP_W")
    row = _whole(net) | dict(zip(("depth", "w_0", "w_a", "w_m"), given, strict=True))
    d, *linear = (np.array([value]) for value in given)
    for stages in range(1, MOST_STAGES + 1):
        valid, depths, widths = quantised_linear(d.astype(int), *linear, stages=stages)
        if valid[0]:
            if multiplier > 0 and group_width > 0:
                ones = np.ones_like(widths)
                widths, b, g = make_compatible(widths, ones / multiplier, ones * int(group_width))
            else:
                b = g = np.full_like(widths, np.nan, float)
            of = {"depth": depths, "width": widths, "bottleneck": b, "group_width": g}
            return row | {"stages": stages} | _per_stage({name: values[0].tolist() for name, values in of.items()})
    return row


def _whole(net: _Job) -> dict:
    block = str(net.content.get("BLOCK_TYPE", "res_bottleneck_block"))
    se_ratio = net.number("SE_R") if net.content.get("SE_ON") else 0.0
    return {"block": BLOCKS.get(block, block), "stem_width": net.number("STEM_W"), "se_ratio": se_ratio}


# ---- CSV -------------------------------------------------------------------------------------------------------------


def _csv(path: Path, columns: Mapping[str, str]) -> list[dict]:
    """Any table: `columns` maps our names to theirs. Of error and error_min, one may stand for both."""
    try:
        table = pd.read_csv(path, float_precision="round_trip")
    except (ValueError, UnicodeDecodeError) as error:
        raise ImportFileError(f"{path}: not CSV ({error})") from None
    for ours, theirs in columns.items():
        if theirs not in table:
            raise ImportFileError(f"{path}: no column {theirs!r} for {ours}, expected of {', '.join(table)}")
    table = table.rename(columns={theirs: ours for ours, theirs in columns.items()})
    errors = [name for name in ("error_min", "error") if name in table]
    if not errors:
        raise ImportFileError(f"{path}: no column error_min or error, expected one, or a name for it under columns")
    for name in errors:
        values = pd.to_numeric(table[name], errors="coerce")
        wrong = (values.isna() & table[name].notna()) | (values < 0) | (values > 100)
        if wrong.any():
            row, value = int(wrong.argmax()), table.loc[wrong.idxmax(), name]
            raise ImportFileError(f"{path}: row {row + 1}: {name} is {value}, expected percent from 0 to 100")
        table[name] = values
    table["error"], table["error_min"] = table[errors[-1]], table[errors[0]]
    structure = [name for name in table if name not in RESULTS and name not in IDENTITY]
    described = table[structure].astype(str).agg("|".join, axis=1) if structure else table.index.astype(str)
    table["architecture"] = [_identity(text) for text in described]
    table["key"] = table.get("key", table["architecture"])
    status = table.get("status", pd.Series(None, table.index, object)).fillna(FINISHED)
    if unknown := set(status) - {FINISHED, DIVERGED, MISSING}:
        raise ImportFileError(f"{path}: status is {min(unknown)!r}, expected {FINISHED}, {DIVERGED} or {MISSING}")
    table["status"] = status.where(table["error_min"].notna(), MISSING)
    return table.to_dict("records")


READERS: dict[str, Callable[[Path, Mapping], list[dict]]] = {"nds": _nds, "pycls": _pycls, "csv": _csv}
