import { ConfigurationError } from '../errors/index.js';

/** Looks up the value of a placeholder; `undefined` when there is none. */
export type PlaceholderResolver = (key: string) => string | undefined;

const PLACEHOLDER = /\$\{([^}:]*)(?::([^}]*))?\}/g;

/**
 * Replaces `${key}` and `${key:default}`, as Spring does in annotations.
 *
 * @param where names the place in errors, e.g. `destination of listener 'orders'`
 * @throws ConfigurationError for a key that has neither a value nor a default
 */
export function resolvePlaceholders(where: string, text: string, resolve: PlaceholderResolver | undefined): string {
  return text.replace(PLACEHOLDER, (placeholder: string, key: string, fallback: string | undefined) => {
    const value = resolve?.(key.trim()) ?? fallback;
    if (value !== undefined) return value;
    const cure = resolve
      ? `give it a value, or a default as in \${${key}:value}`
      : 'set `placeholders` in ActiveMqModule.forRoot(), e.g. (key) => config.get(key)';
    throw new ConfigurationError(`${where}: the placeholder ${placeholder} has no value; ${cure}`);
  });
}
