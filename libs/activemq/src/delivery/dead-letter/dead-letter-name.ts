/** ActiveMQ takes the former for the type once more, and whoever writes the latter means it. */
const TYPE = /^(?:(?:temp-)?(?:queue|topic):\/\/|\/(?:remote-)?(?:temp-)?(?:queue|topic)\/)/;

/** What no name should begin with: other systems' ways to write a type, too. */
const LIKE_A_TYPE = /^(?:(?:temp-)?(?:queue|topic):|jms:|activemq:|\/)|:\/\//i;

const NOT_A_NAME = 'the type of a destination, where only a name belongs';

/**
 * Why a text cannot be the name of one queue or topic to which dead letters are sent: its frame would name another one, or several.
 *
 * @returns what it has, and what that does; `undefined` when nothing stands against it
 */
export function whyNoName(text: string): string | undefined {
  if (TYPE.test(text)) return NOT_A_NAME;
  if (text.includes(',')) return 'a comma: the dead letter would stand in several queues';
  if (text.includes('?')) return 'a question mark: ActiveMQ takes what follows for options';
  return /\p{Cc}/u.test(text) ? 'control characters' : undefined;
}

/** Why a text should be no prefix of such names. Names are what producers made them, a prefix is a choice. */
export function whyNoPrefix(text: string): string | undefined {
  return LIKE_A_TYPE.test(text) ? NOT_A_NAME : whyNoSuffix(text);
}

/** Why a text should be no suffix of such names. */
export function whyNoSuffix(text: string): string | undefined {
  const why = whyNoName(text);
  if (why !== undefined) return why;
  if (/[*>]/.test(text)) return 'a wildcard: dead letters would go to whatever it stands for, or nowhere';
  return /\s/.test(text) ? 'white space: hardly anybody finds such a queue' : undefined;
}
