import { Injectable, type Type } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';

import type { ErrorHandler, ErrorHandlerFunction, ErrorHandlerOption } from '../delivery/error-handler.js';
import { ConfigurationError } from '../errors/index.js';

/** Makes functions of the option `errorHandler`: finds the provider of a class, and takes functions and objects as they are. */
@Injectable()
export class ErrorHandlers {
  /** @internal */
  constructor(private readonly moduleRef: ModuleRef) {}

  /**
   * The handler to call.
   *
   * @param listenerId names the listener in errors
   * @throws ConfigurationError for a class that no module provides
   */
  resolve(listenerId: string, option: ErrorHandlerOption | undefined): ErrorHandlerFunction | undefined {
    if (option === undefined) return undefined;
    if (typeof option === 'object') return (error, failed) => option.handleError(error, failed);
    if (!isClass(option)) return option;
    const handler = this.#provider(listenerId, option);
    if (typeof handler?.handleError !== 'function') {
      throw new ConfigurationError(
        `Listener '${listenerId}': its error handler ${option.name} has no method handleError(error, failed); add it`,
      );
    }
    return (error, failed) => handler.handleError(error, failed);
  }

  #provider(listenerId: string, type: Type<ErrorHandler>): ErrorHandler {
    try {
      return this.moduleRef.get(type, { strict: false });
    } catch (cause) {
      throw new ConfigurationError(
        `Listener '${listenerId}': no module provides its error handler ${type.name}; add it to the \`providers\` of one, with the default scope`,
        { cause },
      );
    }
  }
}

function isClass(option: ErrorHandlerFunction | Type<ErrorHandler>): option is Type<ErrorHandler> {
  // That of a function can be replaced; what a class has as a field shows in no prototype.
  const prototype = Object.getOwnPropertyDescriptor(option, 'prototype');
  return prototype?.writable === false || typeof (prototype?.value as Partial<ErrorHandler> | undefined)?.handleError === 'function';
}
