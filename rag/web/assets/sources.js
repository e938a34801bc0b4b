// The sources of an answer, and the article that one of them opens.

import { $, $$, rag, reader, words } from "./basics.js";
import { lay, lift, place } from "./address.js";
import { tell } from "./server.js";

const found = {}; // HTML of the sources by exchange
const panel = $("#article");
const overlaid = matchMedia("(max-width: 75rem)"); // as in page.css
let current = ""; // the exchange whose sources are shown
let opener = null; // what the article was opened with

export const keepSources = (exchange, html) => (found[exchange] = html);
export const forgetSources = () => {
  Object.keys(found).forEach((key) => delete found[key]);
  showSources("");
};

export const showSources = (exchange) => {
  current = exchange;
  $("#sources-list").innerHTML = found[exchange] ?? `<p class="rag-empty"></p>`;
  if (!found[exchange]) $("#sources-list p").textContent = words.sources_none;
};

/** Turn to the sources of one answer; where there is no room beside, they are laid over it. */
export const turnToSources = async (exchange) => {
  await closeArticle();
  if (overlaid.matches) lay({ c: reader.conversation, x: exchange, p: "sources" });
  uncover(place(), exchange);
  $("#rag-sources-title").focus();
};

/** Take the article away, and the list of sources where it lies over the conversation. */
export const closeAll = async () => {
  for (let layers = 2; layers; layers--) await lift({ v: place().v, c: reader.conversation });
  uncover(place());
};

export const closeArticle = async () => {
  if (panel.hidden) return;
  const { v, p, x } = place();
  await lift({ v, c: reader.conversation, p, ...(p && { x }) });
  uncover(place());
};

/** Show what the address says when no article is open. */
export const uncover = (where, exchange = where.x) => {
  rag.dataset.aside = where.p ? "sources" : "";
  if (exchange && exchange !== current) showSources(exchange);
  $("#sources").hidden = false;
  if (panel.hidden) return;
  const lost = panel.contains(document.activeElement) || document.activeElement === document.body;
  const marker = $(".rag-cite.rag-current");
  panel.hidden = true;
  $$(".rag-current").forEach((each) => each.classList.remove("rag-current"));
  if (lost) (marker || (opener?.isConnected && opener) || $("#rag-sources-title")).focus();
  opener = null;
};

export const openCitation = (exchange, n) => {
  const { v, p } = place();
  lay({ v, c: reader.conversation, p, x: exchange, n });
  return showArticle(place());
};

export const openPlace = (button) => {
  const { exchange, n, source, start, end } = button.dataset;
  if (panel.hidden) opener = button;
  if (n) return openCitation(exchange, n);
  const { v, p } = place();
  lay({ v, c: reader.conversation, p, x: exchange, s: source, a: start, z: end });
  return showArticle(place());
};

/** Show the article that the address names, at its words. */
export const showArticle = async (where) => {
  const exchange = where.x || "";
  if (exchange && exchange !== current) showSources(exchange);
  const wanted = {
    conversation: reader.conversation,
    exchange,
    n: where.n ? Number(where.n) : undefined,
    source: where.s,
    start: where.a ? Number(where.a) : undefined,
    end: where.z ? Number(where.z) : undefined,
  };
  const { html } = await tell("article", wanted);
  if (["n", "s", "a"].some((name) => place()[name] !== where[name])) return;
  panel.innerHTML = html;
  panel.hidden = false;
  $("#sources").hidden = true;
  rag.dataset.aside = "article";
  for (const marker of $$(".rag-cite")) {
    const its = marker.closest(".rag-answer").dataset.exchange === exchange && marker.dataset.n === where.n;
    marker.classList.toggle("rag-current", its);
  }
  const quote = $(".rag-quote", panel);
  if (quote) quote.scrollIntoView({ block: "center" });
  (quote ?? $("#rag-article-title")).focus({ preventScroll: true });
};
