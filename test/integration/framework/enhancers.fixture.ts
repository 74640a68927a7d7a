import {
  type ArgumentMetadata,
  type ArgumentsHost,
  BadRequestException,
  type CallHandler,
  type CanActivate,
  Catch,
  type ExceptionFilter,
  type ExecutionContext,
  type INestApplication,
  Injectable,
  type NestInterceptor,
  type PipeTransform,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { getJmsArguments, isJmsContext, JmsListenerEndpointRegistry, type SettlementCounts } from 'nestjs-activemq';
import { map } from 'rxjs';

/** What the enhancers noted, in order; emptied before each test. */
export const calls: string[] = [];

/** The counts of the only listener of an application. */
export function countsOf(app: INestApplication): SettlementCounts {
  return app.get(JmsListenerEndpointRegistry).getListenerContainers()[0]!.counts;
}

/** Names the context an enhancer runs in. */
@Injectable()
export class Names {
  nameOf(context: ExecutionContext): string {
    const { message } = getJmsArguments(context);
    return `${context.getType<string>()} ${isJmsContext(context)} ${context.getClass().name}.${context.getHandler().name} ${message.text()}`;
  }
}

/** Says no to the role 'nobody'. */
@Injectable()
export class NamingGuard implements CanActivate {
  constructor(
    private readonly names: Names,
    private readonly reflector: Reflector,
  ) {}
  canActivate(context: ExecutionContext): boolean {
    const role = this.reflector.get<string | undefined>('role', context.getHandler());
    calls.push(`guard ${this.names.nameOf(context)} ${role}`);
    return role !== 'nobody';
  }
}

/** Notes what it runs around. */
@Injectable()
export class NamingInterceptor implements NestInterceptor {
  constructor(private readonly names: Names) {}
  intercept(context: ExecutionContext, next: CallHandler) {
    calls.push(`before ${this.names.nameOf(context)}`);
    return next.handle().pipe(
      map((value) => {
        calls.push(`after ${String(value)}`);
        return value as unknown;
      }),
    );
  }
}

/** What {@link OrderPipe} makes. */
export class Order {
  constructor(readonly id: number) {}
}

/** Makes orders of whole numbers, and refuses the rest. */
@Injectable()
export class OrderPipe implements PipeTransform {
  constructor(readonly names: Names) {}
  transform(value: unknown, { type, metatype }: ArgumentMetadata): unknown {
    calls.push(`pipe ${type} ${metatype?.name}`);
    if (metatype !== Order) return value;
    const id = Number(value);
    if (!Number.isInteger(id)) throw new BadRequestException(`no order: ${String(value)}`);
    return new Order(id);
  }
}

/** Handles every error. */
@Catch()
export class HandlingFilter implements ExceptionFilter {
  catch(error: Error, host: ArgumentsHost): unknown {
    calls.push(`filter ${host.getType<string>()} ${getJmsArguments(host).message.text()} ${error.message}`);
    return 'handled';
  }
}

/** Handles none. */
@Catch()
export class RethrowingFilter implements ExceptionFilter {
  catch(error: Error): never {
    calls.push(`rethrow ${error.message}`);
    throw error;
  }
}
