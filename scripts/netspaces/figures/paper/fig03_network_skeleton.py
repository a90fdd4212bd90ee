"""Figure 3: the skeleton of all networks: stem, body and head; the body's stages; a stage's blocks."""

from collections.abc import Mapping
from dataclasses import dataclass

from matplotlib.figure import Figure

from netspaces.figures.drawing import Drawing, finish
from netspaces.figures.panels import schematic
from netspaces.figures.panels.schematic import BOX, Schematic, shape
from netspaces.figures.panels.structure import architecture_of, stage_resolutions
from netspaces.figures.style import NORMAL, house_style, pretty
from netspaces.networks.architecture import Architecture
from netspaces.networks.stems import STEMS
from netspaces.studies.networks import best_networks
from netspaces.studies.study import Study

KINDS = schematic.KINDS
COLUMNS = schematic.COLUMNS
WIDTH, HEIGHT = 7.3, 4.4  # inches
SPAN = (0.5, 3.9)  # inches: lower and upper end of the three stacks
CENTRES = (1.0, 3.6, 6.2)  # inches: their centres
BOX_WIDTH, FRAME = 1.5, 2.05  # inches
SHOWN = 4  # blocks of a stage drawn one by one


@dataclass(frozen=True)
class Skeleton:
    """What the figure shows: numbers where a network gives them, letters where there is none yet."""

    stem: str
    stem_width: int | str
    channels: int
    classes: int
    resolution: int
    strides: tuple[int, ...]
    depths: tuple[int | str, ...]
    widths: tuple[int | str, ...]

    @property
    def maps(self) -> list[str]:
        """Channels and pixels after the stem and after each stage."""
        resolutions = stage_resolutions(self.stem, self.resolution, self.strides)
        return [shape(*pair) for pair in zip((self.stem_width, *self.widths), resolutions, strict=True)]


WANTS: dict = {"spaces": {"curves": 1, "trained": True}}


@house_style()
def draw(study: Study) -> Drawing:
    """Left: the network. Middle: its body. Right: the blocks of one stage."""
    curve = study.panel("spaces")[0]
    ranked = best_networks(curve)
    known = architecture_of(ranked.iloc[0]) if len(ranked) else None
    skeleton = skeleton_of(study.definitions[curve.space], known)
    stages = range(len(skeleton.depths))
    shown = max(stages, key=lambda i: known.depths[i]) if known else stages[-1]
    figure = Figure(figsize=(WIDTH, HEIGHT))
    diagram = Schematic(figure, WIDTH, HEIGHT)
    network = _network(diagram, skeleton)
    body = _body(diagram, skeleton)
    _stage(diagram, skeleton, shown)
    for column, centre in ((0, network[1]), (1, body[shown])):
        frame = (CENTRES[column + 1] - FRAME / 2, SPAN[0] - 0.05, FRAME, SPAN[1] - SPAN[0] + 0.1)
        diagram.zoom((CENTRES[column] + BOX_WIDTH / 2, centre, BOX), frame)
    name = pretty(curve.label)
    error = (
        f"the best network of {name} (error {ranked.iloc[0][curve.error]:.1f} %, n = {len(ranked)})" if known else ""
    )
    diagram.note(f"Numbers: {error}; maps: channels × pixels × pixels." if known else f"Any network of {name}.")
    return finish(figure, study, [diagram.data()])


def skeleton_of(definition: Mapping, known: Architecture | None) -> Skeleton:
    """The skeleton of a design space, with the numbers of one of its networks if there is one."""
    common = {"channels": definition["channels"], "classes": definition["classes"]}
    if known:
        names = ("stem", "stem_width", "resolution", "strides", "depths", "widths")
        return Skeleton(**common, **{name: getattr(known, name) for name in names})
    stages, parameters = definition["stages"], definition["parameters"]
    resolution, stem_width = parameters["resolution"], parameters["stem_width"]
    if isinstance(resolution, Mapping):
        resolution = max(resolution.get("choice", [resolution.get("high")]))
    depths, widths = (tuple(f"${letter}_{i + 1}$" for i in range(stages)) for letter in "dw")
    return Skeleton(
        stem=definition["stem"],
        stem_width="$w_{stem}$" if isinstance(stem_width, Mapping) else stem_width,
        resolution=resolution,
        strides=tuple(definition["strides"][:stages]),
        depths=depths,
        widths=widths,
        **common,
    )


def _title(diagram: Schematic, column: int, text: str) -> None:
    letter = "abc"[column]
    diagram.panel = text.split(",")[0]
    heading = rf"$\mathbf{{{letter}}}$  {text}"
    diagram.text("title", CENTRES[column], HEIGHT - 0.2, heading, fontsize=NORMAL, color="black", va="baseline")


def _network(diagram: Schematic, skeleton: Skeleton) -> list[float]:
    _title(diagram, 0, "network")
    stem = STEMS[skeleton.stem]
    after = "3×3 max-pool, stride 2" if stem.pooled else "batch norm, ReLU"
    boxes = [
        (
            "stem",
            f"stem: {stem.kernel}×{stem.kernel} conv, stride {stem.stride}\n{after}",
            "conv",
        ),
        ("body", f"body\n{len(skeleton.depths)} stages", "group"),
        ("head", "head: average pool,\nfully connected", "other"),
    ]
    maps = [
        shape(skeleton.channels, skeleton.resolution),
        skeleton.maps[0],
        skeleton.maps[-1],
        f"{skeleton.classes} classes",
    ]
    return diagram.stack(CENTRES[0], BOX_WIDTH, SPAN, boxes, maps)


def _body(diagram: Schematic, skeleton: Skeleton) -> list[float]:
    _title(diagram, 1, "body")
    boxes = []
    for i, (depth, width, stride) in enumerate(zip(skeleton.depths, skeleton.widths, skeleton.strides, strict=True)):
        unit = "block" if depth == 1 else "blocks"
        boxes.append((f"stage_{i + 1}", f"stage {i + 1}: {depth} {unit}\nwidth {width}, stride {stride}", "group"))
    return diagram.stack(CENTRES[1], BOX_WIDTH, SPAN, boxes, skeleton.maps)


def _stage(diagram: Schematic, skeleton: Skeleton, stage: int) -> None:
    _title(diagram, 2, f"stage {stage + 1}")
    depth, stride = skeleton.depths[stage], skeleton.strides[stage]
    before, after = skeleton.maps[stage : stage + 2]
    shown = [*range(1, depth + 1)] if isinstance(depth, int) and depth <= SHOWN else [1, 2, None, depth]
    boxes = []
    for i in shown:
        text = "…" if i is None else f"block {i}\nstride {stride if i == 1 else 1}"
        boxes.append((f"block_{i or 'more'}", text, "plain" if i is None else "shortcut"))
    diagram.stack(CENTRES[2], BOX_WIDTH, SPAN, boxes, [before, *[after] * len(boxes)])
