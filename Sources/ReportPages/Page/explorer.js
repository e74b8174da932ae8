"use strict";
// The rows one by one: which score changed, what a changed row would score, and the nearest row with the other decision.
// The model is evaluated here, from the numbers of its file; names come from data and are only ever set as text.
(() => {
  const rows = JSON.parse(document.getElementById("row-data").textContent);
  const byId = (id) => document.getElementById(id);
  // The name space of the drawings that the page has already.
  const SVG = document.getElementById("row-scatter").namespaceURI;
  const make = (name, attributes = {}, text = null) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text !== null) element.textContent = text;
    return element;
  };
  const draw = (name, attributes, text = null) => {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text !== null) element.textContent = text;
    return element;
  };
  // What cannot be seen is spelled out, as on the rest of the page.
  const visible = (text) => String(text).replace(/[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    (character) => "\\u{" + character.charCodeAt(0).toString(16) + "}");
  const fixed = (value, decimals) => value.toFixed(decimals).replace("-", "−");
  const number = (value) => Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(5)));
  const count = rows.rows.length;
  const model = rows.model;
  const threshold = rows.threshold;

  const cell = (column, row) => column.values ? column.values[row] : column.codes[row] < 0 ? null : column.names[column.codes[row]];

  // MARK: The model

  const sigmoid = (x) => 1 / (1 + Math.exp(-x));
  // Each with its derivative, from what goes in and what came out.
  const activations = {
    relu: [(x) => Math.max(0, x), (x) => x > 0 ? 1 : 0], leakyReLU: [(x) => x > 0 ? x : 0.01 * x, (x) => x > 0 ? 1 : 0.01],
    tanh: [Math.tanh, (x, y) => 1 - y * y], sigmoid: [sigmoid, (x, y) => y * (1 - y)],
    softplus: [(x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), sigmoid],
  };

  // In the place of a value: what the average training row has.
  const AVERAGE = Symbol("average");

  /** The features of a row of raw values, in the order of the model's columns; null is a missing cell. */
  const encoded = (values) => {
    const features = [];
    model.columns.forEach((column, place) => {
      const value = values[place];
      if (!column.categories) {
        const x = value === null || value === AVERAGE ? column.fill : value;
        features.push(Math.fround((x - column.mean) / column.scale));
        for (let knot = 0; knot + 1 < column.knots.length; knot += 1) {
          const share = (x - column.knots[knot]) / (column.knots[knot + 1] - column.knots[knot]);
          features.push(Math.fround(Math.min(1, Math.max(0, share))));
        }
        return;
      }
      const found = value === AVERAGE ? -1 : column.categories.indexOf(value === null ? column.missing : value);
      const isKnown = found >= 0 && column.known[found];
      column.means.forEach((mean, indicator) => {
        const raw = isKnown ? (found - column.dropped === indicator ? 1 : 0) : mean;
        features.push(Math.fround((raw - column.offsets[indicator]) / column.scales[indicator]));
      });
    });
    return features;
  };

  /** What every layer of a network takes in, and what it gives before its activation. */
  const forward = (network, features) => {
    const inputs = [features], sums = [];
    network.layers.forEach((layer, index) => {
      const values = inputs[index], sum = layer.bias.slice();
      for (let input = 0; input < layer.inputs; input += 1) {
        const value = values[input], start = input * layer.outputs;
        if (value === 0) continue;
        for (let output = 0; output < layer.outputs; output += 1) sum[output] += value * layer.weight[start + output];
      }
      sums.push(sum);
      if (index < network.layers.length - 1) inputs.push(sum.map((value) => activations[network.activation][0](value)));
    });
    return { inputs, sums, outputs: sums[sums.length - 1] };
  };

  /** The gradient with respect to the features, given that with respect to the outputs. */
  const backward = (network, { inputs, sums }, gradient) => {
    for (let index = network.layers.length - 1; index >= 0; index -= 1) {
      const layer = network.layers[index];
      const before = Array.from({ length: layer.inputs }, (_, input) => {
        let sum = 0;
        for (let output = 0, start = input * layer.outputs; output < layer.outputs; output += 1) sum += gradient[output] * layer.weight[start + output];
        return sum;
      });
      gradient = index === 0 ? before : before.map((value, unit) => value * activations[network.activation][1](sums[index - 1][unit], inputs[index][unit]));
    }
    return gradient;
  };

  const softmax = (values) => {
    const most = Math.max(...values), powers = values.map((value) => Math.exp(value - most));
    const sum = powers.reduce((total, value) => total + value, 0);
    return powers.map((value) => value / sum);
  };

  /** A corrected decision's score from the chances of label 1, of label 0, and the sums that make its threshold; with the derivatives by these four. */
  const decided = (eta, rest, below, above) => {
    const soft = 0.01, least = -soft / 2, most = 1 + soft / 2;
    const held = (value) => Math.min(most, Math.max(least, value));
    const slope = (value) => value > least && value < most ? 1 / (value + soft) : 0;
    const l = Math.log((eta + soft) / (rest + soft));
    const d = Math.log((held(below) + soft) / (held(above) + soft));
    const reach = Math.max(4, 1.5 * Math.abs(d)), side = Math.sign(l - d), near = Math.max(0, 1 - Math.abs(l - d) / reach);
    const odds = sigmoid(l - d * near), steepness = (1 + 2 * soft) * odds * (1 - odds);
    const score = Math.min(1, Math.max(0, (1 + 2 * soft) * odds - soft));
    const growth = near > 0 ? side / reach + Math.abs(l - d) / reach ** 2 * (1.5 * Math.abs(d) > 4 ? 1.5 * Math.sign(d) : 0) : 0;
    const byL = (near > 0 ? 1 + d * side / reach : 1) * steepness, byD = -(near + d * growth) * steepness;
    return { score, slopes: [byL / (eta + soft), -byL / (rest + soft), byD * slope(below), -byD * slope(above)] };
  };

  /** The score of features, and where it is asked for its gradient with respect to them. */
  const evaluate = (features, wantsGradient) => {
    if (model.network) {
      const pass = forward(model.network, features), value = sigmoid(pass.outputs[0]);
      return { score: value, gradient: wantsGradient ? backward(model.network, pass, [value * (1 - value)]) : null };
    }
    let eta = 0, rest = 0, below = 0, above = 0, cost = 0;
    const share = 1 / model.members.length;
    const passes = model.members.map((member) => {
      const label = forward(member.label, features), groups = forward(member.groups, features), half = groups.outputs.length / 2;
      const positive = sigmoid(label.outputs[0]), negative = sigmoid(-label.outputs[0]);
      const heads = [softmax(groups.outputs.slice(0, half)), softmax(groups.outputs.slice(half))];
      for (let cell = 0; cell < 2 * half; cell += 1) {
        const chance = heads[cell % 2][cell >> 1] * (cell % 2 ? positive : negative) * share, price = model.cellCosts[cell];
        if (cell % 2) eta += chance; else rest += chance;
        cost += chance * price;
        below += chance * (0.5 + 0.5 * price);
        above += chance * (0.5 - 0.5 * price);
      }
      return { label, groups, half, positive, negative, heads };
    });
    const { score: value, slopes } = cost === 0 ? { score: eta, slopes: [1, 0, 0, 0] } : decided(eta, rest, below, above);
    if (!wantsGradient) return { score: value, gradient: null };
    const total = new Array(features.length).fill(0);
    model.members.forEach((member, index) => {
      const { label, groups, half, positive, negative, heads } = passes[index];
      // What a cell's chance does to the score.
      const byCell = (cell) => share * (slopes[cell % 2 ? 0 : 1] + slopes[2] * (0.5 + 0.5 * model.cellCosts[cell]) + slopes[3] * (0.5 - 0.5 * model.cellCosts[cell]));
      let byPositive = 0;
      const byHeads = [0, 1].map((side) => {
        const weight = side ? positive : negative, slopesOfGroups = heads[side].map((_, group) => byCell(2 * group + side));
        const mean = slopesOfGroups.reduce((sum, slope, group) => sum + slope * heads[side][group], 0);
        byPositive += side ? mean : -mean;
        return heads[side].map((chance, group) => weight * chance * (slopesOfGroups[group] - mean));
      });
      const byFeatures = [backward(member.label, label, [byPositive * positive * negative]), backward(member.groups, groups, byHeads[0].concat(byHeads[1]))];
      for (const part of byFeatures) part.forEach((slope, feature) => { total[feature] += slope; });
    });
    return { score: value, gradient: total };
  };
  const score = (values) => evaluate(encoded(values), false).score;

  // A page with a model has all of its columns, in its order.
  const values = (row) => rows.columns.map((column) => cell(column, row));

  // What checks can ask: the largest difference between the tool's scores and the page's.
  if (model) window.equipoiseScores = (most) => {
    let difference = 0;
    for (let row = 0; row < Math.min(count, most); row += 1) difference = Math.max(difference, Math.abs(score(values(row)) - rows.scores[row]));
    return difference;
  };

  // MARK: What of a row makes its score

  const widths = model ? model.columns.map((column) => column.categories ? column.means.length : Math.max(1, column.knots.length)) : [];

  /** The parts that the columns have in the difference between the score of a row and that of the average row, by the gradient on the way from one to the other (Sundararajan, Taly and Yan 2017, arXiv:1703.01365). */
  const attributed = (values) => {
    const end = encoded(values), start = encoded(values.map(() => AVERAGE));
    const from = evaluate(start, false).score, to = evaluate(end, false).score;
    const way = end.map((value, feature) => value - start[feature]), at = (place) => start.map((value, feature) => value + place * way[feature]);
    const sums = new Array(end.length).fill(0);
    // By the middle of each piece of the way. A piece is halved where this misses how the score changes along it: a
    // corrected decision rises so steeply near its threshold that even steps would have to be very many.
    const add = (low, high, scoreAtLow, scoreAtHigh, halvings) => {
      const middle = (low + high) / 2, { score: value, gradient } = evaluate(at(middle), true);
      const parts = gradient.map((slope, feature) => slope * way[feature] * (high - low));
      const gained = parts.reduce((sum, part) => sum + part, 0);
      if (halvings < 5 || (halvings < 40 && Math.abs(gained - (scoreAtHigh - scoreAtLow)) > 1e-5)) {
        add(low, middle, scoreAtLow, value, halvings + 1);
        add(middle, high, value, scoreAtHigh, halvings + 1);
      } else parts.forEach((part, feature) => { sums[feature] += part; });
    };
    add(0, 1, from, to, 0);
    let first = 0;
    const parts = widths.map((width) => { first += width; return sums.slice(first - width, first).reduce((sum, value) => sum + value, 0); });
    // The parts of all columns make up the difference; what they lack of it is the error of the pieces.
    return { parts, from, to, missing: parts.reduce((sum, part) => sum + part, 0) - (to - from) };
  };
  // What checks can ask: the most by which the parts miss the difference, and the parts and gradients of a row held against differences of scores.
  if (model) window.equipoiseParts = (most) => {
    let missing = 0, slope = 0;
    for (let row = 0; row < Math.min(count, most); row += 1) {
      missing = Math.max(missing, Math.abs(attributed(values(row)).missing));
      const features = encoded(values(row)), { gradient } = evaluate(features, true);
      const at = row % features.length, step = 1e-5, shifted = (by) => evaluate(features.map((value, feature) => feature === at ? value + by : value), false).score;
      slope = Math.max(slope, Math.abs(gradient[at] - (shifted(step) - shifted(-step)) / (2 * step)));
    }
    return [missing, slope];
  };

  const MOST_PARTS = 14;
  const showParts = () => {
    const { parts, from, to, missing } = attributed(edited), picture = byId("row-parts");
    const shown = parts.map((part, place) => [part, place]).sort((a, b) => Math.abs(b[0]) - Math.abs(a[0])).slice(0, MOST_PARTS);
    const most = Math.max(1e-6, ...shown.map(([part]) => Math.abs(part)));
    const h = (part) => 220 + 62 * part / most;
    picture.replaceChildren();
    picture.setAttribute("viewBox", `0 0 340 ${10 + 18 * shown.length}`);
    picture.append(draw("line", { class: "axis", x1: h(0), x2: h(0), y1: 0, y2: 8 + 18 * shown.length }));
    shown.forEach(([part, place], index) => {
      const v = 6 + 18 * index, label = visible(model.columns[place].name);
      picture.append(
        draw("text", { class: "tick", x: 142, y: v + 10, "text-anchor": "end" }, label.length > 22 ? label.slice(0, 21) + "…" : label),
        draw("rect", { class: "dot " + (part < 0 ? "s1" : "s0"), x: Math.min(h(0), h(part)), y: v + 1, width: Math.max(0.5, Math.abs(h(part) - h(0))), height: 11 }),
        draw("text", { class: "tick", x: part < 0 ? h(0) + 5 : h(part) + 4, y: v + 10 }, (part < 0 ? "" : "+") + fixed(part, 3)));
    });
    picture.setAttribute("aria-label", "The columns' parts in the score: " + shown.map(([part, place]) => `${visible(model.columns[place].name)} ${(part < 0 ? "" : "+") + fixed(part, 3)}`).join(", ") + ".");
    byId("row-parts-sum").textContent = `The average row scores ${fixed(from, 3)}, this one ${fixed(to, 3)}: a difference of ${fixed(to - from, 3)}` +
      (Math.abs(missing) <= 1e-3 ? ", which the parts make up." : `, of which the parts leave ${fixed(Math.abs(missing), 3)} unexplained.`);
  };

  // MARK: Which rows

  const change = (row) => rows.before ? rows.scores[row] - rows.before[row] : 0;
  // As the tool decided: a number here is not that of the tool to its last bit.
  const isSelected = (row) => rows.decisions[row] === 1;
  const wasSelected = (row) => rows.decisionsBefore[row] === 1;
  const filters = [{ name: "all rows", holds: () => true }];
  rows.groups.forEach((group) => group.names.forEach((name, code) => {
    filters.push({ name: visible(group.name) + " = " + visible(name), slice: [[visible(group.name), visible(name)]], holds: (row) => group.codes[row] === code });
  }));
  filters.push({ name: "label positive", holds: (row) => rows.labels[row] === 1 }, { name: "label negative", holds: (row) => rows.labels[row] === 0 });
  if (rows.before) {
    filters.push(
      { name: "selected now, not before", holds: (row) => isSelected(row) && !wasSelected(row) },
      { name: "selected before, not now", holds: (row) => !isSelected(row) && wasSelected(row) });
  }
  filters.push(
    { name: "wrongly selected", holds: (row) => isSelected(row) && rows.labels[row] === 0 },
    { name: "missed", holds: (row) => !isSelected(row) && rows.labels[row] === 1 });
  const orders = [
    ...(rows.before ? [["largest fall of the score", (a, b) => change(a) - change(b)], ["largest rise of the score", (a, b) => change(b) - change(a)]] : []),
    ["nearest to the threshold", (a, b) => Math.abs(rows.scores[a] - threshold) - Math.abs(rows.scores[b] - threshold)],
    ["highest score", (a, b) => rows.scores[b] - rows.scores[a]], ["as in the data", (a, b) => a - b],
  ];
  const filterSelect = byId("row-filter"), orderSelect = byId("row-order");
  filters.forEach((filter, index) => filterSelect.append(make("option", { value: index }, filter.name)));
  orders.forEach(([name], index) => orderSelect.append(make("option", { value: index }, name)));
  const MOST_SHOWN = 1000, MOST_DOTS = 2000;
  let found = [], chosen = -1;

  const show = () => {
    const filter = filters[Number(filterSelect.value)];
    found = [];
    for (let row = 0; row < count; row += 1) if (filter.holds(row)) found.push(row);
    found.sort((a, b) => orders[Number(orderSelect.value)][1](a, b) || a - b);
    const falls = rows.before ? found.filter((row) => change(row) < -0.3).length : 0;
    const rises = rows.before ? found.filter((row) => change(row) > 0.3).length : 0;
    byId("row-count").textContent =
      `${found.length.toLocaleString("en")} of ${count.toLocaleString("en")} rows` +
      (count < rows.total ? ` (a sample of ${rows.total.toLocaleString("en")})` : "") +
      (found.length > MOST_SHOWN ? `, the first ${MOST_SHOWN.toLocaleString("en")} in the table` : "") +
      (rows.before ? `; ${falls.toLocaleString("en")} fell and ${rises.toLocaleString("en")} rose by more than 0.3.` : ".");
    showScatter();
    showTable();
  };

  // MARK: Score before against score after

  const frame = { left: 40, right: 406, top: 10, bottom: 356 };
  const x = (value) => frame.left + value * (frame.right - frame.left), y = (value) => frame.bottom + value * (frame.top - frame.bottom);
  const scatter = byId("row-scatter");
  let dots = [];

  const showScatter = () => {
    if (!rows.before) return;
    scatter.replaceChildren();
    for (const tick of [0, 0.25, 0.5, 0.75, 1]) {
      scatter.append(
        draw("line", { class: "grid", x1: x(0), x2: x(1), y1: y(tick), y2: y(tick) }),
        draw("text", { class: "tick", x: x(0) - 6, y: y(tick) + 4, "text-anchor": "end" }, tick),
        draw("text", { class: "tick", x: x(tick), y: y(0) + 15, "text-anchor": "middle" }, tick));
    }
    scatter.append(
      draw("line", { class: "reference", x1: x(0), y1: y(0), x2: x(1), y2: y(1) }),
      draw("line", { class: "phase", x1: x(threshold), x2: x(threshold), y1: y(0), y2: y(1) }),
      draw("line", { class: "phase", x1: x(0), x2: x(1), y1: y(threshold), y2: y(threshold) }),
      draw("text", { class: "title", x: x(0.5), y: y(0) + 31, "text-anchor": "middle" }, "score before"),
      draw("text", { class: "title", x: x(0) + 4, y: y(1) + 9 }, "score after"));
    const step = Math.max(1, Math.ceil(found.length / MOST_DOTS));
    dots = found.filter((_, index) => index % step === 0);
    let circles = "", squares = "";
    for (const row of dots) {
      const [h, v] = [x(rows.before[row]).toFixed(1), y(rows.scores[row]).toFixed(1)];
      // Many dots as two paths: one element a dot would be slow.
      if (rows.labels[row]) circles += `M${h},${v}m-2.4,0a2.4,2.4 0 1,0 4.8,0a2.4,2.4 0 1,0 -4.8,0`;
      else squares += `M${h},${v}m-1.9,-1.9h3.8v3.8h-3.8z`;
    }
    scatter.append(draw("path", { class: "cloud s1", d: squares }), draw("path", { class: "cloud s0", d: circles }));
    if (chosen >= 0) scatter.append(draw("circle", { class: "picked", cx: x(rows.before[chosen]), cy: y(rows.scores[chosen]), r: 7 }));
    scatter.setAttribute("aria-label", `Score before against score after of ${found.length} rows. Points below the diagonal fell.`);
  };

  scatter.addEventListener("click", (event) => {
    const box = scatter.getBoundingClientRect();
    const [h, v] = [(event.clientX - box.left) / box.width * 420, (event.clientY - box.top) / box.height * 396];
    let best = -1, least = 400;
    for (const row of dots) {
      const distance = (x(rows.before[row]) - h) ** 2 + (y(rows.scores[row]) - v) ** 2;
      if (distance < least) [best, least] = [row, distance];
    }
    if (best >= 0) pick(best);
  });

  // MARK: The table

  const shownColumns = [...rows.groups, ...rows.columns.filter((column) => !rows.groups.some((group) => group.name === column.name))];
  const showTable = () => {
    const head = make("tr"), body = document.createDocumentFragment();
    for (const name of ["row", "label", ...(rows.before ? ["before"] : []), "score", ...shownColumns.map((column) => visible(column.name))]) {
      head.append(make("th", { scope: "col" }, name));
    }
    for (const row of found.slice(0, MOST_SHOWN)) {
      const line = make("tr", row === chosen ? { class: "picked" } : {}), first = make("th", { scope: "row" });
      // One stop for the tabulator; the arrow keys go from row to row.
      const button = make("button", { type: "button", class: "link", "data-row": row, tabindex: row === found[0] ? 0 : -1 }, rows.rows[row]);
      button.setAttribute("aria-label", `Row ${rows.rows[row]}: ${model ? "change its values" : "look at it"}`);
      first.append(button);
      line.append(first, make("td", {}, rows.labels[row] ? "yes" : "no"));
      if (rows.before) line.append(make("td", { class: "number" }, fixed(rows.before[row], 3)));
      line.append(make("td", { class: "number" }, fixed(rows.scores[row], 3)));
      for (const column of shownColumns) {
        const value = cell(column, row);
        line.append(make("td", column.values ? { class: "number" } : {}, value === null ? "–" : column.values ? number(value) : visible(value)));
      }
      body.append(line);
    }
    const table = byId("row-table");
    table.tHead.replaceChildren(head);
    table.tBodies[0].replaceChildren(body);
  };
  byId("row-table").addEventListener("click", (event) => {
    const button = event.target.closest("[data-row]");
    if (button) pick(Number(button.dataset.row));
  });

  byId("row-table").addEventListener("keydown", (event) => {
    const line = event.target.closest("tr");
    const next = event.key === "ArrowDown" ? line?.nextElementSibling : event.key === "ArrowUp" ? line?.previousElementSibling : null;
    if (!next) return;
    event.preventDefault();
    next.querySelector("[data-row]").focus();
  });

  // MARK: One row, changed

  // The values of the picked row as they were changed, and whether it is selected with them.
  let edited = [], isEditedSelected = false;
  const pick = (row) => {
    chosen = row;
    showScatter();
    for (const line of byId("row-table").querySelectorAll("tbody tr")) {
      line.classList.toggle("picked", Number(line.querySelector("[data-row]").dataset.row) === row);
    }
    byId("row-title").textContent = `Row ${rows.rows[row]}`;
    edited = values(row);
    if (model) showFields();
    showEdited();
  };

  const showFields = () => {
    const form = byId("row-fields"), original = edited.slice();
    form.replaceChildren();
    model.columns.forEach((column, place) => {
      const id = "field-" + place, label = make("label", { for: id }, visible(column.name));
      let field;
      if (column.categories) {
        field = make("select", { id });
        const names = column.categories.includes(edited[place]) || edited[place] === null ? column.categories : [edited[place], ...column.categories];
        names.forEach((name, index) => field.append(make("option", { value: index }, visible(name))));
        field.value = names.indexOf(edited[place] === null ? column.missing : edited[place]);
        field.addEventListener("change", () => {
          const name = names[Number(field.value)];
          // Back at what a missing cell is read as, the cell is missing again.
          edited[place] = original[place] === null && name === column.missing ? null : name;
          showEdited();
        });
      } else {
        field = make("input", { id, type: "number", step: "any", value: edited[place] === null ? "" : edited[place] });
        field.addEventListener("input", () => {
          const value = field.value === "" ? null : Number(field.value);
          if (value === null || Number.isFinite(value)) { edited[place] = value; showEdited(); }
        });
      }
      form.append(label, field);
    });
  };

  const decision = (isSelected) => isSelected ? "selected" : "not selected";
  /** The columns in which the picked row was changed, by their places. */
  const changed = () => {
    const original = values(chosen);
    return rows.columns.map((_, place) => place).filter((place) => edited[place] !== original[place]);
  };
  /** All that is shown of the picked row as it is now. */
  const showEdited = () => {
    const was = rows.scores[chosen], original = values(chosen), places = changed();
    isEditedSelected = isSelected(chosen);
    if (places.length === 0) {
      byId("row-score").textContent = `Score ${fixed(was, 4)}, ${decision(isEditedSelected)}; its label is ${rows.labels[chosen] ? "positive" : "negative"}.`;
    } else {
      const now = score(edited);
      isEditedSelected = now >= threshold;
      byId("row-score").textContent = `Score ${fixed(was, 4)} → ${fixed(now, 4)}, ${decision(isSelected(chosen))} → ${decision(isEditedSelected)}, with ` +
        places.map((place) => `${visible(rows.columns[place].name)} ${visible(original[place] ?? "missing")} → ${visible(edited[place] ?? "missing")}`).join(", ") + ".";
    }
    if (model) {
      showParts();
      showDependence();
    }
    showNearest();
  };
  if (model) byId("row-undo").addEventListener("click", () => { if (chosen >= 0) pick(chosen); });

  // MARK: The nearest row with the other decision

  // What two rows differ by in a column: numbers in standard deviations; categories by how likely two rows share one.
  const spreads = rows.columns.map((data) => {
    if (data.values) {
      const known = data.values.filter((value) => value !== null), mean = known.reduce((sum, value) => sum + value, 0) / known.length;
      return Math.sqrt(known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / known.length) || 1;
    }
    const counts = new Map();
    for (const code of data.codes) counts.set(code, (counts.get(code) || 0) + 1);
    return [...counts.values()].reduce((sum, value) => sum + (value / count) ** 2, 0);
  });

  /** The row nearest to the picked one as it is now among those with the other decision, itself before a change left out. */
  const nearest = () => {
    // Its categories as codes of the rows; one that no row has is like none.
    const own = rows.columns.map((data, place) => data.values ? edited[place] : edited[place] === null ? -1 : data.names.includes(edited[place]) ? data.names.indexOf(edited[place]) : -2);
    let best = -1, least = Infinity;
    for (let other = 0; other < count; other += 1) {
      if (other === chosen || isSelected(other) === isEditedSelected) continue;
      let distance = 0;
      for (let place = 0; place < own.length && distance < least; place += 1) {
        const data = rows.columns[place];
        if (data.values) {
          const [a, b] = [own[place], data.values[other]];
          distance += a === null || b === null ? (a === b ? 0 : 1) : Math.abs(a - b) / spreads[place];
        } else if (own[place] !== data.codes[other]) distance += spreads[place];
      }
      if (distance < least) [best, least] = [other, distance];
    }
    return best;
  };

  const showNearest = () => {
    const place = byId("row-nearest");
    place.replaceChildren();
    if (rows.columns.length === 0) return place.append("No column is in this page by which rows could be compared.");
    const other = nearest();
    if (other < 0) return place.append("No row has the other decision.");
    const theirs = values(other), different = theirs.map((_, column) => column).filter((column) => edited[column] !== theirs[column]);
    place.append(
      `Row ${rows.rows[other]}, score ${fixed(rows.scores[other], 4)}, ${decision(isSelected(other))}, ` +
      (different.length === 0 ? "is equal in every column. " : "differs in " + different.map((column) =>
        `${visible(rows.columns[column].name)} (${visible(theirs[column] ?? "missing")} instead of ${visible(edited[column] ?? "missing")})`).join(", ") + ". "));
    const button = make("button", { type: "button", class: "link" }, "Look at it");
    // The button goes with the row that it belongs to, and the focus would go with it.
    button.addEventListener("click", () => { pick(other); byId("row-title").focus(); });
    place.append(button);
  };

  // MARK: What one column does to the score, all others as they are

  const dependenceSelect = byId("row-column");
  if (model) model.columns.forEach((column, place) => dependenceSelect.append(make("option", { value: place }, visible(column.name))));
  const sample = Array.from({ length: Math.min(100, count) }, (_, index) => Math.floor(index * count / Math.min(100, count)));
  const scored = (start, place, value) => { const copy = start.slice(); copy[place] = value; return score(copy); };

  // What a column is set to, and the mean score of the sample at each; no change of the picked row moves them.
  const dependences = new Map();
  const dependence = (place) => {
    if (!dependences.has(place)) {
      const column = model.columns[place], data = rows.columns[place];
      let settings;
      if (data.values) {
        const sorted = data.values.filter((value) => value !== null).sort((a, b) => a - b);
        const [low, high] = [sorted[Math.floor(sorted.length * 0.01)], sorted[Math.floor((sorted.length - 1) * 0.99)]];
        settings = Array.from({ length: sorted.length ? 25 : 0 }, (_, index) => low + (high - low) * index / 24);
      } else settings = column.categories.filter((_, index) => column.known[index]).slice(0, 24);
      const starts = sample.map(values);
      const mean = settings.map((value) => starts.reduce((sum, start) => sum + scored(start, place, value), 0) / starts.length);
      dependences.set(place, { settings, mean });
    }
    return dependences.get(place);
  };

  const showDependence = () => {
    const picture = byId("row-dependence"), place = Number(dependenceSelect.value), column = model.columns[place];
    picture.replaceChildren();
    const { settings, mean } = dependence(place);
    if (settings.length === 0) return picture.setAttribute("aria-label", `No row has a value of ${visible(column.name)}.`);
    const own = settings.map((value) => scored(edited, place, value));
    const isNumeric = Boolean(rows.columns[place].values), height = isNumeric ? 180 : 14 + 17 * settings.length;
    picture.setAttribute("viewBox", `0 0 340 ${height + 26}`);
    if (isNumeric) {
      const [low, high] = [settings[0], settings[settings.length - 1]];
      const h = (value) => 40 + (value - low) / (high - low || 1) * 270, v = (value) => height - 8 - value * (height - 20);
      for (const tick of [0, 0.5, 1]) picture.append(draw("line", { class: "grid", x1: 40, x2: 310, y1: v(tick), y2: v(tick) }), draw("text", { class: "tick", x: 34, y: v(tick) + 4, "text-anchor": "end" }, tick));
      for (const value of [low, (low + high) / 2, high]) picture.append(draw("text", { class: "tick", x: h(value), y: height + 8, "text-anchor": "middle" }, number(value)));
      const line = (scores) => scores.map((value, index) => (index ? "L" : "M") + h(settings[index]).toFixed(1) + "," + v(value).toFixed(1)).join("");
      picture.append(draw("path", { class: "line s1", d: line(mean) }), draw("path", { class: "line s0", d: line(own) }));
    } else {
      const h = (value) => 150 + value * 180;
      settings.forEach((name, index) => {
        const v = 14 + 17 * index, label = visible(name);
        picture.append(
          draw("text", { class: "tick", x: 142, y: v + 4, "text-anchor": "end" }, label.length > 22 ? label.slice(0, 21) + "…" : label),
          draw("line", { class: "grid", x1: h(0), x2: h(1), y1: v, y2: v }),
          draw("rect", { class: "dot s1", x: h(mean[index]) - 3, y: v - 3, width: 6, height: 6 }),
          draw("circle", { class: "dot s0", cx: h(own[index]), cy: v, r: 4 }));
      });
      for (const tick of [0, 0.5, 1]) picture.append(draw("text", { class: "tick", x: h(tick), y: height + 14, "text-anchor": "middle" }, tick));
    }
    picture.setAttribute("aria-label", `Score of row ${rows.rows[chosen]}${changed().length ? ", as it was changed," : ""} where ${visible(column.name)} changes: from ${fixed(Math.min(...own), 3)} to ${fixed(Math.max(...own), 3)}; mean of ${sample.length} rows from ${fixed(Math.min(...mean), 3)} to ${fixed(Math.max(...mean), 3)}.`);
  };
  if (model) dependenceSelect.addEventListener("change", () => { if (chosen >= 0) showDependence(); });

  // MARK: Slices lead here

  for (const place of document.querySelectorAll("[data-slice]")) {
    const terms = JSON.parse(place.dataset.slice);
    if (terms.length === 0 || !terms.every(([name, group]) => rows.groups.some((one) => visible(one.name) === name && one.names.map(visible).includes(group)))) continue;
    const button = make("button", { type: "button", class: "link" }, "rows");
    button.setAttribute("aria-label", "Show the rows of " + terms.map((term) => term.join(" = ")).join(", "));
    button.addEventListener("click", () => {
      const name = terms.map((term) => term.join(" = ")).join(", ");
      let index = filters.findIndex((filter) => filter.name === name);
      if (index < 0) {
        const tests = terms.map(([column, group]) => {
          const data = rows.groups.find((one) => visible(one.name) === column);
          return [data.codes, data.names.map(visible).indexOf(group)];
        });
        index = filters.push({ name, holds: (row) => tests.every(([codes, code]) => codes[row] === code) }) - 1;
        filterSelect.append(make("option", { value: index }, name));
      }
      filterSelect.value = index;
      show();
      byId("rows").scrollIntoView();
      filterSelect.focus();
    });
    place.append(" ", button);
  }

  filterSelect.addEventListener("change", show);
  orderSelect.addEventListener("change", show);
  byId("explorer").hidden = false;
  show();
  if (found.length) pick(found[0]);
})();
