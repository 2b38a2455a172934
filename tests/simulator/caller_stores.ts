/** Stores as authors of stores bring them to a simulation: right ones, and ones with a fault. */
import type { SimulatedHost, SimulateOptions, StatusStore } from "../../src/testing/mod.ts";

/** The options of a simulation that name a store. */
export type StoreOptions = Required<Pick<SimulateOptions, "stores" | "record">>;

/** What a server does with one call, at one moment. */
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

function optionsOf(server: Server, stores: (host: SimulatedHost) => StatusStore): StoreOptions {
  return { record: () => server.value, stores };
}

/** A right store whose reads tell what a clock shows. */
function storeWithClock(storeTime: (host: SimulatedHost) => number): StoreOptions {
  const server = newServer();
  return optionsOf(server, (host) => ({
    read: (_key, options) =>
      host.call(() => {
        const entry = entryOf(server);
        return entry && { ...entry, storeTime: storeTime(host) };
      }, options?.signal),
    write: (_key, value, version, options) => host.call(() => writeTo(server, value, version), options?.signal),
  }));
}

/** The example of the documentation of `simulate`. */
function documented(): StoreOptions {
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
  return optionsOf(server, (host) => ({
    read: (_key, options) => host.call(() => entryOf(server), options?.signal),
    write: (_key, value, version, options) =>
      host.call(() => {
        if (server.version !== version) return null;
        server.value = value.slice();
        return server.version = new TextDecoder().decode(value);
      }, options?.signal),
  }));
}

/** A store whose client makes a second attempt by itself, and does not heed the signal. */
function withRetries(): StoreOptions {
  const server = newServer();
  return optionsOf(server, (host) => {
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

/** A store in the memory of all processes, without a network. */
function withoutNetwork(): StoreOptions {
  const server = newServer();
  return optionsOf(server, () => ({
    read: () => Promise.resolve(entryOf(server)),
    write: (_key, value, version) => Promise.resolve(writeTo(server, value, version)),
  }));
}

/** Right stores by what is special about them; each call makes a new one, for one simulation. */
export const RIGHT_STORES: Readonly<Record<string, () => StoreOptions>> = {
  "the documentation's example": documented,
  "a version that is the record's bytes": withVersionsOfBytes,
  "a client that repeats calls and ignores signals": withRetries,
  "no network": withoutNetwork,
  "a clock of the server": () => storeWithClock((host) => host.storeTimeMs()),
  "a clock of the server that shows whole seconds": () =>
    storeWithClock((host) => Math.floor(host.storeTimeMs() / 1_000) * 1_000),
  "the client's clock instead of the server's": () => storeWithClock((host) => host.nowMs()),
};

/** A store that replaces the record whatever its version is. */
function withBlindWrites(): StoreOptions {
  const server = newServer();
  return optionsOf(server, (host) => ({
    read: (_key, options) => host.call(() => entryOf(server), options?.signal),
    write: (_key, value, _version, options) => host.call(() => writeTo(server, value, server.version), options?.signal),
  }));
}

/** A store that confirms one write in five without keeping it. */
function withLostWrites(): StoreOptions {
  const server = newServer();
  let writes = 0;
  return optionsOf(server, (host) => ({
    read: (_key, options) => host.call(() => entryOf(server), options?.signal),
    write: (_key, value, version, options) =>
      host.call(() => {
        const isLost = server.version === version && ++writes % 5 === 0;
        return isLost ? `lost-${writes}` : writeTo(server, value, version);
      }, options?.signal),
  }));
}

/** A store of which each process reads a copy that is now and then a write behind. */
function withStaleReads(): StoreOptions {
  const server = newServer();
  let stale: ReturnType<typeof entryOf> = null;
  return optionsOf(server, (host) => ({
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

/** A store whose versions come again after some writes, so that one stands for different bytes. */
function withVersionsThatReturn(): StoreOptions {
  const server = newServer();
  return optionsOf(server, (host) => ({
    read: (_key, options) => host.call(() => entryOf(server), options?.signal),
    write: (_key, value, version, options) =>
      host.call(() => {
        if (server.version !== version) return null;
        server.value = value.slice();
        return server.version = `${server.writes++ % 8}`;
      }, options?.signal),
  }));
}

/** Wrong stores by what is wrong with them. */
export const WRONG_STORES: Readonly<Record<string, () => StoreOptions>> = {
  "writes over any version": withBlindWrites,
  "loses writes that it has confirmed": withLostWrites,
  "reads an older record": withStaleReads,
  "has one version for different records": withVersionsThatReturn,
};
