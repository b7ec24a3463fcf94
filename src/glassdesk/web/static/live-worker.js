// One stream for all pages of this browser: a browser opens six connections to a server, and no more.
// A worker of its own; each page that joins is told everything heard so far.
const pages = new Set();
const known = {};
let source = null;

const tell = (message) => pages.forEach((page) => page.postMessage(message));

const open = () => {
  source = new EventSource("/live");
  source.addEventListener("changed", (event) => {
    Object.assign(known, JSON.parse(event.data));
    tell({ versions: known });
  });
  source.addEventListener("clock", (event) => tell({ texts: JSON.parse(event.data) }));
  source.onerror = () => tell({ lost: true });
};

self.onconnect = ({ ports: [page] }) => {
  pages.add(page);
  page.onmessage = () => pages.delete(page);
  // Refused, for instance before somebody signed in: a new page is a new reason to ask.
  if (!source || source.readyState === EventSource.CLOSED) open();
  else page.postMessage({ versions: known });
};
