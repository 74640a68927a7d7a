import { describe, expect, it } from 'vitest';

import { RecordingLogger } from './connection.fixture.js';
import type { ConnectionEvents } from './connection-state.js';
import { ConnectionStatus } from './connection-status.js';
import type { Link } from './link.js';
import { TypedEvents } from './typed-events.js';

const BROKER = 'stomp://broker:61613';
const DEAD = new Error('dead');

function statusOfTwoLinks() {
  const story: string[] = [];
  const logger = new RecordingLogger();
  const events = new TypedEvents<ConnectionEvents>(() => undefined);
  for (const name of ['connected', 'interrupted', 'resumed'] as const) events.on(name, () => story.push(`(${name})`));
  const status = new ConnectionStatus(logger, events);
  status.state$.subscribe((state) => story.push(state));
  const [first, second] = [{} as Link, {} as Link];
  for (const link of [first, second]) status.onStarted(link);
  return { status, story, logger, first, second };
}

describe('the status of a connection', () => {
  it('is connected after all when the first socket died before the second was open: nothing was interrupted', () => {
    const { status, story, logger, first, second } = statusOfTwoLinks();
    status.onOpen(first, BROKER);
    status.onLost(first, BROKER, DEAD);
    status.onOpen(second, BROKER);
    status.onOpen(first, BROKER);
    expect(story).toEqual(['idle', 'connecting', 'connected', '(connected)']);
    expect(logger.lines.filter((line) => line.startsWith('warn'))).toEqual([]);
  });

  it('is interrupted and resumed once it was connected', () => {
    const { status, story, first, second } = statusOfTwoLinks();
    status.onOpen(first, BROKER);
    status.onOpen(second, BROKER);
    status.onLost(first, BROKER, DEAD);
    status.onLost(second, BROKER, DEAD);
    status.onOpen(first, BROKER);
    status.onOpen(second, BROKER);
    expect(story.slice(2)).toEqual(['connected', '(connected)', 'interrupted', '(interrupted)', 'connected', '(resumed)']);
  });

  it('goes on being told when an observer of it throws: that is logged', () => {
    const { status, story, logger, first } = statusOfTwoLinks();
    status.state$.subscribe(() => {
      throw new Error('of the observer');
    });
    status.onOpen(first, BROKER);
    expect(story).toEqual(['idle', 'connecting']);
    expect(logger.lines.filter((line) => line.startsWith('error'))).toEqual([
      expect.stringContaining('An observer of state$ failed: Error: of the observer'),
    ]);
  });
});
