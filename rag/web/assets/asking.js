// A question from sending to the checked answer. Text that is still being written is put in as text.

import { $, $$, box, element, grow, made, reader, say, words } from "./basics.js";
import { go, place } from "./address.js";
import { arrange, listConversations, refresh, tellTabs } from "./conversations.js";
import { chosenFilters } from "./filters.js";
import { events, post, tell } from "./server.js";
import { chosenSettings } from "./settings.js";
import { closeAll, keepSources, showSources } from "./sources.js";

const log = $("#conversation");
const answerOf = (exchange) => $(`.rag-answer[data-exchange="${CSS.escape(exchange)}"]`);
const shown = () => $$(".rag-exchange").map((each) => each.dataset.exchange);

/** An answer that is being written. */
class Writing {
  exchange = "";
  text = "";
  left = false; // the reader has turned to another conversation
  stopping = false;
  listed = false; // the list of conversations holds this question
  behind = false; // another tab has asked in between

  stop() {
    if (this.exchange) tell("stop", { exchange: this.exchange }).catch(() => {});
    else this.stopping = true;
  }
  /** The answer ends, and is kept as it stands. */
  leave() {
    this.left = true;
    this.stop();
  }
}

/** Ask; `insteadOf` is the exchange on the page that is taken back with all that follow it. */
export const send = async (question, { insteadOf = "", wider = false } = {}) => {
  if (!question.trim() || reader.writing) return;
  const writing = (reader.writing = new Writing());
  const taken = insteadOf ? $$(".rag-exchange").slice(shown().indexOf(insteadOf)) : [];
  const asked = post("ask", {
    question,
    conversation: reader.conversation,
    instead_of: taken.map((each) => each.dataset.exchange),
    filters: chosenFilters(),
    settings: chosenSettings(),
    wider,
  });
  taken.forEach((each) => each.remove());
  arrange();
  say(words.searching);
  try {
    const [reply] = await Promise.all([asked, closeAll()]);
    for await (const event of events(reply)) take(writing, event);
  } catch {
    fail(writing);
  }
  reader.writing = null;
  arrange();
  tellTabs(reader.conversation);
  if (writing.behind && !writing.left) await refresh().catch(() => {});
  listConversations().catch(() => {});
  document.dispatchEvent(new Event("rag:answered"));
};

const take = (writing, event) => {
  if (writing.left && event.type !== "started") return;
  const answer = writing.exchange && answerOf(writing.exchange);
  switch (event.type) {
    case "refused":
      note(event.text);
      break;
    case "started":
      begin(writing, event);
      break;
    case "found":
      keepSources(writing.exchange, event.sources);
      showSources(writing.exchange);
      if (event.searched) putSearched(answer, event.searched);
      state(answer, words.writing);
      if (!writing.listed) listConversations().catch(() => {}); // not sooner: passages come first
      writing.listed = true;
      break;
    case "waiting":
      state(answer, event.text);
      break;
    case "delta":
      write(writing, answer, event.text);
      break;
    case "finished":
      if (event.sources) keepSources(writing.exchange, event.sources);
      stayAtEnd(() => answer.replaceWith(element(event.html)));
      showSources(writing.exchange);
      say(event.state === "done" ? words.ready : event.state === "stopped" ? words.stopped : words.failed);
  }
};

const begin = (writing, event) => {
  writing.exchange = event.exchange;
  if (writing.left || writing.stopping) writing.stop();
  if (writing.left) return;
  reader.conversation = event.conversation;
  const { v } = place();
  go({ v, c: event.conversation }, { replace: true });
  writing.behind ||= event.exchanges.some((id) => id !== event.exchange && !shown().includes(id));
  $("#exchanges").append(element(event.html));
  const answer = answerOf(event.exchange);
  answer.dataset.state = "writing";
  answer.setAttribute("aria-busy", "true");
  answer.replaceChildren(made("p", { className: "rag-text rag-draft" }), made("p", { className: "rag-state" }));
  state(answer, words.searching);
  log.scrollTop = log.scrollHeight;
  arrange();
  tellTabs(event.conversation);
};

const state = (answer, text) => {
  $(".rag-state", answer).textContent = text;
  say(text);
};

const putSearched = (answer, text) => {
  const line = $(".rag-searched", answer) ?? made("p", { className: "rag-searched" });
  line.replaceChildren(`${words.searched}: `, made("span", { textContent: text }));
  answer.prepend(line);
};

// Markers become links when the answer has been checked; until then they are small numbers.
const write = (writing, answer, text) =>
  stayAtEnd(() => {
    writing.text += text;
    const pieces = writing.text
      .split(/(\[\d+\])/)
      .map((piece) => (/^\[\d+\]$/.test(piece) ? made("sup", { textContent: piece.slice(1, -1) }) : piece));
    $(".rag-draft", answer).replaceChildren(...pieces);
  });

const stayAtEnd = (change) => {
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  change();
  if (atEnd) log.scrollTop = log.scrollHeight;
};

const fail = (writing) => {
  if (writing.left) return;
  const answer = writing.exchange && answerOf(writing.exchange);
  if (!answer) return note(words.interrupted);
  answer.dataset.state = "failed";
  answer.removeAttribute("aria-busy");
  state(answer, words.interrupted);
};

const note = (text) => {
  $("#exchanges").append(made("p", { className: "rag-notice rag-error", textContent: text }));
  say(text);
};

// --- asking again

export const retry = () => {
  const exchange = $$(".rag-exchange").at(-1);
  return send($(".rag-question-text", exchange).textContent, { insteadOf: exchange.dataset.exchange });
};

export const askWider = (exchange) =>
  send($(".rag-question-text", exchange).textContent, { insteadOf: exchange.dataset.exchange, wider: true });

export const edit = (exchange) => {
  if (reader.writing) return;
  const asked = $(".rag-asked", exchange);
  const area = made("textarea", {
    value: $(".rag-question-text", asked).textContent,
    maxLength: box.maxLength,
    ariaLabel: words.edit,
  });
  const cancel = made("button", { type: "button", className: "rag-quiet", textContent: words.cancel });
  const save = made("button", { type: "submit", className: "rag-button", textContent: words.save_edit });
  const form = made("form", { className: "rag-editing" }, area, cancel, save);
  const leave = () => {
    form.replaceWith(asked);
    $(".rag-edit", asked).focus();
  };
  cancel.addEventListener("click", leave);
  area.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      leave();
    }
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(area.value, { insteadOf: exchange.dataset.exchange });
  });
  asked.replaceWith(form);
  grow(area);
  area.focus();
};
