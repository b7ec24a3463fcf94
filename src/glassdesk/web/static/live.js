// Parts of a page that follow the desk: they are fetched anew when the stream says that what they show has changed.
// Without the stream they ask by themselves, as their `hx-trigger` says.
(() => {
  const SILENCE = 6000; // the stream carries the clock every two seconds
  const PAUSE = 400;
  const place = document.getElementById("events");
  const known = JSON.parse(place?.dataset.versions || "{}");
  const asked = new WeakMap(); // when a part was last asked for by us
  const waiting = new Map(); // parts that are old and may not be touched yet
  let heard = -Infinity;

  const alive = () => navigator.onLine && performance.now() - heard < SILENCE;

  // Nobody looks at a hidden page, and a selection or a half-written form would be lost under the reader's hand.
  const written = (part) =>
    [...part.querySelectorAll("input:not([type=hidden]), textarea")].some((f) => f.value !== f.defaultValue);
  const held = (part) => document.hidden || String(getSelection()) !== "" || written(part);

  const refresh = (part) => {
    if (!part.isConnected) return;
    const pause = (asked.get(part) ?? -Infinity) + PAUSE - performance.now();
    if (held(part)) waiting.set(part, true);
    else if (pause > 0) {
      if (!waiting.has(part)) setTimeout(later, pause);
      waiting.set(part, true);
    } else {
      waiting.delete(part);
      asked.set(part, performance.now());
      part.dispatchEvent(new Event("refresh"));
    }
  };
  const later = () => [...waiting.keys()].forEach((part) => (waiting.delete(part), refresh(part)));

  const follows = (part, topics) => {
    const own = part.dataset.live.split(" ").filter(Boolean);
    return own.length === 0 ? topics.length > 0 : own.some((topic) => topics.includes(topic));
  };

  const hear = ({ versions, texts, lost }) => {
    heard = lost ? -Infinity : performance.now();
    const topics = Object.keys(versions || {}).filter((topic) => known[topic] !== versions[topic]);
    Object.assign(known, versions);
    const again = !lost && document.documentElement.hasAttribute("data-silent");
    document.querySelectorAll("[data-live]").forEach((part) => (again || follows(part, topics)) && refresh(part));
    for (const [name, text] of Object.entries(texts || {}))
      document.querySelectorAll(`[data-text="${name}"]`).forEach((spot) => (spot.innerHTML = text));
    later();
  };

  document.addEventListener("visibilitychange", later);

  document.addEventListener("htmx:config:request", (event) => {
    const part = event.detail.ctx.sourceElement;
    if (part.dataset.live === undefined) return;
    // Ours goes out; one by the clock only while the stream is silent.
    const ours = performance.now() - (asked.get(part) ?? -Infinity) < 50;
    if (!ours && (alive() || held(part))) event.preventDefault();
  });

  if (place && window.SharedWorker) {
    const { port } = new SharedWorker(place.dataset.worker);
    port.onmessage = ({ data }) => hear(data);
    addEventListener("pagehide", () => port.postMessage("left"));
    addEventListener("pageshow", (event) => event.persisted && location.reload());
  } else if (place) {
    const source = new EventSource("/live");
    source.addEventListener("changed", (event) => hear({ versions: JSON.parse(event.data) }));
    source.addEventListener("clock", (event) => hear({ texts: JSON.parse(event.data) }));
    source.onerror = () => hear({ lost: true });
  }
})();
