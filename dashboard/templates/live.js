// Where a page says so, its numbers are asked for again while it is being looked at; without
// this script the page is the same and reloads by hand.
(() => {
  const EVERY = 10_000;
  const live = () => document.querySelector('[data-live]');
  const busy = () => document.hidden || live().contains(document.activeElement) || String(getSelection());
  async function refresh() {
    if (busy()) return;
    const answer = await fetch(location.href, { headers: { accept: 'text/html' } });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const fresh = page.querySelector('[data-live]');
    if (!fresh || busy()) return;
    for (const open of live().querySelectorAll('details[open]')) {
      const section = open.closest('[id]').id;
      const nth = [...open.closest('[id]').querySelectorAll('details')].indexOf(open);
      fresh.querySelectorAll(`#${section} details`)[nth]?.setAttribute('open', '');
    }
    live().replaceWith(document.adoptNode(fresh));
  }
  if (live()) setInterval(() => refresh().catch(() => {}), EVERY);
})();
