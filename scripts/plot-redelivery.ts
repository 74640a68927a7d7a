// Writes docs/redelivery.svg and prints the table of docs/redelivery.md: `npm run docs:plot`.
import { writeFile } from 'node:fs/promises';

import { redeliveryPlot, redeliveryTable } from './docs/redelivery-plot.js';

await writeFile(new URL('../docs/redelivery.svg', import.meta.url), redeliveryPlot());
console.log(redeliveryTable().join('\n'));
