/**
 * The scripts that read and write a record on the server.
 *
 * @module
 */
import type { RedisDriver } from "./driver.ts";

/** A script, and the digest by which servers that know it run it. */
export interface Script {
  readonly lua: string;
  /** SHA-1 in hexadecimal digits. */
  readonly digest: string;
}

/**
 * Answers with the server's time and what is at the key: its type, and of a hash the fields of a record.
 *
 * A replica may be behind its master, so that a read of it could miss the newest record. HDEL of a field that nobody has changes
 * nothing, and replicas refuse it.
 */
export const READ: Script = {
  lua: `local key = KEYS[1]
local time = redis.call('TIME')
local kind = redis.call('TYPE', key).ok
local refused = redis.pcall('HDEL', key, 'neat-periodic-task/absent')
if type(refused) == 'table' and refused.err and string.find(refused.err, 'READONLY', 1, true) then
  return redis.error_reply('READONLY the server is a replica')
end
if kind ~= 'hash' then return {time[1], time[2], kind} end
local fields = redis.call('HMGET', key, 'version', 'encoding', 'value')
for index = 1, 3 do
  if not fields[index] then return {time[1], time[2], kind} end
end
return {time[1], time[2], 'record', fields[1], fields[2], fields[3]}`,
  digest: "9d9ef123d409251820f5714596167bb1bf0a4773",
};

/**
 * Writes a record if the key still has the expected version, or holds nothing if that is empty. Answers with 1 or 0.
 *
 * A client may send a command again when the answer was lost: the script recognises its own version. A record must not expire.
 * A user without permission for the channel may write.
 */
export const WRITE: Script = {
  lua: `local key, expected, version, encoding, value, channel = KEYS[1], unpack(ARGV)
local kind = redis.call('TYPE', key).ok
if kind ~= 'none' and kind ~= 'hash' then return 0 end
local current = kind == 'hash' and (redis.call('HGET', key, 'version') or 'none') or ''
if current == version then return 1 end
if current ~= expected then return 0 end
redis.call('HSET', key, 'version', version, 'encoding', encoding, 'value', value)
redis.call('PERSIST', key)
redis.pcall('PUBLISH', channel, version)
return 1`,
  digest: "4e125437a2962a4cd7b596987d92ca684b82c50f",
};

/** Answers with a list of what {@linkcode READ} answers for each key. A cluster takes keys of the same slot only. */
export const READ_MANY: Script = {
  lua: `local time = redis.call('TIME')
local refused = redis.pcall('HDEL', KEYS[1], 'neat-periodic-task/absent')
if type(refused) == 'table' and refused.err and string.find(refused.err, 'READONLY', 1, true) then
  return redis.error_reply('READONLY the server is a replica')
end
local entries = {}
for index, key in ipairs(KEYS) do
  local kind = redis.call('TYPE', key).ok
  entries[index] = {time[1], time[2], kind}
  if kind == 'hash' then
    local fields = redis.call('HMGET', key, 'version', 'encoding', 'value')
    if fields[1] and fields[2] and fields[3] then
      entries[index] = {time[1], time[2], 'record', fields[1], fields[2], fields[3]}
    end
  end
end
return entries`,
  digest: "41fcd6cb17f5460ff2fec472dc04ebd98cf1fa22",
};

/** Runs a script on the master of its keys. A server that does not know it yet gets its text, and has done nothing before. */
export async function runScript(
  driver: RedisDriver,
  { lua, digest }: Script,
  keys: readonly string[],
  args: readonly string[],
  signal: AbortSignal,
): Promise<unknown> {
  const [key = ""] = keys;
  const parameters = [String(keys.length), ...keys, ...args];
  try {
    return await driver.send(["EVALSHA", digest, ...parameters], key, signal);
  } catch (error) {
    if (!isUnknownScript(error)) throw error;
    signal.throwIfAborted();
    return await driver.send(["EVAL", lua, ...parameters], key, signal);
  }
}

function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && /^(ERR )?NOSCRIPT\b/.test(error.message);
}
