// What a reader thinks of an answer.

import { $, $$, box, made, reader, say, words } from "./basics.js";
import { tell } from "./server.js";

export const thumb = async (button, good) => {
  const answer = button.closest(".rag-answer");
  const body = { conversation: reader.conversation, exchange: answer.dataset.exchange, good };
  for (const each of $$(".rag-up, .rag-down", answer)) each.setAttribute("aria-pressed", String(each === button));
  $(".rag-feedback", answer)?.remove();
  if (!good) return ask(answer, body);
  await tell("feedback", body);
  thank(answer);
};

/** What would have been right? */
const ask = (answer, body) => {
  const area = made("textarea", { rows: 2, maxLength: box.maxLength });
  const none = made("input", { type: "checkbox" });
  const send = made("button", { type: "submit", className: "rag-button", textContent: words.send_feedback });
  const form = made(
    "form",
    { className: "rag-feedback" },
    made("label", {}, words.right_answer, area),
    ...(answer.dataset.status === "answered"
      ? [made("label", { className: "rag-check" }, none, made("span", { textContent: words.no_answer }))]
      : []),
    send,
  );
  none.addEventListener("change", () => {
    area.disabled = none.checked;
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await tell("feedback", {
      ...body,
      right_answer: none.checked ? "" : area.value,
      no_answer: none.checked,
    });
    form.remove();
    thank(answer);
  });
  answer.append(form);
  area.focus();
};

const thank = (answer) => {
  const line = $(".rag-thanks", answer) ?? made("p", { className: "rag-thanks" });
  line.textContent = words.thanks;
  answer.append(line);
  say(words.thanks);
};
