// What is known of one network: a card with its structure, errors, complexity, and the line that rebuilds it.

const SVG = "http://www.w3.org/2000/svg";

// An element with attributes and children; texts are text and never markup.
function element(tag, attributes = {}, ...children) {
  const made = tag.startsWith("svg:") ? document.createElementNS(SVG, tag.slice(4)) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

// The structure of a network, with a value per stage that it has; null if the table does not have it.
function structureOf(networks, row) {
  const { whole, per_stage: perStage } = networks.content.structure;
  if (!whole) return null;
  const at = (column) => networks.of(column)[row];
  const stages = perStage.depths.filter((column) => at(column) > 0).length;
  const structure = Object.fromEntries(whole.map((name) => [name, at(name)]));
  for (const [name, columns] of Object.entries(perStage)) structure[name] = columns.slice(0, stages).map(at);
  return stages && Object.values(structure).flat().every((value) => value !== null) ? structure : null;
}

// The lines of Python that build a network again, by the public names of the library.
function pythonOf(networks, row) {
  const structure = structureOf(networks, row);
  if (!structure) return null;
  const { channels, classes } = networks.content.populations[networks.population[row]];
  const images = channels ? `, channels=${channels}, classes=${classes}` : "";
  return `netspaces.build(netspaces.Architecture.from_dict(${JSON.stringify(structure)})${images})`;
}

// Blocks as bars as high as they are wide, stages apart.
function drawingOf({ depths, widths }) {
  const [wide, high, gap] = [360, 84, 6];
  const blocks = depths.reduce((sum, depth) => sum + depth, 0);
  const bar = (wide - gap * (depths.length - 1)) / blocks;
  const largest = Math.max(...widths);
  const described = { viewBox: `0 0 ${wide} ${high}`, role: "img", class: "drawing" };
  const drawing = element("svg:svg", { ...described, "aria-label": `widths ${widths.join(", ")}` });
  let x = 0;
  depths.forEach((depth, stage) => {
    const height = Math.max((widths[stage] / largest) * (high - 16), 1);
    for (let block = 0; block < depth; block += 1, x += bar) {
      const size = { width: Math.max(bar - Math.min(1, bar / 4), 0.2), height, y: high - height };
      drawing.append(element("svg:rect", { x, ...size }));
    }
    const middle = x - (bar * depth) / 2;
    drawing.append(element("svg:text", { x: middle, y: high - height - 3, "text-anchor": "middle" }, String(widths[stage])));
    x += gap;
  });
  return drawing;
}

// Errors after each epoch as a line, with the first and the smallest in words.
function epochsOf(networks, row) {
  const errors = networks.content.by_epoch?.[row];
  if (!errors?.length) return element("p", { class: "faint" }, "Error per epoch: not known, its run record is not in the store.");
  const [wide, high] = [360, 54];
  const [low, top] = [Math.min(...errors), Math.max(...errors)];
  const x = (place) => (errors.length > 1 ? (place / (errors.length - 1)) * (wide - 12) + 6 : wide / 2);
  const y = (error) => (top > low ? ((top - error) / (top - low)) * (high - 12) + 6 : high / 2);
  const described = { viewBox: `0 0 ${wide} ${high}`, role: "img", class: "epochs", "aria-label": errors.join(", ") };
  const drawing = element("svg:svg", described);
  const points = errors.map((error, place) => `${x(place)},${y(error)}`).join(" ");
  drawing.append(element("svg:polyline", { points }));
  errors.forEach((error, place) => drawing.append(element("svg:circle", { cx: x(place), cy: y(error), r: 2.4 })));
  const best = errors.indexOf(low);
  const said = `Error per epoch: ${shown(errors[0])} % after the first, ${shown(low)} % after epoch ${best + 1} of ${errors.length}`;
  return element("div", {}, element("p", {}, said), drawing);
}

function tableOf(rows, header) {
  const cells = (row, tag) => element("tr", {}, ...row.map((cell, place) => element(place ? tag : "th", {}, cell)));
  return element("table", {}, ...(header ? [cells(header, "th")] : []), ...rows.map((row) => cells(row, "td")));
}

function stagesOf(structure) {
  const named = { depths: "depth", widths: "width", bottlenecks: "bottleneck", group_widths: "group width" };
  Object.assign(named, { strides: "stride", kernels: "kernel" });
  const header = ["stage", ...structure.depths.map((_, stage) => String(stage + 1))];
  return tableOf(Object.entries(named).map(([name, word]) => [word, ...structure[name].map(shown)]), header);
}

// All that is known of a network. `number` is that of a pinned one, or empty; `actions` are buttons for its head.
function card(networks, row, number, actions) {
  const of = (name) => networks.of(name)[row];
  const population = networks.content.populations[networks.population[row]];
  const head = element("h3", {}, `${number ? `${number} · ` : ""}${population.name} ${of("index") ?? ""}`);
  const made = element("article", { class: "card", "data-row": row }, element("header", {}, head, ...actions));
  const diverged = of("status") === "diverged";
  const error = element("strong", {}, `${shown(networks.error[row])} %`);
  const status = element("span", diverged ? { class: "diverged" } : {}, ` ${of("status")}${diverged ? ", at this error" : ""}`);
  made.append(element("p", {}, "error ", error, status));
  const structure = structureOf(networks, row);
  if (structure) made.append(drawingOf(structure), stagesOf(structure));
  else made.append(element("p", { class: "faint" }, "Structure: not in the table of its population."));
  const known = networks.content.measures.filter(({ name, columns }) => {
    const inStages = structure && /^(width|bottleneck|group_width|stride|kernel|depth)(_\d+)?$/.test(columns[0]) && columns[0] !== "depth";
    return name !== "error" && !inStages && networks.of(columns[0])[row] !== null;
  });
  const facts = known.map((measure) => [measure.title, shown(networks.values(measure)[row])]);
  if (structure) facts.push(["block", `${structure.block}${structure.se_ratio ? `, SE ${structure.se_ratio}` : ""}`]);
  if (structure) facts.push(["stem, resolution", `${structure.stem} ${structure.stem_width}, ${structure.resolution} pixels`]);
  if (of("device")) facts.push(["device", of("device")]);
  if (of("reason")) facts.push(["reason", of("reason")]);
  made.append(tableOf(facts), epochsOf(networks, row));
  made.append(element("p", { class: "key" }, `key ${of("key") ?? "none"}`));
  const line = pythonOf(networks, row);
  if (line) made.append(pythonBox(line));
  return made;
}

// The line of Python with a button that copies it; where the clipboard is closed to the page, the line is marked.
function pythonBox(line) {
  const code = element("code", { tabindex: 0, "aria-label": "line of Python that builds this network" }, line);
  const button = element("button", { type: "button" }, "copy Python");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(line);
      button.textContent = "copied";
    } catch {
      window.getSelection().selectAllChildren(code);
      button.textContent = "marked: copy it";
    }
  });
  return element("div", { class: "python" }, button, code);
}
