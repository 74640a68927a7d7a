import { createParamDecorator } from '@nestjs/common';
import { describe, expect, it } from 'vitest';

import { JmsAcknowledgment } from '../delivery/jms-acknowledgment.js';
import { JmsMessage } from '../message/jms-message.js';
import { stompHeaders } from '../stomp/frame.js';
import { Acknowledgment, Header, Headers, Message, Payload } from './handler-parameter.decorators.js';
import {
  HANDLER_PARAMETER,
  hasGuessedParameter,
  hasParameter,
  headerNamesOf,
  readParameters,
  unfilledParameters,
} from './handler-parameters.js';
import { HandlerParametersFactory } from './handler-parameters.factory.js';
import { JmsListener } from './jms-listener.decorator.js';

class Order {
  id!: number;
}

const User = createParamDecorator(() => 'user');
const pipe = { transform: (value: unknown) => value };

class Host {
  @JmsListener('q')
  nothing(): void {}
  @JmsListener('q')
  payload(_order: Order): void {}
  @JmsListener('q')
  message(_message: JmsMessage<Order>): void {}
  @JmsListener({ destination: 'q', ackMode: 'manual' })
  byType(_order: Order, _acknowledgment: JmsAcknowledgment, _message: JmsMessage): void {}
  @JmsListener('q')
  mixed(_order: Order, @Header('currency') _currency: string, @User() _user: string): void {}
  @JmsListener('q')
  late(@Headers() _headers: object, @Payload('id', pipe) _id: number): void {}
  @JmsListener('q')
  all(
    @Message() _message: unknown,
    @Acknowledgment() _acknowledgment: unknown,
    @Payload({ schema: 'S', pipes: [pipe] }) _o: unknown,
  ): void {}
  @JmsListener('q')
  unfilled(_order: Order, _other: string): void {}
  @JmsListener('q')
  withDefault(_order: Order, _more = 1, ..._rest: unknown[]): void {}
}

const kindsOf = (method: keyof Host) =>
  Object.fromEntries(Object.entries(readParameters(Host.prototype, method)).map(([key, { index }]) => [index, key.replace(/:\d+$/, '')]));
const { PAYLOAD, HEADER, HEADERS, MESSAGE, ACKNOWLEDGMENT } = HANDLER_PARAMETER;

describe('the parameters of a handler', () => {
  it.each([
    ['nothing', { 0: `${PAYLOAD}` }],
    ['payload', { 0: `${PAYLOAD}` }],
    ['message', { 0: `${MESSAGE}` }],
    ['byType', { 0: `${PAYLOAD}`, 1: `${ACKNOWLEDGMENT}`, 2: `${MESSAGE}` }],
    ['late', { 0: `${HEADERS}`, 1: `${PAYLOAD}` }],
    ['all', { 0: `${MESSAGE}`, 1: `${ACKNOWLEDGMENT}`, 2: `${PAYLOAD}` }],
    ['unfilled', { 0: `${PAYLOAD}` }],
  ] as const)('of %s are known by decorator, by type, and the first as the payload', (method, kinds) => {
    expect(kindsOf(method)).toEqual(kinds);
  });

  it('leave those of custom decorators alone', () => {
    const kinds = kindsOf('mixed');
    expect([kinds[0], kinds[1]]).toEqual([`${PAYLOAD}`, `${HEADER}`]);
    expect(kinds[2]).toContain('__customRouteArgs__');
  });

  it('keep name, pipes and schema', () => {
    const late = readParameters(Host.prototype, 'late')[`${PAYLOAD}:1`];
    expect([late?.data, late?.pipes]).toEqual(['id', [pipe]]);
    const all = readParameters(Host.prototype, 'all')[`${PAYLOAD}:2`];
    expect([all?.schema, all?.pipes]).toEqual(['S', [pipe]]);
  });

  it('are missing where nothing fills them; one with a default may be', () => {
    expect(unfilledParameters(Host.prototype, 'unfilled')).toEqual([1]);
    expect(unfilledParameters(Host.prototype, 'mixed')).toEqual([]);
    expect(unfilledParameters(Host.prototype, 'withDefault')).toEqual([]);
    expect(hasParameter(Host.prototype, 'byType', ACKNOWLEDGMENT)).toBe(true);
    expect(hasParameter(Host.prototype, 'payload', ACKNOWLEDGMENT)).toBe(false);
  });

  it('are guessed where the compiler wrote no types, and nothing is decorated', () => {
    class Plain {
      guessed(_message: JmsMessage): void {}
      decorated(_message: JmsMessage): void {}
      nothing(): void {}
    }
    Message()(Plain.prototype, 'decorated', 0);
    const names = ['guessed', 'decorated', 'nothing'] as const;
    for (const name of names) JmsListener('q')(Plain.prototype, name, Object.getOwnPropertyDescriptor(Plain.prototype, name)!);
    expect(names.map((name) => hasGuessedParameter(Plain.prototype, name))).toEqual([true, false, false]);
    expect(hasGuessedParameter(Host.prototype, 'payload')).toBe(false);
  });

  it('do not mix those of two methods, or of a parent and its child', () => {
    class Child extends Host {
      @JmsListener('q')
      override payload(@Header('a') _a: never): void {}
    }
    expect(Object.keys(readParameters(Child.prototype, 'payload'))).toContain(`${HEADER}:0`);
    expect(kindsOf('payload')).toEqual({ 0: `${PAYLOAD}` });
  });

  it('cannot be those of a constructor', () => {
    expect(() => Message()(class {}, undefined, 0)).toThrow(/constructor are injected by Nest/);
  });
});

describe('HandlerParametersFactory', () => {
  const factory = new HandlerParametersFactory();
  const headers = stompHeaders(JSON.parse('{"currency":"EUR","__proto__":"p"}') as Record<string, string>);
  const message = new JmsMessage({ command: 'MESSAGE', headers, body: Buffer.from('') }, { convert: () => ({ id: 7 }) });
  const acknowledgment = new JmsAcknowledgment('ID:1', () => undefined);
  const value = (kind: number, data?: unknown) => factory.exchangeKeyForValue(kind, data, [message, acknowledgment]);

  it('takes each kind from its message', () => {
    expect([value(PAYLOAD), value(PAYLOAD, 'id')]).toEqual([{ id: 7 }, 7]);
    expect([value(HEADER, 'currency'), value(HEADER, '__proto__'), value(HEADER, 'toString')]).toEqual(['EUR', 'p', undefined]);
    expect(value(HEADERS)).toBe(headers);
    expect(value(MESSAGE)).toBe(message);
    expect(value(ACKNOWLEDGMENT)).toBe(acknowledgment);
    expect(value(999)).toBeUndefined();
  });

  it.each(['constructor', '__proto__', 'toString', 'nothing'])('takes no inherited property %s of a payload', (name) => {
    expect(value(PAYLOAD, name)).toBeUndefined();
  });

  it.each([['text'], [7], [null], [undefined]])('takes no property of the payload %j', (payload) => {
    const other = new JmsMessage({ command: 'MESSAGE', headers, body: Buffer.from('') }, { convert: () => payload });
    expect(factory.exchangeKeyForValue(PAYLOAD, 'length', [other, acknowledgment])).toBeUndefined();
  });
});

it('the names of header parameters', () => {
  expect((['mixed', 'late', 'nothing'] as const).map((method) => headerNamesOf(Host.prototype, method))).toEqual([['currency'], [], []]);
});
