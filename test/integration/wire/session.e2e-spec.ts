import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type Cluster, type ClusterNode, startCluster } from 'activemq-cluster';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { BrokerError, ConnectError, ConnectionClosedError } from '../../../libs/activemq/src/errors/index.js';
import { openStompSession } from '../../../libs/activemq/src/stomp/open-stomp-session.js';
import {
  OTHER_CERTIFICATE,
  TEST_CERTIFICATE,
  TEST_KEY_STORE,
  TEST_KEY_STORE_PASSWORD,
} from '../../../libs/activemq/src/stomp/tls-certificate.fixture.js';
import { closeSessionsAfterAll, open, optionsFor, rejection, subscribe } from './wire.fixture.js';

const app = { login: 'app', passcode: 'app-secret' };
/** What STOMP does not escape in CONNECT, and ActiveMQ unescapes all the same. */
const ODD_PASSWORD = String.raw`a:b\c\n\\d é`;
const MAX_FRAME = 100_000;

let folder: string;
let cluster: Cluster;
let node: ClusterNode;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wire-'));
  const keyStore = join(folder, 'broker.p12');
  await writeFile(keyStore, Buffer.from(TEST_KEY_STORE, 'base64'));
  cluster = await startCluster({
    topology: 'single',
    jvmOptions: ['-Xmx1g'],
    broker: {
      users: [
        { username: 'app', password: app.passcode, groups: 'users' },
        { username: 'odd', password: ODD_PASSWORD, groups: 'users' },
      ],
      plugins: [
        `<authorizationPlugin><map><authorizationMap><authorizationEntries>
           <authorizationEntry queue="wire.>" read="users" write="users" admin="users"/>
           <authorizationEntry queue="forbidden" read="users" write="admins" admin="users"/>
           <authorizationEntry topic=">" read="users" write="users" admin="users"/>
         </authorizationEntries></authorizationMap></map></authorizationPlugin>`,
      ],
      ssl: { keyStore, keyStorePassword: TEST_KEY_STORE_PASSWORD },
      connectors: [
        { name: 'secure', scheme: 'stomp+ssl' },
        { name: 'small', scheme: 'stomp', options: { 'wireFormat.maxFrameSize': MAX_FRAME } },
      ],
    },
  });
  node = await cluster.waitForMaster();
});

afterAll(async () => {
  await cluster?.down();
  await rm(folder, { recursive: true, force: true });
});
closeSessionsAfterAll();

describe('a session with ActiveMQ', () => {
  it('opens, and knows whom it talks to', async () => {
    const session = await open(node.ports.stomp, app);
    expect(session.server).toMatch(/^ActiveMQ\/\d+\.\d+\.\d+/);
    expect(session.sessionId).toMatch(/^ID:/);
    await session.disconnect();
    expect(session.isOpen).toBe(false);
  });

  it('opens with a password that has colons, backslashes and letters beyond ASCII', async () => {
    const session = await open(node.ports.stomp, { login: 'odd', passcode: ODD_PASSWORD });
    await session.request('SEND', { destination: '/queue/wire.odd' }, Buffer.from('x'));
    expect(session.isOpen).toBe(true);
  });

  it('is refused with a wrong password; the error says who refused, and shows no secret', async () => {
    const error = await rejection(openStompSession(optionsFor(node.ports.stomp, { ...app, passcode: 'wr0ng-secret' })));
    expect(error).toBeInstanceOf(BrokerError);
    expect(error.message).toBe(`stomp://127.0.0.1:${node.ports.stomp} refused the connection: User name [app] or password is invalid.`);
    expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain('wr0ng-secret');
  });

  it('told to talk to the OpenWire connector says what to do', async () => {
    const error = await rejection(openStompSession(optionsFor(node.ports.openwire, app)));
    expect(error).toBeInstanceOf(ConnectError);
    expect(error.message).toContain(
      `port ${node.ports.openwire} speaks OpenWire; connect to the stomp connector (61613 by default) or use an auto:// connector`,
    );
  });

  it('over stomp+ssl needs the authority that signed the broker’s certificate', async () => {
    const port = node.ports['secure'] ?? 0;
    const session = await open(port, app, { secure: true, tls: { ca: TEST_CERTIFICATE } });
    await session.request('SEND', { destination: '/queue/wire.secure' }, Buffer.from('x'));
    for (const ca of [undefined, OTHER_CERTIFICATE]) {
      const error = await rejection(openStompSession(optionsFor(port, app, { secure: true, tls: { ca } })));
      expect(error).toBeInstanceOf(ConnectError);
      expect(error.message).toContain('certificate');
    }
  });

  it('told to talk plain STOMP to the TLS connector fails with a reason', async () => {
    const error = await rejection(openStompSession(optionsFor(node.ports['secure'] ?? 0, { ...app, connectTimeout: 5_000 })));
    expect(error).toBeInstanceOf(ConnectError);
  });

  it('carries 64 MiB both ways, and every byte that can stand in a body', async () => {
    const session = await open(node.ports.stomp, app);
    const body = Buffer.alloc(64 * 1024 * 1024, Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)));
    const next = await subscribe(session, '/queue/wire.large', { 'activemq.prefetchSize': '1' });
    await session.request('SEND', { destination: '/queue/wire.large', persistent: 'false' }, body);
    expect((await next()).body.equals(body)).toBe(true);
  });

  it('carries header names and values that are trouble elsewhere', async () => {
    const session = await open(node.ports.stomp, app);
    const next = await subscribe(session, '/queue/wire.headers');
    const headers = { hasOwnProperty: '1', constructor: '2', 'a:b': 'c:d\ne\\f\rg', empty: '', ü: 'é€😀', long: 'x'.repeat(9_000) };
    await session.request('SEND', { destination: '/queue/wire.headers', ...headers, ['__proto__' as string]: '3' });
    expect((await next()).headers).toMatchObject(headers);
  });

  it('ends with the broker’s reason when a frame is larger than the connector takes', async () => {
    const session = await open(node.ports['small'] ?? 0, app);
    await session.request('SEND', { destination: '/queue/wire.small' }, Buffer.alloc(MAX_FRAME / 2));
    const error = await rejection(session.request('SEND', { destination: '/queue/wire.small' }, Buffer.alloc(MAX_FRAME * 2)));
    expect(error).toBeInstanceOf(ConnectionClosedError);
    expect(error.message).toMatch(/its last ERROR frame said: .*maximum frame size/i);
    expect(await session.closed).toBe(error);
  });

  it('survives a refused SEND with all its subscriptions, and a refused one without receipt', async () => {
    const session = await open(node.ports.stomp, app);
    const next = await subscribe(session, '/queue/wire.allowed');
    const error = await rejection(session.request('SEND', { destination: '/queue/forbidden' }, Buffer.from('x')));
    expect(error).toBeInstanceOf(BrokerError);
    expect((error as BrokerError).brokerMessage).toContain('not authorized to write to: queue://forbidden');
    const told = new Promise<BrokerError>((resolve) => (session.onUncorrelatedError = resolve));
    session.write('SEND', { destination: '/queue/forbidden' }, Buffer.from('x'));
    expect((await told).brokerMessage).toContain('not authorized');
    await session.request('SEND', { destination: '/queue/wire.allowed' }, Buffer.from('still here'));
    expect((await next()).body.toString()).toBe('still here');
  });

  it('stays open while nothing but heart-beats goes over it', async () => {
    const session = await open(node.ports.stomp, { ...app, heartBeat: { outgoing: 500, incoming: 500 } });
    const next = await subscribe(session, '/queue/wire.later');
    await session.request('SEND', { destination: '/queue/wire.later', AMQ_SCHEDULED_DELAY: '4000' }, Buffer.from('at last'));
    expect((await next()).body.toString()).toBe('at last');
    expect(session.isOpen).toBe(true);
  });
});
