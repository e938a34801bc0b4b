// The conversation side of the page. HTML comes finished and escaped from the server; text that is
// still being written is put in as text. Where the reader is stands in the address, so that reload and
// the back button work: #c=CONVERSATION, then x and n for a citation, or s, a and z for a place.
(() => {
  "use strict";
  const $ = (selector, within = document) => within.querySelector(selector);
  const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
  const words = JSON.parse($("#rag-words").textContent);
  const rag = $("#rag");
  const box = $("#question-text");
  const log = $("#conversation");
  const sources = {}; // HTML of the sources by exchange
  let conversation = "";
  let opener = null; // what an article was opened with
  let current = ""; // the exchange whose sources are shown
  let writing = null; // { exchange, abort } while an answer is being written

  // --- what this browser keeps

  const kept = (name, fallback) => {
    try {
      return JSON.parse(localStorage.getItem(name)) ?? fallback;
    } catch {
      return fallback;
    }
  };
  const keep = (name, value) => localStorage.setItem(name, JSON.stringify(value));

  const secret = (() => {
    let value = kept("rag-browser", "");
    if (!/^[\w-]{22,64}$/.test(value)) {
      const bytes = crypto.getRandomValues(new Uint8Array(24));
      value = btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
      keep("rag-browser", value);
    }
    return value;
  })();

  const request = (path, method = "GET", body = undefined, signal = undefined) =>
    fetch(`rag/${path}`, {
      method,
      signal,
      headers: { "X-Rag-Browser": secret, ...(body && { "Content-Type": "application/json" }) },
      body: body && JSON.stringify(body),
    });
  const ask = async (...args) => {
    const reply = await request(...args);
    if (reply.status === 401) location.reload();
    if (!reply.ok) throw new Error(reply.statusText);
    return reply.json();
  };

  const say = (text) => ($("#status").textContent = text);
  const element = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html.trim();
    return template.content.firstElementChild;
  };

  // --- address

  const place = () => Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  const go = (where, { replace = false } = {}) => {
    const hash = new URLSearchParams(Object.entries(where).filter(([, value]) => value));
    const address = `${location.pathname}${location.search}#${hash}`;
    if (address === `${location.pathname}${location.search}${location.hash}`) return;
    history[replace ? "replaceState" : "pushState"](null, "", address);
  };

  const follow = async () => {
    const where = place();
    show(where.v || "chat");
    if ((where.c || "") !== conversation && !(writing && !where.c)) await open(where.c || "");
    if (where.n || where.s) await openArticle(where);
    else closeArticle();
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

  // --- conversations

  const listConversations = async () => {
    $("#history-list").innerHTML = (await ask("conversations")).html;
    markConversation();
  };
  const markConversation = () => {
    for (const entry of $$(".rag-conversation")) {
      const link = $("a", entry);
      if (entry.dataset.conversation === conversation) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };

  const open = async (id) => {
    if (writing) leave();
    conversation = id;
    $("#exchanges").replaceChildren();
    Object.keys(sources).forEach((key) => delete sources[key]);
    showSources("");
    if (id) {
      const saved = await ask(`conversations/${encodeURIComponent(id)}`);
      if (conversation !== id) return;
      if (saved.found) {
        $("#exchanges").innerHTML = saved.html;
        Object.assign(sources, saved.sources);
        const last = $$(".rag-exchange").at(-1);
        if (last) showSources(last.dataset.exchange);
      } else {
        conversation = "";
        say(saved.text);
        go({}, { replace: true });
      }
    }
    arrange();
    markConversation();
    log.scrollTop = log.scrollHeight;
  };

  const begin = async () => {
    go({});
    show("chat");
    closeArticle();
    if (conversation || writing) await open("");
    closeSide();
    box.focus();
  };

  // --- asking

  const filters = () => ({
    since: $("#filter-since").value,
    until: $("#filter-until").value,
    outlets: [$("#filter-outlet").value].filter(Boolean),
    sources: [$("#filter-source").value].filter(Boolean),
  });
  const settings = () => ({
    engine: $("#setting-engine").value,
    passages: Number($("#setting-passages").value),
    unsupported: $("#setting-unsupported").value,
  });

  const send = async (question, { insteadOf = "", wider = false } = {}) => {
    if (!question.trim() || writing) return;
    const abort = new AbortController();
    writing = { exchange: "", abort };
    const body = {
      question,
      conversation,
      instead_of: insteadOf,
      filters: filters(),
      settings: settings(),
      wider,
    };
    if (insteadOf) {
      const taken = $(`.rag-exchange[data-exchange="${CSS.escape(insteadOf)}"]`);
      while (taken?.nextElementSibling) taken.nextElementSibling.remove();
      taken?.remove();
    }
    arrange();
    closeArticle();
    say(words.searching);
    try {
      const reply = await request("ask", "POST", body, abort.signal);
      if (!reply.ok) throw new Error(reply.statusText);
      for await (const event of lines(reply.body)) take(event);
    } catch {
      fail();
    }
    writing = null;
    arrange();
    listConversations().catch(() => {});
  };

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

  const answerOf = (exchange) => $(`.rag-answer[data-exchange="${CSS.escape(exchange)}"]`);

  const take = (event) => {
    if (writing.left) {
      if (event.type !== "started") return;
      writing.exchange = event.exchange;
      return stop();
    }
    const answer = writing.exchange && answerOf(writing.exchange);
    switch (event.type) {
      case "refused":
        note(event.text);
        break;
      case "started":
        writing.exchange = event.exchange;
        if (writing.stopping) stop();
        conversation = event.conversation;
        go({ c: conversation }, { replace: true });
        $("#exchanges").append(element(event.html));
        startWriting(answerOf(event.exchange));
        log.scrollTop = log.scrollHeight;
        arrange();
        listConversations().catch(() => {});
        break;
      case "found":
        sources[writing.exchange] = event.sources;
        showSources(writing.exchange);
        if (event.searched) putSearched(answer, event.searched);
        tell(answer, words.writing);
        break;
      case "waiting":
        tell(answer, event.text);
        break;
      case "delta":
        write(answer, event.text);
        break;
      case "finished":
        if (event.sources) sources[writing.exchange] = event.sources;
        stayAtEnd(() => answer.replaceWith(element(event.html)));
        showSources(writing.exchange);
        say(event.state === "done" ? words.ready : event.state === "stopped" ? words.stopped : words.failed);
    }
  };

  const startWriting = (answer) => {
    answer.dataset.state = "writing";
    answer.setAttribute("aria-busy", "true");
    answer.replaceChildren();
    const draft = document.createElement("p");
    draft.className = "rag-text rag-draft";
    const state = document.createElement("p");
    state.className = "rag-state";
    answer.append(draft, state);
    tell(answer, words.searching);
  };
  const tell = (answer, text) => {
    $(".rag-state", answer).textContent = text;
    say(text);
  };
  const putSearched = (answer, text) => {
    const line = $(".rag-searched", answer) ?? document.createElement("p");
    const searched = document.createElement("span");
    searched.textContent = text;
    line.className = "rag-searched";
    line.replaceChildren(`${words.searched}: `, searched);
    answer.prepend(line);
  };
  const write = (answer, text) =>
    stayAtEnd(() => {
      const draft = $(".rag-draft", answer);
      writing.text = (writing.text ?? "") + text;
      // Markers become links when the answer has been checked; until then they are small numbers.
      const pieces = writing.text.split(/(\[\d+\])/).map((piece) => {
        if (!/^\[\d+\]$/.test(piece)) return piece;
        const marker = document.createElement("sup");
        marker.textContent = piece.slice(1, -1);
        return marker;
      });
      draft.replaceChildren(...pieces);
    });
  const stayAtEnd = (change) => {
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
    change();
    if (atEnd) log.scrollTop = log.scrollHeight;
  };

  const stop = () => {
    if (!writing) return;
    if (writing.exchange) ask("stop", "POST", { exchange: writing.exchange }).catch(() => {});
    else writing.stopping = true;
  };
  /** The reader turns to another conversation: the answer ends, and is kept as it stands. */
  const leave = () => {
    writing.left = true;
    stop();
  };
  const fail = () => {
    if (writing.left) return;
    const answer = writing.exchange && answerOf(writing.exchange);
    if (!answer) return note(words.interrupted);
    answer.dataset.state = "failed";
    answer.removeAttribute("aria-busy");
    tell(answer, words.interrupted);
  };
  const note = (text) => {
    const line = document.createElement("p");
    line.className = "rag-notice rag-error";
    line.textContent = text;
    $("#exchanges").append(line);
    say(text);
  };

  /** Show what goes with the state: welcome or exchanges, stop or send, retry when there is something. */
  const arrange = () => {
    const exchanges = $$(".rag-exchange");
    $("#welcome").hidden = exchanges.length > 0 || writing !== null;
    $("#stop").hidden = writing === null;
    $("#send").hidden = writing !== null;
    $("#retry").hidden = writing !== null || exchanges.length === 0;
    $("#export").hidden = exchanges.length === 0;
    rag.dataset.started = exchanges.length ? "yes" : "no";
  };

  const lastQuestion = () => {
    const exchange = $$(".rag-exchange").at(-1);
    return exchange && [$(".rag-question-text", exchange).textContent, exchange.dataset.exchange];
  };

  const edit = (exchange) => {
    const asked = $(".rag-asked", exchange);
    const question = $(".rag-question-text", asked).textContent;
    const form = document.createElement("form");
    form.className = "rag-editing";
    const area = document.createElement("textarea");
    area.value = question;
    area.maxLength = box.maxLength;
    area.setAttribute("aria-label", words.edit);
    const button = (text, kind, type) => {
      const made = document.createElement("button");
      Object.assign(made, { type, textContent: text, className: kind });
      return made;
    };
    const cancel = button(words.cancel, "rag-quiet", "button");
    form.append(area, cancel, button(words.save_edit, "rag-button", "submit"));
    const leave = () => {
      form.replaceWith(asked);
      $(".rag-edit", asked).focus();
    };
    cancel.addEventListener("click", leave);
    area.addEventListener("keydown", (event) => {
      if (event.key === "Escape") leave();
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

  // --- sources and articles

  const showSources = (exchange) => {
    current = exchange;
    const empty = `<p class="rag-empty"></p>`;
    $("#sources-list").innerHTML = sources[exchange] ?? empty;
    if (!sources[exchange]) $("#sources-list p").textContent = words.sources_none;
  };

  const openArticle = async (where) => {
    const exchange = where.x || "";
    if (exchange && exchange !== current) showSources(exchange);
    const wanted = {
      conversation,
      exchange,
      n: where.n ? Number(where.n) : undefined,
      source: where.s,
      start: where.a ? Number(where.a) : undefined,
      end: where.z ? Number(where.z) : undefined,
    };
    const { html } = await ask("article", "POST", wanted);
    if (place().n !== where.n || place().s !== where.s || place().a !== where.a) return;
    const panel = $("#article");
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
  const closeArticle = () => {
    $("#article").hidden = true;
    $("#sources").hidden = false;
    if (rag.dataset.aside === "article") rag.dataset.aside = "";
    $$(".rag-current").forEach((marker) => marker.classList.remove("rag-current"));
  };

  const openCitation = (exchange, n) => {
    card.hidden = true; // the words themselves are about to be seen
    go({ c: conversation, x: exchange, n });
    return follow();
  };

  // --- the card of a citation, on hover and focus

  const card = $("#rag-card");
  let hiding = 0;
  const showCard = (marker) => {
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
  const hideCard = () => {
    clearTimeout(hiding);
    hiding = setTimeout(() => (card.hidden = true), 120);
  };
  for (const [enter, leave] of [["mouseover", "mouseout"], ["focusin", "focusout"]]) {
    document.addEventListener(enter, (event) => {
      const marker = event.target.closest(".rag-cite");
      if (marker) marker.matches(":hover, :focus-visible") && showCard(marker);
      else if (event.target.closest("#rag-card")) clearTimeout(hiding);
    });
    document.addEventListener(leave, (event) => {
      if (event.target.closest(".rag-cite, #rag-card")) hideCard();
    });
  }

  // --- preferences

  const setCookie = (name, value) =>
    (document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=strict`);

  const applyTheme = () => {
    const theme = $("#theme").value;
    document.documentElement.dataset.theme = theme;
  };

  const showEngine = () => {
    const engine = $("#setting-engine").selectedOptions[0];
    const local = engine.dataset.local === "yes";
    $("#engine-name").textContent = `${engine.dataset.name} · ${local ? words.local : words.remote}`;
    $("#engine").dataset.local = engine.dataset.local;
  };
  const restoreSettings = () => {
    for (const [name, value] of Object.entries(kept("rag-settings", {}))) {
      const field = $(`#setting-${name}`);
      if (field && (field.type === "number" || [...field.options].some((o) => o.value === value))) field.value = value;
    }
    showEngine();
  };

  const showChips = () => {
    const chips = ["since", "until", "outlet", "source"]
      .map((name) => $(`#filter-${name}`))
      .filter((field) => field.value)
      .map((field) => {
        const chip = document.createElement("button");
        const text = field.selectedOptions ? field.selectedOptions[0].textContent : field.value;
        const label = field.closest("label").firstChild.textContent;
        Object.assign(chip, { type: "button", className: "rag-chip", textContent: `${label}: ${text}` });
        chip.setAttribute("aria-label", `${words.clear_filters}: ${chip.textContent}`);
        chip.addEventListener("click", () => {
          field.value = "";
          showChips();
          box.focus();
        });
        return chip;
      });
    $("#chips").replaceChildren(...chips);
    $("#chips").hidden = chips.length === 0;
  };
  const fillChoices = async () => {
    const { outlets, sources: articles } = await ask("choices");
    const fill = (field, entries) => {
      const chosen = field.value;
      while (field.options.length > 1) field.remove(1);
      for (const [value, text] of entries) field.add(new Option(text, value));
      field.value = chosen;
      if (field.selectedIndex < 0) field.value = "";
    };
    fill($("#filter-outlet"), outlets.map((name) => [name, name]));
    fill($("#filter-source"), articles.map((article) => [article.source, article.title]));
  };

  const grow = (area) => {
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight}px`;
  };
  const openSide = (open) => {
    rag.dataset.side = open ? "open" : "";
    $("#menu").setAttribute("aria-expanded", String(open));
  };
  const closeSide = () => openSide(false);

  const exported = async (kind) => {
    const reply = await request(`export/${encodeURIComponent(conversation)}/${kind}`);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await reply.blob());
    link.download = `conversation-${conversation}.${kind === "json" ? "json" : "md"}`;
    link.click();
    URL.revokeObjectURL(link.href);
    $("#export").open = false;
  };

  const thumb = async (button, good) => {
    const answer = button.closest(".rag-answer");
    const body = { conversation, exchange: answer.dataset.exchange, good };
    for (const each of $$(".rag-up, .rag-down", answer)) each.setAttribute("aria-pressed", String(each === button));
    $(".rag-feedback", answer)?.remove();
    if (good) {
      await ask("feedback", "POST", body);
      return thank(answer);
    }
    const form = document.createElement("form");
    form.className = "rag-feedback";
    const label = document.createElement("label");
    const area = document.createElement("textarea");
    area.rows = 2;
    area.maxLength = box.maxLength;
    label.append(words.right_answer, area);
    const button2 = document.createElement("button");
    Object.assign(button2, { type: "submit", className: "rag-button", textContent: words.send_feedback });
    form.append(label, button2);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      await ask("feedback", "POST", { ...body, right_answer: area.value });
      form.remove();
      thank(answer);
    });
    answer.append(form);
    area.focus();
  };
  const thank = (answer) => {
    const line = $(".rag-thanks", answer) ?? document.createElement("p");
    line.className = "rag-thanks";
    line.textContent = words.thanks;
    answer.append(line);
    say(words.thanks);
  };

  // --- events

  const clicks = {
    ".rag-cite": (it) => openCitation(it.closest(".rag-answer").dataset.exchange, it.dataset.n),
    ".rag-open": (it) => {
      const { exchange, n, source, start, end } = it.dataset;
      opener = it;
      if (n) return openCitation(exchange, n);
      go({ v: place().v, c: conversation, x: exchange, s: source, a: start, z: end });
      return follow();
    },
    ".rag-prev, .rag-next": (it) => openCitation(place().x, it.dataset.n),
    ".rag-close": () => {
      const { v, x, n } = place();
      go({ v, c: conversation });
      closeArticle();
      const marker = n && $(`.rag-cite[data-n="${CSS.escape(n)}"]`, answerOf(x));
      (marker || (opener?.isConnected && opener) || $("#rag-sources-title")).focus();
    },
    ".rag-close-sources": () => {
      rag.dataset.aside = "";
      box.focus();
    },
    ".rag-show-sources": (it) => {
      go({ c: conversation });
      closeArticle();
      showSources(it.closest(".rag-answer").dataset.exchange);
      rag.dataset.aside = "sources";
      $("#rag-sources-title").focus();
    },
    ".rag-example": (it) => send(it.textContent.trim()),
    ".rag-edit": (it) => writing || edit(it.closest(".rag-exchange")),
    ".rag-wider": (it) => {
      const exchange = it.closest(".rag-exchange");
      const question = $(".rag-question-text", exchange).textContent;
      send(question, { insteadOf: exchange.dataset.exchange, wider: true });
    },
    ".rag-copy": async (it) => {
      const text = $(".rag-text", it.closest(".rag-answer"));
      const plain = text.cloneNode(true);
      $$(".rag-sr, .rag-cite, .rag-dot", plain).forEach((node) => node.remove());
      await navigator.clipboard.writeText(plain.textContent.trim());
      say(words.copied);
    },
    ".rag-up": (it) => thumb(it, true),
    ".rag-down": (it) => thumb(it, false),
    ".rag-new": begin,
    ".rag-resume": closeSide,
    ".rag-delete": async (it) => {
      const id = it.closest(".rag-conversation").dataset.conversation;
      if (!confirm(words.delete_sure)) return;
      const { html } = await ask(`conversations/${encodeURIComponent(id)}`, "DELETE");
      $("#history-list").innerHTML = html;
      if (id === conversation) begin();
    },
    ".rag-view": (it) => {
      const view = it.dataset.view;
      go({ c: conversation, v: view === "chat" ? "" : view });
      show(view);
      closeSide();
    },
    "#stop": stop,
    "#retry": () => {
      const [question, exchange] = lastQuestion();
      send(question, { insteadOf: exchange });
    },
    "#menu": () => openSide(rag.dataset.side !== "open"),
    "#filter-clear": () => {
      for (const name of ["since", "until", "outlet", "source"]) $(`#filter-${name}`).value = "";
      showChips();
    },
    "[data-export]": (it) => exported(it.dataset.export),
  };
  document.addEventListener("click", (event) => {
    for (const details of $$("details.rag-pop[open]")) if (!details.contains(event.target)) details.open = false;
    if (rag.dataset.side === "open" && !event.target.closest("#rag-side, #menu")) closeSide();
    for (const [selector, act] of Object.entries(clicks)) {
      const it = event.target.closest(selector);
      if (it && rag.contains(it)) return void act(it);
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const details = $("details.rag-pop[open]");
    if (!card.hidden) card.hidden = true;
    else if (details) {
      details.open = false;
      $("summary", details).focus();
    } else if (rag.dataset.side === "open") {
      closeSide();
      $("#menu").focus();
    } else if (!$("#article").hidden) $(".rag-close").click();
    else if (rag.dataset.aside === "sources") $(".rag-close-sources").click();
    else if (writing) stop();
  });

  $("#composer").addEventListener("submit", (event) => {
    event.preventDefault();
    if (writing) return;
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
  $("#filters").addEventListener("toggle", () => $("#filters").open && fillChoices().catch(() => {}));
  $("#filters").addEventListener("change", showChips);
  $("#settings").addEventListener("change", () => {
    const passages = $("#setting-passages");
    if (!passages.checkValidity() || !passages.value) passages.value = passages.defaultValue;
    keep("rag-settings", settings());
    showEngine();
  });
  $("#language").addEventListener("change", (event) => {
    setCookie("rag_language", event.target.value);
    sessionStorage.setItem("rag-draft", box.value);
    location.reload();
  });
  $("#theme").addEventListener("change", (event) => {
    setCookie("rag_theme", event.target.value);
    applyTheme();
  });
  window.addEventListener("popstate", follow);
  window.addEventListener("hashchange", follow);

  // --- start

  box.value = sessionStorage.getItem("rag-draft") ?? "";
  sessionStorage.removeItem("rag-draft");
  applyTheme();
  restoreSettings();
  arrange();
  follow();
  listConversations().catch(() => {});
  ask("examples").then(({ html }) => ($("#examples").innerHTML = html)).catch(() => {});
  if (matchMedia("(min-width: 60rem)").matches) box.focus();
})();
