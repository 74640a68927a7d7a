const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** When the application was connected and each failover, the newest on top; a failover that lasts counts on. */
export function createTimeline(list) {
  let running;

  function entry(kind, at, title, detail) {
    const item = document.createElement('li');
    item.dataset.kind = kind;
    item.append(text('time', clock.format(at)), text('strong', title));
    if (detail) item.append(text('span', detail, 'muted'));
    return item;
  }

  function failoverEntry({ number, interruptedAt, from, to, duration, reason }, longest) {
    const isOver = duration !== undefined;
    const item = entry(isOver ? 'failover' : 'interrupted', interruptedAt, `Failover ${number}: `);
    const time = text('span', '', 'duration');
    item.querySelector('strong').append(time);
    const bar = document.createElement('meter');
    bar.max = Math.max(longest, 1);
    bar.setAttribute('aria-label', `Time without a broker in failover ${number}`);
    item.append(bar, text('span', `${from} → ${to ?? 'looking for a broker'}`, 'mono route'), text('span', reason, 'muted reason'));
    const show = (ms) => {
      time.textContent = `${isOver ? '' : 'for '}${(ms / 1_000).toFixed(isOver ? 2 : 1)} s without a broker`;
      bar.value = Math.min(ms, bar.max);
    };
    if (isOver) show(duration);
    else running = () => show(Date.now() - interruptedAt);
    running?.();
    return item;
  }

  setInterval(() => running?.(), 100);

  return {
    show({ firstConnectedAt }, failovers) {
      running = undefined;
      // At least this many ms fill a bar, so that a short failover looks short.
      const longest = Math.max(5_000, ...failovers.map(({ duration }) => duration ?? 0));
      const entries = failovers.map((failover) => failoverEntry(failover, longest));
      const last = firstConnectedAt === undefined ? [] : [entry('connected', firstConnectedAt, 'Connected for the first time')];
      list.replaceChildren(...entries, ...last);
    },
  };
}

function text(name, content, className = '') {
  const element = document.createElement(name);
  element.textContent = content;
  element.className = className;
  return element;
}
