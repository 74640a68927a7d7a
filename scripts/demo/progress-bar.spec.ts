import { describe, expect, it } from 'vitest';

import { ProgressBar, progressLine } from './progress-bar.js';

function fakeStream(isTTY: boolean): { stream: NodeJS.WriteStream; written: () => string } {
  const chunks: string[] = [];
  const stream = { isTTY, write: (chunk: string) => chunks.push(chunk) > 0 };
  return { stream: stream as unknown as NodeJS.WriteStream, written: () => chunks.join('') };
}

describe('progressLine', () => {
  it.each([
    [0, 0, '▕                              ▏ 0/10 confirmed, 0 handled'],
    [10, 5, '▕███████████████▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▏ 10/10 confirmed, 5 handled'],
    [9, 10, '▕██████████████████████████████▏ 9/10 confirmed, 10 handled'],
  ])('shows %i confirmed and %i handled', (confirmed, unique, line) => {
    expect(progressLine(10, confirmed, unique)).toBe(line);
  });
});

describe('ProgressBar', () => {
  it('writes nothing but notes where there is no terminal', () => {
    const { stream, written } = fakeStream(false);
    const bar = new ProgressBar(stream);
    bar.show('half');
    bar.note('killed');
    bar.clear();
    expect(written()).toBe('killed\n');
  });

  it('keeps the bar below the notes', () => {
    const { stream, written } = fakeStream(true);
    const bar = new ProgressBar(stream);
    bar.show('half');
    bar.show('half');
    bar.note('killed');
    bar.clear();
    expect(written().replaceAll('\r\u001B[2K', '<clear>')).toBe('<clear>half<clear>killed\n<clear>half<clear>');
  });
});
