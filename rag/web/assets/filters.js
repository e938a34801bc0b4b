// What is searched: dates, outlets, articles. Each that is set shows as a chip above the question.

import { $, $$, box, made, words } from "./basics.js";
import { read } from "./server.js";

const MANY = 8; // entries from which a list can be searched
const dates = { since: $("#filter-since"), until: $("#filter-until") };
const chosen = { outlets: new Map(), sources: new Map() }; // value → what people are shown
const lists = { outlets: $("#filter-outlets"), sources: $("#filter-sources") };

export const chosenFilters = () => ({
  since: dates.since.value,
  until: dates.until.value,
  outlets: [...chosen.outlets.keys()],
  sources: [...chosen.sources.keys()],
});

/** All that is chosen, to be taken over a reload. */
export const packFilters = () => ({
  ...chosenFilters(),
  outlets: [...chosen.outlets],
  sources: [...chosen.sources],
});
export const unpackFilters = ({ since = "", until = "", outlets = [], sources = [] }) => {
  dates.since.value = since;
  dates.until.value = until;
  chosen.outlets = new Map(outlets);
  chosen.sources = new Map(sources);
  show();
};

export const clearFilters = () => unpackFilters({});

const show = () => {
  for (const [name, list] of Object.entries(lists)) {
    for (const check of $$("input[type=checkbox]", list)) check.checked = chosen[name].has(check.value);
    $(".rag-chosen", list).textContent = chosen[name].size || list.dataset.any;
  }
  const chips = [
    ...Object.values(dates).map((field) => {
      const label = field.closest("label").firstChild.textContent;
      return field.value && chip(`${label}: ${field.value}`, () => (field.value = ""));
    }),
    ...Object.values(chosen).flatMap((some) =>
      [...some].map(([value, text]) => chip(text, () => some.delete(value))),
    ),
  ].filter(Boolean);
  $("#chips").replaceChildren(...chips);
  $("#chips").hidden = chips.length === 0;
};

const chip = (text, clear) => {
  const it = made("button", {
    type: "button",
    className: "rag-chip",
    textContent: text,
    ariaLabel: `${words.clear_filters}: ${text}`,
  });
  it.addEventListener("click", () => {
    clear();
    show();
    box.focus();
  });
  return it;
};

const fill = (name, entries) => {
  const list = lists[name];
  const rows = entries.map(([value, text]) => {
    const check = made("input", { type: "checkbox", value });
    check.dataset.text = text;
    return made("label", { className: "rag-check" }, check, made("span", { textContent: text }));
  });
  $(".rag-choices", list).replaceChildren(...rows);
  list.hidden = rows.length === 0;
  const find = $("input[type=search]", list);
  if (find) find.hidden = rows.length < MANY;
};

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replaceAll("đ", "d");

$("#filters").addEventListener("toggle", async () => {
  if (!$("#filters").open) return;
  const { outlets, sources } = await read("choices");
  fill("outlets", outlets.map((name) => [name, name]));
  fill("sources", sources.map(({ source, title }) => [source, title]));
  show();
});
$("#filters").addEventListener("change", ({ target }) => {
  const name = Object.keys(lists).find((each) => lists[each].contains(target));
  if (target.type === "checkbox") {
    if (target.checked) chosen[name].set(target.value, target.dataset.text);
    else chosen[name].delete(target.value);
  }
  show();
});
$("#filter-find").addEventListener("input", ({ target }) => {
  const wanted = plain(target.value).split(/\s+/);
  for (const row of $$(".rag-check", lists.sources)) {
    const text = plain(row.textContent);
    row.hidden = !wanted.every((word) => text.includes(word));
  }
});
