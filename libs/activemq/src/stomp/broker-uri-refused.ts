const JAVA_CLIENT = 'it belongs to the Java client';
const SOCKET = 'it tunes the socket of the Java client; Node does not offer it, leave it out';
const LOGGING = 'it configures the logging of the Java client; use the log level of your Nest logger';

/** Parameters that are legal in a Java client's URI and mean nothing here, with what to use instead; a final dot makes a prefix. */
const REFUSED: readonly (readonly [prefix: string, instead: string])[] = [
  ['jms.prefetchPolicy.', `${JAVA_CLIENT}; use the listener option "prefetch"`],
  ['jms.redeliveryPolicy.', `${JAVA_CLIENT}; use the option "redelivery" of forRoot or of the listener`],
  ['jms.nonBlockingRedelivery', `${JAVA_CLIENT}; use the option "redelivery" of forRoot or of the listener`],
  ['jms.userName', 'use the option "user" of forRoot'],
  ['jms.password', 'use the option "password" of forRoot'],
  ['jms.clientID', 'use the option "clientId" of forRoot'],
  ['jms.useAsyncSend', `${JAVA_CLIENT}; call JmsMessagingTemplate.convertAndSend without awaiting it at once: many sends can be under way`],
  ['jms.alwaysSyncSend', `${JAVA_CLIENT}; use JmsMessagingTemplate.convertAndSend, which waits for the broker's receipt`],
  ['jms.sendTimeout', 'use the option "sendTimeout" of the template'],
  ['jms.', `${JAVA_CLIENT}; use the options of forRoot, of the listener or of the template`],
  ['wireFormat.maxFrameSize', 'set the limit on the connector of the broker'],
  ['wireFormat.', 'it describes the OpenWire protocol; leave it out'],
  ['transport.', 'the prefix belongs to the connector of the broker; leave the prefix out, or the whole parameter'],
  ['socket.keyStore', 'use the option "tls" of forRoot'],
  ['socket.trustStore', 'use the option "tls" of forRoot'],
  ['socket.enabledCipherSuites', 'use the option "tls" of forRoot (ciphers)'],
  ['socket.enabledProtocols', 'use the option "tls" of forRoot (minVersion, maxVersion)'],
  ['socket.keepAlive', 'write "keepAlive", without the prefix'],
  ['socket.tcpNoDelay', 'write "tcpNoDelay", without the prefix, or leave it out: it is always on'],
  ['socket.', SOCKET],
  ['broker.', 'it configures an embedded Java broker; leave it out'],
  ['soTimeout', 'a silent peer is found by heart-beats; use wireFormat.maxInactivityDuration or the option "heartbeat" of forRoot'],
  ['soWriteTimeout', 'a silent peer is found by heart-beats; use wireFormat.maxInactivityDuration or the option "heartbeat" of forRoot'],
  ['useInactivityMonitor', 'write wireFormat.maxInactivityDuration=0 to turn heart-beats off'],
  ['useKeepAlive', 'write wireFormat.maxInactivityDuration=0 to turn heart-beats off'],
  ['minmumWireFormatVersion', 'it describes the OpenWire protocol; leave it out'],
  ['maximumConnections', 'it belongs to the connector of the broker; leave it out'],
  ['soLinger', SOCKET],
  ['ioBufferSize', SOCKET],
  ['socketBufferSize', SOCKET],
  ['typeOfService', SOCKET],
  ['trafficClass', SOCKET],
  ['diffServ', SOCKET],
  ['closeAsync', SOCKET],
  ['useLocalHost', SOCKET],
  ['daemon', SOCKET],
  ['stackSize', SOCKET],
  ['trace', LOGGING],
  ['logWriterName', LOGGING],
  ['dynamicManagement', LOGGING],
  ['startLogging', LOGGING],
  ['jmxPort', LOGGING],
];

/** What to use instead of a parameter that ActiveMQ's Java client knows and STOMP has no use for; `undefined` for any other. */
export function refusedBrokerParameter(name: string): string | undefined {
  return REFUSED.find(([prefix]) => (prefix.endsWith('.') ? name.startsWith(prefix) : name === prefix))?.[1];
}
