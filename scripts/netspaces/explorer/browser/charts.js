// Vega's views: one per part of the page, filled by name, with the reader's theme and the axes that its data need.

const THEMES = {
  light: { text: "#1F2328", faint: "#59636E", line: "#D1D9E0", accent: "#0072B2" },
  dark: { text: "#E6EDF3", faint: "#A5AFB9", line: "#3D444D", accent: "#56B4E9" },
};
const darkness = window.matchMedia("(prefers-color-scheme: dark)");
const theme = () => (darkness.matches ? THEMES.dark : THEMES.light);

// A colour of the figures; dark ones are lighter in the dark theme, and black is the colour of text.
const LIGHTER = { "#0072B2": "#3391DB", "#8C6D31": "#B8954A", "#000000": THEMES.dark.text };
const themed = (colour) => (darkness.matches ? (LIGHTER[colour] ?? colour) : colour);

function themeConfig() {
  const { text, faint, line } = theme();
  const font = "system-ui, sans-serif";
  const axis = { labelColor: faint, titleColor: text, gridColor: line, domainColor: faint, tickColor: faint };
  Object.assign(axis, { labelFont: font, titleFont: font, labelFontSize: 11, titleFontSize: 12, titleFontWeight: "normal" });
  Object.assign(axis, { gridOpacity: 0.6, labelPadding: 3 });
  return { axis, font };
}

// A chart whose axis x or y is logarithmic, or has another format of its labels.
function adapted(chart, axes) {
  const copy = structuredClone(chart);
  for (const [name, { log, format }] of Object.entries(axes)) {
    const scale = copy.scales.find((one) => one.name === name);
    if (log) {
      scale.type = "log";
      delete scale.zero;
    }
    for (const axis of copy.axes.filter((one) => one.scale === name)) {
      if (format) axis.format = format;
      if (log) axis.tickCount = 5;
    }
  }
  return copy;
}

// The format of labels for a measure.
function formatOf(measure) {
  const largest = Math.max(...measure.edges.map(Math.abs));
  if (largest >= 10000) return "~s";
  return largest < 0.01 ? "~g" : "~r";
}

class Chart {
  // Put a chart into a part of the page; one that can be saved gets a menu for that.
  async show(container, chart, axes = {}, saved = false) {
    const options = { mode: "vega", renderer: "canvas", tooltip: false, hover: false, config: themeConfig() };
    options.logLevel = 1; // errors: charts begin without data, which is no reason to warn
    options.actions = saved && { export: true, source: false, compiled: false, editor: false };
    const { view } = await vegaEmbed(container, adapted(chart, axes), { ...options, downloadFileName: container.id });
    this.view = view;
    return this;
  }

  fill(tables) {
    for (const [name, rows] of Object.entries(tables)) this.view.data(name, rows);
    return this.view.runAsync();
  }
}

// A histogram with a brush. `brushed` is called with [low, high] in units of the measure, or null, when a reader cuts.
class Histogram extends Chart {
  async show(container, chart, measure, whole, brushed) {
    await super.show(container, chart, { x: { log: measure.log, format: formatOf(measure) } });
    const bins = whole.map((n, bin) => ({ x0: measure.edges[bin], x1: measure.edges[bin + 1], whole: n }));
    await this.fill({ bars: bins, cuts: bins.map((bin) => ({ ...bin, cut: 0, colour: "" })) });
    // the brush moves too when Vega lays the chart out anew, and when a cut is typed
    let held = false;
    container.addEventListener("pointerdown", () => (held = true));
    window.addEventListener("pointerup", () => setTimeout(() => (held = false)));
    container.addEventListener("dblclick", () => brushed(null));
    this.view.addSignalListener("cut", (_, selected) => {
      if (held) brushed(selected.x0 ? selected.x0.slice().sort((a, b) => a - b) : null);
    });
    return this;
  }

  // Show how many networks of a cut are in each bin, in a colour.
  count(cut, colour) {
    const changes = this.view.changeset();
    this.view.data("cuts").forEach((bar, bin) => {
      if (bar.cut !== cut[bin]) changes.modify(bar, "cut", cut[bin]);
      if (bar.colour !== colour) changes.modify(bar, "colour", colour);
    });
    return this.view.change("cuts", changes).runAsync();
  }

  // Put the brush where a cut is that was typed, or take it away.
  brush(cut) {
    const scale = this.view.scale("x");
    const [first, last] = scale.domain();
    const inside = (value) => scale(Math.min(Math.max(value, first), last));
    return this.view.signal("cut_x", cut ? cut.map(inside) : [0, 0]).runAsync();
  }
}
