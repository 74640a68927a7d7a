import 'reflect-metadata';
import type { INestApplicationContext, LoggerService, Type } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ActiveMqModule, type ActiveMqModuleOptions } from 'nestjs-activemq';

/** Discards what Nest and the framework log: these tests look at outcomes. */
const SILENT: LoggerService = { log: () => undefined, error: () => undefined, warn: () => undefined, debug: () => undefined };

/** Boots an application of one connection and some listeners; listeners are subscribed when it resolves. */
export async function bootApplication(options: ActiveMqModuleOptions, providers: readonly Type[] = []): Promise<INestApplicationContext> {
  @Module({ imports: [ActiveMqModule.forRoot({ startup: 'wait', logger: SILENT, ...options })], providers: [...providers] })
  class ApplicationUnderTest {}
  return NestFactory.createApplicationContext(ApplicationUnderTest, { logger: false, abortOnError: false });
}
