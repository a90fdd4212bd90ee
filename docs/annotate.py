"""Draw the numbered marks of the tutorial onto figure 7 of the gallery.

python docs/annotate.py     # writes docs/reading_a_figure.png
"""

from pathlib import Path

import matplotlib.image
import matplotlib.pyplot as plt

DOCS = Path(__file__).parent
FIGURE = DOCS / "gallery" / "digits_fig07_monotone_widths_depths.png"
MARKS = {1: (180, 370), 2: (160, 215), 3: (720, 487), 4: (482, 608), 5: (650, 608), 6: (108, 836), 7: (1500, 450)}


def main() -> None:
    """Read the figure, mark what the tutorial explains, and write the result beside the tutorial."""
    image = matplotlib.image.imread(FIGURE)
    height, width = image.shape[:2]
    figure = plt.figure(figsize=(width / 200, height / 200), dpi=200)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.imshow(image)
    ax.set_axis_off()
    for number, (x, y) in MARKS.items():
        ax.text(x, y, str(number), color="white", fontsize=8, fontweight="bold", ha="center", va="center",
                bbox={"boxstyle": "circle,pad=0.25", "facecolor": "#b00020", "edgecolor": "white"})  # fmt: skip
    figure.savefig(DOCS / "reading_a_figure.png", metadata={"Software": None})


if __name__ == "__main__":
    main()
