// What a script adds to pages that work without one: keys to move by, and a chart to drag over.

const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;

function followKeys() {
  const results = [...document.querySelectorAll(".result .headline")];
  const keys = document.getElementById("keys");

  function move(step) {
    const at = results.indexOf(document.activeElement);
    const next = results[Math.min(Math.max(at + step, 0), results.length - 1)];
    next?.focus({ preventScroll: true });
    next?.closest(".result").scrollIntoView({ block: "nearest" });
  }

  const actions = {
    "/": () => {
      const box = document.getElementById("q");
      if (box === null) {
        location.assign("/");
      } else {
        box.focus();
        box.select();
      }
    },
    j: () => move(1),
    k: () => move(-1),
    o: () => results.find((result) => result === document.activeElement)?.click(),
    n: () => document.querySelector(".paging .next")?.click(),
    u: () => history.back(),
    "?": () => keys.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || keys.open) return;
    if (typing(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const action = actions[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  });
  const show = document.getElementById("show-keys");
  show.addEventListener("click", () => keys.showModal());
  show.parentElement.hidden = false;
}

function followChart(figure) {
  const svg = figure.querySelector("svg");
  const bars = [...svg.querySelectorAll("a")];
  const chosen = svg.querySelector(".chosen");
  const said = figure.querySelector(".said");
  const told = said.textContent.trim();
  const rest = told === "" ? said.dataset.hint : `${told}. ${said.dataset.hint}`;
  let anchor = null; // the bar at which a choice began
  let head = null; // the bar at which it ends for now
  let dragging = false;
  let dragged = false;

  function show() {
    const low = Math.min(anchor ?? head, head);
    const high = Math.max(anchor ?? head, head);
    const inside = (number) => anchor !== null && low <= number && number <= high;
    bars.forEach((bar, number) => bar.classList.toggle("in", inside(number)));
    if (anchor === null) {
      chosen.setAttribute("width", "0");
    } else {
      const first = bars[low].querySelector(".place").getBBox();
      const last = bars[high].querySelector(".place").getBBox();
      chosen.setAttribute("x", first.x);
      chosen.setAttribute("width", last.x + last.width - first.x);
    }
    if (head === null) {
      said.textContent = rest;
      return;
    }
    const count = bars.slice(low, high + 1).reduce((sum, bar) => sum + Number(bar.dataset.count), 0);
    const { name } = bars[low].dataset;
    const span = low === high ? name : `${name} to ${bars[high].dataset.name}`;
    said.textContent = `${span}: ${count.toLocaleString("en")} ${count === 1 ? "article" : "articles"}`;
  }

  function drop() {
    anchor = head = null;
    dragging = false;
    show();
  }

  function go() {
    const low = bars[Math.min(anchor, head)];
    const high = bars[Math.max(anchor, head)];
    const words = `${figure.dataset.words} since:${low.dataset.start} until:${high.dataset.end}`.trim();
    const address = new URL(figure.dataset.address, location.href);
    address.searchParams.set("q", words);
    location.assign(address);
  }

  function barAt(event) {
    const box = svg.getBoundingClientRect();
    const x = event.clientX - box.left;
    const places = bars.map((bar) => bar.querySelector(".place").getBBox());
    const found = places.findIndex((place) => x < place.x + place.width);
    return found === -1 ? bars.length - 1 : found;
  }

  svg.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    dragging = true;
    dragged = false;
    anchor = head = barAt(event);
    svg.setPointerCapture(event.pointerId);
  });
  svg.addEventListener("pointermove", (event) => {
    if (!dragging) return;
    const now = barAt(event);
    dragged ||= now !== anchor;
    head = now;
    if (dragged) show();
  });
  svg.addEventListener("pointerup", () => {
    if (!dragging) return;
    dragging = false;
    if (dragged) go();
    else if (Number(bars[anchor].dataset.count) > 0) location.assign(bars[anchor].href.baseVal);
    else drop();
  });
  svg.addEventListener("pointercancel", drop);
  for (const unwanted of ["dragstart", "mousedown"]) {
    svg.addEventListener(unwanted, (event) => event.button === 1 || event.preventDefault());
  }
  svg.addEventListener("click", (event) => {
    if (event.isTrusted && event.detail > 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey) event.preventDefault();
  });

  // One stop of the tab key; arrows move within, with Shift they choose.
  const goTo = (number) => {
    bars.forEach((bar, other) => bar.setAttribute("tabindex", other === number ? "0" : "-1"));
    bars[number].focus();
  };
  bars.at(-1).setAttribute("tabindex", "0");
  svg.addEventListener("focusin", (event) => {
    if (dragging) return;
    head = bars.indexOf(event.target.closest("a"));
    show();
  });
  svg.addEventListener("focusout", (event) => {
    if (!dragging && !svg.contains(event.relatedTarget)) drop();
  });
  svg.addEventListener("keydown", (event) => {
    const at = bars.indexOf(event.target.closest("a"));
    const steps = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: bars.length - 1 };
    if (event.key in steps) {
      const next = Math.min(Math.max(steps[event.key], 0), bars.length - 1);
      anchor = event.shiftKey ? (anchor ?? at) : null;
      event.preventDefault();
      goTo(next);
    } else if (event.key === "Enter" && anchor !== null) {
      event.preventDefault();
      go();
    } else if (event.key === "Escape" && anchor !== null) {
      anchor = null;
      show();
    }
  });
  show();
}

followKeys();
document.querySelectorAll(".chart").forEach(followChart);
