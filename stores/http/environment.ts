/**
 * Environment variables.
 *
 * @module
 */

/** The part of Node's `process` that is read; Deno and Bun have it too. */
interface ProcessLike {
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads an environment variable.
 *
 * @param name The name of the variable.
 * @returns Its value; `undefined` if it is not set or empty, or if the runtime has no environment or denies access to it.
 */
export function environmentVariable(name: string): string | undefined {
  const { process } = globalThis as unknown as { readonly process?: ProcessLike };
  try {
    return process?.env?.[name] || undefined;
  } catch {
    // Deno throws without --allow-env
    return undefined;
  }
}
