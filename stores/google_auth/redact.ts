/**
 * What others say, without the secrets that it may hold.
 *
 * @module
 */

/** A shorter piece of a secret does not give it away. */
const MIN_PIECE = 8;

/** What a server says is not looked at any further: finding pieces of secrets takes time. */
const MAX_READ = 2_000;
const MAX_SHOWN = 200;

/** Stands for a character of a secret. */
const HIDDEN = "\0";

/** A secret in the forms in which it may come back. */
function formsOf(secret: string): string[] {
  return [secret, new URLSearchParams({ "": secret }).toString().slice(1), JSON.stringify(secret).slice(1, -1)];
}

/**
 * A text as an error may show it: on one line, cut to 200 characters, and with each piece of a secret replaced.
 *
 * @param text What a server said.
 * @param secrets What it was sent.
 */
export function redacted(text: string, secrets: readonly string[]): string {
  const read = text.slice(0, MAX_READ).replaceAll(HIDDEN, " ");
  const hidden = new Array<boolean>(read.length).fill(false);
  for (const form of secrets.flatMap(formsOf)) {
    const length = Math.min(MIN_PIECE, form.length);
    for (let start = 0; length > 0 && start + length <= read.length; start++) {
      if (form.includes(read.slice(start, start + length))) hidden.fill(true, start, start + length);
    }
  }
  const shown = Array.from(hidden, (isHidden, at) => isHidden ? HIDDEN : read[at]).join("");
  // deno-lint-ignore no-control-regex
  return shown.replace(/\0+/g, "[secret]").replace(/[\s\x01-\x1f\x7f]+/g, " ").trim().slice(0, MAX_SHOWN);
}

/** What faults of networks call themselves. Nothing but these words is repeated of an error that may know the request. */
const FAULTS = [
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ETIMEDOUT",
  "EPIPE",
  "connection refused",
  "connection reset",
  "connection closed",
  "dns error",
  "certificate",
  "timed out",
];

/** What kind of fault kept a request from being answered. */
export function faultOf(failure: unknown): string {
  const texts: string[] = [];
  const collect = (error: unknown, depth: number): void => {
    const { name, code, message, cause } = (error ?? {}) as Record<string, unknown>;
    texts.push(...[name, code, message].filter((text) => typeof text === "string"));
    if (depth < 4 && cause) collect(cause, depth + 1);
  };
  collect(failure, 0);
  const said = texts.join("\n").toLowerCase();
  if (said.includes("notcapable")) return "network access is denied, see Deno's --allow-net";
  const faults = FAULTS.filter((fault) => said.includes(fault.toLowerCase()));
  return `no answer (${faults.join(", ") || "a fault of the network or of `fetch`"})`;
}
