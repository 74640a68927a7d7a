import type { DeadLetterStrategyOptions, PolicyEntryOptions } from './broker-options.js';
import { element } from './xml.js';

/** Writes one policy entry; raw XML passes unchanged. */
export function policyEntry(entry: PolicyEntryOptions | string): string {
  if (typeof entry === 'string') {
    return entry;
  }
  const strategy = entry.deadLetterStrategy ? [element('deadLetterStrategy', {}, [deadLetterStrategy(entry.deadLetterStrategy)])] : [];
  return element('policyEntry', { queue: entry.queue, topic: entry.topic, ...entry.attributes }, [...strategy, ...(entry.children ?? [])]);
}

function deadLetterStrategy(strategy: DeadLetterStrategyOptions): string {
  switch (strategy.kind) {
    case 'shared':
      return element(
        'sharedDeadLetterStrategy',
        strategy.attributes ?? {},
        strategy.queue === undefined ? [] : [element('deadLetterQueue', {}, [element('queue', { physicalName: strategy.queue })])],
      );
    case 'individual':
      return element('individualDeadLetterStrategy', strategy.attributes ?? {});
    case 'discarding':
      return element('discarding', strategy.attributes ?? {});
  }
}
