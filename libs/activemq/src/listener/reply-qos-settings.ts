import { assertBoolean, assertInteger, assertKnownOptions } from '../validation/index.js';
import type { ReplyQosSettings } from './reply-sender.js';

/**
 * What a listener says of the messages that its replies are.
 *
 * @throws ConfigurationError for an unknown or impossible one, naming the listener
 */
export function replyQosSettings(where: string, given: ReplyQosSettings): ReplyQosSettings {
  const here = `\`replyQosSettings\` of ${where}`;
  assertKnownOptions(here, given, ['persistent', 'priority', 'timeToLive']);
  if (given.persistent !== undefined) assertBoolean(here, 'persistent', given.persistent);
  if (given.priority !== undefined) assertInteger(here, 'priority', given.priority, { min: 0, max: 9 });
  if (given.timeToLive !== undefined) assertInteger(here, 'timeToLive', given.timeToLive, { min: 0 });
  return given;
}
