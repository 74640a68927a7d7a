import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

import { redeliveryPlot, redeliveryTable } from './redelivery-plot.js';

const read = (name: string) => readFile(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
/** The formatter pads the cells of tables. */
const squeezed = (text: string) => text.replaceAll(/ +/g, ' ');

it('docs/redelivery.svg shows what the framework computes; `npm run docs:plot` writes it', async () => {
  expect(await read('redelivery.svg')).toBe(redeliveryPlot());
});

it('the table of docs/redelivery.md does, too', async () => {
  const page = squeezed(await read('redelivery.md'));
  for (const line of redeliveryTable()) expect(page).toContain(line);
});
