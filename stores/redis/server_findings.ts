/**
 * Settings of a server that weaken what the store promises.
 *
 * @module
 */
import type { SendCommand } from "./driver.ts";

/** A setting of a server that weakens what the store promises. */
export interface RedisServerFinding {
  /**
   * Which setting: the server may evict records (`eviction`), keeps nothing across a restart (`persistence`), or only its last
   * snapshot (`snapshots`), is a `replica`, is older than Redis 6 (`version`), or does not tell (`unknown`).
   */
  readonly problem: "eviction" | "persistence" | "snapshots" | "replica" | "version" | "unknown";
  /** What that means and what to do, for people. */
  readonly message: string;
}

const OLDEST_VERSION = 6;

/** Asks a server for its settings. */
export async function findingsOf(send: SendCommand, signal: AbortSignal): Promise<RedisServerFinding[]> {
  const info = infoIn(await send(["INFO"], signal));
  const savePoints = info.get("aof_enabled") === "0" ? await savePointsOf(send, signal) : undefined;
  return [versionFinding(info), roleFinding(info), evictionFinding(info), persistenceFinding(info, savePoints)]
    .filter((finding) => finding !== undefined);
}

/** The fields of an answer to INFO. */
function infoIn(answer: unknown): ReadonlyMap<string, string> {
  const fields = String(answer).matchAll(/^(\w+):(.*?)\r?$/gm);
  return new Map([...fields].map(([, name = "", value = ""]) => [name, value]));
}

/** When snapshots are taken: empty if never, `undefined` if the server does not tell, as many hosted ones. */
async function savePointsOf(send: SendCommand, signal: AbortSignal): Promise<string | undefined> {
  try {
    const answer: unknown = await send(["CONFIG", "GET", "save"], signal);
    // RESP3 answers with a map
    const value: unknown = Array.isArray(answer)
      ? answer[1]
      : answer instanceof Map
      ? answer.get("save")
      : (answer as { readonly save?: unknown } | null)?.save;
    return typeof value === "string" ? value : undefined;
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

type Info = ReadonlyMap<string, string>;

function versionFinding(info: Info): RedisServerFinding | undefined {
  const version = info.get("redis_version");
  if (version === undefined) return { problem: "unknown", message: "The server does not tell its version." };
  if (Number.parseInt(version) >= OLDEST_VERSION) return undefined;
  return {
    problem: "version",
    message: `The server is older than Redis ${OLDEST_VERSION}: it has version ${version}.`,
  };
}

function roleFinding(info: Info): RedisServerFinding | undefined {
  if (info.get("role") !== "slave") return undefined;
  return { problem: "replica", message: "The server is a replica: connect to its master." };
}

function evictionFinding(info: Info): RedisServerFinding | undefined {
  const policy = info.get("maxmemory_policy");
  if (policy === undefined) return { problem: "unknown", message: "The server does not tell its maxmemory-policy." };
  // records have no time to live, so that policies named volatile-… spare them
  if (!policy.startsWith("allkeys-") || info.get("maxmemory") === "0") return undefined;
  const message =
    `With the maxmemory-policy ${policy} the server may evict a record, and its task then runs too early or ` +
    "twice: use noeviction or a volatile policy.";
  return { problem: "eviction", message };
}

function persistenceFinding(info: Info, savePoints: string | undefined): RedisServerFinding | undefined {
  const aof = info.get("aof_enabled");
  if (aof === "1") return undefined;
  if (aof === undefined || savePoints === undefined) {
    return { problem: "unknown", message: "The server does not tell whether it persists its data." };
  }
  if (savePoints === "") {
    const message =
      "The server keeps nothing across a restart, after which each task runs at once: use appendonly yes.";
    return { problem: "persistence", message };
  }
  const message =
    "A restart of the server loses the writes since its last snapshot, so that a task may run twice: use " +
    "appendonly yes.";
  return { problem: "snapshots", message };
}
