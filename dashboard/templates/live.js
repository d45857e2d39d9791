// Where a page says so, its numbers are asked for again while it is being looked at. The page names the
// parts that it has, by their entity tags, and gets those that have changed: whoever reads, scrolls,
// selects or stands on a link there keeps their place. It asks nothing in a hidden tab, less often while
// the server fails, and no more once the session is over. Without this script the page is the same and
// reloads by hand.
(() => {
  const SLOWEST = 300_000;
  const live = document.querySelector('[data-live]');
  if (!live) return;
  const every = Number(live.dataset.live) * 1000;
  let [over, asking, failures, timer] = [false, false, 0, 0];
  const places = (root) => [...root.querySelectorAll('a, summary, [tabindex]')];
  const scrolled = (root) => [...root.querySelectorAll('.scroll')];
  const folds = (root) => [...root.querySelectorAll('details')];
  const showNotes = (root) => root.querySelectorAll('[data-script]').forEach((note) => { note.hidden = false; });

  function put(old, fresh) {
    folds(old).forEach((fold, i) => { if (folds(fresh)[i]) folds(fresh)[i].open = fold.open; });
    const positions = scrolled(old).map((box) => [box.scrollLeft, box.scrollTop]);
    const stood = places(old).indexOf(document.activeElement);
    showNotes(fresh);
    old.replaceWith(fresh);
    scrolled(fresh).forEach((box, i) => { [box.scrollLeft, box.scrollTop] = positions[i] ?? [0, 0]; });
    places(fresh)[stood]?.focus({ preventScroll: true });
  }

  // The parts as they came, in their order; one that is known stands as it is.
  function renew(parts) {
    const had = new Map([...live.children].map((part) => [part.id, part]));
    parts.forEach((part, i) => {
      const old = had.get(part.id);
      had.delete(part.id);
      const fresh = part.hasAttribute('data-known') ? old : document.adoptNode(part);
      if (!fresh) return;
      if (old && fresh !== old) put(old, fresh);
      if (live.children[i] !== fresh) live.insertBefore(fresh, live.children[i] ?? null);
    });
    had.forEach((gone) => gone.remove());
  }

  async function refresh() {
    if (String(getSelection())) return;
    const tags = [...live.children].map((part) => `"${part.dataset.part}"`);
    // The first header says that nobody asked: a page left open must not keep its session.
    const headers = { 'ebasvuru-kendiliginden': '1', 'if-none-match': tags.join(', '), accept: 'text/html' };
    const answer = await fetch(location.href, { headers });
    if (answer.status === 304) return;
    if (answer.redirected && new URL(answer.url).pathname === '/giris') {
      over = true;
      document.querySelectorAll('[data-over]').forEach((note) => { note.hidden = false; });
      return;
    }
    if (!answer.ok || answer.redirected) throw new Error(`status ${answer.status}`);
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const fresh = page.querySelector('[data-live]');
    if (fresh && !String(getSelection())) renew([...fresh.children]);
  }

  const isIdle = () => over || asking || document.hidden;
  const wait = () => {
    clearTimeout(timer);
    if (!isIdle()) timer = setTimeout(ask, Math.min(every * 2 ** failures, SLOWEST));
  };
  async function ask() {
    if (isIdle()) return;
    asking = true;
    try {
      await refresh();
      failures = 0;
    } catch {
      failures += 1;
    }
    asking = false;
    wait();
  }

  showNotes(document);
  document.querySelector('[data-print]')?.addEventListener('click', () => print());
  document.addEventListener('visibilitychange', () => { if (document.hidden) clearTimeout(timer); else ask(); });
  wait();
})();
