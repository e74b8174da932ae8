"use strict";
// What can be moved on the page. Everything that stands here was drawn before without it; names come from data, so they
// are only ever set as text.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const fixed = (value, decimals) => value.toFixed(decimals).replace("-", "−");
  const percent = (share) => share === null ? "none" : fixed(share * 100, 1) + "\u00a0%";
  const divided = (part, whole) => whole > 0 ? part / whole : null;

  /** The frame of a plot: how its data become coordinates. */
  const frame = (svg) => {
    const [left, right, bottom, top, highest] = svg.dataset.frame.split(" ").map(Number);
    return {
      bottom, top,
      x: (value) => left + Math.min(1, Math.max(0, value)) * (right - left),
      y: (value) => bottom + Math.min(1, Math.max(0, value / highest)) * (top - bottom),
    };
  };

  const path = (points) => {
    let text = "", isDrawing = false;
    for (const [x, y] of points) {
      if (y === null) { isDrawing = false; continue; }
      text += (isDrawing ? "L" : "M") + x.toFixed(1) + "," + y.toFixed(1);
      isDrawing = true;
    }
    return text;
  };

  // MARK: Scores after every epoch

  const epochs = data.epochs;
  const slider = byId("epoch");
  if (slider && epochs) {
    const show = (number) => {
      const name = epochs.names[number];
      byId("epoch-name").textContent = name;
      slider.setAttribute("aria-valuetext", name);
      for (const svg of all("svg[data-density]")) {
        const { x, y, bottom } = frame(svg);
        const groups = epochs.attributes[Number(svg.dataset.density)].groups;
        groups.forEach((group, index) => {
          const counts = group.epochs[number];
          // An epoch that was not counted leaves the curve as it is.
          if (counts.length === 0) return;
          const total = counts.reduce((sum, count) => sum + count, 0);
          const points = counts.map((count, bin) => [x((bin + 0.5) / counts.length), y(Math.sqrt(divided(count, total) ?? 0))]);
          const line = path(points);
          // By number, not by colour: of more than eight groups some have the same.
          const drawn = svg.querySelector(`.line[data-series="${index}"]`), area = svg.querySelector(`.area[data-area="${index}"]`);
          if (drawn) drawn.setAttribute("d", line);
          if (area) {
            area.setAttribute("d", line + "L" + points[points.length - 1][0] + "," + bottom + "L" + points[0][0] + "," + bottom + "Z");
          }
        });
      }
    };
    let timer = null;
    const stop = () => {
      clearInterval(timer);
      timer = null;
      byId("epoch-play").textContent = "▶ Play";
    };
    slider.addEventListener("input", () => { stop(); show(Number(slider.value)); });
    byId("epoch-play").addEventListener("click", () => {
      if (timer) return stop();
      if (slider.value === slider.max) slider.value = 0;
      byId("epoch-play").textContent = "❚❚ Pause";
      timer = setInterval(() => {
        show(Number(slider.value));
        if (slider.value === slider.max) return stop();
        slider.value = Number(slider.value) + 1;
      }, 90);
    });
    byId("epoch-controls").hidden = false;
  }

  // MARK: Thresholds

  const scores = data.scores;
  const threshold = byId("threshold");
  if (threshold && scores) {
    const fromAbove = (counts) => {
      const sums = new Array(counts.length + 1).fill(0);
      for (let bin = counts.length - 1; bin >= 0; bin -= 1) sums[bin] = sums[bin + 1] + counts[bin];
      return sums;
    };
    const counted = (states) => states.map(({ positives, negatives, own }) => ({ tp: fromAbove(positives), fp: fromAbove(negatives), own }));
    const whole = counted(scores.all);
    const attributes = scores.attributes.map((attribute) => ({
      name: attribute.name,
      groups: attribute.groups.map((group) => ({ name: group.name, states: counted(group.states) })),
    }));
    // The model's own threshold, which may lie between the bins.
    const OWN = null;
    const rates = (counts, at) => {
      const [tp, fp] = at === OWN ? counts.own : [counts.tp[at], counts.fp[at]], positives = counts.tp[0], negatives = counts.fp[0];
      return {
        selected: divided(tp + fp, positives + negatives), tpr: divided(tp, positives), fpr: divided(fp, negatives),
        precision: divided(tp, tp + fp), accuracy: divided(tp + negatives - fp, positives + negatives),
        count: tp + fp, rows: positives + negatives,
      };
    };
    const drawn = ["selected", "tpr", "fpr"];
    const state = () => {
      const chosen = document.querySelector("input[name=state]:checked");
      return Math.min(whole.length - 1, chosen ? Number(chosen.value) : whole.length - 1);
    };

    /** What the ratio of the extreme selection rates says of four fifths, with a 95 % interval of its logarithm (Katz). */
    const verdict = (found) => {
      const rated = found.filter((group) => group.selected !== null).sort((a, b) => a.selected - b.selected);
      const least = rated[0], most = rated[rated.length - 1];
      if (rated.length < 2 || most.selected === 0) return "No row of any group is selected: there is no ratio.";
      const ratio = least.selected / most.selected;
      const text = `${percent(least.selected)} of ${least.name} and ${percent(most.selected)} of ${most.name} are selected, a ratio of ${percent(ratio)}`;
      if (least.count === 0) return text + ": below four fifths.";
      const deviation = Math.sqrt(1 / least.count - 1 / least.rows + 1 / most.count - 1 / most.rows);
      const low = ratio * Math.exp(-1.96 * deviation), high = Math.min(1, ratio * Math.exp(1.96 * deviation));
      const says = low >= 0.8 ? "meets four fifths" : high < 0.8 ? "below four fifths" : "so few rows cannot tell it from four fifths";
      return `${text} (about ${percent(low)} to ${percent(high)}): ${says}.`;
    };

    const showLines = () => {
      const now = state();
      for (const block of all("[data-attribute]")) {
        const attribute = attributes[Number(block.dataset.attribute)];
        all("svg[data-rate]", block).forEach((svg, number) => {
          const { x, y } = frame(svg);
          attribute.groups.forEach((group, index) => {
            const line = svg.querySelector(`.line[data-series="${index}"]`);
            if (!line) return;
            const points = [];
            for (let at = 0; at <= scores.bins; at += 2) {
              const value = rates(group.states[now], at)[drawn[number]];
              points.push([x(at / scores.bins), value === null ? null : y(value)]);
            }
            line.setAttribute("d", path(points));
          });
        });
      }
    };

    // What stands there of the model as it is, with intervals that are not made again here.
    const ownText = byId("threshold-value").textContent;
    const ownOutcomes = new Map(all("[data-outcome]").map((outcome) => [outcome, outcome.textContent]));
    let at = OWN;
    // A browser may put back what it stood at when the page was left.
    threshold.value = threshold.defaultValue;

    const showNumbers = () => {
      const now = state(), value = at === OWN ? scores.threshold : at / scores.bins, text = at === OWN ? ownText : fixed(value, 3);
      byId("threshold-value").textContent = text;
      threshold.setAttribute("aria-valuetext", text);
      const total = rates(whole[now], at);
      byId("threshold-whole").textContent =
        `At ${text}, ${total.count.toLocaleString("en")} of ${total.rows.toLocaleString("en")} are selected (${percent(total.selected)}); accuracy ${percent(total.accuracy)}, precision ${percent(total.precision)}.`;
      for (const block of all("[data-attribute]")) {
        const number = Number(block.dataset.attribute), attribute = attributes[number];
        const found = attribute.groups.map((group) => ({ name: group.name, ...rates(group.states[now], at) }));
        for (const cell of all("[data-cell]", block)) {
          cell.textContent = percent(found[Number(cell.dataset.group)][cell.dataset.cell]);
        }
        const outcome = document.querySelector(`[data-outcome="${number}"]`);
        if (outcome) outcome.textContent = at === OWN && now === whole.length - 1 ? ownOutcomes.get(outcome) : verdict(found);
        for (const svg of all("svg[data-rate]", block)) {
          const marker = svg.querySelector(".marker"), place = frame(svg).x(value);
          marker.setAttribute("x1", place);
          marker.setAttribute("x2", place);
        }
      }
    };
    threshold.addEventListener("input", () => { at = Number(threshold.value); showNumbers(); });
    for (const input of all("input[name=state]")) input.addEventListener("change", () => { showLines(); showNumbers(); });
    byId("threshold-reset").addEventListener("click", () => {
      at = OWN;
      threshold.value = threshold.defaultValue;
      showNumbers();
    });
    byId("threshold-controls").hidden = false;
    byId("threshold-controls").classList.add("sticky");
    showNumbers();
  }

  // MARK: Slices, one metric at a time

  const metrics = byId("metric-controls");
  if (metrics) {
    const choose = () => {
      const chosen = document.querySelector("input[name=metric]:checked").value;
      for (const part of all("[data-metric]")) part.hidden = part.dataset.metric !== chosen;
    };
    for (const input of all("input[name=metric]", metrics)) input.addEventListener("change", choose);
    metrics.hidden = false;
    choose();
  }

  window.equipoiseReady = true;
})();
