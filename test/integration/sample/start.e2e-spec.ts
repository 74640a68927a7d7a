import assert from 'node:assert/strict';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { ended, lineOf, ScriptRunner } from './script.fixture.js';

const TIMEOUT = 180_000;

describe('npm start', { timeout: TIMEOUT }, () => {
  let scripts: ScriptRunner;
  beforeEach(async () => {
    scripts = await ScriptRunner.create();
  });
  afterEach(async () => {
    const leftovers = await scripts.leftovers();
    await scripts.dispose();
    assert.deepEqual(leftovers, []);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'builds the sample, serves the page on a broker of its own, and tidies up at %s',
    async (signal) => {
      const child = scripts.start('scripts/start.ts', [], { PORT: '0', ACTIVEMQ_BROKER_URL: '' });
      const [, url] = await lineOf(child, /Open (http:\S+) to watch/);
      const page = await fetch(url ?? '');
      expect(page.status).toBe(200);
      expect(await page.text()).toContain('<title>Orders through ActiveMQ</title>');
      const placed = await fetch(new URL('/orders', url), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"item":"tea"}',
      });
      expect(placed.status).toBe(201);
      child.stdout?.resume();
      child.stderr?.resume();
      const exited = once(child, 'exit');
      child.kill(signal);
      expect(await exited).toEqual([0, null]);
    },
  );

  it('starts no broker where one is named, and shows that it looks for it', async () => {
    const child = scripts.start('scripts/start.ts', [], { PORT: '0', ACTIVEMQ_BROKER_URL: 'failover:(stomp://127.0.0.1:1)' });
    const [, url] = await lineOf(child, /Open (http:\S+) to watch/);
    expect(await (await fetch(new URL('/status', url))).json()).toMatchObject({ connection: { state: 'connecting' } });
    expect((await scripts.leftovers()).filter((line) => line.includes('java'))).toEqual([]);
    const exited = once(child, 'exit');
    child.stdout?.resume();
    child.stderr?.resume();
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  });

  it.each([
    [{ PORT: 'http' }, 'PORT is "http"; it must be a number from 0 (a free port) to 65535'],
    [{ PORT: '0', ACTIVEMQ_BROKER_URL: 'failover:(stomp://joe:secret@127.0.0.1:1)?colour=red' }, 'colour'],
  ])('ends with what is wrong with %j', async (variables, message) => {
    const child = scripts.start('scripts/start.ts', [], { ACTIVEMQ_BROKER_URL: 'stomp://127.0.0.1:1', ...variables });
    const { code, out, err } = await ended(child);
    expect(code).toBe(1);
    expect(err).toContain(message);
    expect(out + err).not.toContain('secret');
  });
});
