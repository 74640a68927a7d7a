import type { DeadLetterStrategyOptions, PolicyEntryOptions } from './broker-options.js';
import { comment, element } from './xml.js';

/** Writes one policy entry; raw XML passes unchanged. */
export function policyEntry(entry: PolicyEntryOptions | string): string {
  if (typeof entry === 'string') {
    return entry;
  }
  const strategy = entry.deadLetterStrategy ? [element('deadLetterStrategy', {}, [deadLetterStrategy(entry.deadLetterStrategy)])] : [];
  const written = element('policyEntry', { queue: entry.queue, topic: entry.topic, ...entry.attributes }, [
    ...strategy,
    ...(entry.children ?? []),
  ]);
  return entry.comment === undefined ? written : `${comment(entry.comment)}\n${written}`;
}

function deadLetterStrategy(strategy: DeadLetterStrategyOptions): string {
  const attributes = strategy.attributes ?? {};
  if (strategy.kind !== 'shared') {
    return element(strategy.kind === 'individual' ? 'individualDeadLetterStrategy' : 'discarding', attributes);
  }
  const queue = strategy.queue === undefined ? [] : [element('deadLetterQueue', {}, [element('queue', { physicalName: strategy.queue })])];
  return element('sharedDeadLetterStrategy', attributes, queue);
}
