import { randomUUID } from 'node:crypto';

import { type DemoArguments, parseDemoArguments, USAGE, UsageError } from './demo/arguments.js';
import { demoBroker } from './demo/demo-broker.js';
import { ProgressBar, progressLine } from './demo/progress-bar.js';
import { failureOf, jsonReport, tableReport } from './demo/report.js';
import { runBuiltDemo } from './demo/run-built-demo.js';
import { buildApplication } from './application/build-application.js';

// Ended by a signal it needs no tidying up: the brokers and the demo's process end with this one, however it goes.
try {
  const options = parseDemoArguments(process.argv.slice(2));
  if (options.help) console.log(USAGE);
  else process.exitCode = await demo(options);
} catch (error) {
  const isUsage = error instanceof UsageError;
  console.error(isUsage ? `${error.message}\n\n${USAGE}` : error instanceof Error ? error.message : error);
  process.exitCode = isUsage ? 2 : 1;
}

/** One run, from the brokers' start to their end; the exit code. */
async function demo({ broker: choice, messages, rate, killMaster, killConsumer, json }: DemoArguments): Promise<number> {
  const bar = new ProgressBar(process.stderr);
  const say = (text: string) => bar.note(text);
  await buildApplication('sample');
  const broker = await demoBroker(choice, say);
  try {
    // A queue of its own: whatever lies in others, or comes back after a run that was broken off, is not counted.
    const settings = { queue: `sample.demo.${randomUUID()}`, embedded: choice === 'vm', messages, rate, killMaster, killConsumer };
    const { counts, problem } = await runBuiltDemo(settings, broker, {
      onProgress: (confirmed, unique) => bar.show(progressLine(messages, confirmed, unique)),
      onNote: say,
    });
    bar.clear();
    const failure = failureOf(counts, problem);
    if (failure !== undefined) console.error(failure);
    console.log(json ? jsonReport(counts) : tableReport(counts));
    return failure === undefined ? 0 : 1;
  } finally {
    bar.clear();
    await broker.stop();
  }
}
