import { describe, expect, it } from 'vitest';
import { activemqXml } from './activemq-xml.js';
import type { NodeConfiguration } from './broker-options.js';
import type { JdbcConfiguration } from './store-options.js';

const NODE: NodeConfiguration = {
  brokerName: 'shared',
  nodeName: 'broker2',
  ports: { stomp: 20_001, openwire: 20_002 },
  dataDirectory: '/d',
  temporaryDirectory: '/t',
};
const JDBC: JdbcConfiguration = { kind: 'jdbc', url: 'jdbc:postgresql://h:1/x', username: 'u', password: '<p>', locker: 'lease' };

describe('a broker on a database', () => {
  it('renews its lease twice in its life, under a name of its own', () => {
    const xml = activemqXml({ ...NODE, store: JDBC, lockAcquireSleepInterval: 2_000 });
    expect(xml).toContain('<jdbcPersistenceAdapter dataSource="#database" createTablesOnStartup="true" lockKeepAlivePeriod="1000">');
    expect(xml).toContain('<lease-database-locker lockAcquireSleepInterval="2000" leaseHolderId="broker2"/>');
    expect(xml).toContain('<property name="password" value="&lt;p&gt;"/>');
    expect(xml).toContain('<leaseLockerIOExceptionHandler');
    expect(xml).not.toContain('kahaDB');
  });

  it('locks a row when told so', () => {
    const xml = activemqXml({ ...NODE, store: { ...JDBC, locker: 'database' }, lockAcquireSleepInterval: 2_000 });
    expect(xml).toContain('<database-locker lockAcquireSleepInterval="2000"/>');
  });

  it('has its elements in the order the schema wants', () => {
    const xml = activemqXml({ ...NODE, store: JDBC, network: { uri: 'static:(tcp://h:1)' } }, { policyEntries: [{ queue: 'a' }] });
    const order = ['destinationPolicy', 'ioExceptionHandler', 'networkConnectors', 'persistenceAdapter', 'plugins'].map((name) =>
      xml.indexOf(`<${name}>`),
    );
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(order[0]).toBeGreaterThan(0);
  });
});

describe('a broker in a network', () => {
  const network = { uri: 'multicast://239.0.0.1:1?group=g&timeToLive=0', discoveryUri: 'multicast://239.0.0.1:1?group=g&timeToLive=0' };

  it('announces its OpenWire connector and listens for the others', () => {
    const xml = activemqXml({ ...NODE, network }, { networkAttributes: { prefetchSize: 1, messageTTL: 3 } });
    expect(xml.match(/discoveryUri=/g)).toHaveLength(1);
    expect(xml).toMatch(/<transportConnector name="openwire" [^>]* discoveryUri="multicast:\/\/239.0.0.1:1\?group=g&amp;timeToLive=0"\/>/);
    expect(xml).toMatch(/<networkConnector name="network" uri="multicast:[^>]* consumerTTL="1" messageTTL="3" prefetchSize="1"\/>/);
  });

  it('lets messages go back only after a silent bridge is given up, or after the delay it is told', () => {
    expect(activemqXml({ ...NODE, network })).toMatch(/enableAudit="false" expireMessagesPeriod="5000"[^]*replayDelay="15000"/);
    expect(activemqXml({ ...NODE, network }, { replayDelay: 200 })).toMatch(/expireMessagesPeriod="200"[^]*replayDelay="200"/);
  });

  it('leaves messages where they are when told so', () => {
    expect(activemqXml({ ...NODE, network }, { replayWhenNoConsumers: false })).not.toMatch(/<conditionalNetworkBridge|enableAudit/);
  });

  it('explains its terms where they stand', () => {
    const xml = activemqXml({ ...NODE, network, store: JDBC, lockAcquireSleepInterval: 2_000 });
    for (const [term, element] of [
      ['lockKeepAlivePeriod (ms)', '<jdbcPersistenceAdapter'],
      ['messageTTL -1', '<networkConnector '],
      ['conduitSubscriptions, true unless set', '<networkConnector '],
      ['replayWhenNoConsumers:', '<policyEntry'],
      ['brokerName:', '<broker '],
    ] as const) {
      expect(xml.indexOf(term)).toBeGreaterThan(0);
      expect(xml.indexOf(term)).toBeLessThan(xml.indexOf(element));
    }
  });

  it('sends messages back that nobody reads, unless there is a policy for all queues', () => {
    expect(activemqXml({ ...NODE, network }, { policyEntries: [{ queue: 'a' }] })).toContain('replayWhenNoConsumers="true"');
    expect(activemqXml({ ...NODE, network }, { policyEntries: [{ queue: '>' }] })).not.toContain('replayWhenNoConsumers');
    expect(activemqXml(NODE)).not.toMatch(/<network|replay/i);
  });
});
