import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { fuzzHostile, fuzzValid } from '../libs/activemq/src/stomp/frame-fuzz.fixture.js';
import { seeded } from '../libs/activemq/src/stomp/frame-stream.fixture.js';

/** Of a memory that a parser with a leak would pass within a run, in bytes. */
const MAX_RSS = 600 * 1024 * 1024;
/** A round takes some ms; the child that is silent for so long, in ms, hangs. */
const HANGS_AFTER = 30_000;
const ROUNDS_PER_REPORT = 500;

const { values } = parseArgs({
  options: { splits: { type: 'string', default: '5000000' }, seed: { type: 'string' }, child: { type: 'boolean', default: false } },
});
const wanted = positive('splits', values.splits);
const firstSeed = values.seed === undefined ? Date.now() % 2 ** 31 : positive('seed', values.seed);

if (values.child) fuzz();
else supervise();

function positive(name: string, value: string): number {
  if (/^\d{1,15}$/.test(value)) return Number(value);
  throw new Error(`--${name} is ${JSON.stringify(value)}: give a whole number`);
}

/** Each round has a seed of its own, so that a failure is repeated by `--seed <that> --splits 1`. */
function fuzz(): void {
  const started = performance.now();
  const total = { rounds: 0, splits: 0, frames: 0, refused: 0, rss: 0 };
  do {
    const seed = firstSeed + total.rounds;
    try {
      for (const round of [fuzzValid(seeded(seed)), fuzzHostile(seeded(seed))]) {
        total.splits += round.splits;
        total.frames += round.frames;
        total.refused += round.refused;
      }
    } catch (error) {
      throw new Error(`seed ${seed} failed; repeat it with --seed ${seed} --splits 1`, { cause: error });
    }
    total.rounds++;
    if (total.rounds % ROUNDS_PER_REPORT === 0) {
      total.rss = Math.max(total.rss, process.memoryUsage.rss());
      if (total.rss > MAX_RSS) throw new Error(`${total.rss} bytes of memory are in use after seed ${seed}`);
      process.stderr.write('.');
    }
  } while (total.splits < wanted);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const rss = Math.round(Math.max(total.rss, process.memoryUsage.rss()) / 2 ** 20);
  console.log(
    `\nfuzz-parser: ok, seed ${firstSeed}, ${total.splits} split points, ${total.rounds * 2} streams, ${total.frames} frames, ` +
      `${total.refused} refused with StompProtocolError, ${seconds} s, ${rss} MiB`,
  );
}

/** An endless loop in a parser cannot be stopped from within: the fuzzing runs in a child that has to give signs of life. */
function supervise(): void {
  const args = [...process.execArgv, fileURLToPath(import.meta.url), '--child', '--splits', String(wanted), '--seed', String(firstSeed)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'pipe'] });
  const hangs = setTimeout(() => {
    console.error(`\nfuzz-parser: FAILED, seed ${firstSeed}: no sign of life for ${HANGS_AFTER} ms`);
    child.kill('SIGKILL');
  }, HANGS_AFTER);
  child.stderr.on('data', (text: Buffer) => {
    hangs.refresh();
    process.stderr.write(text);
  });
  child.on('close', (code) => {
    clearTimeout(hangs);
    if (code !== 0) console.error(`fuzz-parser: FAILED, first seed ${firstSeed}`);
    process.exitCode = code === 0 ? 0 : 1;
  });
}
