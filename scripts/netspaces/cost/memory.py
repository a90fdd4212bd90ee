"""What the networks of a training job are predicted to take of a GPU's memory, so that it lets in those that fit."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from netspaces.cost.coefficients import DEFAULTS
from netspaces.cost.prediction import Predictor
from netspaces.data.image_counts import count_images
from netspaces.training.share import Job, Network, TrainingTask


def task_of(job: Job, networks: Sequence[Network], seed: int) -> TrainingTask:
    """The task of a job of a population, as `TrainingTask.of`; on a GPU it knows what networks and images take.

    Networks of one resolution share their images.
    """
    task = TrainingTask.of(job, networks, seed)
    if task.device == "cpu":
        return task
    declared = job.config[task.dataset.name]
    predictor = Predictor(task.device, declared, count_images(declared, job.input.dataset), DEFAULTS[task.device])
    known, images = [], {}
    for network in networks:
        columns = {name: np.array([value]) for name, value in network.complexity.items()}
        columns |= {"resolution": np.array([network.architecture.resolution])}
        known.append(replace(network, device_mb=predictor.tensors_mb(columns, network.recipe).item()))
        form = network.architecture.resolution, bool(network.recipe.get("augmentation"))
        images[form] = predictor.images_mb(columns, network.recipe).item()
    return replace(task, networks=known, images_mb=sum(images.values()))
