/**
 * Why a request to a token server failed, without its secrets.
 *
 * @module
 */

/** Known faults of networks. An error is shown in these words alone, as it may hold the request. */
const KNOWN_FAULTS = [
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

/** How many causes of an error are followed: some refer to each other. */
const MAX_CAUSE_DEPTH = 4;

/** The faults that an error and its causes name. */
export function networkFault(failure: unknown): string {
  const texts = errorTexts(failure).join("\n").toLowerCase();
  if (texts.includes("notcapable")) return "network access is denied, see Deno's --allow-net";
  const faults = KNOWN_FAULTS.filter((fault) => texts.includes(fault.toLowerCase()));
  return `no answer (${faults.join(", ") || "the network or \`fetch\` failed"})`;
}

function errorTexts(error: unknown, depth = 0): string[] {
  const { name, code, message, cause } = (error ?? {}) as Record<string, unknown>;
  const texts = [name, code, message].filter((text) => typeof text === "string");
  return depth < MAX_CAUSE_DEPTH && cause ? [...texts, ...errorTexts(cause, depth + 1)] : texts;
}
