// Shows how far a file has come while its form sends it; without this script the form does the
// same and says nothing meanwhile. It listens on the document, so that it holds for the pages
// that come as answers, too.
(() => {
  const texts = (form) => form.querySelector('input[type=file]').dataset;

  function say(form, text) {
    let said = form.querySelector('[data-said]');
    if (!said) {
      said = document.createElement('p');
      said.dataset.said = '';
      said.setAttribute('role', 'alert');
      said.className = 'alert error';
      form.append(said);
    }
    said.textContent = text;
    said.hidden = !text;
    // What the server said of the file before this one.
    form.querySelector('.error:not([data-said])')?.remove();
  }

  function bar(form) {
    const label = document.createElement('label');
    const progress = document.createElement('progress');
    const percent = document.createElement('span');
    progress.max = 100;
    progress.value = 0;
    label.className = 'upload';
    label.append(`${texts(form).sends} `, progress, ' ', percent);
    form.append(label);
    return {
      at(part) {
        progress.value = Math.round(part * 100);
        percent.textContent = `%${progress.value}`;
      },
      end: () => label.remove(),
    };
  }

  function answered(form, request) {
    const page = new DOMParser().parseFromString(request.responseText, 'text/html');
    // A page that refuses is no place to come back to.
    if (request.responseURL !== form.action) history.replaceState(null, '', request.responseURL);
    document.documentElement.replaceWith(document.adoptNode(page.documentElement));
    const wrong = document.querySelector('[autofocus]');
    (wrong ?? document.querySelector('main'))?.focus();
    if (!wrong) scrollTo(0, 0);
  }

  function send(form) {
    const { failed, large, most } = texts(form);
    const body = new FormData(form);
    say(form, '');
    if ([...body.values()].some((it) => it instanceof File && it.size > Number(most))) {
      say(form, large);
      return;
    }
    const buttons = [...form.querySelectorAll('button')];
    const progress = bar(form);
    for (const button of buttons) button.disabled = true;
    const request = new XMLHttpRequest();
    request.upload.addEventListener('progress', (event) => {
      if (event.lengthComputable) progress.at(event.loaded / event.total);
    });
    request.addEventListener('loadend', () => {
      progress.end();
      for (const button of buttons) button.disabled = false;
      if (request.status && request.getResponseHeader('content-type')?.startsWith('text/html')) {
        answered(form, request);
      } else {
        say(form, failed);
      }
    });
    request.open('POST', form.action);
    request.send(body);
  }

  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (!form.querySelector('input[type=file]')) return;
    event.preventDefault();
    send(form);
  });
})();
