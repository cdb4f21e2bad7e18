// What script adds to pages that work without it: the draft saves itself, the
// last hours before a deadline count down, an act that cannot be taken back
// asks first, a form is sent once, and a refused form leads to its problems.
"use strict";

(() => {
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));

  // The page says what time it is by the business clock; only the time since
  // the page was loaded is taken from this machine.
  const now = () => {
    const start = Number(document.body.dataset.now);
    return start ? start + performance.now() / 1000 : 0;
  };

  const focusProblems = () => {
    const first = document.querySelector("[data-focus]");
    if (first) first.focus();
  };

  // The last day before a deadline counts down by the minute. What is heard of
  // it is less: at these minutes, and when it is over.
  const spoken = [60, 30, 15, 10, 5, 1];
  const countDown = (place) => {
    const until = Number(place.dataset.until);
    const { hours, minutes, less } = place.dataset;
    const voice = place.parentElement.querySelector("[data-voice]");
    let last = Infinity;
    const tick = () => {
      const left = Math.floor(until - now());
      const minute = Math.floor(left / 60);
      let words = less;
      if (minute >= 60) words = hours.replace("{h}", Math.floor(minute / 60)).replace("{m}", minute % 60);
      else if (minute >= 1) words = minutes.replace("{m}", minute);
      if (left >= 0) place.textContent = `(${words})`;
      if (voice && last !== Infinity) {
        if (left < 0) voice.textContent = voice.dataset.passed;
        else if (spoken.some((at) => minute <= at && at < last)) voice.textContent = words;
      }
      if (left < 0) {
        place.textContent = "";
        if (voice) voice.classList.remove("p-unseen");
        return;
      }
      last = minute;
      setTimeout(tick, (left % 60 + 1) * 1000);
    };
    tick();
  };

  // A time told in the zone it is set in, to a reader whose own we do not
  // know: theirs is added if their clock differs then, with the day if that
  // differs too.
  const tellHere = (place) => {
    const at = new Date(place.dateTime);
    if (-at.getTimezoneOffset() === Number(place.dataset.offset)) return;
    const lang = document.documentElement.lang;
    const day = new Date(at.getTime() + Number(place.dataset.offset) * 60000).getUTCDate();
    const date = day === at.getDate() ? {} : { weekday: "short", day: "numeric", month: "long" };
    const words = new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, {
      ...date, hour: "2-digit", minute: "2-digit", timeZoneName: "short",
    }).format(at);
    place.textContent += ` (${place.dataset.here.replace("{}", words)})`;
  };

  const askFirst = (event) => {
    const button = event.target.closest("[data-confirm]");
    if (button && !window.confirm(button.dataset.confirm)) event.preventDefault();
  };

  const sendOnce = (event) => {
    const form = event.target;
    if (event.defaultPrevented) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
  };

  // A form with data-autosave posts itself there, two seconds after the last
  // change. The answer may carry the draft's new revision in a header; the
  // form's hidden field takes it, so that sending the form is not stale. An
  // answer of 409 says in words why it was refused; sending the form shows more.
  const autosave = (form) => {
    const status = form.querySelector(".p-autosave");
    let timer = 0, dirty = false, saving = false, pressed = null;
    const tell = (state) => {
      if (!status) return;
      status.dataset.state = state;
      status.textContent = status.dataset[state] || "";
    };
    const save = async () => {
      if (saving || form.dataset.sent) return;
      saving = true;
      dirty = false;
      tell("saving");
      try {
        const answer = await fetch(form.dataset.autosave, {
          method: "POST",
          body: new URLSearchParams(new FormData(form)),
          headers: { "Peregrine-Autosave": "1" },
          redirect: "manual",
        });
        if (answer.status === 409) {
          tell("failed");
          if (status) status.textContent = await answer.text();
          saving = false;
          if (pressed) form.requestSubmit(pressed);
          return;
        }
        if (!answer.ok) throw new Error(String(answer.status));
        const revision = answer.headers.get("Peregrine-Revision");
        const field = form.elements.namedItem("revision");
        if (revision && field) field.value = revision;
        tell(dirty ? "unsaved" : "saved");
      } catch {
        dirty = true;
        tell("failed");
      }
      saving = false;
      if (pressed) form.requestSubmit(pressed);
      else if (dirty) plan(10000);
    };
    const plan = (wait) => {
      clearTimeout(timer);
      timer = setTimeout(save, wait);
    };
    form.addEventListener("input", () => {
      dirty = true;
      tell("unsaved");
      plan(2000);
    });
    // Sending waits for a save under way, whose answer it may need.
    form.addEventListener("submit", (event) => {
      clearTimeout(timer);
      if (!saving) return;
      event.preventDefault();
      pressed = event.submitter;
    });
    window.addEventListener("beforeunload", (event) => {
      if (dirty && !form.dataset.sent) event.preventDefault();
    });
  };

  // Some minutes before the session ends, whoever is still there is asked to
  // stay. Staying changes nothing on the page. The time since the page was
  // loaded counts, whatever this machine's clock says.
  const warnBeforeTheEnd = (bar) => {
    const words = bar.querySelector("[data-stayed]");
    let told = words.textContent;
    const warning = Number(bar.dataset.warn);
    let left = Number(bar.dataset.left) - warning, timer = 0;
    const warn = () => {
      words.textContent = "";
      bar.hidden = false;
      words.textContent = told;
    };
    const wait = () => {
      clearTimeout(timer);
      if (left < 2 ** 31 / 1000) timer = setTimeout(warn, Math.max(left, 0) * 1000);
    };
    if (bar.hidden) wait();
    const form = bar.querySelector("form");
    const stay = async (event) => {
      event.preventDefault();
      delete form.dataset.sent;
      try {
        const answer = await fetch(form.action, { method: "POST", headers: { "Peregrine-Autosave": "1" }, redirect: "manual" });
        if (!answer.ok) throw new Error(String(answer.status));
        left = Number(answer.headers.get("Peregrine-Session-Left")) - warning;
        const next = new DOMParser().parseFromString(await answer.text(), "text/html");
        told = next.querySelector("[data-stayed]").textContent; // names the new end
        words.textContent = words.dataset.stayed;
        setTimeout(() => { bar.hidden = true; wait(); }, 4000);
      } catch {
        form.removeEventListener("submit", stay); // pressed again, it opens a page that says what to do
        form.requestSubmit();
      }
    };
    form.addEventListener("submit", stay);
  };

  focusProblems();
  all("[data-left]").forEach(warnBeforeTheEnd);
  all("time[data-here]").forEach(tellHere);
  if (now()) all("[data-until]").forEach(countDown);
  all("form[data-autosave]").forEach(autosave);
  document.addEventListener("click", askFirst);
  document.addEventListener("submit", sendOnce);
  window.addEventListener("pageshow", () => all("form[data-sent]").forEach((form) => delete form.dataset.sent));
})();
