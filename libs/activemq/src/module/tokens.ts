import { Inject, type InjectionToken } from '@nestjs/common';

import { ActiveMqConnection } from '../connection/activemq-connection.js';
import { DEFAULT_CONNECTION_NAME } from '../connection/connection-settings.js';
import { DeadLetterService } from '../dead-letter-service/dead-letter-service.js';
import { JmsMessagingTemplate } from '../template/jms-messaging.template.js';

/** Token of a connection; the default one's is its class, so that it can be injected by type. */
export function getActiveMqConnectionToken(name: string = DEFAULT_CONNECTION_NAME): InjectionToken {
  return name === DEFAULT_CONNECTION_NAME ? ActiveMqConnection : providedBy('ActiveMqConnection', name);
}

/** Token of a connection's template; the default one's is its class, so that it can be injected by type. */
export function getJmsTemplateToken(name: string = DEFAULT_CONNECTION_NAME): InjectionToken {
  return name === DEFAULT_CONNECTION_NAME ? JmsMessagingTemplate : providedBy('JmsMessagingTemplate', name);
}

/** Token of a connection's {@link DeadLetterService}; the default one's is its class, so that it can be injected by type. */
export function getDeadLetterServiceToken(name: string = DEFAULT_CONNECTION_NAME): InjectionToken {
  return name === DEFAULT_CONNECTION_NAME ? DeadLetterService : providedBy('DeadLetterService', name);
}

/** @internal Token of a connection's options, as the user gave them. */
export function getActiveMqOptionsToken(name: string): InjectionToken {
  return `nestjs-activemq:options:${name}`;
}

/** @internal Token of a connection's options, checked and complete. */
export function getActiveMqSettingsToken(name: string): InjectionToken {
  return `nestjs-activemq:settings:${name}`;
}

/** @internal Token of the gates of a connection's listeners. */
export function getConnectionGatesToken(name: string): InjectionToken {
  return `nestjs-activemq:gates:${name}`;
}

/**
 * Injects the template of a named connection; the default one is injected by its type.
 *
 * @example constructor(@InjectJmsTemplate('billing') private readonly billing: JmsMessagingTemplate) {}
 */
export function InjectJmsTemplate(name?: string): ParameterDecorator & PropertyDecorator {
  return Inject(getJmsTemplateToken(name));
}

/** Injects the {@link DeadLetterService} of a named connection; the default one is injected by its type. */
export function InjectDeadLetterService(name?: string): ParameterDecorator & PropertyDecorator {
  return Inject(getDeadLetterServiceToken(name));
}

/** Injects a named {@link ActiveMqConnection}; the default one is injected by its type. */
export function InjectActiveMqConnection(name?: string): ParameterDecorator & PropertyDecorator {
  return Inject(getActiveMqConnectionToken(name));
}

/** Nest shows the token of what it cannot find, and nothing else. */
function providedBy(what: string, name: string): string {
  return `${what} of ActiveMqModule.forRoot({ name: '${name}' })`;
}
