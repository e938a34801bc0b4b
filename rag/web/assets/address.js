// Where the reader is stands in the address, so that reload and the back button work: #c=CONVERSATION and
// v=VIEW, then p for the list of sources, x and n for a citation, or s, a and z for a place of an article.

const PATIENCE = 1000; // milliseconds for a step back

export const place = () => Object.fromEntries(new URLSearchParams(location.hash.slice(1)));

const addressOf = (where) => {
  const hash = new URLSearchParams(Object.entries(where).filter(([, value]) => value));
  return `${location.pathname}${location.search}#${hash}`;
};
const address = () => `${location.pathname}${location.search}${location.hash}`;

export const go = (where, { replace = false } = {}) => {
  if (addressOf(where) === address()) return;
  history[replace ? "replaceState" : "pushState"](null, "", addressOf(where));
};

/** What lies over the page: nothing, the list of sources where there is no room beside, or an article. */
const layer = ({ p, n, s }) => (n || s ? 2 : p ? 1 : 0);

/** Lay something over the page. It is one step of the history, however much is leafed through in it. */
export const lay = (where) => {
  if (layer(where) > layer(place())) history.pushState({ over: true }, "", addressOf(where));
  else history.replaceState(history.state, "", addressOf(where));
};

/** Take away what was laid over the page last: one step back, or `below` where the tab was opened at it. */
export const lift = async (below) => {
  if (!layer(place())) return;
  if (!history.state?.over) return history.replaceState(null, "", addressOf(below));
  await new Promise((done) => {
    addEventListener("popstate", done, { once: true });
    setTimeout(done, PATIENCE);
    history.back();
  });
};
