import { Controller, type MessageEvent, ServiceUnavailableException, Sse } from '@nestjs/common';
import { defer, finalize, type Observable } from 'rxjs';

import { LiveFeed } from './live-feed.js';

/** Clients that watch at the same time. */
const MOST_CLIENTS = 50;

/** `/events`: server-sent events. */
@Controller('events')
export class EventsController {
  #clients = 0;

  constructor(private readonly feed: LiveFeed) {}

  /** 503 when too many watch already. */
  @Sse()
  events(): Observable<MessageEvent> {
    if (this.#clients >= MOST_CLIENTS) throw new ServiceUnavailableException(`${MOST_CLIENTS} clients watch already; close one`);
    return defer(() => {
      this.#clients++;
      return this.feed.watch().pipe(finalize(() => this.#clients--));
    });
  }
}
