import { describe, expect, it } from 'vitest';
import { firstError } from './maven-output.js';

describe('firstError', () => {
  it.each([
    ['[INFO] x\n[ERROR] Failed to execute goal a:b:1:copy (default-cli) on project p: No such artifact\n[ERROR] y', 'No such artifact'],
    [
      '[0m[ERROR] Failed to execute goal on project p: Could not resolve dependencies for project g:p:pom:1: Could not find artifact a:b',
      'Could not find artifact a:b',
    ],
    ['nothing of the kind', 'Maven gave no reason'],
    [`[ERROR] ${'x'.repeat(1000)}`, 'x'.repeat(300)],
  ])('takes the reason out of %j', (output, reason) => {
    expect(firstError(output)).toBe(reason);
  });
});
