// The pages beside the conversation: the articles and the evaluation. HTML comes finished and escaped
// from the server; what it reports while it works is put in as text.

import { $, made, reader } from "./basics.js";
import { place } from "./address.js";
import { watchDrawings } from "./drawings.js";
import { events, post, read, request } from "./server.js";

const page = $("#corpus");
const report = $("#corpus-report");
const bar = $("#corpus-progress");
let said = {};

// --- showing

const fill = async (target, path) => {
  const { html, error } = await read(path);
  target.innerHTML = html;
  if (error) target.append(made("p", { className: "rag-notice", textContent: error }));
};

const showCorpus = async () => {
  const asked = new URLSearchParams({ conversation: place().c ?? "", find: $("#corpus-find")?.value ?? "" });
  const focused = page.contains(document.activeElement) ? document.activeElement.id : "";
  const at = $("#corpus-find")?.selectionStart;
  await fill(page, `corpus?${asked}`);
  const words = $("#corpus-words");
  if (words) said = JSON.parse(words.textContent);
  if (!focused) return;
  const field = document.getElementById(focused);
  field?.focus();
  if (focused === "corpus-find") field?.setSelectionRange(at, at);
};

const show = () => {
  const view = place().v;
  if (view === "articles") showCorpus().catch(() => {});
  if (view === "evaluation") fill($("#evaluation"), "evaluation").catch(() => {});
};
document.addEventListener("rag:view", show);
if ($("#rag").dataset.view !== "chat") show();

// --- changing

const say = (text, kind) => {
  const className = kind === "refused" || kind === "failed" ? "rag-refused" : "";
  report.append(made("p", { className, textContent: text }));
};
const progress = (text, share) => {
  bar.hidden = !text;
  $("progress", bar).value = share;
  $("span", bar).textContent = text;
};

const working = async (work) => {
  if (reader.changing) return;
  reader.changing = true;
  page.setAttribute("aria-busy", "true");
  report.replaceChildren();
  try {
    await work();
  } catch {
    say(said.interrupted, "failed");
  }
  progress("", 0);
  reader.changing = false;
  page.removeAttribute("aria-busy");
  await showCorpus().catch(() => {});
  document.dispatchEvent(new Event("rag:changed"));
};

const follow = async (path, body) => {
  for await (const event of events(await post(path, body ?? {}))) {
    if (event.type === "progress") progress(event.text, event.share);
    else say(event.text, event.type);
  }
};

const add = (files) => {
  const field = $("#upload-files");
  const { most, megabytes } = field.dataset;
  const replace = $("#upload-replace").checked ? "yes" : "no";
  return working(async () => {
    if (files.length > most) return say(said.too_many.replace("{files}", most), "refused");
    let changed = 0;
    for (const [number, file] of files.entries()) {
      progress(said.sending.replace("{name}", file.name), number / files.length);
      if (file.size > megabytes * 2 ** 20) {
        const reason = said.too_large.replace("{megabytes}", megabytes);
        say(said.refused.replace("{name}", () => file.name).replace("{reason}", reason), "refused");
        continue;
      }
      const reply = await request(`corpus/add?replace=${replace}`, {
        method: "POST",
        headers: { "X-Rag-Name": encodeURIComponent(file.name.toWellFormed()) },
        body: file,
      });
      const { type, text } = await reply.json();
      say(text, type);
      changed += type === "added" || type === "replaced";
    }
    if (changed) await follow("corpus/update");
  });
};

const remove = (row) => {
  const dialog = $("#confirm-dialog");
  $("#confirm-name").textContent = $(".rag-title", row).textContent;
  dialog.returnValue = "no";
  dialog.showModal();
  dialog.onclose = () => {
    if (dialog.returnValue !== "yes") return $(".rag-remove", row)?.focus();
    working(() => follow("corpus/remove", { source: row.dataset.source })).then(() => $("h1", page)?.focus());
  };
};

// --- events

page.addEventListener("click", (event) => {
  const button = event.target.closest(".rag-remove, #corpus-update");
  if (!button || reader.changing) return;
  if (button.id) working(() => follow("corpus/update"));
  else remove(button.closest(".rag-article-row"));
});
page.addEventListener("change", (event) => {
  if (event.target.id !== "upload-files") return;
  const files = [...event.target.files];
  event.target.value = "";
  if (files.length) add(files);
});
let finding = 0;
page.addEventListener("input", (event) => {
  if (event.target.id !== "corpus-find") return;
  clearTimeout(finding);
  finding = setTimeout(() => showCorpus().catch(() => {}), 250);
});
watchDrawings(page);
// A file dropped beside the field would otherwise be opened in place of the page.
for (const type of ["dragover", "dragleave", "drop"]) {
  $("#rag-articles").addEventListener(type, (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    $("#upload")?.classList.toggle("rag-over", type === "dragover");
    if (type === "drop" && $("#upload") && !reader.changing) add([...event.dataTransfer.files]);
  });
}
