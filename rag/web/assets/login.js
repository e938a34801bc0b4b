// The page for logging in. Gradio's endpoint checks name and password, and sets the cookie.

const form = document.querySelector("#login");
const problem = document.querySelector("#login-problem");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  problem.hidden = true;
  try {
    const reply = await fetch("login", { method: "POST", body: new URLSearchParams(new FormData(form)) });
    if (reply.ok) return location.reload();
    problem.textContent = problem.dataset.wrong;
  } catch {
    problem.textContent = problem.dataset.lost;
  }
  problem.hidden = false;
  button.disabled = false;
  form.elements.password.select();
});
