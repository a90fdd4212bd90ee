"""Sweeps of "On Network Design Spaces for Visual Recognition": json files, one per sweep.

A file is a list of jobs, or two such lists named top and mid.
"""

import json
import math
from collections.abc import Mapping
from pathlib import Path

from netspaces.populations.imported_files import ImportFileError
from netspaces.populations.imported_jobs import Job, identity, outcome, per_stage, read_jobs

STAGES = {"ds": "depth", "ws": "width", "bot_muls": "bottleneck", "num_gs": "groups", "ss": "stride"}
CELL = ("depth", "width", "drop_prob")
METRIC = "test_ep_top1, error in percent"


def read(path: Path, columns: Mapping[str, str], *, classes: int | None = None) -> list[dict]:
    """A row per job; raises ImportFileError."""
    return [_row(group, job, classes) for group, job in read_jobs(path)]


def _row(group: str, job: Job, classes: int | None) -> dict:
    net, optim = job.part("net"), job.part("optim")
    row: dict = {"group": group} if group else {}
    row |= _cell(net) if "genotype" in net.content else _stages(net)
    row |= {name: job.number(name) for name in ("flops", "params")}
    row |= {"learning_rate": optim.number("base_lr"), "weight_decay": optim.number("wd")}
    row |= {"seed": job.number("rng_seed"), "iteration_seconds": job.number("iter_time")}
    row |= _outcome(job, optim.whole("max_ep"), classes)
    return row | {"architecture": identity(net.content), "key": identity(net.content, optim.content)}


def _outcome(job: Job, epochs: int | None, classes: int | None) -> dict:
    """What the job came to. One with a smallest error and no errors by epoch is a summary, of a job that ended."""
    errors, losses, training = job.errors("test_ep_top1"), job.numbers("train_ep_loss"), job.errors("train_ep_top1")
    least = job.number("min_test_top1")
    if math.isfinite(least) and not 0 <= least <= 100:
        raise job.unexpected("min_test_top1", least, "percent from 0 to 100")
    is_early = len(errors) < (epochs or 0) and not (not errors and math.isfinite(least))
    early = f"ended after {len(errors)} of {epochs} epochs" if is_early else None
    row = outcome(job.where, errors, losses, least=least, early=early, classes=classes)
    row |= {"epochs": epochs, "metric": METRIC}
    row["train_loss"] = losses[-1] if losses else math.nan
    return row | {"train_error": training[-1] if training else math.nan}


def _stages(net: Job) -> dict:
    """A standard network. Their multipliers are one over our bottleneck ratios; the stem has none."""
    stages = {name: net.numbers(key) for key, name in STAGES.items()}
    if not stages["depth"] or len(stages["depth"]) != len(stages["width"]):
        raise ImportFileError(f"{net.where}: expected ds and ws, lists of one length, or a genotype")
    inner = [w * m for w, m in zip(stages["width"], stages["bottleneck"], strict=False)]
    groups = stages.pop("groups")
    stages["group_width"] = [w / g if w and g else math.nan for w, g in zip(inner, groups, strict=False)]
    stages["bottleneck"] = [1 / m if m else math.nan for m in stages["bottleneck"]]
    whole = {"block": str(net.content.get("block_type", "")), "stem_width": net.number("stem_w")}
    return whole | {"stages": len(stages["depth"]), "depth": sum(stages["depth"])} | per_stage(stages)


def _cell(net: Job) -> dict:
    """A network of searched cells."""
    return {name: net.number(name) for name in CELL} | {
        "aux": net.flag("aux"),
        "genotype": json.dumps(net.content["genotype"]),
    }


IMPORTER = read
