import { buildApplication } from './application/build-application.js';
import { runApplication } from './application/run-application.js';

try {
  await buildApplication('sample');
  process.exitCode = await runApplication('sample');
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
