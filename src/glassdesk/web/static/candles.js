// Candles with the lines of an indicator set, signals, fills and levels; every number under the crosshair is told.
(() => {
  const card = document.getElementById("candles");
  if (!card || !window.LightweightCharts) return;
  const box = document.getElementById("candles-chart");
  const legend = document.getElementById("candles-legend");
  const LC = LightweightCharts;
  const chosen = () => document.documentElement.dataset.theme;
  const isDark = () => (chosen() ? chosen() === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);
  const tint = (both) => (isDark() ? both.dark : both.light);
  const pair = (both) => both[isDark() ? 1 : 0];
  const probe = document.createElement("i");
  probe.hidden = true;
  document.body.append(probe);
  const colour = (name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const looks = () => ({
    layout: {
      background: { color: "transparent" }, textColor: colour("--chart-text"), attributionLogo: false,
      fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 12,
      panes: { separatorColor: colour("--chart-line"), enableResize: true },
    },
    grid: { vertLines: { color: colour("--chart-line") }, horzLines: { color: colour("--chart-line") } },
    crosshair: { mode: LC.CrosshairMode.Normal },
    rightPriceScale: { borderVisible: false },
    timeScale: { borderVisible: false, timeVisible: true, secondsVisible: false },
  });
  const DRAWN = {
    line: (one) => [LC.LineSeries, { lineWidth: 2 }, one],
    band_edge: (one) => [LC.LineSeries, { lineWidth: 1 }, one],
    band_middle: (one) => [LC.LineSeries, { lineWidth: 1, lineStyle: LC.LineStyle.Dashed }, one],
    cloud_edge: (one) => [LC.LineSeries, { lineWidth: 1 }, one],
    trend: (one) => [LC.LineSeries, { lineWidth: 2 }, one],
    dots: (one) => [LC.LineSeries, { lineVisible: false, pointMarkersVisible: true, pointMarkersRadius: 1.5 }, one],
    level: (one) => [LC.LineSeries, { lineWidth: 1, lineType: LC.LineType.WithSteps }, one],
    level_now: (one) => [LC.LineSeries, { lineWidth: 1, lineStyle: LC.LineStyle.Dotted }, one],
    histogram: (one) => [LC.HistogramSeries, {}, one],
  };

  const points = (view, line) =>
    line.values.map((value, place) => {
      const time = view.bars[place].time;
      if (value === null) return { time };
      const turn = line.turns[place];
      if (turn === undefined || turn === null) return { time, value };
      return { time, value, color: turn >= 0 ? pair(view.up) : pair(view.down) };
    });

  const said = (value, places) =>
    value === null || value === undefined ? "–" : value.toLocaleString("en-US", {
      minimumFractionDigits: places, maximumFractionDigits: places,
    });

  const draw = (view) => {
    const chart = LC.createChart(box, { ...looks(), autoSize: true });
    const candles = chart.addSeries(LC.CandlestickSeries, {
      priceFormat: { type: "price", precision: view.places, minMove: 10 ** -view.places },
    });
    candles.setData(view.bars);
    const volume = chart.addSeries(LC.HistogramSeries, {
      priceScaleId: "volume", priceFormat: { type: "volume" }, lastValueVisible: false, priceLineVisible: false,
    });
    volume.priceScale().applyOptions({ scaleMargins: { top: 0.82, bottom: 0 } });
    let own = 0;
    const entries = view.panes.map((pane) => {
      const place = pane.own ? (own += 1) : 0;
      const lines = pane.lines.map((line) => {
        const [kind, options] = DRAWN[line.look](line);
        const series = chart.addSeries(kind, { ...options, priceLineVisible: false, lastValueVisible: pane.own }, place);
        if (pane.own) series.priceScale().applyOptions({ scaleMargins: { top: 0.1, bottom: 0.1 } });
        return { line, series };
      });
      pane.guides.forEach((price) => lines[0]?.series.createPriceLine({
        price, lineWidth: 1, lineStyle: LC.LineStyle.Dotted, axisLabelVisible: false, color: colour("--chart-text"),
      }));
      return { pane, lines, shown: true };
    });
    chart.panes().forEach((pane, place) => pane.setStretchFactor(place ? 1 : 4));
    const marks = LC.createSeriesMarkers(candles, []);
    const levels = view.levels.map((level) => ({
      level, line: candles.createPriceLine({ price: level.price, title: level.title, lineWidth: 1, lineStyle: LC.LineStyle.Dashed }),
    }));

    const paint = () => {
      const [up, down] = [pair(view.up), pair(view.down)];
      chart.applyOptions(looks());
      candles.applyOptions({ upColor: up, downColor: down, wickUpColor: up, wickDownColor: down, borderVisible: false });
      volume.setData(view.bars.map((bar) => ({ time: bar.time, value: bar.volume, color: `${bar.close >= bar.open ? up : down}55` })));
      entries.forEach(({ lines }) => lines.forEach(({ line, series }) => {
        series.applyOptions({ color: tint(line) });
        series.setData(points(view, line));
      }));
      levels.forEach(({ level, line }) => line.applyOptions({ color: tint(level) }));
      marks.setMarkers(view.marks.map((mark) => {
        const buys = mark.kind === "BUY" || mark.kind === "bought";
        const filled = mark.kind === "bought" || mark.kind === "sold";
        return {
          time: mark.time, position: buys ? "belowBar" : "aboveBar", color: buys ? up : down,
          shape: filled ? "circle" : buys ? "arrowUp" : "arrowDown", text: filled ? "" : mark.kind,
        };
      }));
    };

    const linked = (mark) => {
      const link = document.createElement("a");
      link.href = mark.link;
      link.textContent = mark.kind === mark.text ? `signal ${mark.kind}` : `${mark.kind} ${mark.text}`;
      return link;
    };
    const head = document.createElement("p");
    legend.replaceChildren(head);
    entries.forEach((entry) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "plain small";
      button.title = entry.pane.meaning;
      button.setAttribute("aria-pressed", "true");
      button.addEventListener("click", () => {
        entry.shown = !entry.shown;
        button.setAttribute("aria-pressed", String(entry.shown));
        entry.lines.forEach(({ series }) => series.applyOptions({ visible: entry.shown }));
      });
      entry.button = button;
      legend.append(button);
    });
    const times = new Map(view.bars.map((bar, place) => [String(bar.time), place]));
    const key = (time) => (typeof time === "object" ? `${time.year}-${String(time.month).padStart(2, "0")}-${String(time.day).padStart(2, "0")}` : String(time));
    const marked = Map.groupBy ? Map.groupBy(view.marks, (mark) => String(mark.time)) : new Map();
    const tell = (place) => {
      const bar = view.bars[place];
      const when = typeof bar.time === "number" ? new Date(bar.time * 1000).toISOString().slice(0, 16).replace("T", " ") : bar.time;
      head.textContent = `${view.title} · ${when} ${view.zone}  O ${said(bar.open, view.places)}  H ${said(bar.high, view.places)}  L ${said(bar.low, view.places)}  C ${said(bar.close, view.places)}  V ${said(bar.volume, 0)}`;
      const here = marked.get(String(bar.time)) || [];
      if (here.length) head.append(...here.flatMap((mark) => [" · ", linked(mark)]));
      entries.forEach(({ pane, lines, button }) => {
        button.textContent = `${pane.label}  ${lines.map(({ line }) => said(line.values[place], pane.own ? 2 : view.places)).join("  ")}`;
      });
    };
    chart.subscribeCrosshairMove((event) => {
      const place = event.time === undefined ? undefined : times.get(key(event.time));
      tell(place === undefined ? view.bars.length - 1 : place);
    });
    paint();
    tell(view.bars.length - 1);
    chart.timeScale().setVisibleLogicalRange({ from: Math.max(0, view.bars.length - 120), to: view.bars.length + 3 });
    document.addEventListener("theme", paint);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
    document.getElementById("candles-notes").textContent = [...view.problems, ...view.notes].join("; ");
    card.dataset.drawn = String(view.bars.length);
  };

  fetch(card.dataset.source, { headers: { Accept: "application/json" } })
    .then(async (answer) => {
      const told = await answer.json();
      if (!answer.ok) throw new Error(told.detail || told.title || answer.statusText);
      draw(told);
    })
    .catch((problem) => {
      const place = document.getElementById("candles-problem");
      place.textContent = problem.message;
      place.hidden = false;
    });
})();
