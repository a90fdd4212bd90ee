"""Errors of torchvision's published weights on folders of ImageNet's validation images and of ImageNetV2.

A folder holds a folder of images per class. Its classes are numbered in alphabetical order, as ImageNet's are, or by
the folders' names where all are numbers, as ImageNetV2's are.
"""

import hashlib
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader, Dataset

from netspaces.data.errors import DatasetError
from netspaces.data.folders import Tree, list_images
from netspaces.data.torchvision_import import import_torchvision
from netspaces.files.suggestions import one_of
from netspaces.networks.modules import build
from netspaces.published.models import published_models, read_models
from netspaces.published.torchvision_weights import IMAGE_SETS, NAMES, from_torchvision, torchvision_architecture
from netspaces.training.device import device_name, set_up_device

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
BATCH = 64


def paper_sizes(published: str | Path, model: str) -> tuple[int, int]:
    """Pixels of the shorter side after resizing, and of the crop, with which the paper's authors test a model."""
    row = read_models(published)[model]
    return int(row["test_res"]), int(row["train_res"])


def evaluate_model(model: str, settings: Mapping, published: str | Path, device: str, workers: int = 0) -> dict:
    """Top-1 and top-5 error of a published model on each configured set of images.

    `settings` is the configuration's `evaluation`; `published` the file with the models' structure and the sizes at
    which the paper tests. Raises ValueError naming the key and the folder or file that is wrong.
    """
    set_up_device(device)
    weights = weights_of(model, settings)
    file = weights_file(settings, weights.url)
    network, code = network_of(model, torch.load(file, map_location="cpu", weights_only=True), published)
    network.eval().to(device)
    if settings.get("transforms", "paper") == "paper":
        resize, crop = paper_sizes(published, model)
        transform = paper_transform(resize, crop)
    else:
        transform = weights.transforms()
        resize, crop = transform.resize_size[0], transform.crop_size[0]
    started = time.perf_counter()
    return {
        "model": model,
        "torchvision": NAMES[model],
        "version": weights.name,
        "file": file.name,
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "network": code,
        "resize": resize,
        "crop": crop,
        "sets": {
            key: errors_on(network, settings[key], f"evaluation.{key}", transform, device, workers)
            for key in IMAGE_SETS
            if key in settings
        },
        "seconds": time.perf_counter() - started,
        "device": device_name(torch.device(device)),
    }


def weights_of(model: str, settings: Mapping) -> Any:
    """Torchvision's entry for the configured version of a model's weights; raises ValueError if there is none."""
    name, version = NAMES[model], settings.get("version", "IMAGENET1K_V1")
    versions = {weights.name: weights for weights in import_torchvision().models.get_model_weights(name)}
    if version not in versions:
        raise ValueError(f"evaluation.version: {name} has no {version}, expected {one_of(version, versions)}")
    return versions[version]


def network_of(
    model: str, state_dict: Mapping[str, torch.Tensor], published: str | Path
) -> tuple[torch.nn.Module, str]:
    """A published model with torchvision's weights, and whose code it is: `ours`, or `torchvision's`.

    Only EfficientNets are torchvision's (see `torchvision_weights`). A RegNet has the widths that torchvision gives it,
    a ResNet or ResNeXt is that of the paper.
    """
    name = NAMES[model]
    if name.startswith("efficientnet"):
        network = import_torchvision().models.get_model(name, weights=None)
        network.load_state_dict(state_dict)
        return network, "torchvision's"
    regnet = name.startswith("regnet")
    network = build(torchvision_architecture(name) if regnet else published_models(published)[model].architecture)
    network.load_state_dict(from_torchvision(state_dict))
    return network, "ours"


def weights_file(settings: Mapping, url: str) -> Path:
    """The file of weights in the configured folder, fetched if it is not there and `download` allows it."""
    folder, name = Path(settings["weights"]).expanduser(), url.rpartition("/")[2]
    if not (folder / name).exists():
        if not settings.get("download"):
            raise ValueError(f"evaluation.weights: {folder} has no {name}; put {url} there or set download: true")
        torch.hub.load_state_dict_from_url(url, str(folder), map_location="cpu", progress=False, check_hash=True)
    return folder / name


def paper_transform(resize: int, crop: int) -> torch.nn.Module:
    """The paper's test images: shorter side resized (bilinear), centre crop, normalised by ImageNet's moments."""
    v1 = import_torchvision().transforms
    return v1.Compose([v1.Resize(resize), v1.CenterCrop(crop), v1.ToTensor(), v1.Normalize(MEAN, STD)])


class _Images(Dataset):
    """Images and the numbers of their folders, decoded as torchvision does."""

    def __init__(self, files: list[tuple[str, int]], transform: torch.nn.Module) -> None:
        self.files, self.transform = files, transform
        self.load = import_torchvision().datasets.folder.default_loader

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        path, label = self.files[index]
        return self.transform(self.load(path)), label


def errors_on(
    network: torch.nn.Module, folder: str, key: str, transform: torch.nn.Module, device: str, workers: int = 0
) -> dict:
    """`images` of a folder, and on them `error` and `top5_error` of a network in percent."""
    place = Path(folder).expanduser()
    try:
        listing = list_images(Tree(place.parent), place.name, None, tested=True)
    except DatasetError as error:
        raise ValueError(f"{key}: {error}; expected a folder of images per class") from None
    print(f"{key}: {listing.summary}")
    images = _Images(listing.files, transform)
    numbered = all(name.isdigit() for name in listing.classes)
    labels = torch.tensor([int(name) for name in listing.classes] if numbered else range(len(listing.classes)))
    right, right_5, seen = 0, 0, 0
    with torch.inference_mode():
        for batch, classes in DataLoader(images, BATCH, num_workers=workers):
            logits = network(batch.to(device)).cpu()
            if labels.max() >= logits.shape[1]:
                raise ValueError(f"{key}: {folder} has a class {int(labels.max())}, expected below {logits.shape[1]}")
            hits = logits.topk(5).indices == labels[classes][:, None]
            right, right_5 = right + int(hits[:, 0].sum()), right_5 + int(hits.sum())
            seen += len(classes)
    return {"images": seen, "error": 100 * (1 - right / seen), "top5_error": 100 * (1 - right_5 / seen)}
