import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { type Cluster, type ClusterOptions, probeStomp, startCluster } from '../../../libs/cluster/src/index.js';

let cluster: Cluster | undefined;
const start = async (options: Omit<ClusterOptions, 'topology'>): Promise<Cluster> => {
  cluster = await startCluster({ topology: 'single', ...options });
  return cluster;
};

afterEach(async () => {
  await cluster?.down();
  cluster = undefined;
});

describe('the generated configuration starts a real broker', () => {
  it('with policies, plugins, limits, users and names that would break careless XML', async () => {
    const user = { username: `<&"'>`, password: `]]>--&amp;` };
    const single = await start({
      broker: {
        users: [user, { username: 'guest', password: 'x', groups: 'guests' }],
        policyEntries: [
          {
            queue: 'a<b>&"c.>',
            attributes: { persistJMSRedelivered: true, expireMessagesPeriod: 500 },
            deadLetterStrategy: { kind: 'shared', queue: `D'L&Q` },
          },
          { queue: 'ind.>', deadLetterStrategy: { kind: 'individual', attributes: { queuePrefix: 'DLQ.', processNonPersistent: true } } },
          { topic: 'none.>', deadLetterStrategy: { kind: 'discarding' } },
          '<policyEntry queue="small.&gt;" memoryLimit="64kb"><pendingQueuePolicy><vmQueueCursor/></pendingQueuePolicy></policyEntry>',
        ],
        plugins: [
          `<redeliveryPlugin fallbackToDeadLetter="true"><redeliveryPolicyMap><redeliveryPolicyMap><redeliveryPolicyEntries>
             <redeliveryPolicy queue="r.&gt;" maximumRedeliveries="3" initialRedeliveryDelay="1000" redeliveryDelay="1000"/>
           </redeliveryPolicyEntries></redeliveryPolicyMap></redeliveryPolicyMap></redeliveryPlugin>`,
        ],
        systemUsage: { memory: '32mb', store: '64mb', temp: '16mb', sendFailIfNoSpaceAfterTimeout: 1500 },
        stompOptions: { 'wireFormat.maxFrameSize': 1_048_576 },
        connectors: [{ name: 'nio', scheme: 'stomp+nio' }],
      },
    });
    const { stomp, nio } = single.node('broker1').ports;
    const credentials = { user: user.username, password: user.password };
    await expect(probeStomp(stomp, credentials)).resolves.toMatchObject({ outcome: 'connected' });
    await expect(probeStomp(nio ?? 0, credentials)).resolves.toMatchObject({ outcome: 'connected' });
    await expect(probeStomp(stomp)).resolves.toMatchObject({ outcome: 'refused' });
  });

  it('with TLS', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tls-e2e-'));
    const keyStore = join(folder, 'broker.p12');
    const key = ['-genkeypair', '-alias', 'broker', '-dname', 'CN=localhost', '-keyalg', 'RSA', '-validity', '2'];
    await promisify(execFile)('keytool', [...key, '-storetype', 'PKCS12', '-keystore', keyStore, '-storepass', 'changeit']);
    const single = await start({
      broker: { ssl: { keyStore, keyStorePassword: 'changeit' }, connectors: [{ name: 'tls', scheme: 'stomp+ssl' }] },
    });
    // The certificate is the one just made, signed by itself.
    const socket = connect({ host: '127.0.0.1', port: single.node('broker1').ports['tls'], rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    socket.write('CONNECT\naccept-version:1.2\nhost:x\n\n\0');
    const [reply] = (await once(socket, 'data')) as [Buffer];
    expect(reply.toString()).toMatch(/^CONNECTED\n/);
    socket.destroy();
    await rm(folder, { recursive: true });
  });

  it('without a store', async () => {
    await start({ broker: { persistent: false, scheduler: false } });
    expect((await cluster?.master())?.name).toBe('broker1');
  });
});

describe('a broker that does not start', () => {
  it('is reported with the end of its log, and leaves nothing', async () => {
    const failure = start({ broker: { plugins: ['<noSuchPlugin/>'] } });
    await expect(failure).rejects.toMatchObject({ code: 'START_FAILED', message: expect.stringContaining('noSuchPlugin') as string });
  });

  it('is reported when it refuses the probe', async () => {
    const users = [{ username: 'app', password: 'right' }];
    const failure = start({ broker: { users }, credentials: { user: 'app', password: 'wrong' } });
    await expect(failure).rejects.toMatchObject({
      code: 'START_FAILED',
      message: expect.stringContaining('give startCluster credentials') as string,
    });
  });

  it('is reported when it takes too long', async () => {
    await expect(start({ startTimeout: 1 })).rejects.toMatchObject({ code: 'START_TIMEOUT' });
  });
});
