import { Injectable } from '@nestjs/common';

import type { ActiveMqModuleOptions } from './activemq-module-options.js';

/**
 * Sees the options of every connection before they are checked, and may change them; this one changes nothing. Replaced by
 * `nestjs-activemq/testing`, to lead an application away from its broker. Mirrors Spring Boot's `ActiveMQConnectionFactoryCustomizer`.
 *
 * @example Test.createTestingModule({ imports: [AppModule] }).overrideProvider(ActiveMqOptionsCustomizer).useValue({ customize })
 */
@Injectable()
export class ActiveMqOptionsCustomizer {
  /**
   * The options to use instead of those that the module was given.
   *
   * @param _name of the connection
   */
  customize(_name: string, options: ActiveMqModuleOptions): ActiveMqModuleOptions | Promise<ActiveMqModuleOptions> {
    return options;
  }
}
