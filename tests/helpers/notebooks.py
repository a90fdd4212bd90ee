"""Notebooks of the documentation: run, and written with what they print and draw.

    PYTHONPATH=scripts:tests python -m helpers.notebooks docs/explore.ipynb

Cells are executed in this process and not by Jupyter, whose kernel would bring some forty packages for one page: what a
cell prints, the value of its last line, and the figures that it leaves open are its outputs, as Jupyter has them.
"""

import ast
import base64
import io
import json
import os
import sys
from contextlib import chdir, redirect_stdout
from pathlib import Path

import nbformat
from matplotlib import pyplot as plt


def executed(path: Path) -> dict:
    """A notebook with the outputs that its cells have when they are run, from its own folder, one after another."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    namespace: dict = {"__name__": "__main__"}
    plt.switch_backend("agg")
    with chdir(path.parent):
        for number, cell in enumerate((cell for cell in notebook["cells"] if cell["cell_type"] == "code"), 1):
            cell["execution_count"], cell["outputs"] = number, _outputs("".join(cell["source"]), namespace, number)
    nbformat.validate(notebook)
    return notebook


def text_of(notebook: dict) -> list[str]:
    """What the cells of a notebook say, one after another; of an image, that there is one."""
    said = []
    for cell in (cell for cell in notebook["cells"] if cell["cell_type"] == "code"):
        for output in cell["outputs"]:
            data = output.get("data", {})
            said.append("".join(output.get("text", data.get("text/plain", ""))))
            said += [kind if kind.startswith("image/") else "".join(data[kind]) for kind in sorted(data)]
    return said


def _outputs(source: str, namespace: dict, number: int) -> list[dict]:
    """Run a cell; returns its outputs."""
    lines = ast.parse(source).body
    last = lines.pop() if lines and isinstance(lines[-1], ast.Expr) else None
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(compile(ast.Module(lines, []), f"cell {number}", "exec"), namespace)
        value = eval(compile(ast.Expression(last.value), f"cell {number}", "eval"), namespace) if last else None
    outputs: list[dict] = []
    if printed.getvalue():
        outputs.append({"output_type": "stream", "name": "stdout", "text": printed.getvalue().splitlines(True)})
    if value is not None:
        data = {"text/plain": repr(value).splitlines(True)}
        if hasattr(value, "_repr_html_"):
            data["text/html"] = value._repr_html_().splitlines(True)
        outputs.append({"output_type": "execute_result", "execution_count": number, "data": data, "metadata": {}})
    return outputs + [_drawn(plt.figure(figure)) for figure in plt.get_fignums()]


def _drawn(figure: plt.Figure) -> dict:
    """A figure as an output; it is closed."""
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=72, bbox_inches="tight", metadata={"Software": None})
    plt.close(figure)
    data = {"image/png": base64.b64encode(content.getvalue()).decode(), "text/plain": [repr(figure)]}
    return {"output_type": "display_data", "data": data, "metadata": {}}


if __name__ == "__main__":
    os.environ["OMP_NUM_THREADS"] = "1"  # before a cell imports torch: as a job of the workflow trains
    for name in sys.argv[1:]:
        page = executed(Path(name))
        Path(name).write_text(json.dumps(page, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
