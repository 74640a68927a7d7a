import { HttpException } from '@nestjs/common';

const LONGEST = 1_000;
const LONGEST_STACK = 10_000;
const LONGEST_CLASS = 200;
// eslint-disable-next-line no-control-regex -- line breaks and terminal codes of hostile messages shall not reach the log
const CONTROL_CHARACTERS = /[\0-\x1f\x7f-\x9f\u2028\u2029]+/g;

/** Text of others in one line. */
export function inOneLine(text: string): string {
  return text.replace(CONTROL_CHARACTERS, ' ');
}

/** Text of others in one bounded line, safe for a log. */
export function toLogText(text: string): string {
  return inOneLine(text.slice(0, LONGEST));
}

/** Class and message of an error in one bounded line, safe for a log. */
export function toErrorText(error: unknown): string {
  try {
    return describe(error);
  } catch {
    // Anything can be thrown, also what throws when it is looked at; the message's fate must not depend on it.
    return 'something that cannot be shown';
  }
}

/** Class of an error in one bounded line, e.g. `TypeError`; `string` and the like for what is no error. */
export function toErrorClass(error: unknown): string {
  try {
    return error instanceof Error ? toLogText(error.name).slice(0, LONGEST_CLASS) : typeof error;
  } catch {
    // As above.
    return typeof error;
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return toLogText(String(error));
  const details = error instanceof HttpException ? responseDetails(error) : '';
  return toLogText(`${error.name}: ${error.message}${details}`);
}

/** What a validation pipe found wrong stands in the response, not in the message. */
function responseDetails(error: HttpException): string {
  const response = error.getResponse();
  const said: unknown = typeof response === 'object' ? (response as Record<string, unknown>)['message'] : response;
  const texts = (Array.isArray(said) ? said : [said]).filter((text): text is string => typeof text === 'string' && text !== error.message);
  return texts.length === 0 ? '' : ` (${texts.join('; ')})`;
}

/** The stack of an error: its text in one line, then its frames; `undefined` for what has none. */
export function toErrorStack(error: unknown): string | undefined {
  try {
    return stackOf(error);
  } catch {
    // As above.
    return undefined;
  }
}

function stackOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || typeof error.stack !== 'string') return undefined;
  // The message stands in the stack as it is, line breaks included: only what follows it are frames.
  const start = error.stack.indexOf(error.message);
  const rest = start === -1 ? error.stack : error.stack.slice(start + error.message.length);
  const frames = rest.slice(0, LONGEST_STACK).split('\n').slice(1);
  return [toErrorText(error), ...frames.map(toLogText)].join('\n');
}
