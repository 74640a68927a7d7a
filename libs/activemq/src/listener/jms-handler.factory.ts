import { Injectable } from '@nestjs/common';
import { EXCEPTION_FILTERS_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { ApplicationConfig, ContextIdFactory, ExternalContextCreator, ModuleRef } from '@nestjs/core';

import type { MessageHandler } from '../delivery/handler-run.js';
import type { JmsMessage } from '../message/jms-message.js';
import { HandlerParametersFactory } from './handler-parameters.factory.js';
import { JMS_CONTEXT_TYPE } from './jms-context.js';
import type { JmsListenerDefinition } from './jms-listener.explorer.js';
import { hasUnaskedSchema } from './unasked-schemas.js';

type Method = (...args: unknown[]) => unknown;
type ContextId = ReturnType<typeof ContextIdFactory.create>;

/** Wraps a listener's method with its guards, interceptors, pipes and filters, in the context `jms`. */
@Injectable()
export class JmsHandlerFactory {
  readonly #parameters = new HandlerParametersFactory();

  /** @internal */
  constructor(
    private readonly contextCreator: ExternalContextCreator,
    private readonly applicationConfig: ApplicationConfig,
    private readonly moduleRef: ModuleRef,
  ) {}

  /** The handler of one listener; for a request-scoped host each message gets an instance of its own. */
  create(definition: JmsListenerDefinition): MessageHandler {
    const { host, methodName } = definition;
    if (host.isDependencyTreeStatic()) return this.#wrap(definition, host.instance as Record<string, Method>);
    const moduleRef = (host.host?.providers.get(ModuleRef)?.instance as ModuleRef | undefined) ?? this.moduleRef;
    return async (message: JmsMessage, acknowledgment) => {
      const contextId = ContextIdFactory.getByRequest(message);
      moduleRef.registerRequestByContextId(message, contextId);
      const instance = await moduleRef.resolve<Record<string, Method>>(host.token as string, contextId, {
        strict: host.host !== undefined,
      });
      return this.#wrap({ ...definition, methodName }, instance, contextId)(message, acknowledgment);
    };
  }

  /** Whether its method has a schema that none of its pipes asks; to be asked for when the application has its pipes. */
  hasUnaskedSchema({ prototype, methodName }: JmsListenerDefinition): boolean {
    return hasUnaskedSchema(prototype, methodName, this.applicationConfig);
  }

  #wrap({ host, methodName, prototype }: JmsListenerDefinition, instance: Record<string, Method>, contextId?: ContextId): MessageHandler {
    return this.contextCreator.create(
      instance,
      // Not bound: the method's own metadata, its guards among them, would be lost.
      instance[methodName] as Method,
      methodName,
      ROUTE_ARGS_METADATA,
      this.#parameters,
      contextId,
      contextId ? host.id : undefined,
      { guards: true, interceptors: true, filters: this.#hasFilters(prototype, methodName) },
      JMS_CONTEXT_TYPE,
    ) as MessageHandler;
  }

  /** Without a filter of the user's own, Nest's default one would only log what settlement logs once. */
  #hasFilters(prototype: object, methodName: string): boolean {
    const method = (prototype as Record<string, object>)[methodName] as object;
    const own = [prototype.constructor, method].some((target) => Reflect.hasMetadata(EXCEPTION_FILTERS_METADATA, target));
    return own || this.applicationConfig.getGlobalFilters().length > 0 || this.applicationConfig.getGlobalRequestFilters().length > 0;
  }
}
