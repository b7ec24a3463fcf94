// The little that HTML and htmx do not do by themselves. Every page works without it.
(() => {
  const dark = () => matchMedia("(prefers-color-scheme: dark)").matches;

  const toggleTheme = () => {
    const root = document.documentElement;
    const shown = root.dataset.theme || (dark() ? "dark" : "light");
    root.dataset.theme = shown === "dark" ? "light" : "dark";
    localStorage.setItem("theme", root.dataset.theme);
    document.dispatchEvent(new Event("theme"));
  };

  const openDialog = (event, link) => {
    const dialog = document.getElementById(link.dataset.dialog);
    if (!dialog) return;
    event.preventDefault();
    dialog.showModal();
  };

  document.addEventListener("click", (event) => {
    const hit = (selector) => event.target.closest(selector);
    if (hit("[data-theme-toggle]")) toggleTheme();
    else if (hit("[data-dialog]")) openDialog(event, hit("[data-dialog]"));
    else if (hit("[data-dialog-close]") && hit("dialog")) {
      event.preventDefault();
      hit("dialog").close();
    } else if (hit("[data-copy]")) navigator.clipboard?.writeText(hit("[data-copy]").dataset.copy);
    else if (hit("[data-fill]")) {
      const button = hit("[data-fill]");
      const field = document.getElementById(button.dataset.fill);
      field.value = button.dataset.value;
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });

  // A file is read here, so that what is sent is what is seen.
  document.addEventListener("change", async (event) => {
    const into = document.getElementById(event.target.dataset.readsInto);
    const file = event.target.files?.[0];
    if (into && file) into.value = await file.text();
  });

  // A second press of a button must not send the form again.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) event.preventDefault();
    else if (form.method === "post" && !form.hasAttribute("hx-post")) form.dataset.sent = "yes";
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((f) => delete f.dataset.sent));

  // A desk that does not answer must not look like a quiet one.
  const root = document.documentElement;
  document.addEventListener("htmx:error", () => root.setAttribute("data-silent", ""));
  document.addEventListener("htmx:response:error", () => root.setAttribute("data-silent", ""));
  document.addEventListener("htmx:after:swap", () => root.removeAttribute("data-silent"));

  // Instants in the reader's own zone, which the browser alone knows.
  const own = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZoneName: "short" });
  const fill = () => document.querySelectorAll("[data-yours] time").forEach((time) => {
    time.textContent = own.format(new Date(time.dateTime)).replace(",", "");
  });
  addEventListener("DOMContentLoaded", fill);
  document.addEventListener("htmx:after:swap", fill);

  document.addEventListener("htmx:config:request", (event) => {
    event.detail.ctx.request.headers["X-CSRF-Token"] = document.querySelector("meta[name=csrf]").content;
  });
})();
