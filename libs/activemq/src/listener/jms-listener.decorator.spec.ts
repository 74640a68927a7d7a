import 'reflect-metadata';
import { describe, expect, it } from 'vitest';

import { ConfigurationError } from '../errors/index.js';
import { JmsListener } from './jms-listener.decorator.js';
import { JmsListenerMetadataAccessor } from './jms-listener-metadata.js';

const accessor = new JmsListenerMetadataAccessor();

class Parent {
  @JmsListener('first')
  @JmsListener({ destination: 'second', id: 'two' })
  @JmsListener('third')
  handle(): void {}

  plain(): void {}

  get accessor(): number {
    throw new Error('a getter must not be run');
  }
}

class Inheriting extends Parent {}

class Overriding extends Parent {
  override handle(): void {}
}

describe('@JmsListener', () => {
  it('is repeatable, and keeps the order in which it is written', () => {
    expect(accessor.listenersOf(Parent.prototype, 'handle')).toEqual([
      { destination: 'first' },
      { destination: 'second', id: 'two' },
      { destination: 'third' },
    ]);
  });

  it('is inherited with its method, and gone with a method that overrides it', () => {
    expect(accessor.listenersOf(Inheriting.prototype, 'handle')).toHaveLength(3);
    expect(accessor.listenersOf(Overriding.prototype, 'handle')).toEqual([]);
  });

  it.each(['plain', 'accessor', 'nothing'])('is not found on %s, and no getter runs', (name) => {
    expect(accessor.listenersOf(Parent.prototype, name)).toEqual([]);
  });

  it('is refused on a static method, which nobody would ever call', () => {
    const decorate = () => {
      class Host {
        @JmsListener('orders')
        static handle(): void {}
      }
      return Host;
    };
    expect(decorate).toThrow(ConfigurationError);
    expect(decorate).toThrow(/^@JmsListener on Host\.handle: only methods of instances/);
  });

  it('is refused on what is no method', () => {
    expect(() => JmsListener('orders')(Parent.prototype, 'field', undefined as never)).toThrow(
      /^@JmsListener on Parent\.field: only methods/,
    );
  });

  it('resolves nothing when it is imported: a wrong destination is an error of the start-up', () => {
    class Host {
      @JmsListener(undefined as never)
      handle(): void {}
    }
    expect(accessor.listenersOf(Host.prototype, 'handle')).toEqual([{ destination: undefined }]);
  });
});
