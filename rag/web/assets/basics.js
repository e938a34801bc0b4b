// What all parts of the page use: finding elements, the page's words, what is said to screen readers.

export const $ = (selector, within = document) => within.querySelector(selector);
export const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

export const words = JSON.parse($("#rag-words").textContent);
export const rag = $("#rag");
export const box = $("#question-text");

/** What the reader is at: `conversation` is an id; `writing` describes the answer that is being written;
 * `changing` tells that articles are being added or removed. */
export const reader = { conversation: "", writing: null, changing: false };

export const say = (text) => ($("#status").textContent = text);

/** The one element that finished HTML of the server describes. */
export const element = (html) => {
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  return template.content.firstElementChild;
};

/** A new element; what it holds is put in as text. */
export const made = (tag, properties = {}, ...children) => {
  const it = Object.assign(document.createElement(tag), properties);
  it.append(...children);
  return it;
};

export const grow = (area) => {
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight}px`;
};
