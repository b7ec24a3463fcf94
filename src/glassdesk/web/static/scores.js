// Draws the sum of R by the day of the signal, one line for each prompt. The numbers stand in a table as well.
(() => {
  const box = document.getElementById("scores");
  if (!box || !window.LightweightCharts) return;
  const probe = document.createElement("i");
  probe.hidden = true;
  document.body.append(probe);
  const colour = (name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const names = ["--chart-ink", "--warn", "--ok", "--bad", "--busy", "--muted"];
  const sources = box.dataset.source
    ? [["", box.dataset.source]]
    : Array.from({ length: 10 }, (_, at) => [box.dataset[`name${at + 1}`], box.dataset[`source${at + 1}`]]).filter((one) => one[1]);
  const looks = () => ({
    layout: {
      background: { color: "transparent" }, textColor: colour("--chart-text"), attributionLogo: false,
      fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 12,
    },
    grid: { vertLines: { visible: false }, horzLines: { color: colour("--chart-line") } },
    rightPriceScale: { borderVisible: false },
    timeScale: { borderVisible: false, fixLeftEdge: true, fixRightEdge: true },
    handleScroll: false, handleScale: false,
  });
  const stroke = (at, title) => ({
    color: colour(names[at % names.length]), lineWidth: 2, lineStyle: at < names.length ? 0 : 2, title, priceLineVisible: false,
    priceFormat: { type: "custom", minMove: 0.01, formatter: (value) => `${value.toFixed(1)} R` },
  });
  const load = ([title, source]) => fetch(source, { headers: { Accept: "application/json" } })
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(answer.statusText))))
    .then((days) => [title, days]);

  Promise.all(sources.map(load))
    .then((found) => {
      const chart = LightweightCharts.createChart(box, { ...looks(), autoSize: true });
      const lines = found.map(([title, days], at) => {
        const line = chart.addSeries(LightweightCharts.LineSeries, stroke(at, title));
        line.setData(days.map((day) => ({ time: day.day, value: Number(day.total_r) })));
        return line;
      });
      chart.timeScale().fitContent();
      const repaint = () => {
        chart.applyOptions(looks());
        lines.forEach((line, at) => line.applyOptions(stroke(at, found[at][0])));
      };
      document.addEventListener("theme", repaint);
      matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
    })
    .catch(() => box.classList.add("failed"));
})();
