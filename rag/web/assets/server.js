// What this browser keeps, and what it asks of the server.

export const kept = (name, fallback) => {
  try {
    return JSON.parse(localStorage.getItem(name)) ?? fallback;
  } catch {
    return fallback;
  }
};
export const keep = (name, value) => localStorage.setItem(name, JSON.stringify(value));

/** Names this browser where there are no users: whoever knows it reads its conversations. */
const secret = (() => {
  let value = kept("rag-browser", "");
  if (!/^[\w-]{22,64}$/.test(value)) {
    const bytes = crypto.getRandomValues(new Uint8Array(24));
    value = btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
    keep("rag-browser", value);
  }
  return value;
})();

/** A response that is good. Whoever is no longer logged in gets the page for that. */
export const request = async (path, { headers, ...options } = {}) => {
  const reply = await fetch(`rag/${path}`, { ...options, headers: { "X-Rag-Browser": secret, ...headers } });
  if (reply.status === 401) location.reload();
  if (!reply.ok) throw new Error(reply.statusText);
  return reply;
};

export const post = (path, body) =>
  request(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });

export const read = async (path, options) => (await request(path, options)).json();
export const tell = async (path, body) => (await post(path, body)).json();

/** JSON Lines, as they come. */
export async function* events(reply) {
  const decoder = new TextDecoder();
  const stream = reply.body.getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await stream.read();
    rest += decoder.decode(value, { stream: !done });
    const complete = rest.split("\n");
    rest = complete.pop();
    for (const line of complete) yield JSON.parse(line);
    if (done) return;
  }
}
