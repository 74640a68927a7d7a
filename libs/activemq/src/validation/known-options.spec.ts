import { describe, expect, it } from 'vitest';

import { ConfigurationError } from '../errors/index.js';
import {
  assertBoolean,
  assertFunction,
  assertInteger,
  assertKnownOptions,
  assertNumber,
  assertOneOf,
  assertRecord,
  assertText,
} from './known-options.js';

describe('assertKnownOptions', () => {
  const known = ['destination', 'concurrency', 'prefetch'];

  it('lets known options pass, whatever their values', () => {
    expect(() => assertKnownOptions('here', { prefetch: undefined }, known)).not.toThrow();
    expect(() => assertKnownOptions('here', {}, known)).not.toThrow();
  });

  it.each([
    ['prefech', 'prefetch'],
    ['Concurrency', 'concurrency'],
    ['concurency', 'concurrency'],
    ['desination', 'destination'],
  ])('takes %s for %s', (name, meant) => {
    expect(() => assertKnownOptions('here', { [name]: 1 }, known)).toThrow(
      `here: unknown option \`${name}\`. Did you mean \`${meant}\`? Known options: destination, concurrency, prefetch`,
    );
  });

  it.each([
    ['ttl', 'timeToLive'],
    ['delay', 'deliveryDelay'],
    ['deliveryMode', 'persistent'],
  ])("takes Spring's or JMS's %s for %s, where there is one", (name, meant) => {
    const guess = `Did you mean \`${meant}\`?`;
    expect(() => assertKnownOptions('here', { [name]: 1 }, [...known, meant])).toThrow(guess);
    expect(() => assertKnownOptions('here', { [name]: 1 }, known)).not.toThrow(guess);
  });

  it('guesses nothing when nothing is near', () => {
    expect(() => assertKnownOptions('here', { transactional: true }, known)).toThrow(/^here: unknown option `transactional`\. Known/);
  });

  it.each([null, undefined, 'text', 5, [], () => 1])('refuses what is no object of options: %o', (given) => {
    expect(() => assertKnownOptions('here', given, known)).toThrow(ConfigurationError);
    expect(() => assertKnownOptions('here', given, known)).toThrow(/^here: the options are .*write an object/);
  });
});

describe('options of which nothing can be read', () => {
  class Settings {
    readonly #prefetch = 1;
    get prefetch(): number {
      return this.#prefetch;
    }
  }
  const known = ['prefetch'];

  it.each([
    [new Map([['prefetch', 1]]), 'a Map', 'Object.fromEntries'],
    [new Set(['prefetch']), 'a Set', 'write a plain object'],
    [new Settings(), 'a Settings', 'another copy of this package'],
    [Object.create({ prefetch: 1 }) as object, 'an object without properties of its own', 'write a plain object'],
  ])('are refused, rather than ignored: %o', (given, what, cure) => {
    for (const refuse of [
      () => assertKnownOptions('here', given, known),
      () => assertRecord('here', 'headers', given),
      () => assertRecord('here', undefined, given),
    ]) {
      expect(refuse).toThrow(ConfigurationError);
      expect(refuse).toThrow(what);
      expect(refuse).toThrow(cure);
    }
    expect(() => assertRecord('here', 'headers', given)).toThrow(/^here: `headers` is a/);
    expect(() => assertKnownOptions('here', given, known)).toThrow(/^here: the options are a/);
  });

  class Own {
    readonly prefetch = 2;
  }

  it.each([{}, Object.create(null) as object, new Own()])('are not these: %o', (given) => {
    expect(() => assertKnownOptions('here', given, known)).not.toThrow();
    expect(() => assertRecord('here', 'headers', given)).not.toThrow();
  });

  it.each([null, 'text', [], () => 1])('and a record is no %o', (given) => {
    expect(() => assertRecord('here', 'headers', given)).toThrow('here: `headers` must be an object');
  });
});

describe('the other checks', () => {
  it.each([1.5, '1', NaN, Infinity, null, undefined, {}, 1n])('assertInteger refuses %o', (value) => {
    expect(() => assertInteger('here', 'n', value, { min: 0, max: 10 })).toThrow(/^here: `n` is/);
  });

  it.each([
    [-1, { min: 0 }, /from 0$/],
    [11, { max: 10 }, /to 10$/],
    [11, { min: 0, max: 10 }, /from 0 to 10$/],
    [NaN, {}, /a number$/],
  ])('assertNumber refuses %d outside %o', (value, bounds, why) => {
    expect(() => assertNumber('here', 'n', value, bounds)).toThrow(why);
  });

  it('take both ends of their bounds', () => {
    expect(() => assertInteger('here', 'n', 0, { min: 0, max: 10 })).not.toThrow();
    expect(() => assertInteger('here', 'n', 10, { min: 0, max: 10 })).not.toThrow();
    expect(() => assertNumber('here', 'n', 0.5, { min: 0.5, max: 1 })).not.toThrow();
  });

  it.each(['', '  ', 5, null, undefined])('assertText refuses %j', (value) => {
    expect(() => assertText('here', 't', value)).toThrow('here: `t` must be a text that is not empty');
  });

  it('assertOneOf shows what is allowed', () => {
    expect(() => assertOneOf('here', 'o', 'c', ['a', 'b'])).toThrow('here: `o` is "c"; it must be one of a, b');
    expect(() => assertOneOf('here', 'o', 'a', ['a', 'b'])).not.toThrow();
  });

  it.each(['true', 0, null])('assertBoolean refuses %j', (value) => {
    expect(() => assertBoolean('here', 'b', value)).toThrow('here: `b` must be true or false');
  });

  it('assertFunction takes functions alone', () => {
    expect(() => assertFunction('here', 'f', {})).toThrow('here: `f` must be a function');
    expect(() => assertFunction('here', 'f', () => 1)).not.toThrow();
  });
});
