"use strict";
const cards = [...document.querySelectorAll(".question")];
const controls = document.querySelector("#controls");
const count = document.querySelector("#count");

function filter() {
  const words = controls.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
  const chosen = ["outcome", "lang", "kind"].map((name) => [name, controls.elements[name].value]);
  let shown = 0;
  for (const card of cards) {
    const fits =
      chosen.every(([name, value]) => !value || card.dataset[name] === value) &&
      words.every((word) => card.dataset.search.includes(word));
    card.hidden = !fits;
    shown += fits;
  }
  count.textContent = `${shown} of ${cards.length}`;
}

function openTarget() {
  const [, outcome] = location.hash.split("#outcome=");
  if (outcome !== undefined) {
    controls.reset();
    controls.elements.outcome.value = outcome;
    filter();
    controls.scrollIntoView();
    return;
  }
  const card = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (card && card.matches(".question")) {
    card.hidden = false;
    card.open = true;
    card.scrollIntoView();
  }
}

controls.hidden = false;
controls.addEventListener("input", filter);
controls.addEventListener("submit", (event) => event.preventDefault());
window.addEventListener("hashchange", openTarget);
filter();
openTarget();
