import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const oxlint = path.join(root, 'node_modules/.bin/oxlint');
/** One import against the arrows for each room, and one along them. */
const FORBIDDEN = [
  ['errors', '../stomp/frame.js'],
  ['validation', '../stomp/frame.js'],
  ['stomp', '../connection/link.js'],
  ['stomp', '@nestjs/common'],
  ['stomp', '../selector/index.js'],
  ['selector', '../embedded/index.js'],
  ['selector', '../message/destination.js'],
  ['selector', '@nestjs/common'],
  ['listener', '../embedded/index.js'],
  ['connection', '../message/destination.js'],
  ['message', '../embedded/index.js'],
  ['delivery', '../listener/jms-listener-container.js'],
  ['template', '../listener/jms-listener-container.js'],
  ['template', '../dead-letter-service/dead-letter-service.js'],
  ['delivery', '../dead-letter-service/dead-letter-service.js'],
  ['dead-letter-service', '../template/jms-messaging.template.js'],
  ['dead-letter-service', '@nestjs/common'],
  ['listener', '../template/jms-messaging.template.js'],
  ['embedded', '../connection/link.js'],
  ['embedded/deep', '../../connection/link.js'],
  ['idempotency', '../module/activemq.module.js'],
  ['listener', '../idempotency/index.js'],
  ['delivery', '../idempotency/index.js'],
  ['redis', '../connection/link.js'],
  ['module', '../embedded/index.js'],
  ['module', '../idempotency/index.js'],
] as const;
const ALLOWED = [
  ['idempotency', '../delivery/attempt-gate.js'],
  ['connection', '../stomp/frame.js'],
  ['embedded/deep', '../broker/broker.js'],
  ['embedded/deep', '../../stomp/frame.js'],
  ['embedded/deep', '../../selector/index.js'],
  ['listener', '../selector/index.js'],
  ['module', '../listener/jms-listener-container.js'],
  ['module', '../dead-letter-service/dead-letter-service.js'],
  ['dead-letter-service', '../delivery/pause.js'],
] as const;

let findings: string;

/** Where the file with an import of a room stands in the linted tree. */
function fileOf(room: string, specifier: string): string {
  return `libs/activemq/src/${room}/${specifier.replaceAll(/[^a-z]+/g, '-')}.ts`;
}

beforeAll(() => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'nestjs-activemq-arrows-'));
  try {
    cpSync(path.join(root, '.oxlintrc.json'), path.join(folder, '.oxlintrc.json'));
    for (const [room, specifier] of [...FORBIDDEN, ...ALLOWED]) {
      const file = path.join(folder, fileOf(room, specifier));
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, `import { x } from '${specifier}';\nexport const y = x;\n`);
    }
    const { stdout, error } = spawnSync(oxlint, ['--format', 'unix', 'libs'], { cwd: folder, encoding: 'utf8' });
    if (error) throw error;
    findings = stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);

describe('the lint rules between rooms', () => {
  it.each(FORBIDDEN)('refuse that %s imports %s', (room, specifier) => {
    expect(findings).toMatch(new RegExp(`${fileOf(room, specifier)}.*no-restricted-imports`));
  });

  it.each(ALLOWED)('allow that %s imports %s', (room, specifier) => {
    expect(findings).not.toMatch(new RegExp(`${fileOf(room, specifier)}.*no-restricted-imports`));
  });
});
