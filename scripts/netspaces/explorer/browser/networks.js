// Networks, cuts of them, and what follows from a cut. Nothing here draws.

// The values of a column that was packed (columns.py), one per network.
function unpackedColumn(packed, n) {
  if (packed === undefined) return new Array(n).fill(null);
  if ("all" in packed) return new Array(n).fill(packed.all);
  return "of" in packed ? packed.at.map((place) => packed.of[place]) : packed.is;
}

class Networks {
  constructor(content) {
    this.n = content.n;
    this.content = content;
    this.columns = {};
    for (const [name, packed] of Object.entries(content.columns)) this.columns[name] = unpackedColumn(packed, this.n);
    const places = new Map(content.populations.map((population, place) => [population.name, place]));
    this.population = this.of("population").map((name) => places.get(name));
    this.error = this.of("error");
    this.measures = new Map(content.measures.map((measure) => [measure.name, measure]));
  }

  of(name) {
    return (this.columns[name] ??= new Array(this.n).fill(null));
  }

  // A measure of all networks; null for a network that has none.
  values(measure) {
    return this.of(measure.name === "error" ? "error" : measure.columns[0]);
  }

  // The networks of a view by error, and for each the number of its series.
  select(view) {
    const series = new Map(view.series.map((one, place) => [one.population, place]));
    this.series = this.population.map((place) => series.get(place) ?? -1);
    this.rows = [...this.series.keys()].filter((row) => this.series[row] >= 0);
    this.rows.sort((a, b) => this.error[a] - this.error[b] || a - b);
    // a measure that does not vary within a view has nothing to cut
    this.varying = this.content.measures.filter((measure) => {
      const values = this.values(measure);
      const known = this.rows.filter((row) => values[row] !== null);
      return known.some((row) => values[row] !== values[known[0]]);
    });
  }

  // The networks of the view, by error, that lie in all cuts (ends included) and in the series that is alone, if one is.
  cut(cuts, alone) {
    const tests = [...cuts].map(([name, [low, high]]) => [this.values(this.measures.get(name)), low, high]);
    return this.rows.filter((row) => {
      if (alone !== null && this.series[row] !== alone) return false;
      return tests.every(([values, low, high]) => values[row] !== null && values[row] >= low && values[row] <= high);
    });
  }
}

// The vertices of the step function of some errors, ascending: two at each distinct one, of at most `most` of them.
function steps(errors, most = 400) {
  const ends = [];
  errors.forEach((error, place) => {
    if (error !== errors[place + 1]) ends.push(place);
  });
  const every = Math.ceil(ends.length / most);
  const kept = ends.filter((_, place) => place % every === 0 || place === ends.length - 1);
  let before = 0;
  return kept.flatMap((end) => {
    const [x, share] = [errors[end], (end + 1) / errors.length];
    const both = [{ x, y: before }, { x, y: share }];
    before = share;
    return both;
  });
}

// A band of constant half-width around steps, from one end of the axis to the other.
function band(vertices, halfWidth, [low, high]) {
  const whole = [{ x: Math.min(low, vertices[0].x), y: 0 }, ...vertices, { x: Math.max(high, vertices.at(-1).x), y: 1 }];
  return whole.map(({ x, y }) => ({ x, lower: Math.max(y - halfWidth, 0), upper: Math.min(y + halfWidth, 1) }));
}

// How many values lie in each bin; the last bin has both its edges.
function counts(values, edges) {
  const found = new Array(edges.length - 1).fill(0);
  for (const value of values) {
    if (value === null) continue;
    let [low, high] = [0, edges.length - 1];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (edges[middle] <= value) low = middle;
      else high = middle;
    }
    found[low] += 1;
  }
  return found;
}

// At most `most` of some networks, evenly by error, with the best ones and those that must be there.
function thinned(rows, most, needed) {
  const every = Math.ceil(rows.length / most);
  return every <= 1 ? rows : rows.filter((row, place) => place % every === 0 || place < 10 || needed.has(row));
}

// A number in four digits, or with all of them if it is whole.
function shown(value) {
  if (value === null || value === undefined) return "–";
  if (typeof value !== "number") return String(value);
  if (Number.isInteger(value)) return value.toLocaleString("en-US");
  return String(Number(value.toPrecision(4)));
}
