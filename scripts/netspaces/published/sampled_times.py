"""Times of sampled networks on the device at hand (paper figure 12), and in settings that the configuration names."""

from collections.abc import Mapping

import pandas as pd

from netspaces.networks.architecture import Architectures
from netspaces.published.timing import is_there, measure, measurements
from netspaces.training.device import set_up_device
from netspaces.training.process import set_up_process

KEPT = ["index", "resolution", "flops", "params", "activations"]
KEPT_BY_SETTING = ["index", "resolution", "depth", "flops", "params", "activations"]


def devices_of(device: str, timing: Mapping) -> set[str]:
    """The devices that `measure_population` measures on, of which perhaps not all are there."""
    if "settings" not in timing:
        return {device}
    return {setting.get("device", device) for setting in timing["settings"]}


def measure_population(
    sampled: pd.DataFrame, channels: int, classes: int, device: str, timing: Mapping
) -> pd.DataFrame:
    """A row per network, or per network and setting where `timing` has the key `settings`.

    Parameters
    ----------
    sampled : table of the networks, a row each.
    channels, classes : of the images and labels that the networks are built for.
    device : "cpu" or "cuda".
    timing : of the configuration; its number of `threads` and the device are set up for the whole process.

    Returns what `netspaces.published.timing.measure` measures, beside what the table says of each network's size.
    """
    set_up_process(timing["threads"])
    set_up_device(device)
    how = {key: value for key, value in timing.items() if key not in ("threads", "settings")}
    if "settings" in timing:
        settings = [{"device": device} | how | setting for setting in timing["settings"]]
        return _by_setting(sampled, channels, classes, settings)
    architectures = Architectures.from_columns(sampled)
    rows = []
    for i in range(len(sampled)):
        timed = measure(architectures.row(i), channels, classes, device, **how)
        print(f"network {sampled['index'][i]}: {timed.inference_ms:.3g} ms, training step {timed.training_ms:.3g} ms")
        rows.append(timed.columns())
    return pd.concat([sampled[KEPT], pd.DataFrame(rows)], axis="columns")


def _by_setting(sampled: pd.DataFrame, channels: int, classes: int, settings: list[dict]) -> pd.DataFrame:
    for setting in settings:
        print(setting, "measured" if is_there(setting["device"]) else "left out: no such device here")
    architectures = Architectures.from_columns(sampled)
    rows: list[dict] = []
    for i in range(len(sampled)):
        size = dict(sampled.loc[i, KEPT_BY_SETTING])
        rows += [size | timed for timed in measurements(architectures.row(i), channels, classes, settings)]
        print(f"network {sampled['index'][i]}: done")
    return pd.DataFrame(rows).astype(dict.fromkeys(KEPT_BY_SETTING, int))
