// The conversations of this reader: listed, opened, begun, deleted, exported; and kept alike in all tabs.

import { $, $$, rag, reader, say, words } from "./basics.js";
import { go } from "./address.js";
import { read, request } from "./server.js";
import { forgetSources, keepSources, showSources } from "./sources.js";

const log = $("#conversation");
const tabs = new BroadcastChannel("rag");

export const listConversations = async () => {
  $("#history-list").innerHTML = (await read("conversations")).html;
  markConversation();
};
const markConversation = () => {
  for (const entry of $$(".rag-conversation")) {
    const link = $("a", entry);
    if (entry.dataset.conversation === reader.conversation) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
};

/** Show what goes with the state: welcome or exchanges, stop or send, retry when there is something. */
export const arrange = () => {
  const { writing } = reader;
  const exchanges = $$(".rag-exchange");
  $("#welcome").hidden = exchanges.length > 0 || writing !== null;
  $("#stop").hidden = writing === null;
  $("#send").hidden = writing !== null;
  $("#retry").hidden = writing !== null || exchanges.length === 0;
  $("#export").hidden = exchanges.length === 0;
  rag.dataset.started = exchanges.length ? "yes" : "no";
};

/** Show a saved conversation, or an empty one. */
export const open = async (id) => {
  reader.writing?.leave();
  reader.conversation = id;
  $("#exchanges").replaceChildren();
  forgetSources();
  if (id) await fill(id);
  arrange();
  markConversation();
  log.scrollTop = log.scrollHeight;
};

const fill = async (id) => {
  const saved = await read(`conversations/${encodeURIComponent(id)}`);
  if (reader.conversation !== id) return;
  if (!saved.found) {
    reader.conversation = "";
    $("#exchanges").replaceChildren();
    say(saved.text);
    return go({}, { replace: true });
  }
  $("#exchanges").innerHTML = saved.html;
  for (const [exchange, html] of Object.entries(saved.sources)) keepSources(exchange, html);
  const last = $$(".rag-exchange").at(-1);
  if (last) showSources(last.dataset.exchange);
};

/** Show what another tab has added; what the reader looks at stays where it is. */
export const refresh = async () => {
  const { conversation, writing } = reader;
  if (writing) writing.behind = true; // it is shown when the answer has ended
  if (!conversation || writing || $(".rag-editing, form.rag-feedback")) return;
  const top = log.scrollTop;
  await fill(conversation);
  arrange();
  log.scrollTop = top;
};

/** Other tabs show the same conversation: they learn that it has changed. */
export const tellTabs = (conversation) => tabs.postMessage(conversation);
tabs.addEventListener("message", ({ data }) => {
  if (data === reader.conversation) refresh().catch(() => {});
  listConversations().catch(() => {});
});

/** Delete a conversation. Returns whether the reader meant it. */
export const remove = async (id) => {
  if (!confirm(words.delete_sure)) return false;
  const { html } = await read(`conversations/${encodeURIComponent(id)}`, { method: "DELETE" });
  $("#history-list").innerHTML = html;
  markConversation();
  tellTabs(id);
  return true;
};

export const exported = async (kind) => {
  const { conversation } = reader;
  const reply = await request(`export/${encodeURIComponent(conversation)}/${kind}`);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await reply.blob());
  link.download = `conversation-${conversation}.${kind === "json" ? "json" : "md"}`;
  link.click();
  URL.revokeObjectURL(link.href);
  $("#export").open = false;
};
