import 'reflect-metadata';

import { type Cluster, type ClusterTopology, startCluster } from 'activemq-cluster';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { type RunningSample, startSample } from '../../../apps/sample/src/sample-application.js';
import { launchChromium, openPage } from '../../browser/browser.fixture.js';

const ORDERS = 50;

describe('the page of the sample, through each topology', () => {
  let browser: Browser;
  let cluster: Cluster | undefined;
  let sample: RunningSample | undefined;
  let page: Page | undefined;

  beforeAll(async () => (browser = await launchChromium()));

  afterEach(async () => {
    await page?.close();
    await sample?.application.close();
    await cluster?.down();
  });

  afterAll(async () => browser?.close());

  /** Waits until the element of the page shows this. */
  const shows = async (selector: string, expected: string | RegExp) => {
    await expect.poll(async () => page?.locator(selector).textContent(), { timeout: 90_000, message: selector }).toMatch(expected);
  };

  it.each<[ClusterTopology, string?]>([
    ['shared-file'],
    ['jdbc'],
    ['network-static'],
    ['network-multicast'],
    ['combined'],
    ['replicated-leveldb', '5.16.7'],
  ])('%s: orders are consumed before and after its broker was killed, and the page shows it', async (topology, version) => {
    cluster = await startCluster({ topology, version, startTimeout: 120_000 });
    await cluster.waitUntilComplete(60_000);
    sample = await startSample({ brokerUrl: cluster.brokerUrl, port: 0, ordersQueue: 'sample.page' }, ['fatal']);
    const watched = await openPage(browser, sample.url);
    page = watched.page;
    await shows('#state', /^connected$/);
    const before = (await page.locator('#broker').textContent()) ?? '';

    await page.getByLabel('Item').fill('green tea');
    await page.getByLabel('How many').fill(String(ORDERS));
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await shows('#answer', `${ORDERS} of ${ORDERS} stored by the broker`);
    await shows('#consumed', new RegExp(`^${ORDERS}$`));

    const killed = cluster.nodes.find(({ url }) => before.endsWith(new URL(url).host) || url.includes(before));
    expect(killed).toBeDefined();
    await cluster.kill(killed!.name);
    await page.locator('.timeline li[data-kind="failover"] .duration').waitFor({ timeout: 90_000 });
    await shows('#state', /^connected$/);
    expect(await page.locator('#broker').textContent()).not.toBe(before);

    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await shows('#answer', `${ORDERS} of ${ORDERS} stored by the broker`);
    await shows('#consumed', new RegExp(`^${2 * ORDERS}$`));
    expect(watched.complaints).toEqual([]);
  });
});
