import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { Observable } from 'rxjs';

import { ConfigurationError } from '../errors/index.js';
import { isJmsContext } from '../listener/jms-context.js';
import { markGated } from '../listener/listener-gate-metadata.js';
import { getIdempotencyContext } from './idempotency-context.js';
import { IDEMPOTENCY_ROOM } from './idempotency-room.js';

/**
 * `@Idempotent()` as an interceptor: on a listener's method, its class, or global, by `@UseInterceptors`, `useGlobalInterceptors` or `APP_INTERCEPTOR`.
 *
 * It is recognised at start-up. The order of claim, handler, record and acknowledgement is the delivery's: an interceptor cannot acknowledge after it
 * has returned. So it does nothing itself but refuse to run where nobody keeps that order. It lets everything but JMS messages pass.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  /** @throws ConfigurationError around a listener that is not idempotent, e.g. when it was added after the start */
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    // A batch runs in nobody's context: each of its messages has passed a gate of its own.
    const isBatch = Array.isArray(context.getArgByIndex<unknown>(0));
    if (isJmsContext(context) && !isBatch && !getIdempotencyContext()) {
      throw new ConfigurationError(
        `IdempotencyInterceptor on ${context.getClass().name}.${context.getHandler().name}: it was not there when the application started, so its messages are not protected. Use @UseInterceptors(IdempotencyInterceptor) or @Idempotent()`,
      );
    }
    return next.handle();
  }
}

markGated(IdempotencyInterceptor, IDEMPOTENCY_ROOM, {});
