/**
 * The environment's variables, where the runtime has them.
 *
 * @module
 */

/** As much of Node's `process` as is asked for; Deno and Bun have it too. */
interface ProcessLike {
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * The value of an environment variable, read when it is asked for.
 *
 * @param name The variable's name.
 * @returns Its value, or `undefined` if it is absent or empty, or if the runtime has no environment or denies access to it.
 */
export function environmentVariable(name: string): string | undefined {
  const { process } = globalThis as unknown as { readonly process?: ProcessLike };
  try {
    return process?.env?.[name] || undefined;
  } catch {
    // Deno denies it without --allow-env: then the store goes by its options alone
    return undefined;
  }
}
