// The page: what the reader has chosen, and all parts that follow from it.

const MOST_POINTS = 5000; // that are drawn at once
const BEST = 10; // rows of the table
const at = (id) => document.getElementById(id);

class Page {
  constructor(content, charts) {
    this.networks = new Networks(content);
    this.content = content;
    this.charts = charts;
    this.pins = [];
    this.looked = null;
    this.x = null;
    this.fillChoices();
    darkness.addEventListener("change", () => this.draw());
  }

  get view() {
    return this.content.views[this.chosen];
  }

  // ---- Choices

  fillChoices() {
    this.content.views.forEach(({ title, panel, series }, place) => {
      const text = `${title}${panel ? `, panel ${panel}` : ""} (${series.length})`;
      at("view").append(element("option", { value: place }, text));
    });
    at("view").addEventListener("change", (event) => this.choose(Number(event.target.value)));
    at("log").addEventListener("change", () => this.draw());
    at("x").addEventListener("change", (event) => {
      this.x = event.target.value;
      this.draw();
    });
    at("reset").addEventListener("click", () => this.choose(this.chosen));
    at("scatter").addEventListener("keydown", (event) => this.walk(event));
  }

  // Show another view; its cuts begin anew.
  choose(place) {
    this.chosen = place;
    at("view").value = place;
    this.cuts = new Map();
    this.alone = null;
    this.networks.select(this.view);
    this.fillMeasures();
    return this.draw();
  }

  fillMeasures() {
    const names = this.networks.varying.map(({ name }) => name).filter((name) => name !== "error");
    at("x").replaceChildren(...names.map((name) => element("option", { value: name }, this.networks.measures.get(name).title)));
    if (!names.includes(this.x)) this.x = ["flops", "depth"].find((name) => names.includes(name)) ?? names[0] ?? null;
    at("x").value = this.x ?? "";
    at("x").disabled = !names.length;
    at("cuts").replaceChildren(...this.networks.varying.map((measure) => this.cutBox(measure)));
  }

  // The box of a histogram: its title, the ends of its cut as fields, and a button that takes the cut away.
  cutBox(measure) {
    const field = (end) =>
      element("input", { type: "number", step: "any", "aria-label": `${measure.title}: ${end}`, placeholder: end });
    const [low, high] = [field("from"), field("to")];
    const clear = element("button", { type: "button", "aria-label": `${measure.title}: no cut`, title: "no cut" }, "×");
    const typed = () => {
      const ends = [low, high].map(({ value }, place) => (value === "" ? [-Infinity, Infinity][place] : Number(value)));
      this.setCut(measure, low.value === "" && high.value === "" ? null : ends, true);
    };
    low.addEventListener("change", typed);
    high.addEventListener("change", typed);
    clear.addEventListener("click", () => this.setCut(measure, null, true));
    const [title, chart] = [element("h3", {}, measure.title), element("div", { class: "chart" })];
    const ends = element("div", { class: "ends" }, low, high, clear);
    return element("section", { class: "cut", "data-measure": measure.name }, title, chart, ends);
  }

  // Cut a measure to [low, high], both ends included; the fields show exactly what counts.
  setCut(measure, ends, typed = false) {
    let cut = ends;
    if (cut && !typed) cut = cut.map((end) => Number(end.toPrecision(4)));
    if (cut && !typed && measure.whole) {
      const inner = [Math.ceil(ends[0]), Math.floor(ends[1])];
      if (inner[0] <= inner[1]) cut = inner;
    }
    if (cut) this.cuts.set(measure.name, cut);
    else this.cuts.delete(measure.name);
    const box = document.querySelector(`[data-measure="${CSS.escape(measure.name)}"]`);
    box.classList.toggle("active", Boolean(cut));
    box.querySelectorAll("input").forEach((input, place) => {
      input.value = cut && Number.isFinite(cut[place]) ? cut[place] : "";
    });
    if (typed) this.histograms.get(measure.name).brush(cut);
    return this.refresh();
  }

  // ---- Drawing

  // Make all charts anew: after another view, axis or theme. Of several at once the last one counts.
  async draw() {
    const turn = (this.turn = (this.turn ?? 0) + 1);
    this.prepare();
    const measure = this.networks.measures.get(this.x);
    const x = measure ? { log: measure.log, format: formatOf(measure) } : {};
    const boxes = [...document.querySelectorAll(".cut")];
    const [distributions, scatter, ...histograms] = await Promise.all([
      new Chart().show(at("distributions"), this.charts.distributions, { x: { log: this.log } }, true),
      new Chart().show(at("scatter"), this.charts.scatter, { x, y: { log: this.log } }, true),
      ...boxes.map((box) => {
        const own = this.networks.measures.get(box.dataset.measure);
        const whole = counts(this.networks.rows.map((row) => this.networks.values(own)[row]), own.edges);
        const brushed = (ends) => this.setCut(own, ends);
        return new Histogram().show(box.querySelector(".chart"), this.charts.histogram, own, whole, brushed);
      }),
    ]);
    if (turn !== this.turn) return;
    Object.assign(this, { distributions, scatter });
    this.histograms = new Map(boxes.map((box, place) => [box.dataset.measure, histograms[place]]));
    const rowOf = (item) => item?.datum?.row ?? null;
    scatter.view.addEventListener("pointermove", (_, item) => rowOf(item) !== null && this.look(rowOf(item)));
    scatter.view.addEventListener("click", (_, item) => rowOf(item) !== null && this.pin(rowOf(item)));
    await this.update();
    await Promise.all([distributions, scatter, ...histograms].map((chart) => chart.view.resize().runAsync()));
    for (const [name, cut] of this.cuts) await this.histograms.get(name)?.brush(cut);
  }

  // What depends on the view and not on the cut: limits of axes, whole distributions, whole counts.
  prepare() {
    const { rows, error, series } = this.networks;
    const errors = rows.map((row) => error[row]);
    const [low, high] = [errors[0] ?? 0, errors.at(-1) ?? 1];
    this.log = at("log").checked;
    const positive = errors.find((value) => value > 0) ?? 0.1;
    this.floor = positive / 2; // where a logarithmic axis draws an error of 0
    const margin = (high - low || 1) * 0.03;
    this.limits = this.log ? [Math.max(low, this.floor) * 0.97, Math.max(high, this.floor) * 1.03] : [Math.max(low - margin, 0), high + margin];
    this.whole = this.view.series.map((_, place) => steps(rows.filter((row) => series[row] === place).map((row) => error[row])));
    const x = this.x ? rows.map((row) => this.networks.values(this.networks.measures.get(this.x))[row]).filter((v) => v !== null) : [];
    this.span = x.length ? [x.reduce((a, b) => Math.min(a, b)), x.reduce((a, b) => Math.max(a, b))] : [0, 1];
  }

  errorAt(error) {
    return this.log ? Math.max(error, this.floor) : error;
  }

  colourOf(place) {
    return themed(this.content.colours[place % this.content.colours.length]);
  }

  dashOf(place) {
    const { dashes, colours } = this.content;
    return dashes[(place + Math.floor(place / colours.length)) % dashes.length];
  }

  get isCut() {
    return this.cuts.size > 0 || this.alone !== null;
  }

  // Draw the cut of now; cuts that come while one is being drawn are drawn together after it.
  refresh() {
    this.stale = true;
    this.drawn ??= (async () => {
      while (this.stale) {
        this.stale = false;
        await this.update();
      }
      this.drawn = null;
    })();
    return this.drawn;
  }

  // Everything that follows from the cut.
  update() {
    const rows = this.networks.cut(this.cuts, this.alone);
    this.rows = rows;
    this.tellCount(rows);
    this.drawLegend(rows);
    this.drawTable(rows);
    return Promise.all([this.drawDistributions(rows), this.drawScatter(rows), ...this.drawHistograms(rows)]);
  }

  drawDistributions(rows) {
    const { error, series } = this.networks;
    const own = this.view.series.map(() => []);
    for (const row of rows) own[series[row]].push(error[row]);
    const drawn = this.view.series.flatMap((_, place) =>
      this.drawnSteps(place, this.isCut ? steps(own[place]) : this.whole[place]),
    );
    return this.distributions.fill({ ...this.background(), steps: drawn });
  }

  drawnSteps(place, vertices) {
    const look = { series: place, colour: this.colourOf(place), dash: this.dashOf(place) };
    return vertices.map((vertex, order) => ({ ...vertex, x: this.errorAt(vertex.x), order, ...look }));
  }

  // What lies behind the distributions: bands of whole populations, or, behind a cut, these themselves. It is filled
  // only when it changes.
  background() {
    const key = `${this.turn} ${this.isCut} ${this.alone}`;
    if (key === this.behind) return {};
    this.behind = key;
    const tables = { limits: this.limits.map((x) => ({ x, y: 0 })), bands: [], whole: [] };
    this.view.series.forEach(({ population }, place) => {
      const [whole, { half_width: halfWidth }] = [this.whole[place], this.content.populations[population]];
      if (!whole.length) return;
      if (!this.isCut) tables.bands.push(...this.drawnSteps(place, band(whole, halfWidth, this.limits)));
      else if (this.alone === null || this.alone === place) tables.whole.push(...this.drawnSteps(place, whole));
    });
    return tables;
  }

  drawScatter(rows) {
    const measure = this.networks.measures.get(this.x);
    const values = measure ? this.networks.values(measure) : [];
    const known = rows.filter((row) => measure && values[row] !== null);
    const needed = new Set([...this.pins, this.looked]);
    const kept = thinned(known, MOST_POINTS, needed);
    const { error, series } = this.networks;
    const status = this.networks.of("status");
    const point = (row) => ({ x: values[row], y: this.errorAt(error[row]), colour: this.colourOf(series[row]), row });
    const tables = { limits: this.span.map((x, end) => ({ x, y: this.limits[end] })) };
    tables.points = kept.filter((row) => status[row] !== "diverged").map(point);
    tables.crosses = kept.filter((row) => status[row] === "diverged").map(point);
    tables.rings = this.rings(point, values);
    this.tellScatter(rows, known, kept);
    return this.scatter.fill(tables);
  }

  rings(point, values) {
    const colour = theme().text;
    const there = (row) => row !== null && this.networks.series[row] >= 0 && values[row] !== null && values[row] !== undefined;
    const pinned = this.pins.map((row, place) => [row, String(place + 1)]).filter(([row]) => there(row));
    const rings = pinned.map(([row, text]) => ({ ...point(row), colour, text }));
    if (there(this.looked) && !this.pins.includes(this.looked)) rings.push({ ...point(this.looked), colour, text: "" });
    return rings;
  }

  drawHistograms(rows) {
    const colour = this.alone === null ? theme().accent : this.colourOf(this.alone);
    return this.networks.varying.map((measure) => {
      const values = this.networks.values(measure);
      const cut = counts(rows.map((row) => values[row]), measure.edges);
      return this.histograms.get(measure.name).count(cut, colour);
    });
  }

  // ---- Words

  tellCount(rows) {
    const status = this.networks.of("status");
    const diverged = rows.filter((row) => status[row] === "diverged").length;
    at("n").textContent = rows.length.toLocaleString("en-US");
    at("of").textContent = `of ${this.networks.rows.length.toLocaleString("en-US")} networks`;
    const bands = `whole populations; bands: simultaneous ${100 * this.content.level} % (DKW)`;
    at("honest").textContent = this.isCut ? "cut by hand: no interval, no test" : bands;
    at("honest").classList.toggle("cut-by-hand", this.isCut);
    const own = this.view.series.map(({ population }) => this.content.populations[population]);
    const missing = own.reduce((sum, { n, planned }) => sum + planned - n, 0);
    const zeros = this.log ? rows.filter((row) => this.networks.error[row] <= 0).length : 0;
    const populations = Object.keys(this.content.populations).length;
    const here = new Set(this.view.series.map(({ population }) => population)).size;
    const notes = [
      here < populations ? `${here} of ${populations} populations here; “show” above has the others` : "",
      diverged ? `${diverged} diverged (crosses), at the error that they count with` : "",
      missing ? `${missing} of ${own.reduce((sum, { planned }) => sum + planned, 0)} planned ones without a run` : "",
      zeros ? `${zeros} with an error of 0, drawn at ${shown(this.floor)} on the logarithmic axis` : "",
      ...own.filter(({ origin }) => origin).map(({ name, origin }) => `${name}: ${origin}`),
    ];
    at("notes").textContent = notes.filter(Boolean).join(" · ");
  }

  tellScatter(rows, known, kept) {
    const parts = [];
    if (kept.length < known.length) parts.push(`${kept.length.toLocaleString("en-US")} of ${known.length.toLocaleString("en-US")} networks drawn, evenly by error; all are counted`);
    if (known.length < rows.length) parts.push(`${(rows.length - known.length).toLocaleString("en-US")} have no such value`);
    at("thinned").textContent = parts.join("; ");
  }

  // A button for each series; one that is pressed shows its series alone.
  drawLegend(rows) {
    const { error, series } = this.networks;
    const own = this.view.series.map(() => []);
    for (const row of rows) own[series[row]].push(error[row]);
    const focused = document.activeElement?.dataset?.series;
    const buttons = this.view.series.map(({ label }, place) => {
      const errors = own[place];
      const mean = errors.reduce((sum, value) => sum + value, 0) / errors.length;
      const numbers = errors.length ? `[${errors[0].toFixed(1)}|${mean.toFixed(1)}]` : "[–|–]";
      const swatch = element("svg:svg", { viewBox: "0 0 28 8", class: "swatch", "aria-hidden": "true" });
      const line = { x1: 0, y1: 4, x2: 28, y2: 4, stroke: this.colourOf(place), "stroke-dasharray": this.dashOf(place).join(" ") };
      swatch.append(element("svg:line", line));
      const pressed = this.alone === place;
      const attributes = { type: "button", "data-series": place, "aria-pressed": pressed };
      if (this.alone !== null && !pressed) attributes.class = "pale";
      const button = element("button", attributes, swatch, label, element("span", { class: "faint" }, ` ${numbers} n = ${errors.length}`));
      button.addEventListener("click", () => {
        this.alone = this.alone === place ? null : place;
        this.refresh();
      });
      return button;
    });
    at("legend").replaceChildren(...buttons);
    if (focused !== undefined) at("legend").querySelector(`[data-series="${focused}"]`)?.focus();
  }

  drawTable(rows) {
    const measures = this.networks.varying.filter(({ name }) => name !== "error");
    const wanted = ["depth", "w_0", "w_a", "w_m", "bottleneck", "group_width", "flops", "params", "activations", "seconds"];
    const columns = measures.filter(({ name }) => wanted.includes(name));
    const header = ["rank", "network", "error (%)", ...columns.map(({ title }) => title)];
    const head = element("tr", {}, ...header.map((title) => element("th", { scope: "col" }, title)));
    const body = rows.slice(0, BEST).map((row, place) => {
      const name = `${this.view.series[this.networks.series[row]].label} ${this.networks.of("index")[row] ?? ""}`;
      const button = element("button", { type: "button", "data-row": row }, name);
      button.addEventListener("focus", () => this.look(row));
      button.addEventListener("click", () => this.pin(row));
      const cells = [String(place + 1), button, shown(this.networks.error[row])];
      cells.push(...columns.map((measure) => shown(this.networks.values(measure)[row])));
      const line = element("tr", {}, ...cells.map((cell) => element("td", {}, cell)));
      line.addEventListener("pointerenter", () => this.look(row));
      return line;
    });
    at("best").replaceChildren(element("thead", {}, head), element("tbody", {}, ...body));
  }

  // ---- Networks one looks at

  look(row) {
    if (this.looked === row) return;
    this.looked = row;
    const pin = element("button", { type: "button" }, "pin");
    pin.addEventListener("click", () => this.pin(row));
    at("looked").replaceChildren(card(this.networks, row, "", [pin]));
    this.drawScatter(this.rows);
  }

  pin(row) {
    this.look(row);
    if (!this.pins.includes(row)) this.pins.push(row);
    this.drawPins();
  }

  unpin(row) {
    this.pins = this.pins.filter((other) => other !== row);
    this.drawPins();
  }

  drawPins() {
    const cards = this.pins.map((row, place) => {
      const button = element("button", { type: "button", "aria-label": `unpin ${place + 1}` }, "unpin");
      button.addEventListener("click", () => this.unpin(row));
      return card(this.networks, row, String(place + 1), [button]);
    });
    at("pins").replaceChildren(...cards);
    at("pinned").hidden = !cards.length;
    this.drawScatter(this.rows);
  }

  // Arrow keys go through the networks of the cut by error, Enter pins.
  walk(event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (event.key === "Enter" && this.looked !== null) this.pin(this.looked);
    else if (step && this.rows.length) {
      const place = this.rows.indexOf(this.looked);
      const next = place < 0 ? 0 : Math.min(Math.max(place + step, 0), this.rows.length - 1);
      this.look(this.rows[next]);
    } else return;
    event.preventDefault();
  }
}

// The text of a packed part of the page.
async function unpackedText(id) {
  const bytes = Uint8Array.from(atob(at(id).textContent), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

async function start() {
  if (typeof DecompressionStream === "undefined") throw new Error("this browser is too old: it cannot unpack gzip");
  const [library, content] = await Promise.all([unpackedText("library"), unpackedText("content")]);
  const { script, charts } = JSON.parse(library);
  new Function(script)();
  const page = (window.explorer = new Page(JSON.parse(content), charts)); // also for who asks in a console
  const several = page.content.views.findIndex((view) => view.series.length > 1);
  await page.choose(Math.max(several, 0));
  document.body.classList.add("ready");
}

start().catch((error) => {
  at("fault").textContent = `The page could not be drawn: ${error.message}`;
  at("fault").hidden = false;
  throw error;
});
