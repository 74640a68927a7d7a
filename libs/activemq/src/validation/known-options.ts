import { ConfigurationError } from '../errors/index.js';

/** What Spring, JMS and ActiveMQ call what an option of ours is for. */
const OTHER_WORDS: ReadonlyMap<string, string> = new Map([
  ['ttl', 'timeToLive'],
  ['delay', 'deliveryDelay'],
  ['deliveryMode', 'persistent'],
  ['deliveryPersistent', 'persistent'],
  ['durable', 'subscription'],
  ['subscriptionDurable', 'subscription'],
  ['redeliveryPolicy', 'redelivery'],
  ['redeliveryPolicyMap', 'redelivery'],
  ['deadLetterStrategy', 'deadLetter'],
  ['queue', 'destination'],
  ['topic', 'destination'],
  ['concurrentConsumers', 'concurrency'],
  ['maxConcurrentConsumers', 'concurrency'],
  ['acknowledgeMode', 'ackMode'],
  ['sessionAcknowledgeMode', 'ackMode'],
  ['sessionTransacted', 'ackMode'],
  ['receiveTimeout', 'timeout'],
]);

/**
 * Refuses options that nobody reads: a misspelt one would be ignored in silence.
 *
 * @param where names the place, e.g. `ActiveMqModule.forRoot()`
 * @param cures what to write instead of names that are known elsewhere, such as ActiveMQ's own
 * @throws ConfigurationError naming the option, the nearest known one and all known ones
 */
export function assertKnownOptions(
  where: string,
  given: unknown,
  known: readonly string[],
  cures: Readonly<Record<string, string>> = {},
): asserts given is object {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new ConfigurationError(`${where}: the options are ${show(given)}; write an object`);
  }
  assertRecord(where, undefined, given);
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    const near = known.find((word) => word === OTHER_WORDS.get(name)) ?? nearest(name, known);
    const guess = near ? ` Did you mean \`${near}\`?` : '';
    const hint = Object.hasOwn(cures, name) ? ` Write ${cures[name]}.` : guess;
    throw new ConfigurationError(`${where}: unknown option \`${name}\`.${hint} Known options: ${known.join(', ')}`);
  }
}

/** The options that say something: one that is `undefined` does not. */
export function givenOptions<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/** Refuses what is no integer from `min` to `max`. */
export function assertInteger(
  where: string,
  name: string,
  value: unknown,
  bounds: { min?: number; max?: number },
): asserts value is number {
  assertNumber(where, name, value, bounds);
  if (!Number.isInteger(value)) throw new ConfigurationError(`${where}: \`${name}\` is ${show(value)}; it must be a whole number`);
}

/** Refuses what is no number from `min` to `max`. */
export function assertNumber(
  where: string,
  name: string,
  value: unknown,
  { min = -Infinity, max = Infinity }: { min?: number; max?: number },
): asserts value is number {
  if (typeof value === 'number' && value >= min && value <= max) return;
  const bounds = [min === -Infinity ? '' : ` from ${min}`, max === Infinity ? '' : ` to ${max}`].join('');
  throw new ConfigurationError(`${where}: \`${name}\` is ${show(value)}; it must be a number${bounds}`);
}

/** Refuses what is no string, or an empty one. */
export function assertText(where: string, name: string, value: unknown): asserts value is string {
  if (typeof value === 'string' && value.trim() !== '') return;
  throw new ConfigurationError(`${where}: \`${name}\` must be a text that is not empty`);
}

/** Refuses what is none of `allowed`. */
export function assertOneOf<T extends string>(where: string, name: string, value: unknown, allowed: readonly T[]): asserts value is T {
  if (allowed.includes(value as T)) return;
  throw new ConfigurationError(`${where}: \`${name}\` is ${show(value)}; it must be one of ${allowed.join(', ')}`);
}

/** Refuses what is no function. */
export function assertFunction(where: string, name: string, value: unknown): void {
  if (typeof value !== 'function') throw new ConfigurationError(`${where}: \`${name}\` must be a function`);
}

/** Refuses what is no object with these methods; `undefined` is fine. */
export function assertMethods(where: string, name: string, value: unknown, methods: readonly string[]): void {
  if (value === undefined) return;
  assertObject(where, name, value);
  const missing = methods.find((method) => typeof (value as Record<string, unknown>)[method] !== 'function');
  if (missing) throw new ConfigurationError(`${where}: \`${name}\` has no method ${missing}()`);
}

/** Refuses what is no object, or an array. */
export function assertObject(where: string, name: string, value: unknown): asserts value is object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return;
  throw new ConfigurationError(`${where}: \`${name}\` must be an object`);
}

/**
 * Refuses what is no object of names and values, such as a `Map`, or an instance of a class that shows none of what it holds: that would be ignored.
 *
 * @param name of the option; `undefined` when all options together are meant
 */
export function assertRecord(where: string, name: string | undefined, value: unknown): asserts value is object {
  assertObject(where, name ?? 'options', value);
  if (isPlain(value) || Object.keys(value).length > 0) return;
  const what = name === undefined ? 'the options are' : `\`${name}\` is`;
  throw new ConfigurationError(`${where}: ${what} ${classOf(value)}, of which nothing can be read; ${cureFor(value)}`);
}

/** Whether an object is no instance of a class: `{}`, also of another realm, or one without a prototype. */
export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  // Of another realm, too.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function classOf(value: object): string {
  const { name } = value.constructor;
  return name === 'Object' ? 'an object without properties of its own' : `a ${name}`;
}

function cureFor(value: object): string {
  if (value instanceof Map) return 'write a plain object, as Object.fromEntries() makes one of it';
  return 'write a plain object. A class of this package is not known here when it comes from another copy of this package: see `npm ls nestjs-activemq`';
}

/** Refuses what is no array of objects. */
export function assertObjects(where: string, name: string, value: unknown): asserts value is readonly object[] {
  if (Array.isArray(value) && value.every((item) => typeof item === 'object' && item !== null)) return;
  throw new ConfigurationError(`${where}: \`${name}\` is ${show(value)}; it must be an array of objects`);
}

/** Refuses what is neither true nor false. */
export function assertBoolean(where: string, name: string, value: unknown): asserts value is boolean {
  if (typeof value !== 'boolean') throw new ConfigurationError(`${where}: \`${name}\` must be true or false`);
}

/** A value in a few words, whatever it is. */
function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 100));
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  return String(value);
}

function nearest(name: string, known: readonly string[]): string | undefined {
  const close = known.map((candidate) => ({ candidate, distance: distance(name.toLowerCase(), candidate.toLowerCase()) }));
  const best = close.sort((a, b) => a.distance - b.distance)[0];
  return best && best.distance <= Math.max(2, name.length / 3) ? best.candidate : undefined;
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
