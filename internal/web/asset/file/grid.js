// The grid of marks, used like a spreadsheet: arrows, Enter and Tab move,
// typing replaces, Escape restores, a pasted column goes down. Each cell is
// saved by itself as soon as it is left. What cannot be sent waits in this
// browser, for this reader and this call, until it can: nothing is lost by a
// lost connection or a reload. What others change is shown within seconds; a
// cell somebody else changed meanwhile shows both values and asks.
"use strict";

(() => {
  const sheet = document.getElementById("sheet");
  if (!sheet || !sheet.dataset.cell) return;
  const word = (name) => sheet.dataset["word" + name[0].toUpperCase() + name.slice(1)] || "";
  const all = (selector, root = sheet) => Array.from(root.querySelectorAll(selector));
  const grid = sheet.querySelector("table");
  const live = sheet.querySelector("[data-live]");
  const lasting = sheet.querySelector("[data-lasting]");
  const allSaved = lasting.textContent;
  sheet.dataset.script = "";

  // Cells by name, and where they lie.
  const cells = new Map();
  for (const td of all("td[data-cell-of]")) {
    const input = td.querySelector("input.ds-input");
    cells.set(td.dataset.cellOf, {
      name: td.dataset.cellOf, td, input, label: input.getAttribute("aria-label"),
      raw: input.dataset.raw, text: input.defaultValue, // as the server knows it
      told: td.querySelector("[data-told]"), note: td.querySelector("[data-note]"), flag: td.querySelector("[data-flag]"),
      keep: td.querySelector("button[name=keep]"), column: td.cellIndex, focused: null,
    });
    if (td.classList.contains("p-invalid")) input.value = input.defaultValue;
  }
  const files = all("tr[data-row]").map((row) => row.dataset.row);

  const prefix = "peregrine-mark/" + sheet.dataset.queue + "/";
  const queue = gridParts.queue(prefix);
  const { normal, edge } = gridParts;
  const move = gridParts.mover(grid, cells);

  const say = (text) => { live.textContent = text; };

  // tell shows the state of a cell beside it; a state is never colour alone.
  const tell = (cell, state, text = "") => {
    cell.td.dataset.state = state;
    cell.told.textContent = text;
    cell.told.className = state === "refused" ? "p-error" : "";
    cell.input.toggleAttribute("aria-invalid", state === "refused" || state === "stale");
    if (cell.input.hasAttribute("aria-invalid")) cell.input.setAttribute("aria-invalid", "true");
    all(".p-grid-choice", cell.td).forEach((old) => old.remove());
  };

  const figures = () => {
    const figure = (name, n) => {
      sheet.querySelector(`[data-figure=${name}]`).textContent = n;
      const around = sheet.querySelector(`[data-when=${name}]`);
      if (around) around.hidden = !n;
    };
    const states = queue.names().map((name) => (queue.get(name) || {}).state);
    const refused = states.filter((s) => s === "refused" || s === "stale").length;
    figure("waiting", states.length - refused);
    figure("refused", refused);
    const missing = all("td[data-missing]").length;
    figure("missing", missing);
    sheet.querySelector("[data-next]").hidden = !missing;
    lasting.dataset.state = states.length ? (refused ? "refused" : "waiting") : "saved";
    lasting.textContent = states.length ? (refused ? word("refused") : word(sending.size ? "saving" : trouble || "waiting")) : allSaved;
    sheet.querySelector("[data-when=signin]").hidden = trouble !== "signin";
  };

  // show puts what the server knows into a cell, unless the reader is at it.
  const show = (name, now, row) => {
    const cell = cells.get(name);
    if (!cell) return false;
    const changed = cell.raw !== now.raw;
    cell.raw = now.raw;
    cell.text = now.text;
    cell.note.textContent = now.note;
    cell.flag.textContent = now.flag;
    cell.keep.hidden = !now.keep;
    cell.td.toggleAttribute("data-missing", now.missing);
    cell.input.form.elements["s." + name].value = now.raw;
    if (row) showRow(name.slice(0, name.indexOf(".")), row);
    const typing = document.activeElement === cell.input && cell.input.value !== cell.focused;
    if (!queue.get(name) && !typing) {
      cell.input.value = now.text;
      if (document.activeElement === cell.input) {
        cell.focused = now.text;
        cell.seen = now.raw;
        cell.input.select();
      }
    }
    return changed && !typing;
  };
  const showRow = (id, row) => {
    const total = sheet.querySelector(`tr[data-row="${CSS.escape(id)}"] [data-total]`);
    if (total) total.textContent = row.total;
  };

  // Two ways to settle a cell that somebody else changed.
  const ask = (cell, entry) => {
    tell(cell, "stale", word("stale"));
    const choice = document.createElement("span");
    choice.className = "p-grid-choice";
    const offer = (label, value, act) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "ds-button";
      button.dataset.variant = "secondary";
      button.textContent = label.replace("{}", value || word("empty"));
      button.addEventListener("click", () => { act(); cell.input.focus(); });
      choice.append(button);
    };
    offer(word("mine"), entry.value, () => {
      queue.set(cell.name, { value: entry.value, seen: cell.raw });
      tell(cell, "waiting", word("waiting"));
      flush();
    });
    offer(word("theirs"), cell.text, () => settle(cell));
    cell.td.append(choice);
    say(`${cell.label}: ${word("stale")}`);
  };

  // settle takes what the server has.
  const settle = (cell, state = "saved") => {
    queue.remove(cell.name);
    cell.input.value = cell.text;
    cell.focused = cell.text;
    cell.seen = cell.raw;
    tell(cell, state);
    figures();
  };

  const sending = new Set();
  let trouble = ""; // why nothing gets through: waiting, signin
  let timer = 0, wait = 1000;

  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(flush, wait);
    wait = Math.min(wait * 2, 15000);
  };

  // send tries one cell. It reports whether the way is open.
  const send = async (name) => {
    const entry = queue.get(name), cell = cells.get(name);
    sending.add(name);
    if (cell) tell(cell, "saving", word("saving"));
    let answer, body;
    try {
      answer = await fetch(sheet.dataset.cell, {
        method: "POST", redirect: "manual", signal: AbortSignal.timeout(20000),
        body: new URLSearchParams({ cell: name, points: entry.value, seen: entry.seen, person: sheet.dataset.person, keep: entry.keep ? "true" : "" }),
      });
      const json = (answer.headers.get("Content-Type") || "").startsWith("application/json");
      if (json) body = await answer.json();
    } catch {
      answer = null;
    }
    sending.delete(name);
    if (!answer || (!body && (answer.status >= 500 || answer.status === 429 || answer.status === 401 || answer.type === "opaqueredirect"))) {
      trouble = answer && (answer.status === 401 || answer.type === "opaqueredirect") ? "signin" : "waiting";
      if (cell) tell(cell, "waiting", word(trouble));
      return false;
    }
    trouble = "";
    wait = 1000;
    const now = queue.get(name);
    const newer = now && (now.value !== entry.value || now.keep !== entry.keep) ? now : null;
    if (answer.ok) {
      if (newer) queue.set(name, { ...newer, seen: body.cell.raw });
      else queue.remove(name);
      show(name, body.cell, body.row);
      if (cell && !newer) tell(cell, "saved", word("saved"));
      return true;
    }
    if (newer) return true; // typed anew: that is tried next
    const stale = body && body.state === "stale";
    if (body && body.cell && body.cell.text !== undefined) show(name, body.cell, body.row);
    queue.set(name, { ...entry, state: stale ? "stale" : "refused", message: (body && body.message) || word("refused") });
    if (cell) marked(cell);
    return true;
  };

  // marked shows what the queue remembers of a cell.
  const marked = (cell) => {
    const entry = queue.get(cell.name);
    if (!entry) return;
    if (document.activeElement !== cell.input) cell.input.value = entry.value;
    if (entry.state === "stale") ask(cell, entry);
    else if (entry.state === "refused") {
      tell(cell, "refused", entry.message);
      say(`${cell.label}: ${entry.message}`);
    } else tell(cell, "waiting", word("waiting"));
  };

  // flush sends what waits, one after another, until nothing does or nothing
  // gets through.
  let flushing = false;
  const flush = async () => {
    if (flushing) return;
    flushing = true;
    clearTimeout(timer);
    try {
      for (;;) {
        const name = queue.names().find((n) => !(queue.get(n) || { state: "gone" }).state);
        if (!name) break;
        figures();
        if (!(await send(name))) {
          for (const n of queue.names()) {
            const cell = cells.get(n);
            if (cell && !queue.get(n).state) tell(cell, "waiting", word(trouble));
          }
          later();
          break;
        }
      }
    } finally {
      flushing = false;
      figures();
    }
  };

  // commit is called when a cell is left.
  const commit = (cell) => {
    const value = cell.input.value.trim();
    const entry = queue.get(cell.name);
    if (cell.focused !== null && value === cell.focused && (!entry || entry.value === value)) return;
    if (!entry && normal(value) === normal(cell.seen) && cell.seen === cell.raw) {
      cell.input.value = cell.text;
      tell(cell, "saved");
      return;
    }
    // What the reader saw when they began to type is what they change.
    const seen = entry && entry.state !== "stale" ? entry.seen : cell.seen;
    queue.set(cell.name, { value, seen });
    cell.focused = value;
    tell(cell, "waiting", word("saving"));
    figures();
    flush();
  };

  const restore = (cell) => {
    const entry = queue.get(cell.name);
    if (entry && entry.state) queue.remove(cell.name);
    const waits = queue.get(cell.name);
    cell.input.value = waits ? waits.value : cell.text;
    cell.focused = cell.input.value;
    cell.seen = waits ? waits.seen : cell.raw;
    tell(cell, waits ? "waiting" : "saved", waits ? word("waiting") : "");
    cell.input.select();
    figures();
  };

  const go = (cell) => {
    if (!cell) return false;
    cell.input.focus();
    cell.input.select();
    cell.td.scrollIntoView({ block: "nearest", inline: "nearest" });
    return true;
  };
  const cellOf = (target) => {
    const td = target.closest && target.closest("td[data-cell-of]");
    return td && target.classList.contains("ds-input") ? cells.get(td.dataset.cellOf) : null;
  };

  grid.addEventListener("focusin", (event) => {
    const cell = cellOf(event.target);
    if (!cell) return;
    cell.focused = cell.input.value;
    cell.seen = cell.raw;
    cell.input.select();
  });
  grid.addEventListener("focusout", (event) => {
    const cell = cellOf(event.target);
    if (cell) commit(cell);
  });
  grid.addEventListener("keydown", (event) => {
    const cell = cellOf(event.target);
    if (!cell || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const to = {
      ArrowUp: () => move(cell, -1, 0), ArrowDown: () => move(cell, 1, 0),
      Enter: () => move(cell, event.shiftKey ? -1 : 1, 0),
      ArrowLeft: () => !event.shiftKey && edge(cell.input, false) && move(cell, 0, -1),
      ArrowRight: () => !event.shiftKey && edge(cell.input, true) && move(cell, 0, 1),
    }[event.key];
    if (event.key === "Escape") {
      event.preventDefault();
      restore(cell);
    } else if (to) {
      const next = to();
      if (next || event.key === "Enter") event.preventDefault();
      if (!go(next || null) && event.key === "Enter") {
        commit(cell);
        cell.input.select();
      }
    }
  });

  // A column, or a block, from a spreadsheet goes down and to the right.
  grid.addEventListener("paste", (event) => {
    const cell = cellOf(event.target);
    const text = event.clipboardData.getData("text/plain").replace(/\r\n?/g, "\n").replace(/\n+$/, "");
    if (!cell || !/[\n\t]/.test(text)) return;
    event.preventDefault();
    let row = cell;
    for (const line of text.split("\n")) {
      let at = row;
      for (const value of line.split("\t")) {
        if (!at) break;
        const entry = queue.get(at.name);
        at.input.value = value.trim();
        if (normal(value) !== normal(at.raw) || entry) {
          queue.set(at.name, { value: value.trim(), seen: at === cell ? at.seen : at.raw });
          tell(at, "waiting", word("saving"));
        }
        at.focused = at.input.value;
        at = move(at, 0, 1);
      }
      row = row && move(row, 1, 0);
      if (!row) break;
    }
    figures();
    flush();
  });

  // Without script a row is a form; with it nothing is left to submit.
  sheet.addEventListener("submit", (event) => event.preventDefault(), true);
  for (const cell of cells.values()) {
    cell.keep.type = "button"; // Enter in a cell must not press it
    cell.keep.addEventListener("click", () => {
      const entry = queue.get(cell.name);
      queue.set(cell.name, entry ? { value: entry.value, seen: entry.seen } : { value: cell.raw, seen: cell.raw, keep: true });
      flush();
      cell.input.focus();
    });
  }

  sheet.querySelector("[data-next]").addEventListener("click", () => {
    const missing = all("td[data-missing]").map((td) => cells.get(td.dataset.cellOf)).filter(Boolean);
    const here = document.activeElement && document.activeElement.closest("td");
    const last = cells.get(sheet.dataset.last);
    const from = here || (last && last.td);
    const next = missing.find((c) => from && c.td !== from && (from.compareDocumentPosition(c.td) & Node.DOCUMENT_POSITION_FOLLOWING)) || missing[0];
    if (next) {
      sheet.dataset.last = next.name;
      go(next);
    }
  });

  // What others changed. The answer is empty while nothing did.
  let tag = "", asking = false;
  const poll = async () => {
    if (asking || document.hidden || !files.length) return;
    asking = true;
    try {
      const answer = await fetch(`${sheet.dataset.changes}?files=${files.join(",")}`, {
        headers: tag ? { "If-None-Match": tag } : {}, redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(15000),
      });
      if (answer.ok) {
        const first = !tag;
        tag = answer.headers.get("ETag") || "";
        const now = await answer.json();
        let changed = 0;
        for (const [name, state] of Object.entries(now.cells)) {
          const cell = cells.get(name);
          if (!cell || sending.has(name)) continue;
          if (show(name, state) && !queue.get(name) && !first) {
            tell(cell, "changed", word("changed"));
            changed++;
          }
        }
        for (const [id, row] of Object.entries(now.rows)) showRow(id, row);
        if (changed) say(`${word("elsewhere")}: ${changed}`);
        if (trouble) flush();
        figures();
      }
    } catch { /* no connection: the next time will do */ }
    asking = false;
  };

  for (const name of queue.names()) {
    const cell = cells.get(name);
    if (cell) marked(cell);
  }
  window.addEventListener("online", flush);
  window.addEventListener("focus", () => { poll(); flush(); });
  window.addEventListener("storage", (event) => {
    if (event.key && event.key.startsWith(prefix)) figures();
  });
  window.addEventListener("pagehide", () => {
    const cell = document.activeElement && cellOf(document.activeElement);
    if (cell) commit(cell);
  });
  setInterval(poll, Number(sheet.dataset.every) || 3000);
  figures();
  flush();
  poll();
})();
