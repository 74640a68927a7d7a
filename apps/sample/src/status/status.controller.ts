import { Controller, Get } from '@nestjs/common';

import { type Status, StatusService } from './status.service.js';

/** `/status` over HTTP. */
@Controller('status')
export class StatusController {
  constructor(private readonly service: StatusService) {}

  /** How the connection and the listeners are; without credentials and message content. */
  @Get()
  status(): Status {
    return this.service.status;
  }
}
