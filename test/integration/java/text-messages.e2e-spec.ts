import { type INestApplicationContext, Injectable } from '@nestjs/common';
import { type Cluster, startCluster } from 'activemq-cluster';
import { JmsListener, JmsMessage, JmsMessagingTemplate } from 'nestjs-activemq';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { bootApplication } from '../../support/application.js';
import { type Deferred, deferred } from '../../support/deferred.js';
import { JavaPeer } from './java-peer.js';

let cluster: Cluster;
let java: JavaPeer;
let app: INestApplicationContext;

@Injectable()
class FromJava {
  readonly received: Deferred<JmsMessage> = deferred<JmsMessage>();

  @JmsListener('java.to.nest')
  onMessage(message: JmsMessage): void {
    this.received.resolve(message);
  }
}

beforeAll(async () => {
  cluster = await startCluster({ topology: 'single' });
  java = new JavaPeer(cluster.distribution, cluster.openwireUrl);
  app = await bootApplication({ brokerUrl: cluster.brokerUrl }, [FromJava]);
});

afterAll(async () => {
  await app?.close();
  await cluster?.down();
});

it('consumes a TextMessage that a Java producer sent over OpenWire', async () => {
  await java.sendText('queue://java.to.nest', '{"id":7,"name":"Zoë"}');
  const message = await app.get(FromJava).received.promise;
  expect(message.isText).toBe(true);
  expect(message.payload).toEqual({ id: 7, name: 'Zoë' });
  expect(message.messageId).toMatch(/^ID:/);
  expect(message.timestamp).toBeGreaterThan(0);
});

it('sends JSON and text that a Java consumer receives as TextMessages', async () => {
  const jms = app.get(JmsMessagingTemplate);
  await jms.convertAndSend('nest.to.java', { id: 8, name: 'Zoë' });
  await jms.convertAndSend('nest.to.java', 'plain text');
  const printed = await java.receive('queue://nest.to.java', 2);
  // The console prints the text of a TextMessage, and only the id of any other kind.
  expect(printed).toContain('{"id":8,"name":"Zoë"}');
  expect(printed).toContain('plain text');
});

it('sends a Buffer as something that is no TextMessage', async () => {
  await app.get(JmsMessagingTemplate).convertAndSend('nest.bytes.to.java', Buffer.from('bytes-not-text'));
  const printed = await java.receive('queue://nest.bytes.to.java', 1);
  expect(printed).not.toContain('bytes-not-text');
  expect(printed).toMatch(/Received|Consumed: 1/);
});
