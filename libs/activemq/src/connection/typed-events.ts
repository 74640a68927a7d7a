/** Listeners by event name; one that throws, or is asynchronous and fails, is reported and harms nobody else. */
export class TypedEvents<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<(event: never) => void>>();
  readonly #onListenerError: (error: unknown, event: keyof Events) => void;

  constructor(onListenerError: (error: unknown, event: keyof Events) => void) {
    this.#onListenerError = onListenerError;
  }

  /** Adds a listener; the returned function removes it. */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  /** Calls every listener of `name`. */
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    // A copy: a listener that takes itself off and on again would be called without end.
    const called = [...(this.#listeners.get(name) ?? [])];
    for (const listener of called) {
      try {
        const returned: unknown = listener(event as never);
        if (returned instanceof Promise) returned.catch((error: unknown) => this.#onListenerError(error, name));
      } catch (error) {
        this.#onListenerError(error, name);
      }
    }
  }
}
