import { Module } from '@nestjs/common';

import { ConnectionHistory } from './connection-history.js';
import { StatusController } from './status.controller.js';
import { StatusService } from './status.service.js';

/** How the connection to the broker is, and was. */
@Module({ controllers: [StatusController], providers: [StatusService, ConnectionHistory], exports: [StatusService] })
export class StatusModule {}
