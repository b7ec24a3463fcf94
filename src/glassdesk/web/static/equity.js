// Draws what the desk's capital became over the sessions, and below it how much of its high-water mark was lost:
// what the owner pays in or trades by hand is no result of the desk. The numbers stand in a table as well.
(() => {
  const box = document.getElementById("equity");
  if (!box || !window.LightweightCharts) return;
  // The chart wants plain colours; a variable that depends on the theme is resolved by wearing it, outside of what
  // is refreshed.
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
    },
    grid: { vertLines: { visible: false }, horzLines: { color: colour("--chart-line") } },
    rightPriceScale: { borderVisible: false },
    timeScale: { borderVisible: false, fixLeftEdge: true, fixRightEdge: true },
    handleScroll: false, handleScale: false,
  });
  const money = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
  const strokes = () => ({
    lineColor: colour("--chart-ink"), topColor: colour("--chart-top"), bottomColor: colour("--chart-bottom"), lineWidth: 2,
    priceLineVisible: false,
    priceFormat: { type: "custom", minMove: 0.01, formatter: (value) => money.format(value) },
  });

  const falls = () => ({
    color: colour("--chart-ink"), priceLineVisible: false, lastValueVisible: false,
    priceFormat: { type: "custom", minMove: 0.01, formatter: (value) => `${value.toFixed(1)} %` },
  });

  fetch(box.dataset.source, { headers: { Accept: "application/json" } })
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(answer.statusText))))
    .then((points) => {
      const chart = LightweightCharts.createChart(box, { ...looks(), autoSize: true });
      const series = chart.addSeries(LightweightCharts.AreaSeries, strokes());
      series.setData(points.map((p) => ({ time: p.session, value: Number(p.desk_equity) })));
      const lost = chart.addSeries(LightweightCharts.HistogramSeries, falls(), 1);
      lost.setData(points.map((p) => ({ time: p.session, value: -100 * Number(p.desk_drawdown) })));
      lost.priceScale().applyOptions({ scaleMargins: { top: 0.05, bottom: 0.2 } });
      chart.panes()[1].setStretchFactor(0.5);
      chart.timeScale().fitContent();
      const repaint = () => {
        chart.applyOptions(looks());
        series.applyOptions(strokes());
        lost.applyOptions(falls());
      };
      document.addEventListener("theme", repaint);
      matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
    })
    .catch(() => box.classList.add("failed"));
})();
