import { describe, expect, it } from 'vitest';
import { DEFAULT_FAILOVER_OPTIONS } from './failover-options.js';
import { parseBrokerUrl } from './failover-uri.js';

const urisOf = (text: string): string[] => parseBrokerUrl(text).uris.map(String);
const optionsOf = (query: string) => parseBrokerUrl(`failover:(stomp://a,stomp://b)?${query}`).options;

describe('the URLs of the documents', () => {
  it('keep their order with randomize=false', () => {
    const { uris, options } = parseBrokerUrl(
      'failover:(tcp://192.168.245.128:61616,tcp://192.168.245.129:61616,tcp://192.168.245.130:61616)?randomize=false',
    );
    expect(uris.map(String)).toEqual(['tcp://192.168.245.128:61616', 'tcp://192.168.245.129:61616', 'tcp://192.168.245.130:61616']);
    expect(options).toEqual({ ...DEFAULT_FAILOVER_OPTIONS, randomize: false });
  });

  it('have ActiveMQ defaults without options', () => {
    const { uris, options } = parseBrokerUrl('failover:(tcp://192.168.10.101:61616,tcp://192.168.10.101:61617,tcp://192.168.10.101:61618)');
    expect(uris).toHaveLength(3);
    expect(options).toEqual({
      randomize: true,
      initialReconnectDelay: 10,
      maxReconnectDelay: 30_000,
      useExponentialBackOff: true,
      reconnectDelayExponent: 2,
      maxReconnectAttempts: -1,
      startupMaxReconnectAttempts: -1,
      warnAfterReconnectAttempts: 10,
      timeout: -1,
      priorityBackup: false,
      priorityURIs: [],
    });
  });

  it('may name a broker twice by a slip: it counts once and the slip is told', () => {
    const url = parseBrokerUrl('failover:(tcp://localhost:60001,tcp://localhost:60002,tcp://LOCALHOST:60002)');
    expect(url.uris.map(String)).toEqual(['tcp://localhost:60001', 'tcp://localhost:60002']);
    expect(url.duplicates?.map(String)).toEqual(['tcp://LOCALHOST:60002']);
  });
});

describe('the grammar of a list', () => {
  const both = ['stomp://a:61613', 'stomp+ssl://b:61614'];

  it.each([
    'failover:(stomp://a:61613,stomp+ssl://b:61614)',
    'failover://(stomp://a:61613,stomp+ssl://b:61614)',
    'failover:stomp://a:61613,stomp+ssl://b:61614',
    'failover://stomp://a:61613,stomp+ssl://b:61614',
    'FAILOVER:(stomp://a:61613,stomp+ssl://b:61614,)',
    '\n  failover:(\n    stomp://a:61613,\n\t  stomp+ssl://b:61614\n  )\n',
    'failover: ( stomp://a:61613 , stomp+ssl://b:61614 ) ?randomize=true ',
  ])('%j lists two brokers', (text) => expect(urisOf(text)).toEqual(both));

  it('takes one broker URI alone, with the same defaults', () => {
    expect(parseBrokerUrl('stomp://a')).toEqual({ uris: parseBrokerUrl('failover:(stomp://a)').uris, options: DEFAULT_FAILOVER_OPTIONS });
  });

  it('gives a query without parentheses to the URI before it, as ActiveMQ does', () => {
    const { uris } = parseBrokerUrl('failover:stomp://a,stomp://b?connectionTimeout=5');
    expect(uris.map((uri) => uri.options.connectionTimeout)).toEqual([undefined, 5]);
  });

  it('keeps a query inside the parentheses with its URI', () => {
    const { uris, options } = parseBrokerUrl('failover:(stomp://u:p%2C%28@a?keepAlive=true,stomp://b)?timeout=3000');
    expect(uris.map((uri) => uri.options)).toEqual([{ keepAlive: true }, {}]);
    expect(uris[0]?.password).toBe('p,(');
    expect(options.timeout).toBe(3000);
  });

  it('lets nested.* win over the query of a URI: ActiveMQ appends it, and its last value counts', () => {
    const { uris } = parseBrokerUrl('failover:(stomp://a?connectionTimeout=1&keepAlive=true,stomp://b)?nested.connectionTimeout=2');
    expect(uris.map((uri) => uri.options)).toEqual([{ connectionTimeout: 2, keepAlive: true }, { connectionTimeout: 2 }]);
  });
});

describe('the options of a list', () => {
  it.each([
    ['randomize=false', { randomize: false }],
    ['initialReconnectDelay=0', { initialReconnectDelay: 0 }],
    ['maxReconnectDelay=60000', { maxReconnectDelay: 60_000 }],
    ['useExponentialBackOff=false', { useExponentialBackOff: false }],
    ['reconnectDelayExponent=1.5', { reconnectDelayExponent: 1.5 }],
    ['backOffMultiplier=3', { reconnectDelayExponent: 3 }],
    ['maxReconnectAttempts=0', { maxReconnectAttempts: 0 }],
    ['startupMaxReconnectAttempts=4', { startupMaxReconnectAttempts: 4 }],
    ['warnAfterReconnectAttempts=-1', { warnAfterReconnectAttempts: -1 }],
    ['timeout=3000', { timeout: 3000 }],
    ['randomize=true&maxReconnectAttempts=-1&', {}],
  ])('%s', (query, changed) => expect(optionsOf(query)).toEqual({ ...DEFAULT_FAILOVER_OPTIONS, ...changed }));

  it.each(['backup=false', 'trackMessages=true', 'updateURIsSupported=false', 'rebalanceUpdateURIs=false', 'reconnectSupported=false'])(
    '%s says what happens anyway',
    (query) => expect(optionsOf(query)).toEqual(DEFAULT_FAILOVER_OPTIONS),
  );

  it('takes the first broker as the priority broker, or those of priorityURIs', () => {
    expect(optionsOf('priorityBackup=true').priorityURIs.map(String)).toEqual(['stomp://a:61613']);
    expect(optionsOf('priorityBackup=true&priorityURIs=tcp://b:61613,stomp://a').priorityURIs.map(String)).toEqual([
      'stomp://b:61613',
      'stomp://a:61613',
    ]);
  });
});
