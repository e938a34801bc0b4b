// What a reader may choose: engine, passages, strictness, language, theme.

import { $, box, reader, words } from "./basics.js";
import { packFilters, unpackFilters } from "./filters.js";
import { keep, kept } from "./server.js";

export const chosenSettings = () => ({
  engine: $("#setting-engine").value,
  passages: Number($("#setting-passages").value),
  unsupported: $("#setting-unsupported").value,
});

const showEngine = () => {
  const engine = $("#setting-engine").selectedOptions[0];
  const place = engine.dataset.local === "yes" ? words.local : words.remote;
  $("#engine-name").textContent = `${engine.dataset.name} · ${place}`;
  $("#engine").dataset.local = engine.dataset.local;
};

const restore = () => {
  for (const [name, value] of Object.entries(kept("rag-settings", {}))) {
    const field = $(`#setting-${name}`);
    if (field && (field.type === "number" || [...field.options].some((o) => o.value === value))) field.value = value;
  }
  showEngine();
  box.value = sessionStorage.getItem("rag-draft") ?? "";
  unpackFilters(JSON.parse(sessionStorage.getItem("rag-filters") ?? "{}"));
  sessionStorage.removeItem("rag-draft");
  sessionStorage.removeItem("rag-filters");
};

const setCookie = (name, value) =>
  (document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=strict`);

/** Load the page in the language that was chosen. Answers and changes under way are waited for. */
const speak = () => {
  const { value, selectedOptions } = $("#language");
  const later = value !== document.documentElement.lang;
  const note = $("#language-note");
  const busy = reader.writing || reader.changing;
  note.textContent = later && busy ? selectedOptions[0].dataset.later : "";
  note.hidden = !note.textContent;
  if (!later || busy) return;
  sessionStorage.setItem("rag-draft", box.value);
  sessionStorage.setItem("rag-filters", JSON.stringify(packFilters()));
  location.reload();
};

const applyTheme = () => (document.documentElement.dataset.theme = $("#theme").value);

$("#settings").addEventListener("change", () => {
  const passages = $("#setting-passages");
  if (!passages.checkValidity() || !passages.value) passages.value = passages.defaultValue;
  keep("rag-settings", chosenSettings());
  showEngine();
});
$("#language").addEventListener("change", () => {
  setCookie("rag_language", $("#language").value);
  speak();
});
for (const done of ["rag:answered", "rag:changed"]) document.addEventListener(done, speak);
$("#theme").addEventListener("change", () => {
  setCookie("rag_theme", $("#theme").value);
  applyTheme();
});

applyTheme();
restore();
