// `npm run cluster`: the cluster tool, which stands alone, and what needs the framework besides: certify and share.

import { buildApplication } from './application/build-application.js';
import { runApplication } from './application/run-application.js';

const words = process.argv.slice(2);

if (words[0] === 'certify' || words[0] === 'share') {
  try {
    await buildApplication('certify');
    process.exitCode = await runApplication('certify', words);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
} else {
  await import('../libs/cluster/src/cli.js');
}
