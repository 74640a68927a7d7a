const MOST_ROWS = 60;

const LABELS = {
  sending: 'waiting for the broker',
  confirmed: 'stored by the broker',
  unconfirmed: 'not confirmed',
  failing: 'failed, tried again',
  'gave-up': 'dead letter',
  consumed: 'consumed',
};

/** The latest orders, newest change on top. Every text is set as text: it comes from messages, that is, from anybody. */
export function createOrderList(body, empty) {
  const rows = new Map();

  function createRow(order) {
    const row = document.createElement('tr');
    const cells = ['id', 'item', 'quantity', 'state', 'took'].map((name) => {
      const cell = document.createElement('td');
      cell.className = name;
      row.append(cell);
      return cell;
    });
    const [id, item, quantity] = cells;
    id.textContent = order.id.slice(0, 8);
    id.title = order.id;
    item.textContent = order.item;
    quantity.textContent = String(order.quantity);
    rows.set(order.id, row);
    return row;
  }

  function show(row, { state, attempts, createdAt, consumedAt }) {
    row.dataset.state = state;
    const label = LABELS[state] ?? state;
    row.querySelector('.state').textContent = attempts > 1 ? `${label}, attempt ${attempts}` : label;
    row.querySelector('.took').textContent = consumedAt === undefined ? '' : `${consumedAt - createdAt} ms`;
  }

  return {
    /** @param orders newest first */
    update(orders) {
      for (const order of orders.toReversed()) {
        const row = rows.get(order.id) ?? createRow(order);
        show(row, order);
        body.prepend(row);
      }
      while (body.rows.length > MOST_ROWS) body.lastElementChild.remove();
      for (const [id, row] of rows) if (!row.isConnected) rows.delete(id);
      empty.hidden = body.rows.length > 0;
    },
    clear() {
      rows.clear();
      body.replaceChildren();
      empty.hidden = false;
    },
  };
}
