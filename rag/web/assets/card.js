// The card of a citation, on hover and focus: its words, and where they stand.

import { $ } from "./basics.js";

const card = $("#rag-card");
let hiding = 0;

export const hideCard = () => (card.hidden = true);
export const cardShown = () => !card.hidden;

const show = (marker) => {
  clearTimeout(hiding);
  const filled = $(`[data-card="${CSS.escape(marker.dataset.n)}"]`, marker.closest(".rag-answer"));
  if (!filled) return;
  card.replaceChildren(...[...filled.childNodes].map((node) => node.cloneNode(true)));
  card.hidden = false;
  const at = marker.getBoundingClientRect();
  const left = Math.min(Math.max(8, at.left - 24), innerWidth - card.offsetWidth - 8);
  const below = at.bottom + card.offsetHeight + 12 < innerHeight;
  card.style.left = `${left}px`;
  card.style.top = `${below ? at.bottom + 6 : at.top - card.offsetHeight - 6}px`;
};

for (const [enter, leave] of [["mouseover", "mouseout"], ["focusin", "focusout"]]) {
  document.addEventListener(enter, (event) => {
    const marker = event.target.closest(".rag-cite");
    if (marker) marker.matches(":hover, :focus-visible") && show(marker);
    else if (event.target.closest("#rag-card")) clearTimeout(hiding);
  });
  document.addEventListener(leave, (event) => {
    if (!event.target.closest(".rag-cite, #rag-card")) return;
    clearTimeout(hiding);
    hiding = setTimeout(hideCard, 120);
  });
}
