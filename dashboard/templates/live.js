// Where a page says so, its numbers are asked for again while it is being looked at: whoever
// reads, scrolls, selects or stands on a link there keeps their place. Without this script the
// page is the same and reloads by hand. Once the session is over it says so and asks no more.
(() => {
  const EVERY = 5_000;
  let over = false;
  const live = () => document.querySelector('[data-live]');
  const places = (root) => [...root.querySelectorAll('a, summary, [tabindex]')];
  const scrolled = (root) => [...root.querySelectorAll('.scroll, .chart')];
  const folds = (root) => [...root.querySelectorAll('details')];

  function put(fresh) {
    const old = live();
    folds(old).forEach((fold, i) => { if (folds(fresh)[i]) folds(fresh)[i].open = fold.open; });
    const lefts = scrolled(old).map((box) => box.scrollLeft);
    const stood = places(old).indexOf(document.activeElement);
    fresh.querySelectorAll('[data-script]').forEach((note) => { note.hidden = false; });
    old.replaceWith(fresh);
    scrolled(fresh).forEach((box, i) => { box.scrollLeft = lefts[i] ?? 0; });
    places(fresh)[stood]?.focus({ preventScroll: true });
  }

  async function refresh() {
    if (document.hidden || String(getSelection())) return;
    // The header says that nobody asked: a page left open must not keep its session.
    const answer = await fetch(location.href, { headers: { accept: 'text/html', 'ebasvuru-kendiliginden': '1' } });
    if (answer.redirected && new URL(answer.url).pathname === '/giris') {
      over = true;
      document.querySelectorAll('[data-over]').forEach((note) => { note.hidden = false; });
    }
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const fresh = page.querySelector('[data-live]');
    if (fresh && !String(getSelection())) put(document.adoptNode(fresh));
  }

  if (!live()) return;
  live().querySelectorAll('[data-script]').forEach((note) => { note.hidden = false; });
  const next = () => setTimeout(() => refresh().catch(() => {}).finally(() => { if (!over) next(); }), EVERY);
  next();
})();
