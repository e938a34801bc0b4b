// The pages beside the conversation: the articles and the evaluation. HTML comes finished and escaped
// from the server; what it reports while it works is put in as text.
(() => {
  "use strict";
  const $ = (selector, within = document) => within.querySelector(selector);
  const page = $("#corpus");
  const report = $("#corpus-report");
  const bar = $("#corpus-progress");
  let busy = false;
  let words = {};

  const request = (path, options = {}) =>
    fetch(`rag/${path}`, {
      ...options,
      headers: { "X-Rag-Browser": JSON.parse(localStorage.getItem("rag-browser")), ...options.headers },
    });
  const place = () => new URLSearchParams(location.hash.slice(1));

  async function* lines(stream) {
    const decoder = new TextDecoder();
    const reader = stream.getReader();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      rest += decoder.decode(value, { stream: !done });
      const complete = rest.split("\n");
      rest = complete.pop();
      for (const line of complete) yield JSON.parse(line);
      if (done) return;
    }
  }

  // --- showing

  const fill = async (target, path) => {
    const reply = await request(path);
    if (reply.status === 401) location.reload();
    const { html, error } = await reply.json();
    target.innerHTML = html;
    if (!error) return;
    const line = document.createElement("p");
    line.className = "rag-notice";
    line.textContent = error;
    target.append(line);
  };

  const showCorpus = async () => {
    const asked = new URLSearchParams({ conversation: place().get("c") ?? "", find: $("#corpus-find")?.value ?? "" });
    const focused = page.contains(document.activeElement) ? document.activeElement.id : "";
    const at = $("#corpus-find")?.selectionStart;
    await fill(page, `corpus?${asked}`);
    const said = $("#corpus-words");
    if (said) words = JSON.parse(said.textContent);
    if (!focused) return;
    const field = document.getElementById(focused);
    field?.focus();
    if (focused === "corpus-find") field?.setSelectionRange(at, at);
  };

  const show = () => {
    const view = place().get("v");
    if (view === "articles") showCorpus().catch(() => {});
    if (view === "evaluation") fill($("#evaluation"), "evaluation").catch(() => {});
  };
  document.addEventListener("rag:view", show);
  if ($("#rag").dataset.view !== "chat") show();

  // --- changing

  const say = (text, kind) => {
    const line = document.createElement("p");
    line.className = kind === "refused" || kind === "failed" ? "rag-refused" : "";
    line.textContent = text;
    report.append(line);
  };
  const progress = (text, share) => {
    bar.hidden = !text;
    $("progress", bar).value = share;
    $("span", bar).textContent = text;
  };

  const working = async (work) => {
    if (busy) return;
    busy = true;
    page.setAttribute("aria-busy", "true");
    report.replaceChildren();
    try {
      await work();
    } catch {
      say(words.interrupted, "failed");
    }
    progress("", 0);
    busy = false;
    page.removeAttribute("aria-busy");
    await showCorpus().catch(() => {});
  };

  const follow = async (path, body) => {
    const reply = await request(path, { method: "POST", body: JSON.stringify(body ?? {}) });
    if (!reply.ok) throw new Error(reply.statusText);
    for await (const event of lines(reply.body)) {
      if (event.type === "progress") progress(event.text, event.share);
      else say(event.text, event.type);
    }
  };

  const add = (files) => {
    const field = $("#upload-files");
    const { most, megabytes } = field.dataset;
    const replace = $("#upload-replace").checked ? "yes" : "no";
    return working(async () => {
      if (files.length > most) return say(words.too_many.replace("{files}", most), "refused");
      let changed = 0;
      for (const [number, file] of files.entries()) {
        progress(words.sending.replace("{name}", file.name), number / files.length);
        if (file.size > megabytes * 2 ** 20) {
          const reason = words.too_large.replace("{megabytes}", megabytes);
          say(words.refused.replace("{name}", () => file.name).replace("{reason}", reason), "refused");
          continue;
        }
        const reply = await request(`corpus/add?replace=${replace}`, {
          method: "POST",
          headers: { "X-Rag-Name": encodeURIComponent(file.name.toWellFormed()) },
          body: file,
        });
        if (!reply.ok) throw new Error(reply.statusText);
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
    if (!button || busy) return;
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
  // Dots are drawn, not buttons: the keys of a button have to be given to them.
  page.addEventListener("keydown", (event) => {
    if ((event.key === "Enter" || event.key === " ") && event.target.matches("g[role=button]")) {
      event.preventDefault();
      event.target.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    }
  });
  // What a dot stands for, for those who see it; it has a name of its own for those who hear it.
  const name = (event, text) => {
    const dot = event.target.closest("g[role=button]");
    if (dot) $(".rag-named", dot.closest("figure")).textContent = text ?? dot.getAttribute("aria-label");
  };
  for (const type of ["focusin", "mouseover"]) page.addEventListener(type, (event) => name(event));
  for (const type of ["focusout", "mouseout"]) page.addEventListener(type, (event) => name(event, ""));
  // A file dropped beside the field would otherwise be opened in place of the page.
  for (const type of ["dragover", "dragleave", "drop"]) {
    $("#rag-articles").addEventListener(type, (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      $("#upload")?.classList.toggle("rag-over", type === "dragover");
      if (type === "drop" && $("#upload") && !busy) add([...event.dataTransfer.files]);
    });
  }
})();
