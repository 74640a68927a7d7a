import { describe, expect, it } from 'vitest';
import { activemqXml } from './activemq-xml.js';
import type { BrokerOptions, NodeConfiguration } from './broker-options.js';

const NODE: NodeConfiguration = {
  brokerName: 'shared',
  nodeName: 'broker1',
  ports: { stomp: 20_001, openwire: 20_002, tls: 20_003 },
  dataDirectory: '/tmp/x/data',
  temporaryDirectory: '/tmp/x/tmp/broker1',
};

const write = (options?: BrokerOptions, node: Partial<NodeConfiguration> = {}): string => activemqXml({ ...NODE, ...node }, options);

describe('activemqXml', () => {
  it('opens stomp and openwire on loopback only, without the delay of Nagle', () => {
    const xml = write();
    expect(xml).toContain('<transportConnector name="stomp" uri="stomp://127.0.0.1:20001?transport.tcpNoDelay=true"/>');
    expect(xml).toContain('<transportConnector name="openwire" uri="tcp://127.0.0.1:20002?transport.tcpNoDelay=true"/>');
    expect(xml.match(/:\/\/127\.0\.0\.1:/g)).toHaveLength(2);
  });

  it('schedules, answers statistics and stays away from JMX by default', () => {
    const xml = write();
    expect(xml).toContain('schedulerSupport="true"');
    expect(xml).toContain('<statisticsBrokerPlugin/>');
    expect(xml).toContain('useJmx="false"');
    expect(xml).not.toContain('destinationPolicy');
  });

  it('gives a slave a lock to poll, and a single broker none', () => {
    expect(write({}, { lockAcquireSleepInterval: 500 })).toContain('<shared-file-locker lockAcquireSleepInterval="500"/>');
    expect(write()).not.toContain('locker');
  });

  it('writes typed policies and passes raw ones', () => {
    const raw = '<policyEntry queue="raw.&gt;" prioritizedMessages="true"/>';
    const xml = write({
      policyEntries: [
        {
          queue: 'a.>',
          attributes: { persistJMSRedelivered: true },
          deadLetterStrategy: { kind: 'individual', attributes: { queuePrefix: 'DLQ.' } },
        },
        { topic: 't', deadLetterStrategy: { kind: 'shared', queue: 'MY & DLQ', attributes: { processNonPersistent: true } } },
        { queue: 'gone', deadLetterStrategy: { kind: 'discarding' } },
        raw,
      ],
    });
    expect(xml).toContain('<policyEntry queue="a.&gt;" persistJMSRedelivered="true">');
    expect(xml).toContain('<individualDeadLetterStrategy queuePrefix="DLQ."/>');
    expect(xml).toContain('<sharedDeadLetterStrategy processNonPersistent="true">');
    expect(xml).toContain('<queue physicalName="MY &amp; DLQ"/>');
    expect(xml).toContain('<discarding/>');
    expect(xml).toContain(raw);
  });

  it('authenticates the users it is given, and nobody else', () => {
    const xml = write({ users: [{ username: 'app', password: '<"&' }] });
    expect(xml).toContain('<simpleAuthenticationPlugin anonymousAccessAllowed="false">');
    expect(xml).toContain('<authenticationUser username="app" password="&lt;&quot;&amp;" groups="users"/>');
  });

  it('puts plugins given as XML between authentication and statistics', () => {
    const xml = write({ users: [{ username: 'a', password: 'b' }], plugins: ['<redeliveryPlugin/>'] });
    const order = ['simpleAuthenticationPlugin', 'redeliveryPlugin', 'statisticsBrokerPlugin'].map((name) => xml.indexOf(`<${name}`));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(order[0]).toBeGreaterThan(0);
  });

  it('lets a connector option be set and escapes it for the URI and the XML', () => {
    const xml = write({ stompOptions: { 'wireFormat.maxFrameSize': 1024, 'transport.x': 'a&b="c"', 'transport.tcpNoDelay': false } });
    expect(xml).toContain('?transport.tcpNoDelay=false&amp;wireFormat.maxFrameSize=1024&amp;transport.x=a%26b%3D%22c%22"');
  });

  it('adds TLS', () => {
    const xml = write({
      ssl: { keyStore: '/k.p12', keyStorePassword: 'pw' },
      connectors: [{ name: 'tls', scheme: 'stomp+ssl', options: { needClientAuth: true } }],
    });
    expect(xml).toContain('<sslContext keyStore="/k.p12" keyStorePassword="pw"/>');
    expect(xml).toContain('uri="stomp+ssl://127.0.0.1:20003?transport.tcpNoDelay=true&amp;needClientAuth=true"');
  });

  it('says which connector has no port', () => {
    expect(() => write({ connectors: [{ name: 'nio', scheme: 'stomp+nio' }] })).toThrow("broker1 has no port for its connector 'nio'");
  });

  it('limits what it is told to limit', () => {
    const xml = write({ systemUsage: { memory: '64kb', store: '6mb', sendFailIfNoSpaceAfterTimeout: 1500 } });
    expect(xml).toContain('<systemUsage sendFailIfNoSpaceAfterTimeout="1500">');
    expect(xml).toContain('<memoryUsage limit="64kb"/>');
    expect(xml).toContain('<storeUsage limit="6mb"/>');
  });

  it('keeps messages in memory only when told so', () => {
    const xml = write({ persistent: false, scheduler: false });
    expect(xml).toContain('persistent="false"');
    expect(xml).not.toContain('kahaDB');
  });
});
