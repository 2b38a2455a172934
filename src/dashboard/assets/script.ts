/**
 * The script of the pages, without which they work too.
 *
 * @module
 */

/**
 * Shows times from now, replaces what has changed, and submits the filter. It keeps the focus and what is unfolded.
 *
 * As text, so that no file is read at run time.
 */
export const SCRIPT: string = String.raw`"use strict";
(() => {
  const root = document.documentElement;
  const live = document.getElementById("live");
  let aheadMs = Number(root.dataset.now) - Date.now();

  const UNITS = [["d", 86400000], ["h", 3600000], ["min", 60000], ["s", 1000]];
  const whole = (ms) => {
    if (ms < 1000) return "0 s";
    const index = UNITS.findIndex(([, unit]) => ms >= unit);
    const words = [];
    for (const [name, unit] of UNITS.slice(index, index + 2)) {
      const count = Math.floor(ms / unit);
      ms -= count * unit;
      if (count > 0) words.push(count + " " + name);
    }
    return words.join(" ");
  };
  const relative = (ms, kind) => {
    const text = whole(Math.abs(ms));
    if (kind === "for") return text;
    if (kind === "in") return ms > 0 ? "in " + whole(Math.ceil(ms / 1000) * 1000) : ms > -1000 ? "now" : text + " late";
    return ms > -1000 ? "just now" : text + " ago";
  };
  const showTimes = (within) => {
    const now = Date.now() + aheadMs;
    for (const time of within.querySelectorAll("time[data-rel]")) {
      const text = relative(Date.parse(time.dateTime) - now, time.dataset.rel);
      if (time.textContent !== text) time.textContent = text;
      time.classList.toggle("late", text.endsWith(" late"));
    }
  };
  setInterval(() => document.hidden || showTimes(document), 1000);
  showTimes(document);

  const FOCUSABLE = "a,button,summary,[tabindex]";
  const replace = (id, html) => {
    const old = document.getElementById(id);
    if (!old) return;
    const template = document.createElement("template");
    template.innerHTML = html;
    const now = template.content.firstElementChild;
    if (!now) return;
    const focus = old.contains(document.activeElement)
      ? { id: document.activeElement.closest("[id]").id, index: [...old.querySelectorAll(FOCUSABLE)].indexOf(document.activeElement) }
      : undefined;
    const isOpen = [...old.querySelectorAll("details")].map((details) => details.open);
    [...now.querySelectorAll("details")].forEach((details, index) => details.open = isOpen[index] ?? false);
    const scrolled = [...old.querySelectorAll("[tabindex]")].map((element) => [element.scrollLeft, element.scrollTop]);
    showTimes(now);
    const row = focus && focus.id !== id ? [...old.querySelectorAll("[id='" + CSS.escape(focus.id) + "'] :is(" + FOCUSABLE + ")")].indexOf(document.activeElement) : -1;
    old.replaceWith(now);
    [...now.querySelectorAll("[tabindex]")].forEach((element, index) => {
      if (scrolled[index]) [element.scrollLeft, element.scrollTop] = scrolled[index];
    });
    if (!focus) return;
    const moved = row >= 0 && document.getElementById(focus.id)?.querySelectorAll(FOCUSABLE)[row];
    (moved || now.querySelectorAll(FOCUSABLE)[focus.index])?.focus({ preventScroll: true });
  };

  // the server sends a sign of life every 5 seconds
  const SILENCE_MS = 15000;
  let source;
  let version;
  let heardMs = 0;
  let failures = 0;
  const heard = () => {
    heardMs = performance.now();
    failures = 0;
  };
  const showFailure = () => showState(++failures < 4 ? "Reconnecting …" : "Not live – reload", false);
  const showState = (text, isOn) => {
    if (!live || live.textContent === text) return;
    live.hidden = false;
    live.textContent = text;
    live.className = isOn ? "on" : "";
  };
  const connect = () => {
    const address = root.dataset.events;
    if (!address || source || document.hidden) return;
    source = new EventSource(version ? address.replace(/version=[^&]*$/, "version=" + version) : address);
    heardMs = performance.now();
    source.onopen = () => {
      heard();
      showState("Live", true);
    };
    source.addEventListener("alive", ({ data }) => {
      heard();
      aheadMs = Number(data) - Date.now();
    });
    source.onerror = () => {
      showFailure();
      // after an answer that is no event stream, the browser does not connect again
      if (source && source.readyState === EventSource.CLOSED) {
        source = undefined;
        setTimeout(connect, 5000);
      }
    };
    source.onmessage = ({ data, lastEventId }) => {
      const { now, title, parts } = JSON.parse(data);
      heard();
      version = lastEventId;
      aheadMs = now - Date.now();
      if (document.title !== title) document.title = title;
      for (const [id, html] of Object.entries(parts)) replace(id, html);
    };
  };
  const disconnect = () => {
    source?.close();
    source = undefined;
  };
  // a connection may be dead without an error, as after sleep
  setInterval(() => {
    if (!source || performance.now() - heardMs < SILENCE_MS) return;
    disconnect();
    showFailure();
    connect();
  }, 1000);
  // browsers open few connections to a host: pages in the background must not hold them
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return disconnect();
    showTimes(document);
    connect();
  });
  addEventListener("pagehide", disconnect);
  addEventListener("pageshow", connect);
  connect();

  document.querySelector(".filter select")?.addEventListener("change", ({ target }) => target.form.requestSubmit());
})();
`;
