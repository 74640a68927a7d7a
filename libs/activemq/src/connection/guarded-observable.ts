import { Observable, type Observer, type Operator, Subscriber, type Subscription } from 'rxjs';

type Next<T> = (value: T) => void;

/**
 * An Observable whose observers may throw, and what is piped from it fail, without anybody who hears of it: rxjs throws such an error from a timer,
 * where it ends the process. Here it is told, and the others go on.
 */
export class GuardedObservable<T> extends Observable<T> {
  readonly #onError: (error: unknown) => void;

  constructor(source: Observable<T>, onError: (error: unknown) => void) {
    super((subscriber) => source.subscribe(subscriber));
    this.#onError = onError;
  }

  /** What an operator makes of it is guarded, too. */
  override lift<R>(operator?: Operator<T, R>): Observable<R> {
    const piped = new Observable<R>((subscriber) => operator?.call(subscriber, this));
    return new GuardedObservable(piped, this.#onError);
  }

  override subscribe(
    observerOrNext?: Partial<Observer<T>> | Next<T> | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription {
    // An operator, or a promise that waits for a value: its errors go on from it.
    if (observerOrNext instanceof Subscriber) return super.subscribe(observerOrNext);
    const isObserver = typeof observerOrNext === 'object' && observerOrNext !== null;
    const observer: Partial<Observer<T>> = isObserver
      ? observerOrNext
      : { next: observerOrNext ?? undefined, error: error ?? undefined, complete: complete ?? undefined };
    return super.subscribe({
      next: (value) => this.#run(() => observer.next?.(value)),
      error: (cause: unknown) => (observer.error ? this.#run(() => observer.error?.(cause)) : this.#onError(cause)),
      complete: () => this.#run(() => observer.complete?.()),
    });
  }

  #run(callback: () => void): void {
    try {
      callback();
    } catch (error) {
      this.#onError(error);
    }
  }
}
