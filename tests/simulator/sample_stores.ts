/** Stores for simulations: correct ones and broken ones. */
import type { SimulatedHost, SimulateOptions, StatusStore } from "../../src/simulator/mod.ts";

/** The options of a simulation that name a store. */
export type StoreOptions = Required<Pick<SimulateOptions, "stores" | "record">>;

/** The state of a server. */
interface Server {
  value: Uint8Array | null;
  version: string | null;
  writes: number;
}

function newServer(): Server {
  return { value: null, version: null, writes: 0 };
}

/** Replaces the record if it is still at the version. */
function writeTo(server: Server, value: Uint8Array, version: string | null): string | null {
  if (server.version !== version) return null;
  server.value = value;
  return server.version = `${++server.writes}`;
}

function entryOf({ value, version }: Server): { value: Uint8Array; version: string } | null {
  return value && version !== null ? { value: value.slice(), version } : null;
}

function storeOptions(server: Server, stores: (host: SimulatedHost) => StatusStore): StoreOptions {
  return { record: () => server.value, stores };
}

/** A store whose reads have a `storeTime`. */
function storeWithClock(storeTime: (host: SimulatedHost) => number): StoreOptions {
  const server = newServer();
  return storeOptions(server, (host) => ({
    read: (_key, options) =>
      host.call(() => {
        const entry = entryOf(server);
        return entry && { ...entry, storeTime: storeTime(host) };
      }, options?.signal),
    write: (_key, value, version, options) => host.call(() => writeTo(server, value, version), options?.signal),
  }));
}

/** The example of `simulate()`. */
function exampleStore(): StoreOptions {
  const server: { value: Uint8Array | null; version: number } = { value: null, version: 0 };
  return {
    record: () => server.value,
    stores: (host) => ({
      read: (_key, options) =>
        host.call(() => server.value && { value: server.value, version: `${server.version}` }, options?.signal),
      write: (_key, value, version, options) =>
        host.call(() => {
          if ((server.value && `${server.version}`) !== version) return null;
          server.value = value;
          return `${++server.version}`;
        }, options?.signal),
    }),
  };
}

/** A store whose versions are its bytes, so that equal records have equal versions. */
function withVersionsOfBytes(): StoreOptions {
  const server = newServer();
  return storeOptions(server, (host) => ({
    read: (_key, options) => host.call(() => entryOf(server), options?.signal),
    write: (_key, value, version, options) =>
      host.call(() => {
        if (server.version !== version) return null;
        server.value = value.slice();
        return server.version = new TextDecoder().decode(value);
      }, options?.signal),
  }));
}

/** A store whose client repeats a call that fails, and ignores signals. */
function withRetries(): StoreOptions {
  const server = newServer();
  return storeOptions(server, (host) => {
    const twice = async <T>(effect: () => T): Promise<T> => {
      try {
        return await host.call(effect);
      } catch {
        await host.sleep(100 * host.random());
        return await host.call(effect);
      }
    };
    return {
      read: () => twice(() => entryOf(server)),
      write: (_key, value, version) => twice(() => writeTo(server, value, version)),
    };
  });
}

/** A store that all processes share without a network. */
function withoutNetwork(): StoreOptions {
  const server = newServer();
  return storeOptions(server, () => ({
    read: () => Promise.resolve(entryOf(server)),
    write: (_key, value, version) => Promise.resolve(writeTo(server, value, version)),
  }));
}

/** Correct stores by what is special about them. Each call makes a new one, for one simulation. */
export const CORRECT_STORES: Readonly<Record<string, () => StoreOptions>> = {
  "the example of simulate()": exampleStore,
  "a store whose version is its record": withVersionsOfBytes,
  "a client that repeats calls and ignores signals": withRetries,
  "a store without a network": withoutNetwork,
  "a storeTime": () => storeWithClock((host) => host.storeTimeMs()),
  "a storeTime in whole seconds": () => storeWithClock((host) => Math.floor(host.storeTimeMs() / 1_000) * 1_000),
  "a storeTime of the client's clock": () => storeWithClock((host) => host.nowMs()),
};

/** A store that ignores the version. */
function withBlindWrites(): StoreOptions {
  const server = newServer();
  return storeOptions(server, (host) => ({
    read: (_key, options) => host.call(() => entryOf(server), options?.signal),
    write: (_key, value, _version, options) => host.call(() => writeTo(server, value, server.version), options?.signal),
  }));
}

/** A store that does not carry out one in five of the writes that it confirms. */
function withLostWrites(): StoreOptions {
  const server = newServer();
  let writes = 0;
  return storeOptions(server, (host) => ({
    read: (_key, options) => host.call(() => entryOf(server), options?.signal),
    write: (_key, value, version, options) =>
      host.call(() => {
        const isLost = server.version === version && ++writes % 5 === 0;
        return isLost ? `lost-${writes}` : writeTo(server, value, version);
      }, options?.signal),
  }));
}

/** A store that confirms all writes and carries out the first three. */
function withoutWrites(): StoreOptions {
  const server = newServer();
  return storeOptions(server, (host) => ({
    read: (_key, options) => host.call(() => entryOf(server), options?.signal),
    write: (_key, value, version, options) =>
      host.call(
        () => server.version === version && server.writes > 3 ? "new" : writeTo(server, value, version),
        options?.signal,
      ),
  }));
}

/** A store whose reads now and then return the record before the last write. */
function withStaleReads(): StoreOptions {
  const server = newServer();
  let stale: ReturnType<typeof entryOf> = null;
  return storeOptions(server, (host) => ({
    read: (_key, options) => host.call(() => host.random() < 0.3 ? stale : entryOf(server), options?.signal),
    write: (_key, value, version, options) =>
      host.call(() => {
        const before = entryOf(server);
        const next = writeTo(server, value, version);
        if (next !== null) stale = before;
        return next;
      }, options?.signal),
  }));
}

/** A store whose versions repeat after eight writes. */
function withVersionsThatReturn(): StoreOptions {
  const server = newServer();
  return storeOptions(server, (host) => ({
    read: (_key, options) => host.call(() => entryOf(server), options?.signal),
    write: (_key, value, version, options) =>
      host.call(() => {
        if (server.version !== version) return null;
        server.value = value.slice();
        return server.version = `${server.writes++ % 8}`;
      }, options?.signal),
  }));
}

/** Broken stores by what is wrong with them. Each call makes a new one, for one simulation. */
export const BROKEN_STORES: Readonly<Record<string, () => StoreOptions>> = {
  "ignores the version": withBlindWrites,
  "loses confirmed writes": withLostWrites,
  "loses all confirmed writes after the third": withoutWrites,
  "returns stale reads": withStaleReads,
  "repeats versions": withVersionsThatReturn,
};
