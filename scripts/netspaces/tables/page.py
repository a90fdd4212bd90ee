"""A table as a page of its own, for the report: it sorts, filters, and scrolls within its frame.

All that it needs is in it. Without scripts it is the plain table.
"""

from collections.abc import Iterable, Sequence

from netspaces.files.escaping import html

STYLE = """body { font: 14px sans-serif; margin: 0; padding: 1em; height: 100vh; box-sizing: border-box;
display: flex; flex-direction: column; gap: 0.6em; }
h1 { font-size: 1em; margin: 0; } form { display: flex; gap: 1em; } input { width: 24em; max-width: 60%; }
.frame { overflow: auto; min-height: 10em; }
table { border-collapse: separate; border-spacing: 0; width: max-content; }
th, td { padding: 0.2em 0.7em; text-align: left; vertical-align: top; max-width: 30em; }
thead th { position: sticky; top: 0; background: #fff; border-top: 2px solid; border-bottom: 1px solid; }
tbody tr:last-child td { border-bottom: 2px solid; } tbody tr:hover td { background: #f0f0f0; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
th button { font: inherit; font-weight: bold; padding: 0; border: 0; background: none; cursor: pointer; }
th button::after { content: " \\2195"; color: #999; } [aria-sort=ascending] button::after { content: " \\2191"; }
[aria-sort=descending] button::after { content: " \\2193"; } p { color: #555; max-width: 60em; margin: 0; }
@media print { form { display: none; } .frame { overflow: visible; } }"""

SCRIPT = """"use strict";
const body = document.querySelector("tbody"), rows = [...body.rows], heads = [...document.querySelectorAll("th")];
const form = document.querySelector("form"), [field, shown] = form.elements;
const texts = rows.map((row) => [...row.cells].map((cell) => cell.textContent));

// What a cell is sorted by: its first number, "< 0.001" just below 0.001; null for nothing, last in any order.
function valueOf(text, isNumber) {
  if (text === "\\u2013" || text === "") return null;
  if (!isNumber) return text;
  const found = text.replaceAll(",", "").replace("\\u2212", "-").match(/[+-]?(\\d+\\.?\\d*|\\.\\d+)(e[+-]?\\d+)?/i);
  return found === null ? null : Number(found[0]) - (text.startsWith("<") ? 1e-12 : 0);
}

function compare(one, other) {
  if (one === null || other === null) return null;
  return typeof one === "number" ? one - other : one.localeCompare(other, "en", { numeric: true });
}

function sortBy(column) {
  const next = { none: "ascending", ascending: "descending", descending: "none" };
  const order = next[heads[column].getAttribute("aria-sort") ?? "none"];
  heads.forEach((head, i) => head.setAttribute("aria-sort", i === column ? order : "none"));
  const keys = texts.map((cells) => valueOf(cells[column], heads[column].className === "number"));
  const places = rows.map((_, i) => i);
  if (order !== "none") places.sort((i, j) => {
    const difference = compare(keys[i], keys[j]);
    if (difference === null) return (keys[i] === null) - (keys[j] === null) || i - j;
    return (order === "ascending" ? difference : -difference) || i - j;
  });
  body.append(...places.map((i) => rows[i]));
}

// Words that a row has in any cell, or what one column says: "verdict=confirmed".
function filter() {
  const text = field.value.trim().toLowerCase(), [name, said] = text.split("=", 2);
  const column = heads.findIndex((head) => head.textContent.toLowerCase() === name.trim() && said !== undefined);
  const words = text.split(/\\s+/);
  rows.forEach((row, i) => {
    const cells = texts[i].map((cell) => cell.toLowerCase());
    const line = cells.join(" ");
    row.hidden = column >= 0 ? cells[column] !== said.trim() : !words.every((word) => line.includes(word));
  });
  shown.value = `${rows.filter((row) => !row.hidden).length} of ${rows.length} rows`;
}

heads.forEach((head, i) => {
  const button = document.createElement("button");
  button.type = "button";
  button.append(...head.childNodes);
  button.addEventListener("click", () => sortBy(i));
  head.append(button);
});
form.hidden = false;
form.addEventListener("submit", (event) => event.preventDefault());
field.addEventListener("input", filter);
field.value = decodeURIComponent(location.hash.slice(1));
filter();"""

FIELD = '<input type="search" placeholder="words, or column=value" aria-label="filter rows">'
FORM = f"<form hidden>{FIELD}<output></output></form>"


def page(
    caption: str, note: str, headers: Iterable[str], rows: Iterable[Sequence[str]], numbers: Sequence[bool]
) -> str:
    """The page of a table: texts of its cells by row, and which columns hold numbers."""
    kinds = [' class="number"' if number else "" for number in numbers]

    def row(tag: str, texts: Iterable[str]) -> str:
        return "".join(f"<{tag}{kind}>{html(text)}</{tag}>" for kind, text in zip(kinds, texts, strict=True))

    caption, note = html(caption), html(note)
    body = "\n".join(f"<tr>{row('td', texts)}</tr>" for texts in rows)
    grid = f"<thead><tr>{row('th', headers)}</tr></thead>\n<tbody>\n{body}\n</tbody>"
    frame = f'<div class="frame" tabindex="0">\n<table aria-labelledby="caption">\n{grid}\n</table>\n</div>'
    head = f'<meta charset="utf-8">\n<title>{caption}</title>\n<style>\n{STYLE}\n</style>'
    shown = f'<h1 id="caption">{caption}</h1>\n{FORM}\n{frame}\n<p>{note}</p>\n<script>\n{SCRIPT}\n</script>'
    return f'<!DOCTYPE html>\n<html lang="en">\n<head>\n{head}\n</head>\n<body>\n{shown}\n</body>\n</html>\n'
