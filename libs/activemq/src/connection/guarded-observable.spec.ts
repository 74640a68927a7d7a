import { firstValueFrom, map, Subject } from 'rxjs';
import { expect, it, vi } from 'vitest';

import { GuardedObservable } from './guarded-observable.js';

function bench() {
  const source = new Subject<number>();
  const onError = vi.fn();
  return { source, onError, values$: new GuardedObservable(source.asObservable(), onError) };
}

const failing = () => {
  throw new Error('of the observer');
};

it('tells what its observers throw, each time, and the others go on', () => {
  const { source, onError, values$ } = bench();
  const seen: number[] = [];
  values$.subscribe(failing);
  values$.subscribe({ next: failing, complete: failing });
  values$.subscribe((value) => void seen.push(value));
  source.next(1);
  source.next(2);
  source.complete();
  expect(seen).toEqual([1, 2]);
  expect(onError.mock.calls.map(([error]) => (error as Error).message)).toEqual(Array(5).fill('of the observer'));
});

it('guards what is piped from it, and tells what nobody hears that an operator throws', () => {
  const { source, onError, values$ } = bench();
  values$.pipe(map((value) => value * 2)).subscribe(failing);
  values$.pipe(map(failing)).subscribe();
  source.next(1);
  expect(onError).toHaveBeenCalledTimes(2);
});

it('leaves an error to the observer that takes it', async () => {
  const { source, onError, values$ } = bench();
  const error = vi.fn();
  values$.pipe(map(failing)).subscribe({ error });
  const first = firstValueFrom(values$.pipe(map((value) => value + 1)));
  const passed = new Subject<number>();
  const third = firstValueFrom(passed);
  values$.subscribe(passed);
  source.next(1);
  expect([await first, await third]).toEqual([2, 1]);
  expect(error).toHaveBeenCalledTimes(1);
  expect(onError).not.toHaveBeenCalled();
});
