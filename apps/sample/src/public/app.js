import { createOrderList } from './order-list.js';
import { connectForms } from './send-forms.js';
import { createSparkline } from './sparkline.js';
import { createTimeline } from './timeline.js';

const element = (id) => document.getElementById(id);
const orderList = createOrderList(element('orders'), element('no-orders'));
const sparkline = createSparkline(element('sparkline'), element('rate'), element('peak'));
const timeline = createTimeline(element('timeline'));

const COUNTERS = ['sent', 'confirmed', 'consumed', 'duplicates', 'failedAttempts'];
const numbers = new Intl.NumberFormat('en');

function show(id, number) {
  element(id).textContent = numbers.format(number);
}

function showConnection(state, brokerUri, server) {
  element('state').dataset.state = state;
  element('state').textContent = state;
  element('broker').textContent = brokerUri ?? '';
  element('server').textContent = server ?? '';
}

function onStatus({ connection, failovers, recentFailovers, listeners }) {
  showConnection(connection.state, connection.brokerUri, connection.server);
  show('failovers', failovers);
  show(
    'deadLettered',
    listeners.reduce((total, { counts }) => total + counts.deadLettered, 0),
  );
  timeline.show(connection, recentFailovers);
}

function onOrders({ counters, orders }) {
  for (const name of COUNTERS) show(name, counters[name]);
  const waiting = counters.sent - counters.confirmed - counters.unconfirmed;
  const notes = [];
  if (waiting > 0) notes.push(`${numbers.format(waiting)} on their way`);
  if (counters.unconfirmed > 0) notes.push(`${numbers.format(counters.unconfirmed)} failed`);
  element('waiting').textContent = notes.join(', ');
  sparkline.count(counters.consumed);
  orderList.update(orders);
}

const events = new EventSource('/events');
events.addEventListener('status', ({ data }) => onStatus(JSON.parse(data)));
events.addEventListener('orders', ({ data }) => onOrders(JSON.parse(data)));
// The browser connects again by itself; a restarted application begins to count anew.
events.addEventListener('open', () => {
  orderList.clear();
  sparkline.reset();
});
events.addEventListener('error', () => showConnection('unknown', 'the application does not answer'));

connectForms(element('send'), element('send-failing'), element('answer'));
