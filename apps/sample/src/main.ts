import 'reflect-metadata';

import { Logger } from '@nestjs/common';
import { isActiveMqError } from 'nestjs-activemq';

import { startSample } from './sample-application.js';
import { readConfiguration, SampleConfigurationError } from './sample-configuration.js';

try {
  const { application, url } = await startSample(readConfiguration(process.env));
  new Logger('Sample').log(`Open ${url} to watch orders flow`);
  // The script that started this process is gone, however it went: nobody would end us.
  process.once('disconnect', () => void application.close());
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}

/** What the user can do something about is said in one line, everything else in full. */
function explain(error: unknown): unknown {
  if (error instanceof SampleConfigurationError || isActiveMqError(error)) return error.message;
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return `${error.message}; set PORT to another one, or to 0`;
  return error;
}
