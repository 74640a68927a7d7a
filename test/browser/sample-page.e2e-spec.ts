import 'reflect-metadata';

import assert from 'node:assert/strict';

import { type Cluster, startCluster } from 'activemq-cluster';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { type RunningSample, startSample } from '../../apps/sample/src/sample-application.js';
import { launchChromium, openPage, type WatchedPage } from './browser.fixture.js';

describe('the page of the sample', () => {
  let cluster: Cluster;
  let browser: Browser;
  let sample: RunningSample;
  let watched: WatchedPage;
  let page: Page;
  let queues = 0;

  beforeAll(async () => {
    [cluster, browser] = await Promise.all([startCluster({ topology: 'shared-file' }), launchChromium()]);
  });

  afterAll(async () => {
    await browser?.close();
    await cluster?.down();
  });

  beforeEach(async () => {
    sample = await startSample({ brokerUrl: cluster.brokerUrl, port: 0, ordersQueue: `sample.browser.${++queues}` }, ['fatal']);
    watched = await openPage(browser, sample.url);
    page = watched.page;
    await shows('#state', 'connected');
  });

  afterEach(async () => {
    await page?.close();
    await sample?.application.close();
    assert.deepEqual(watched?.complaints, []);
  });

  const textOf = async (selector: string) => (await page.locator(selector).textContent()) ?? '';

  /** Waits until the element has exactly this text. */
  const shows = async (selector: string, text: string | number) => {
    await expect.poll(() => textOf(selector), { timeout: 30_000, message: selector }).toBe(String(text));
  };

  const place = async (order: Readonly<Record<string, unknown>>) => {
    const response = await fetch(new URL('/orders', sample.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(order),
    });
    expect(response.status).toBe(201);
  };

  it('sends orders from its form and shows them as they are consumed', async () => {
    await page.getByLabel('Item').fill('green tea');
    await page.getByLabel('Quantity').fill('3');
    await page.getByLabel('How many').fill('25');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await shows('#answer', '25 of 25 stored by the broker');
    await shows('#consumed', 25);
    await shows('#sent', 25);
    await shows('#confirmed', 25);
    await shows('#duplicates', 0);
    expect(await page.locator('tr[data-state="consumed"]').count()).toBe(25);
    expect(await page.locator('tbody tr').first().locator('td').allTextContents()).toEqual([
      expect.stringMatching(/^[0-9a-f]{8}$/),
      'green tea',
      '3',
      'consumed',
      expect.stringMatching(/^\d+ ms$/),
    ]);
  });

  it('shows orders that somebody else places, and what they would say to a page opened later', async () => {
    await place({ item: 'tea', count: 100 });
    await shows('#consumed', 100);
    const rows = await page.locator('tbody tr').count();
    expect(rows).toBe(60);
    await page.reload();
    await shows('#consumed', 100);
    expect(await page.locator('tbody tr').count()).toBe(60);
  });

  it('shows how an order that fails is tried again and dead-lettered', async () => {
    await page.getByRole('button', { name: 'Send one that fails' }).click();
    await page.locator('tr[data-state="failing"]').waitFor();
    await page.locator('tr[data-state="gave-up"]').waitFor();
    expect(await textOf('tr[data-state="gave-up"] .state')).toBe('dead letter, attempt 3');
    await shows('#deadLettered', 1);
    await shows('#failedAttempts', 3);
    await shows('#consumed', 0);
  });

  it('says what is wrong with an order', async () => {
    await page.getByLabel('Item').fill('   ');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await shows('#answer', 'item must be a text of 1 to 200 characters');
    // A refused request is an error on Chromium's console: the only one.
    expect((watched.complaints as string[]).splice(0)).toEqual([expect.stringContaining('400 (Bad Request)')]);
  });

  it('shows hostile text as text', async () => {
    const hostile = '"><img src=x onerror="window.hacked=1"><script>window.hacked=1</script><b>${1}</b>\u202e';
    await place({ item: hostile });
    await shows('#consumed', 1);
    expect(await page.locator('tbody td.item').allTextContents()).toEqual([hostile]);
    expect(await page.locator('tbody td.item').evaluate((cell) => cell.childElementCount)).toBe(0);
    expect(await page.evaluate(() => 'hacked' in globalThis)).toBe(false);
  });

  it('runs nothing that is not its own', async () => {
    const policy = (await fetch(sample.url)).headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'; script-src 'self'");
    expect(policy).not.toContain('unsafe');
    const hasRun = await page.evaluate(`
      const script = document.createElement('script');
      script.textContent = 'globalThis.hacked = true';
      document.body.append(script);
      'hacked' in globalThis;
    `);
    expect(hasRun).toBe(false);
    expect((watched.complaints as string[]).splice(0)).toEqual([expect.stringContaining('Content Security Policy')]);
  });

  it('shows that the master is killed, how long it took, and that orders flow on without a loss', async () => {
    const before = await textOf('#broker');
    const over = new AbortController();
    let placed = 0;
    const placing = (async () => {
      while (!over.signal.aborted) {
        await place({ item: 'through the failover', count: 20 });
        placed += 20;
      }
    })();
    await page.locator('tr[data-state="consumed"]').first().waitFor();
    const killed = await cluster.killMaster();
    await page.locator('.timeline li[data-kind="failover"] .duration').waitFor();
    await shows('#state', 'connected');
    await shows('#failovers', 1);
    const after = await textOf('#broker');
    expect(after).not.toBe(before);
    expect(await textOf('.timeline .route')).toBe(`${before} → ${after}`);
    expect(await textOf('.timeline li[data-kind="failover"] .duration')).toMatch(/^\d+\.\d\d s without a broker$/);
    over.abort();
    await placing;
    expect(placed).toBeGreaterThan(0);
    await shows('#confirmed', new Intl.NumberFormat('en').format(placed));
    const { counters } = (await (await fetch(new URL('/orders', sample.url))).json()) as { counters: Record<string, number> };
    await shows('#consumed', new Intl.NumberFormat('en').format(placed + (counters['duplicates'] ?? 0)));
    await cluster.start(killed.name);
  });
});
