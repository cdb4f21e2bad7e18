// What the grid of marks is made of that knows nothing of the server: what
// waits in this browser, the ways from cell to cell, how a number is typed.
"use strict";

const gridParts = {
  // queue is what waits to be sent, under a prefix of its own. Other windows of
  // the same reader write here too, so it is read and written a cell at a time.
  queue(prefix) {
    const memory = new Map(); // where the browser keeps nothing
    return {
      get(name) {
        try { return JSON.parse(localStorage.getItem(prefix + name)); } catch { return memory.get(name) || null; }
      },
      set(name, entry) {
        try { localStorage.setItem(prefix + name, JSON.stringify(entry)); } catch { memory.set(name, entry); }
      },
      remove(name) {
        try { localStorage.removeItem(prefix + name); } catch { /* it was never there */ }
        memory.delete(name);
      },
      names() {
        const out = [...memory.keys()];
        try {
          for (let i = 0; i < localStorage.length; i++) {
            const key = localStorage.key(i);
            if (key.startsWith(prefix)) out.push(key.slice(prefix.length));
          }
        } catch { /* nothing is kept here */ }
        return out;
      },
    };
  },

  // mover finds the next cell in a direction, over rows and columns that take
  // none.
  mover(grid, cells) {
    return (cell, down, right) => {
      const rows = Array.from(grid.tBodies[0].rows);
      let r = rows.indexOf(cell.td.parentElement), c = cell.column;
      for (;;) {
        r += down;
        c += right;
        if (r < 0 || r >= rows.length || c < 0 || c >= rows[r].cells.length) return null;
        const td = rows[r].cells[c];
        if (td.dataset.cellOf && cells.has(td.dataset.cellOf)) return cells.get(td.dataset.cellOf);
      }
    };
  },

  // normal is a typed number as it is kept; anything else stays as it is.
  normal: (text) => text.trim().replace(",", ".").replace(/^(-?)0+(?=\d)/, "$1").replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, ""),

  // edge says whether an arrow would leave the field.
  edge(input, right) {
    const whole = input.selectionStart === 0 && input.selectionEnd === input.value.length;
    return whole || (input.selectionStart === input.selectionEnd && input.selectionStart === (right ? input.value.length : 0));
  },
};
