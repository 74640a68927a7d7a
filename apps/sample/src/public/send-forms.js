/** Both forms: n orders, and one whose handling fails. */
export function connectForms(send, sendFailing, answer) {
  send.addEventListener('submit', (event) => {
    event.preventDefault();
    const fields = new FormData(send);
    void post({ item: fields.get('item'), quantity: Number(fields.get('quantity')), count: Number(fields.get('count')) }, answer);
  });
  sendFailing.addEventListener('submit', (event) => {
    event.preventDefault();
    void post({ item: 'an order that fails', fails: true }, answer);
  });
}

async function post(order, answer) {
  answer.textContent = 'Waiting for the broker …';
  try {
    const response = await fetch('/orders', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(order),
    });
    const { confirmed, sent, message } = await response.json();
    const problem = [message ?? []].flat().join('; ');
    answer.textContent = sent === undefined ? problem : `${confirmed} of ${sent} stored by the broker${problem && `: ${problem}`}`;
    answer.className = response.ok ? '' : 'problem';
  } catch (error) {
    answer.textContent = `The application does not answer: ${error.message}`;
    answer.className = 'problem';
  }
}
