// Charts, drawn by ECharts, which is fetched only when a page has one.
//
//   <div class="pb-chart" data-chart="id-of-json" data-label="OEE of line 1 by day"></div>
//   JSON: {kind: "line" | "step" | "bar" | "pareto", unit, decimals?, min?, max?, stack?,
//          x: {kind: "category", values: [text]} | {kind: "time", values_us: [µs]},
//          series: [{name, values: [number | null], low?, high?, n?, state?, status?: [code], hrefs?: [url],
//                    points? (single values, not joined by a line)}],
//          targets?: [{name, value}]}
// The same numbers stand in a table in the page.

import { redrawOn, shapeElement, tokens } from "./canvas.js";
import { chartOption } from "./chart-option.js";
import { word } from "./words.js";

const LABEL_HEIGHT = 15;
const calm = matchMedia("(prefers-reduced-motion: reduce)");

function follow(chart, spec) {
  chart.on("click", (event) => {
    const href = spec.series[event.seriesIndex]?.hrefs?.[event.dataIndex];
    if (href) location.assign(href);
  });
}

/** Names at the ends of lines, moved apart where lines end close to each other. */
function spreadEndLabels(chart, spec) {
  if (spec.series.length < 2 || spec.kind === "bar" || spec.kind === "pareto") return;
  const ends = spec.series.map(({ values }, i) => {
    const value = values.findLast((one) => one !== null);
    return { i, y: chart.convertToPixel({ yAxisIndex: 0 }, value ?? 0) };
  });
  ends.sort((a, b) => a.y - b.y);
  let free = -Infinity;
  for (const end of ends) {
    end.shift = Math.max(0, free - end.y);
    free = end.y + end.shift + LABEL_HEIGHT;
  }
  const series = spec.series.map((_, i) => ({ endLabel: { offset: [0, ends.find((end) => end.i === i).shift] } }));
  chart.setOption({ series });
}

/** Bars of several series have no place for their names: a list of shapes and words above them. */
function legend(spec) {
  const list = document.createElement("ul");
  list.className = "pb-legend";
  for (const series of spec.series) {
    const item = document.createElement("li");
    if (series.state) {
      item.dataset.state = series.state;
      item.append(shapeElement("state", series.state));
    }
    item.append(series.name);
    list.append(item);
  }
  return list;
}

/** @param {HTMLElement} box @returns {Promise<() => void>} what stops it */
export async function attach(box) {
  const spec = JSON.parse(document.getElementById(box.dataset.chart).textContent);
  box.setAttribute("role", "img");
  box.setAttribute("aria-label", `${box.dataset.label ?? ""}. ${word("chart.table")}`);
  box.classList.add("is-waiting");
  if (spec.kind === "bar" && spec.series.length > 1) box.before(legend(spec));
  const { init } = await import("./echarts.js");
  const chart = init(box, null, { renderer: "canvas" });
  box.classList.remove("is-waiting");
  const draw = () => {
    chart.resize();
    const option = chartOption(spec, tokens(), box.clientWidth);
    chart.setOption({ ...option, animation: false, animationDuration: calm.matches ? 0 : 150 }, { notMerge: true });
    spreadEndLabels(chart, spec);
  };
  draw();
  follow(chart, spec);
  const stop = redrawOn(box, draw);
  return () => {
    stop();
    chart.dispose();
  };
}
