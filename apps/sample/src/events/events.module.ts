import { type DynamicModule, Module } from '@nestjs/common';

import { StatusModule } from '../status/status.module.js';
import { EventsController } from './events.controller.js';
import { LiveFeed } from './live-feed.js';

/** Tells browsers what happens, as it happens. */
@Module({})
export class EventsModule {
  /** @param orders the module whose orders are told */
  static watching(orders: DynamicModule): DynamicModule {
    return { module: EventsModule, imports: [orders, StatusModule], controllers: [EventsController], providers: [LiveFeed] };
  }
}
