// Wires the page: what a click or a key does, and where the address leads. HTML comes finished and escaped
// from the server.

import { $, $$, box, grow, rag, reader, say, words } from "./basics.js";
import { go, lift, place } from "./address.js";
import { askWider, edit, retry, send } from "./asking.js";
import { cardShown, hideCard } from "./card.js";
import { arrange, exported, listConversations, open, remove } from "./conversations.js";
import { clearFilters } from "./filters.js";
import { thumb } from "./feedback.js";
import { read } from "./server.js";
import { closeArticle, openCitation, openPlace, showArticle, turnToSources, uncover } from "./sources.js";

const follow = async () => {
  const where = place();
  show(where.v || "chat");
  if ((where.c || "") !== reader.conversation) await open(where.c || "");
  if (where.n || where.s) await showArticle(where);
  else uncover(where);
};

const show = (view) => {
  const before = rag.dataset.view;
  const known = $$(".rag-view").some((button) => button.dataset.view === view);
  rag.dataset.view = known ? view : "chat";
  for (const button of $$(".rag-view")) {
    if (button.dataset.view === rag.dataset.view) button.setAttribute("aria-current", "page");
    else button.removeAttribute("aria-current");
  }
  if (rag.dataset.view !== before) document.dispatchEvent(new Event("rag:view"));
};

const openSide = (shown) => {
  rag.dataset.side = shown ? "open" : "";
  $("#menu").setAttribute("aria-expanded", String(shown));
};

const begin = async () => {
  openSide(false);
  go({});
  await open("");
  await follow();
  box.focus();
};

const forget = async (id) => {
  if ((await remove(id)) && id === reader.conversation) await begin();
};

const closeSources = async () => {
  await lift({ v: place().v, c: reader.conversation });
  uncover(place());
  box.focus();
};

const copy = async (answer) => {
  const plain = $(".rag-text", answer).cloneNode(true);
  $$(".rag-sr, .rag-cite, .rag-dot", plain).forEach((node) => node.remove());
  await navigator.clipboard.writeText(plain.textContent.trim());
  say(words.copied);
};

const clicks = {
  ".rag-cite": (it) => {
    hideCard(); // the words themselves are about to be seen
    return openCitation(it.closest(".rag-answer").dataset.exchange, it.dataset.n);
  },
  ".rag-open": openPlace,
  ".rag-prev, .rag-next": (it) => openCitation(place().x, it.dataset.n),
  ".rag-close": closeArticle,
  ".rag-close-sources": closeSources,
  ".rag-show-sources": (it) => turnToSources(it.closest(".rag-answer").dataset.exchange),
  ".rag-example": (it) => send(it.textContent.trim()),
  ".rag-edit": (it) => edit(it.closest(".rag-exchange")),
  ".rag-wider": (it) => askWider(it.closest(".rag-exchange")),
  ".rag-copy": (it) => copy(it.closest(".rag-answer")),
  ".rag-up": (it) => thumb(it, true),
  ".rag-down": (it) => thumb(it, false),
  ".rag-new": begin,
  ".rag-resume": () => openSide(false),
  ".rag-delete": (it) => forget(it.closest(".rag-conversation").dataset.conversation),
  ".rag-view": (it) => {
    const { view } = it.dataset;
    go({ c: reader.conversation, v: view === "chat" ? "" : view });
    openSide(false);
    return follow();
  },
  "#stop": () => reader.writing?.stop(),
  "#retry": retry,
  "#menu": () => openSide(rag.dataset.side !== "open"),
  "#filter-clear": clearFilters,
  "[data-export]": (it) => exported(it.dataset.export),
};
document.addEventListener("click", (event) => {
  for (const details of $$("details.rag-pop[open]")) if (!details.contains(event.target)) details.open = false;
  if (rag.dataset.side === "open" && !event.target.closest("#rag-side, #menu")) openSide(false);
  for (const [selector, act] of Object.entries(clicks)) {
    const it = event.target.closest(selector);
    if (it && rag.contains(it)) return void act(it);
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const details = $("details.rag-pop[open]");
  if (cardShown()) hideCard();
  else if (details) {
    details.open = false;
    $("summary", details).focus();
  } else if (rag.dataset.side === "open") {
    openSide(false);
    $("#menu").focus();
  } else if (!$("#article").hidden) closeArticle();
  else if (rag.dataset.aside === "sources") closeSources();
  else reader.writing?.stop();
});

$("#composer").addEventListener("submit", (event) => {
  event.preventDefault();
  if (reader.writing) return;
  const question = box.value;
  box.value = "";
  grow(box);
  send(question);
});
box.addEventListener("input", () => grow(box));
box.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $("#composer").requestSubmit();
  }
});
window.addEventListener("popstate", follow);

arrange();
follow();
listConversations().catch(() => {});
read("examples").then(({ html }) => ($("#examples").innerHTML = html)).catch(() => {});
if (matchMedia("(min-width: 60rem)").matches) box.focus();
