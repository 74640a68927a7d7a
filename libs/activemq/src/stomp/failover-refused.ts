/** An option of ActiveMQ's failover transport that is not offered, and the one value of it that says what happens anyway. */
export interface FailoverRefusal {
  readonly instead: string;
  readonly accepted?: string;
}

const PUSHED_LIST = 'a broker pushes no list of brokers to STOMP clients; list all brokers in the URL';

const REFUSALS: ReadonlyMap<string, FailoverRefusal> = new Map([
  ['backup', { instead: 'no connection is kept in reserve; a reconnect tries all brokers before it pauses', accepted: 'false' }],
  ['backupPoolSize', { instead: 'no connection is kept in reserve; leave it out' }],
  ['trackMessages', { instead: 'a send that awaits its receipt is always sent again after a failover', accepted: 'true' }],
  ['maxCacheSize', { instead: 'what is sent again is bounded by the window of the template; leave it out' }],
  ['trackTransactionProducers', { instead: 'a STOMP transaction ends with its connection and is run again by its caller; leave it out' }],
  ['updateURIsSupported', { instead: PUSHED_LIST, accepted: 'false' }],
  ['updateURIsURL', { instead: 'the list of brokers is read once; give it as brokerUrl, which forRootAsync can read from a file' }],
  ['rebalanceUpdateURIs', { instead: PUSHED_LIST, accepted: 'false' }],
  ['reconnectSupported', { instead: 'a broker cannot tell a STOMP client to connect elsewhere', accepted: 'false' }],
  ['reconnectDelay', { instead: 'it is the running value of the back-off; set initialReconnectDelay' }],
]);

/** Why an option of ActiveMQ's failover transport is not offered; `undefined` for any other name. */
export function refusedFailoverOption(name: string): FailoverRefusal | undefined {
  return REFUSALS.get(name);
}
