// The dots of the timeline and the map by keyboard: each drawing is one stop of Tab, with arrow keys inside.

import { $, $$ } from "./basics.js";

const DOT = "g[role=button]";
const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

const move = (dot, key) => {
  const dots = $$(DOT, dot.closest("svg"));
  const ends = { Home: 0, End: dots.length - 1 };
  const at = ends[key] ?? dots.indexOf(dot) + STEPS[key];
  dots[Math.min(Math.max(at, 0), dots.length - 1)].focus();
};

/** What a dot stands for, for those who see it; it has a name of its own for those who hear it. */
const name = (dot, text = dot.getAttribute("aria-label")) =>
  ($(".rag-named", dot.closest("figure")).textContent = text);

/** Watch over all drawings inside of an element, now and later. */
export const watchDrawings = (page) => {
  const on = (type, act) =>
    page.addEventListener(type, (event) => {
      const dot = event.target.closest(DOT);
      if (dot) act(dot, event);
    });
  on("keydown", (dot, event) => {
    if (event.key in STEPS || event.key === "Home" || event.key === "End") move(dot, event.key);
    // Dots are drawn, not buttons: the keys of a button have to be given to them.
    else if (event.key === "Enter" || event.key === " ") dot.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    else return;
    event.preventDefault();
  });
  on("focusin", (dot) => {
    for (const each of $$(`${DOT}[tabindex="0"]`, dot.closest("svg"))) each.setAttribute("tabindex", "-1");
    dot.setAttribute("tabindex", "0"); // where Tab comes back to
    name(dot);
  });
  on("mouseover", (dot) => name(dot));
  on("focusout", (dot) => name(dot, ""));
  on("mouseout", (dot) => name(dot, ""));
};
