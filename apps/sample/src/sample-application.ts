import type { LogLevel } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { fileURLToPath } from 'node:url';

import { AppModule } from './app.module.js';
import { securityHeaders } from './http/security-headers.js';
import type { SampleConfiguration } from './sample-configuration.js';

/** Beside this file both in the sources and in what the build makes of them. */
const PUBLIC_FOLDER = fileURLToPath(new URL('./public/', import.meta.url));
/** The page and its API are for this machine: there is no login. */
const HOST = '127.0.0.1';

/** What is worth a line of an application's log; `debug` would tell each attempt to connect. */
const LOG_LEVELS: readonly LogLevel[] = ['log', 'warn', 'error', 'fatal'];

/** The application and where it answers. */
export interface RunningSample {
  readonly application: NestExpressApplication;
  /** E.g. `http://127.0.0.1:3000/`. */
  readonly url: string;
}

/**
 * Starts the sample; it serves its page before a broker answers, and shows that it looks for one.
 *
 * @param logLevels default everything but `debug` and `verbose`
 * @throws ConfigurationError for a bad broker URL, and Node's `EADDRINUSE` for a port that is taken
 */
export async function startSample(configuration: SampleConfiguration, logLevels = LOG_LEVELS): Promise<RunningSample> {
  const application = await NestFactory.create<NestExpressApplication>(AppModule.configured(configuration), {
    abortOnError: false,
    logger: [...logLevels],
    // Watching browsers hold their connections for ever.
    forceCloseConnections: true,
    bodyParser: false,
  });
  // Nothing but JSON: a form on a foreign page could post everything else without being asked.
  application.useBodyParser('json', { limit: '16kb' });
  application.disable('x-powered-by');
  // Before the static files, which Nest's own middleware would come after.
  application.use(securityHeaders);
  application.useStaticAssets(PUBLIC_FOLDER);
  application.enableShutdownHooks();
  try {
    await application.listen(configuration.port, HOST);
  } catch (error) {
    await application.close();
    throw error;
  }
  return { application, url: new URL(await application.getUrl()).href };
}
