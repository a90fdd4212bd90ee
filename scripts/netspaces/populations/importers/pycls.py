"""Sweeps of the authors' code, pycls: the sweep.json that its `sweep_collect` writes.

Blocks of theirs that are ours, or several of ours, get our name and our depth; a block that is none of ours keeps its
name. The parameters of a RegNet (w_0, w_a, w_m) stay those of their blocks.
"""

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from netspaces.networks.authors_names import AUTHORS_BLOCKS, AuthorsBlock
from netspaces.networks.compatibility import make_compatible
from netspaces.networks.widths import quantised_linear
from netspaces.populations.imported_jobs import ImportFileError, Job, identity, outcome, per_stage, read_jobs

MOST_STAGES = 8  # of a RegNet that pycls may have drawn
STAGES = {"DEPTHS": "depth", "WIDTHS": "width", "BOT_MULS": "bottleneck", "GROUP_WS": "group_width"}
STAGES |= {"STRIDES": "stride"}


def read(path: Path, columns: Mapping[str, str]) -> list[dict]:
    """A row per job; raises ImportFileError."""
    return [_row(job) for _, job in read_jobs(path)]


def _row(job: Job) -> dict:
    cfg = job.part("cfg")
    optim, kind = cfg.part("OPTIM"), cfg.part("MODEL").content.get("TYPE", "")
    row = _anynet(cfg.part("ANYNET")) if kind == "anynet" else _regnet(cfg.part("REGNET")) if kind == "regnet" else {}
    if "complexity" in job.content:
        counts = job.part("complexity")
        row |= {"flops": counts.number("flops"), "params": counts.number("params")}
        row["activations_all"] = counts.number("acts")  # outputs of max-pool and of the last layer count there
    row |= {"learning_rate": optim.number("BASE_LR"), "weight_decay": optim.number("WEIGHT_DECAY")}
    row |= _outcome(job, optim.number("MAX_EPOCH", needed=True))
    structure = {name: cfg.content.get(name) for name in ("MODEL", kind.upper())}
    return row | {"architecture": identity(structure), "key": identity(structure, optim.content)}


def _outcome(job: Job, epochs: float) -> dict:
    """Errors are those of the averaged network where there is one, as in the authors' own plots."""
    tested = _part(job, "test_ema_epoch" if "test_ema_epoch" in job.content else "test_epoch")
    train = _part(job, "train_epoch")
    least = min(tested.numbers("min_top1_err"), default=math.nan)
    result = outcome(tested.numbers("top1_err"), least, train.numbers("loss"), train.numbers("top1_err"), epochs)
    return result | {"seconds": sum(train.numbers("time_epoch")) or math.nan}


def _part(job: Job, name: str) -> Job:
    """A part of a job, empty if it is not there."""
    return job.part(name) if name in job.content else Job({}, job.where)


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
