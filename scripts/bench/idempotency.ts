import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { startCluster } from 'activemq-cluster';
import { ActiveMqModule, JmsMessagingTemplate } from 'nestjs-activemq';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { FaultProxy } from '../../test/support/fault-proxy.js';
import { RedisServer } from '../../test/support/redis-server.js';
import { wholeNumber } from '../chaos/parts/arguments.js';
import type { BenchReport, BenchSettings, Protection } from './idempotency/bench-protocol.js';

const CONSUMER = fileURLToPath(new URL('./idempotency/consumer.process.ts', import.meta.url));
const PROTECTIONS: readonly Protection[] = ['off', 'redis', 'ioredis'];

interface Row {
  readonly name: string;
  readonly reports: BenchReport[];
  commands: number;
  messages: number;
}

/**
 * What idempotency costs: processor time per message without it, with it, and with nothing but duplicates, for both clients of Redis, in rounds that take
 * turns; and the commands that went to Redis, counted on the wire.
 *
 * `--messages N` (5 000) a round, `--rounds N` (6, of which the first warms up), `--json`.
 */
export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      messages: { type: 'string', default: '5000' },
      rounds: { type: 'string', default: '6' },
      json: { type: 'boolean', default: false },
    },
  });
  const messages = wholeNumber('--messages', values.messages);
  const rounds = wholeNumber('--rounds', values.rounds);
  const redis = await RedisServer.start();
  const proxy = await FaultProxy.start(redis.port);
  const cluster = await startCluster({ topology: 'single' });
  const consumers = new Map<Protection, ChildProcess>();
  try {
    for (const protection of PROTECTIONS) {
      const settings = { brokerUrl: cluster.brokerUrl, redisUrl: proxy.url, queue: `bench.${protection}`, protection };
      consumers.set(protection, await startConsumer(settings));
    }
    @Module({ imports: [ActiveMqModule.forRoot({ brokerUrl: cluster.brokerUrl, startup: 'wait' })] })
    class Producer {}
    const producer = await NestFactory.createApplicationContext(Producer, { logger: ['error'] });
    const jms = producer.get(JmsMessagingTemplate);
    const rows = new Map<string, Row>();
    const round = async (name: string, protection: Protection, keys: (n: number) => string, isWarm: boolean) => {
      const row = rows.get(name) ?? { name, reports: [], commands: 0, messages: 0 };
      rows.set(name, row);
      await sendAll(jms, `bench.${protection}`, messages, keys);
      proxy.commands.length = 0;
      const report = await take(consumers.get(protection)!, messages);
      if (!isWarm) return;
      row.reports.push(report);
      row.commands += proxy.commands.filter((command) => command.startsWith('EVAL')).length;
      row.messages += messages;
    };
    for (let turn = 0; turn < rounds; turn++) {
      await round('off', 'off', (n) => `${turn}-${n}`, turn > 0);
      for (const client of ['redis', 'ioredis'] as const) {
        await round(`on, ${client}`, client, (n) => `${turn}-${n}`, turn > 0);
        await round(`duplicates, ${client}`, client, (n) => `${turn}-${n}`, turn > 0);
      }
    }
    await producer.close();
    show([...rows.values()], values.json);
    return 0;
  } finally {
    for (const consumer of consumers.values()) await end(consumer);
    await cluster.down();
    await proxy.stop();
    await redis.stop();
  }
}

async function startConsumer(settings: BenchSettings): Promise<ChildProcess> {
  const child = fork(CONSUMER, [JSON.stringify(settings)], { execArgv: ['--import', 'tsx'] });
  await once(child, 'message');
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.disconnect();
  await exited;
}

async function take(child: ChildProcess, messages: number): Promise<BenchReport> {
  const answer = once(child, 'message') as Promise<[BenchReport]>;
  child.send(messages);
  return (await answer)[0];
}

async function sendAll(jms: JmsMessagingTemplate, queue: string, messages: number, keyOf: (n: number) => string): Promise<void> {
  let next = 0;
  const sender = async () => {
    while (next < messages) await jms.convertAndSend(queue, { n: next }, { idempotencyKey: keyOf(next++) });
  };
  await Promise.all(Array.from({ length: 128 }, sender));
}

function show(rows: readonly Row[], asJson: boolean): void {
  const off = median(rows[0]!.reports.map(({ cpuPerMessage }) => cpuPerMessage));
  const lines = rows.map(({ name, reports, commands, messages }) => {
    const cpu = median(reports.map(({ cpuPerMessage }) => cpuPerMessage));
    return {
      name,
      'CPU us/message': Math.round(cpu),
      'times off': Number((cpu / off).toFixed(2)),
      'messages/s': Math.round(median(reports.map(({ messagesPerSecond }) => messagesPerSecond))),
      'commands/message': Number((commands / messages).toFixed(3)),
      handled: reports.reduce((total, { handled }) => total + handled, 0),
    };
  });
  if (asJson) console.log(JSON.stringify(lines));
  else console.table(lines);
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
