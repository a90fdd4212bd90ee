"""Sweeps of the authors' code, pycls: the sweep.json that its `sweep_collect` writes.

Blocks of theirs that are ours, or several of ours, get our name and our depth; a block that is none of ours keeps its
name. The parameters of a RegNet (w_0, w_a, w_m) stay those of their blocks.

A job is done when the last epoch that it tested is the last one planned, as for the authors. Those that were resumed
have some epochs twice; the last entry of each counts.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from netspaces.networks.authors_names import AUTHORS_BLOCKS, AuthorsBlock
from netspaces.networks.compatibility import make_compatible
from netspaces.networks.widths import quantised_linear
from netspaces.populations.imported_files import ImportFileError
from netspaces.populations.imported_jobs import Job, identity, outcome, per_stage, read_jobs

MOST_STAGES = 8  # of a RegNet that pycls may have drawn
STAGES = {"DEPTHS": "depth", "WIDTHS": "width", "BOT_MULS": "bottleneck", "GROUP_WS": "group_width"}
STAGES |= {"STRIDES": "stride"}


TESTS = ("test_ema_epoch", "test_epoch")  # of the averaged network where there is one, as in the authors' own plots


def read(path: Path, columns: Mapping[str, str], *, classes: int | None = None) -> list[dict]:
    """A row per job; raises ImportFileError."""
    return [_row(job, classes) for _, job in read_jobs(path)]


def _row(job: Job, classes: int | None) -> dict:
    tests = next((name for name in TESTS if name in job.content), TESTS[0])
    if "cfg" not in job.content and tests not in job.content:  # all that such a job left is an error message
        return outcome(job.where, [], [], early="no configuration", classes=classes)
    cfg = job.part("cfg")
    optim, kind = cfg.part("OPTIM"), str(cfg.part("MODEL").content.get("TYPE", ""))
    row = _anynet(cfg.part("ANYNET")) if kind == "anynet" else _regnet(cfg.part("REGNET")) if kind == "regnet" else {}
    if "complexity" in job.content:
        counts = job.part("complexity")
        row |= {"flops": counts.number("flops"), "params": counts.number("params")}
        row["activations_all"] = counts.number("acts")  # outputs of max-pool and of the last layer count there
    row |= {"learning_rate": optim.number("BASE_LR"), "weight_decay": optim.number("WEIGHT_DECAY")}
    row |= _outcome(job, tests, optim.whole("MAX_EPOCH", needed=True), classes)
    structure = {name: cfg.content.get(name) for name in ("MODEL", kind.upper())}
    return row | {"architecture": identity(structure), "key": identity(structure, optim.content)}


def _outcome(job: Job, tests: str, planned: int | None, classes: int | None) -> dict:
    """What the job came to, with the last epoch's training loss and error."""
    tested, trained = _by_epoch(job.part(tests, needed=False)), _by_epoch(job.part("train_epoch", needed=False))
    last, end = max(tested, default=0), trained[max(trained)] if trained else {}
    if tested and "epoch_max" in tested[last]:
        planned = int(tested[last]["epoch_max"])  # the log keeps the configuration of the first start only
    ended = f"tested up to epoch {last}" if tested else "tested after no epoch"
    early = f"{ended} of {planned}" if last != planned else None
    losses = [values["loss"] for values in trained.values() if "loss" in values]
    row = outcome(job.where, [of["top1_err"] for of in tested.values()], losses, early=early, classes=classes)
    row |= {"epochs": planned, "metric": f"top1_err of {tests}, error in percent"}
    row |= {"train_loss": end.get("loss", math.nan), "train_error": end.get("top1_err", math.nan)}
    return row | {"seconds": sum(values.get("time_epoch", 0.0) for values in trained.values()) or math.nan}


def _by_epoch(part: Job) -> dict[int, dict[str, float]]:
    """What was logged of each epoch, in their order; of one that was logged twice, the last entry."""
    logged: dict[str, Sequence[float]] = {"top1_err": part.errors("top1_err")}
    logged |= {name: part.numbers(name) for name in ("loss", "time_epoch") if name in part.content}
    logged |= {name: part.wholes(name) for name in ("epoch_max", "epoch_ind") if name in part.content}
    count = len(logged["top1_err"])
    for name, values in logged.items():
        if len(values) != count:
            raise ImportFileError(f"{part.where}: {name} has {len(values)} entries, expected {count}, as top1_err has")
    epochs = logged.pop("epoch_ind", range(1, count + 1))
    entries = {int(epoch): {name: of[i] for name, of in logged.items()} for i, epoch in enumerate(epochs)}
    return dict(sorted(entries.items()))


def _anynet(net: Job) -> dict:
    """A network whose stages are listed."""
    whole, count = _whole(net)
    stages = {name: net.numbers(key) for key, name in STAGES.items()}
    if not stages["depth"] or len(stages["depth"]) != len(stages["width"]):
        raise ImportFileError(f"{net.where}: expected DEPTHS and WIDTHS, lists of one length")
    stages["depth"] = [count * depth for depth in stages["depth"]]
    stages["bottleneck"] = [1 / m if m else math.nan for m in stages["bottleneck"]]
    return whole | {"stages": len(stages["depth"]), "depth": sum(stages["depth"])} | per_stage(stages)


def _regnet(net: Job) -> dict:
    """A network whose stages follow from its parameters, with their rule (paper equations 2 to 4)."""
    depth, w_0, w_a, w_m = (net.number(key, needed=True) for key in ("DEPTH", "W0", "WA", "WM"))
    multiplier, group_width = net.number("BOT_MUL"), net.number("GROUP_W")
    whole, count = _whole(net)
    row = whole | {"depth": count * depth, "w_0": w_0, "w_a": w_a, "w_m": w_m}
    linear = (np.array([int(depth)]), np.array([w_0]), np.array([w_a]), np.array([w_m]))
    for stages in range(1, MOST_STAGES + 1):
        valid, depths, widths = quantised_linear(*linear, stages=stages)
        if valid[0]:
            if multiplier > 0 and group_width > 0:
                ones = np.ones_like(widths)
                widths, b, g = make_compatible(widths, ones / multiplier, ones * int(group_width))
            else:
                b = g = np.full_like(widths, np.nan, float)
            columns = {"depth": count * depths, "width": widths, "bottleneck": b, "group_width": g}
            return row | {"stages": stages} | per_stage({name: of[0].tolist() for name, of in columns.items()})
    return row


def _whole(net: Job) -> tuple[dict, int]:
    """What all stages share, and how many of our blocks one of theirs is."""
    name = str(net.content.get("BLOCK_TYPE", "res_bottleneck_block"))
    ours = AUTHORS_BLOCKS.get(name, AuthorsBlock(None))
    se_ratio = net.number("SE_R") if net.content.get("SE_ON") else 0.0
    return {"block": ours.block or name, "stem_width": net.number("STEM_W"), "se_ratio": se_ratio}, ours.count


IMPORTER = read
