/* The page in the browser: sends what people do to the one Gradio component that listens (`bridge`), keeps focus and
   folds across re-rendering, moves between tabs. No library, no remote address. */
(() => {
  "use strict";
  const tw = (window.tunewise = window.tunewise || {});
  const open = new Set();
  let lastFocus = null;
  const send = (name, payload) => {
    const conversation = document.querySelector(".tw-turns")?.dataset.conversation || "";
    if (tw.trigger) tw.trigger(name, { ...(payload || {}), conversation });
  };

  /* ---- tabs ---- */
  const wide = window.matchMedia("(min-width: 900px)");
  const names = () => [...document.querySelectorAll(".tw-tabs [role=tab]")];
  function show(name, focus) {
    if (name === "chat" && wide.matches) { document.getElementById("message")?.focus(); return; }
    document.body.dataset.tab = name;
    const body = document.getElementById("tw-body");
    if (body) body.dataset.tab = name;
    for (const tab of names()) {
      const on = tab.dataset.tab === name;
      tab.setAttribute("aria-selected", on ? "true" : "false");
      tab.tabIndex = on ? 0 : -1;
      if (on) { if (focus) tab.focus(); tab.scrollIntoView({ block: "nearest", inline: "nearest" }); }
    }
  }
  function label() {
    for (const tab of names()) {
      const panel = document.getElementById(tab.getAttribute("aria-controls"));
      if (!panel || panel.dataset.labelled) continue;
      panel.dataset.labelled = "yes";
      if (tab.dataset.tab === "chat" && wide.matches) { panel.setAttribute("role", "region"); panel.setAttribute("aria-label", "Chat"); continue; }
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", tab.id);
      if (tab.dataset.tab !== "chat") panel.tabIndex = 0;
    }
    if (!tw.ready && names().length) { tw.ready = true; show(wide.matches ? "advice" : "chat"); }
  }
  wide.addEventListener("change", () => { if (wide.matches && document.body.dataset.tab === "chat") show("advice"); });

  function reach(id, tab) {
    if (tab) show(tab);
    requestAnimationFrame(() => {
      const target = document.getElementById(id);
      if (!target) return;
      target.closest("details")?.setAttribute("open", "");
      target.scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
      target.focus({ preventScroll: true });
      target.classList.remove("tw-flash"); void target.offsetWidth; target.classList.add("tw-flash");
    });
  }

  /* ---- what people do ---- */
  document.addEventListener("click", (event) => {
    const at = (selector) => event.target.closest?.(selector);
    let hit;
    if ((hit = at("[data-source]"))) { event.preventDefault(); reach("source-" + hit.dataset.source, "sources"); }
    else if ((hit = at("[data-rule]"))) { event.preventDefault(); reach("rule-" + hit.dataset.rule, "why"); }
    else if ((hit = at("[data-back]"))) { event.preventDefault(); reach(hit.dataset.back, "chat"); if (!wide.matches) show("chat"); }
    else if ((hit = at("button[data-tab]"))) show(hit.dataset.tab, true);
    else if ((hit = at("[data-edit]"))) {
      const box = document.getElementById("message");
      box.value = hit.dataset.edit; editing(box, true); box.focus();
    }
    else if (at("[data-cancel-edit]")) cancelEdit();
    else if (at("[data-theme-toggle]")) {
      const dark = !document.body.classList.contains("dark");
      theme(dark); try { localStorage.setItem("tunewise-theme", dark ? "dark" : "light"); } catch (_) { /* private mode */ }
    }
    else if ((hit = at("[data-event]")) && !hit.disabled) {
      if (hit.dataset.confirm && !window.confirm(hit.dataset.confirm)) return;
      const name = hit.dataset.event;
      if (name === "send" && !wide.matches) show("chat");
      send(name, JSON.parse(hit.dataset.payload || "{}"));
    }
  });

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-form]");
    if (!form) return;
    event.preventDefault();
    const fields = Object.fromEntries(new FormData(form));
    const kind = form.dataset.form;
    if (kind === "send") submit(form.querySelector("textarea"));
    else if (kind === "rename") { open.delete("rename-" + form.dataset.id); form.closest("details").open = false; send("rename", { id: form.dataset.id, title: fields.title }); }
    else if (kind === "search") send("search", { text: fields.text });
    else if (kind === "script") send("script", fields);
    else if (kind === "measure" && chosen) {
      const button = form.querySelector("button"); /* drawn again once it is its turn: one is measured at a time */
      button.disabled = true; button.textContent = "Waiting…";
      readFile(chosen, "measure", { target: fields.target ? Number(fields.target) / 100 : null });
    }
    else if (kind === "feedback") send("feedback", { turn: Number(form.dataset.turn), comment: fields.comment });
  });

  function submit(box) {
    const text = box.value.trim();
    if (!text || document.querySelector(".tw-stage[data-busy=yes]")) return;
    send(box.dataset.resend ? "resend" : "send", { text });
    box.value = ""; editing(box, false);
    const before = document.querySelector(".tw-turns")?.dataset.turns;
    setTimeout(() => { /* refused (the queue was full) or the server is gone: the words come back */
      const now = document.querySelector(".tw-turns")?.dataset.turns, busy = document.querySelector(".tw-stage[data-busy=yes]");
      if (now === before && !busy && !box.value) { box.value = text; grow(box); }
    }, 6000);
  }
  function editing(box, on) { /* whether sending replaces the last message */
    on ? box.dataset.resend = "yes" : delete box.dataset.resend;
    document.getElementById("message-editing").hidden = !on;
    grow(box);
  }
  function cancelEdit() {
    const box = document.getElementById("message");
    box.value = ""; editing(box, false); box.focus();
  }
  function grow(box) { box.style.height = "auto"; box.style.height = Math.min(box.scrollHeight, 200) + "px"; }
  document.addEventListener("input", (event) => {
    if (event.target.id === "message") editing(event.target, Boolean(event.target.dataset.resend && event.target.value));
    if (event.target.matches?.("[data-whatif][type=range]")) {
      const output = document.querySelector(`output[for="${event.target.id}"]`);
      if (output) output.textContent = (event.target.dataset.steps || "").split("|")[Number(event.target.value)] || "";
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.target.id === "message" && event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault(); submit(event.target);
    }
    if (event.target.matches?.(".tw-tabs [role=tab]")) {
      const all = names().filter((tab) => tab.offsetParent !== null);
      const at = all.indexOf(event.target);
      const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
      if (to !== undefined) { event.preventDefault(); show(all[(to + all.length) % all.length].dataset.tab, true); }
    }
    if (event.key !== "Escape") return;
    if (document.querySelector(".tw-stage[data-busy=yes]")) send("stop");
    else if (event.target.id === "message" && event.target.dataset.resend) cancelEdit();
  });
  document.addEventListener("change", (event) => {
    const box = event.target;
    if (box.dataset?.fact) {
      const value = box.value.trim();
      send("edit", { changes: { [box.dataset.fact]: value === "" ? "unknown" : value } });
    } else if (box.dataset?.whatif) {
      const values = {};
      for (const each of document.querySelectorAll("[data-whatif]")) {
        const raw = each.type === "range" ? (each.dataset.values || "").split("|")[Number(each.value)] : each.value;
        values[each.dataset.whatif] = raw;
      }
      send("whatif", { values, changed: box.dataset.whatif });
    } else if (box.dataset?.file === "dataset" && box.files.length) readFile(box.files[0]);
    else if (box.dataset?.file === "folder" && box.files.length) readFolder([...box.files]);
  });

  /* ---- datasets: of a large file only the beginning is read, of a folder only names and sizes ---- */
  const SAMPLE_BYTES = 8 * 1024 * 1024, MOST_ENTRIES = 20000;
  let chosen = null; /* the file that was read last: it is sent again to be measured, so the server keeps none */
  function readFile(file, event = "dataset", more = {}) {
    const reader = new FileReader(); /* as bytes in base 64: only the server knows the encoding */
    chosen = file;
    reader.onloadend = () => send(event, { ...more, name: file.name, bytes: file.size, data: String(reader.result || "").split(",")[1] || "" });
    reader.readAsDataURL(file.slice(0, SAMPLE_BYTES));
  }
  function readFolder(files) {
    chosen = null;
    const entries = files.slice(0, MOST_ENTRIES).map((file) => [file.webkitRelativePath || file.name, file.size]);
    send("folder", { entries, total: files.length });
  }

  /* ---- after the server has drawn something ---- */
  document.addEventListener("toggle", (event) => {
    const key = event.target.dataset?.key;
    if (key) event.target.open ? open.add(key) : open.delete(key);
  }, true);
  document.addEventListener("focusin", (event) => { lastFocus = event.target.id || lastFocus; });

  tw.drawn = (element) => {
    label();
    for (const fold of element.querySelectorAll("details[data-key]")) if (open.has(fold.dataset.key)) fold.open = true;
    if (lastFocus && document.activeElement === document.body) {
      const again = document.getElementById(lastFocus);
      if (again && element.contains(again)) again.focus({ preventScroll: true });
      else if (!again && lastFocus.startsWith("proposal-")) { /* it was answered */
        (document.querySelector(".tw-proposal button") || document.getElementById("message"))?.focus({ preventScroll: true });
      }
    }
    const turns = element.querySelector(".tw-turns");
    if (turns) chatDrawn(element, turns);
    const stage = element.querySelector(".tw-stage");
    if (stage) stageDrawn(stage);
    const file = element.querySelector("[data-download]");
    if (file) download(file);
  };

  let shown = 0;
  function chatDrawn(element, turns) {
    const scroller = document.getElementById("chat-scroll");
    const count = Number(turns.dataset.turns);
    if (scroller && (count !== shown || scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 160)) {
      scroller.scrollTop = count ? scroller.scrollHeight : 0;
    }
    shown = count;
    const address = new URL(location.href), id = turns.dataset.conversation;
    if ((address.searchParams.get("conversation") || "") !== id) {
      id ? address.searchParams.set("conversation", id) : address.searchParams.delete("conversation");
      history.replaceState(null, "", address);
    }
  }

  let since = 0, clock = 0;
  function stageDrawn(stage) {
    const busy = stage.dataset.busy === "yes";
    document.getElementById("tw-body")?.classList.toggle("tw-busy", busy);
    if (busy && !clock) {
      since = performance.now();
      clock = setInterval(() => {
        const at = document.querySelector(".tw-clock");
        if (at) at.textContent = ((performance.now() - since) / 1000).toFixed(0) + " s";
      }, 200);
    }
    if (!busy && clock) { clearInterval(clock); clock = 0; }
  }

  let saved = "";
  function download(file) {
    if (!file.dataset.download || file.dataset.serial === saved) return;
    saved = file.dataset.serial;
    const link = document.createElement("a");
    const content = "base64" in file.dataset ? Uint8Array.from(atob(file.dataset.content), (byte) => byte.charCodeAt(0)) : file.dataset.content;
    link.href = URL.createObjectURL(new Blob([content], { type: file.dataset.type }));
    link.download = file.dataset.download;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  /* ---- light and dark ---- */
  function theme(dark) { document.body.classList.toggle("dark", dark); }
  tw.begin = () => {
    let kept = null;
    try { kept = localStorage.getItem("tunewise-theme"); } catch (_) { /* private mode */ }
    if (kept) theme(kept === "dark");
    document.documentElement.lang = "en";
    label();
  };
})();
