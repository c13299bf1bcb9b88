// From a chart's plain description to ECharts' option: direct labels, a named target, the interval as a band.

import { timeTicks } from "./time-axis.js";
import { day, moment } from "./zone.js";
import { word } from "./words.js";

const LINES = [
  { colour: "accent", type: "solid", width: 2.5 },
  { colour: "ink-2", type: [6, 4], width: 2 },
  { colour: "state-blocked-edge", type: [2, 3], width: 2 },
  { colour: "ink-3", type: [10, 3, 2, 3], width: 2 },
];

/** A number as text in the page's language, with the chart's decimals. */
function say(spec, value) {
  if (value === null || value === undefined || Number.isNaN(value)) return word("none");
  const digits = spec.decimals ?? 0;
  const text = new Intl.NumberFormat(document.documentElement.lang || "en", {
    minimumFractionDigits: digits, maximumFractionDigits: digits,
  }).format(value);
  return spec.unit === "%" ? `${text} %` : text;
}

function row(name, text) {
  const line = document.createElement("div");
  const [left, right] = [document.createElement("span"), document.createElement("span")];
  left.textContent = name;
  right.textContent = text;
  line.append(left, right);
  return line;
}

/** The tip as elements, not as HTML text: the page allows no inline style. */
function tip(spec, index) {
  const box = document.createElement("div");
  box.className = "pb-chart-tip";
  const head = document.createElement("strong");
  head.textContent = spec.x.kind === "time" ? moment(spec.x.values_us[index], 0) : spec.x.values[index];
  box.append(head);
  for (const series of spec.series) {
    const value = series.values[index];
    const unit = value === null || spec.unit === "%" ? "" : ` ${spec.unit}`;
    box.append(row(series.name, say(spec, value) + unit));
    if (series.low?.[index] != null)
      box.append(row(word("chart.interval"), `${say(spec, series.low[index])} – ${say(spec, series.high[index])}`));
    if (series.n?.[index] != null) box.append(row("n", String(series.n[index])));
  }
  for (const target of spec.targets ?? []) box.append(row(target.name, say(spec, target.value)));
  return box;
}

const points = (spec, values) =>
  spec.x.kind === "time" ? values.map((value, i) => [spec.x.values_us[i], value]) : values;

function targetLines(spec, token) {
  return {
    silent: true,
    symbol: "none",
    label: {
      position: "insideStartTop", distance: [2, 3], color: token("ink-2"), fontFamily: token("font"), fontSize: 12,
      backgroundColor: token("surface"), padding: [1, 4], borderRadius: 3,
    },
    z: 5,
    lineStyle: { color: token("ink-2"), type: [4, 4], width: 1.5 },
    data: spec.targets.map((target) => ({
      yAxis: target.value, label: { formatter: `${target.name} ${say(spec, target.value)}` },
    })),
  };
}

/** Two invisible edges with the area between them: the interval of an estimate. */
function band(spec, series, id, token) {
  const common = {
    type: "line", stack: id, stackStrategy: "all", symbol: "none", silent: true, tooltip: { show: false },
    lineStyle: { opacity: 0 }, step: spec.kind === "step" ? "end" : false, z: 1,
  };
  const height = series.high.map((high, i) => (high === null || series.low[i] === null ? null : high - series.low[i]));
  return [
    { ...common, data: points(spec, series.low) },
    { ...common, data: points(spec, height), areaStyle: { color: token("ink-3"), opacity: 0.18 } },
  ];
}

function lineSeries(spec, series, i, token) {
  const look = LINES[i % LINES.length];
  const end = series.values.findLast((value) => value !== null);
  return {
    type: "line",
    name: series.name,
    data: points(spec, series.values),
    step: spec.kind === "step" ? "end" : false,
    connectNulls: false,
    symbol: "circle",
    symbolSize: 6,
    showSymbol: series.points || series.values.length <= 31,
    itemStyle: { color: token(look.colour), opacity: series.points ? 0.6 : 1 },
    lineStyle: { color: token(look.colour), type: look.type, width: look.width, opacity: series.points ? 0 : 1 },
    endLabel: {
      show: !series.points, formatter: spec.series.length > 1 ? series.name : say(spec, end),
      color: token("ink"), fontFamily: token("font"), fontSize: 12, fontWeight: 600, distance: 6,
    },
    emphasis: { disabled: true },
    z: 3,
  };
}

/** Height of the tallest stack. */
function tallest(spec) {
  return Math.max(...spec.x.values.map((_, i) => spec.series.reduce((sum, one) => sum + (one.values[i] ?? 0), 0)));
}

/** Of the tallest bar of a Pareto chart: inside its top, or left of the line where the bar is narrower than it. */
function firstFigure(text, bars, token, width) {
  const bar = Math.min(48, ((width - 60) / bars) * 0.8);
  return text.length * 7 < bar
    ? { position: "insideTop", color: token("accent-ink") }
    : { position: "top", align: "right", offset: [8, 0] };
}

function barSeries(spec, series, i, token, width) {
  const colour = (at) => {
    if (series.state) return token(`state-${series.state}`);
    const status = series.status?.[at];
    return token(status && status !== "none" ? `status-${status}` : LINES[i % LINES.length].colour);
  };
  const bars = series.values.length;
  return {
    type: "bar",
    name: series.name,
    stack: spec.stack ? "all" : undefined,
    data: series.values.map((value, at) => ({
      value, itemStyle: { color: colour(at) },
      // The line of shares starts on top of the first bar of a Pareto chart: its figure goes inside where it fits.
      ...(spec.kind === "pareto" && at === 0 && { label: firstFigure(say(spec, value), bars, token, width) }),
    })),
    barMaxWidth: 48,
    label: {
      show: bars <= 16, position: spec.stack ? "inside" : "top", fontFamily: token("font"), fontSize: 12,
      // Inside a stack only where there is room for the figure.
      formatter: ({ value }) => (spec.stack && value < tallest(spec) * 0.09 ? "" : say(spec, value)),
      color: spec.stack && series.state ? token(`state-${series.state}-ink`) : token("ink"),
    },
    emphasis: { disabled: true },
    z: 2,
  };
}

/** Running share of the whole, in per cent. */
export function cumulative(values) {
  const whole = values.reduce((sum, value) => sum + (value ?? 0), 0);
  let sum = 0;
  return values.map((value) => (whole > 0 ? ((sum += value ?? 0) / whole) * 100 : null));
}

function paretoLine(spec, token, width) {
  const shares = cumulative(spec.series[0].values);
  // From the whole backwards, as many figures as have room side by side.
  const every = Math.ceil((38 * shares.length) / (width - 60));
  const isNamed = (at) => at > 0 && (shares.length - 1 - at) % every === 0;
  return {
    type: "line", name: word("chart.cumulative"), yAxisIndex: 1, data: shares, symbol: "circle", symbolSize: 5,
    lineStyle: { color: token("ink-2"), width: 1.5 }, itemStyle: { color: token("ink-2") }, z: 3,
    label: {
      show: true, position: "top", fontSize: 11, color: token("ink-2"), fontFamily: token("font"),
      formatter: ({ value, dataIndex }) => (isNamed(dataIndex) ? `${Math.round(value)} %` : ""),
      distance: 4,
    },
    emphasis: { disabled: true },
  };
}

function xAxis(spec, token, width) {
  const look = {
    axisLine: { lineStyle: { color: token("line-strong") } },
    axisTick: { show: false },
    splitLine: { show: false },
    axisPointer: { label: { show: false } },
  };
  const label = { color: token("ink-2"), fontFamily: token("font"), fontSize: 12, hideOverlap: true };
  if (spec.x.kind !== "time") {
    const room = (width - 60) / spec.x.values.length - 6;
    const names = room < 60
      ? { rotate: 40, width: 96, overflow: "truncate" }
      : { width: room, overflow: "break", lineHeight: 14 };
    const axisLabel = { ...label, ...(spec.kind === "pareto" && { ...names, interval: 0, hideOverlap: false }) };
    return { ...look, type: "category", data: spec.x.values, axisLabel };
  }
  const [from, to] = [spec.x.values_us[0], spec.x.values_us.at(-1)];
  const ticks = timeTicks(from, to, width / 80);
  const texts = new Map(ticks.map((tick) => [tick.us, tick.text]));
  const places = ticks.map((tick) => tick.us);
  return {
    ...look, type: "value", min: from, max: to,
    axisTick: { show: true, customValues: places },
    axisLabel: { ...label, customValues: places, formatter: (us) => texts.get(us) ?? day(us) },
  };
}

function yAxes(spec, token) {
  const label = { color: token("ink-2"), fontFamily: token("font"), fontSize: 12 };
  const main = {
    type: "value", name: spec.unit, min: spec.min, max: spec.max, scale: spec.kind === "line" || spec.kind === "step",
    nameTextStyle: { ...label, align: "right", padding: [0, 6, 0, 0] },
    splitNumber: 4,
    splitLine: { lineStyle: { color: token("line") } },
    axisLabel: label,
  };
  if (spec.kind !== "pareto") return main;
  const share = {
    ...main, name: "%", min: 0, max: 100, interval: 25, position: "right",
    nameTextStyle: { ...label, align: "left", padding: [0, 0, 0, 6] },
  };
  // Both axes end at the whole, so that the line of shares starts on top of the first bar; bars carry their figures.
  const whole = spec.series[0].values.reduce((sum, value) => sum + (value ?? 0), 0);
  return [{ ...main, min: 0, max: whole, splitLine: { show: false }, axisLabel: { show: false } }, share];
}

/** @param {object} spec see chart.js @param {(name: string) => string} token @param {number} width in pixels */
export function chartOption(spec, token, width) {
  const bars = spec.kind === "bar" || spec.kind === "pareto";
  const series = spec.series.map((one, i) => (bars ? barSeries : lineSeries)(spec, one, i, token, width));
  if (spec.targets?.length) series[0].markLine = targetLines(spec, token);
  if (spec.kind === "pareto") series.push(paretoLine(spec, token, width));
  const bands = spec.series.flatMap((one, i) => (one.low && !bars ? band(spec, one, `band-${i}`, token) : []));
  // Points have no name at their end: room only for what has.
  const names = Math.max(0, ...spec.series.filter((one) => !one.points).map((one) => one.name.length));
  const right = bars || names === 0 ? 16 : spec.series.length > 1 ? Math.min(names * 7 + 16, width * 0.3) : 56;
  return {
    textStyle: { fontFamily: token("font") },
    // Bands come last so that a click's series index is the description's own.
    series: [...series, ...bands],
    grid: { left: 4, right: spec.kind === "pareto" ? 8 : right, top: 30, bottom: 4, outerBoundsMode: "same" },
    xAxis: xAxis(spec, token, width),
    yAxis: yAxes(spec, token),
    tooltip: {
      trigger: "axis", confine: true, padding: [8, 12],
      backgroundColor: token("surface"), borderColor: token("line-strong"),
      formatter: (items) => tip(spec, [items].flat()[0].dataIndex),
    },
  };
}
