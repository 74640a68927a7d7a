import { BadRequestException } from '@nestjs/common';

/** What is wrong with a value; empty when nothing is. The values themselves are never repeated. */
export type Problems = readonly string[];

/** A request or a message that is wrong, with everything that is wrong with it. As a 4xx it is never tried again. */
export function refusal(problems: Problems): BadRequestException {
  return new BadRequestException({ statusCode: 400, error: 'Bad Request', message: problems });
}

/** Whether a value is an object with named properties. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A whole number in a range. */
export function checkInteger(name: string, value: unknown, min: number, max: number): Problems {
  const isGood = typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
  return isGood ? [] : [`${name} must be a whole number from ${min} to ${max}`];
}

/** A text of a bounded length. */
export function checkText(name: string, value: unknown, max: number): Problems {
  const isGood = typeof value === 'string' && value.trim() !== '' && value.length <= max;
  return isGood ? [] : [`${name} must be a text of 1 to ${max} characters`];
}

/** A flag. */
export function checkBoolean(name: string, value: unknown): Problems {
  return typeof value === 'boolean' ? [] : [`${name} must be true or false`];
}

/** No property that nobody knows. */
export function checkNames(value: Readonly<Record<string, unknown>>, known: readonly string[]): Problems {
  return Object.keys(value).every((name) => known.includes(name)) ? [] : [`the only properties are ${known.join(', ')}`];
}
