import { type PipeTransform, UsePipes, ValidationPipe } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { expect, it } from 'vitest';

import { Header, Payload } from './handler-parameter.decorators.js';
import { JmsListener } from './jms-listener.decorator.js';
import { hasUnaskedSchema } from './unasked-schemas.js';

const schema = { '~standard': {} };

class SchemaPipe implements PipeTransform {
  transform(value: unknown): unknown {
    return value;
  }
}

class OwnValidationPipe extends ValidationPipe {}

class Host {
  @JmsListener('q')
  alone(@Payload({ schema }) _order: object): void {}
  @JmsListener('q')
  validated(@Payload(ValidationPipe, { schema }) _order: object): void {}
  @JmsListener('q')
  header(@Header('region', { schema }) _region: string): void {}
  @JmsListener('q')
  own(@Payload(new SchemaPipe(), { schema }) _order: object): void {}
  @JmsListener('q')
  option(@Payload({ schema, pipes: [SchemaPipe] }) _order: object): void {}
  @JmsListener('q')
  @UsePipes(new OwnValidationPipe())
  method(@Payload({ schema }) _order: object): void {}
  @JmsListener('q')
  none(@Payload() _order: object): void {}
}

@UsePipes(SchemaPipe)
class Piped {
  @JmsListener('q')
  alone(@Payload({ schema }) _order: object): void {}
}

it.each([
  ['alone', true],
  ['validated', true],
  ['header', true],
  ['own', false],
  ['option', false],
  ['method', false],
  ['none', false],
])('the schema of %s is asked by nobody: %s', (method, expected) => {
  expect(hasUnaskedSchema(Host.prototype, method, new ApplicationConfig())).toBe(expected);
});

it('pipes of the class and of the application may ask it, but not a ValidationPipe', () => {
  expect(hasUnaskedSchema(Piped.prototype, 'alone', new ApplicationConfig())).toBe(false);
  const config = new ApplicationConfig();
  config.useGlobalPipes(new ValidationPipe({ transform: true }));
  expect(hasUnaskedSchema(Host.prototype, 'alone', config)).toBe(true);
  config.useGlobalPipes(new SchemaPipe());
  expect(hasUnaskedSchema(Host.prototype, 'alone', config)).toBe(false);
});
