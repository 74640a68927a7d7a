import { Injectable } from '@nestjs/common';
import { ApplicationConfig, DiscoveryService, MetadataScanner } from '@nestjs/core';

import { ConfigurationError } from '../errors/index.js';
import { JmsListenerMetadataAccessor } from './jms-listener-metadata.js';
import type { JmsListenerOptions } from './jms-listener-options.js';

/** Nest's record of one provider. */
export type ProviderWrapper = ReturnType<DiscoveryService['getProviders']>[number];

/** Where a listener comes from, nothing resolved yet. */
export interface ListenerSource {
  readonly options: JmsListenerOptions;
  readonly prototype: object;
  readonly className: string;
  readonly methodName: string;
  /** Which of the method's decorators it is, from 0. */
  readonly ordinal: number;
}

/** A decorated method as it was found. */
export interface JmsListenerDefinition extends ListenerSource {
  readonly host: ProviderWrapper;
}

/** Finds the methods decorated with `@JmsListener`. */
@Injectable()
export class JmsListenerExplorer {
  /** @internal */
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly metadata: JmsListenerMetadataAccessor,
    private readonly applicationConfig: ApplicationConfig,
  ) {}

  /**
   * All listeners of the application.
   *
   * @throws ConfigurationError for a listener on a controller, on a transient provider, or where Nest would skip a guard, and for a decorator that
   *   means something on listeners only
   */
  explore(): readonly JmsListenerDefinition[] {
    for (const controller of this.discovery.getControllers()) {
      const [found] = this.#definitions(controller);
      if (found) {
        throw new ConfigurationError(
          `@JmsListener on ${found.className}.${found.methodName}: ${found.className} is a controller, and Nest would skip the guards of its listeners. Move the method to a provider.`,
        );
      }
    }
    // An alias (`useExisting`) shows the provider a second time.
    const found = this.discovery
      .getProviders()
      .filter((provider) => !provider.isAlias)
      .flatMap((provider) => this.#definitions(provider));
    for (const definition of found) this.#assertHost(definition);
    return found;
  }

  #assertHost({ host, className, methodName }: JmsListenerDefinition): void {
    const where = `@JmsListener on ${className}.${methodName}`;
    if (host.isTransient) {
      throw new ConfigurationError(
        `${where}: ${className} is of transient scope, so nobody holds the instance that should listen. Give it the default scope, or Scope.REQUEST for an instance per message.`,
      );
    }
    const { applicationConfig: config } = this;
    const scoped = [
      config.getGlobalRequestGuards(),
      config.getGlobalRequestInterceptors(),
      config.getGlobalRequestPipes(),
      config.getGlobalRequestFilters(),
    ];
    if (host.isDependencyTreeStatic() && scoped.some((enhancers) => enhancers.length > 0)) {
      throw new ConfigurationError(
        `${where}: Nest would skip the global enhancers of request scope for ${className}, which a factory or a value provides; provide the class itself`,
      );
    }
  }

  #assertNoOrphan(prototype: object, methodName: string): void {
    const orphan = this.metadata.orphanOf(prototype, methodName);
    if (!orphan) return;
    throw new ConfigurationError(
      `${orphan} on ${prototype.constructor.name}.${methodName} does nothing: the method is no listener. Add @JmsListener(destination), or remove ${orphan}.`,
    );
  }

  #definitions(host: ProviderWrapper): readonly JmsListenerDefinition[] {
    const prototype = prototypeOf(host);
    if (!prototype) return [];
    const methodNames = this.scanner.getAllMethodNames(prototype);
    for (const methodName of methodNames) this.#assertNoOrphan(prototype, methodName);
    return methodNames.flatMap((methodName) =>
      this.metadata.listenersOf(prototype, methodName).map((options, ordinal) => ({
        options,
        host,
        prototype,
        className: prototype.constructor.name,
        methodName,
        ordinal,
      })),
    );
  }
}

/** The instance tells for values and factories, the class for providers that have no instance yet. */
function prototypeOf(host: ProviderWrapper): object | undefined {
  const instance = host.isDependencyTreeStatic() ? (host.instance as object | null) : undefined;
  if (instance && typeof instance === 'object') return Object.getPrototypeOf(instance) as object | undefined;
  const metatype: unknown = host.inject ? undefined : host.metatype;
  return typeof metatype === 'function' ? (metatype.prototype as object | undefined) : undefined;
}
