// The rows of docs/stores/faults.md for Redis: a scheduler on a real server with each fault during a run.

import { Redis } from "ioredis";
import { WRITE } from "../../../stores/redis/scripts.ts";
import { forAnswers, forRequests, TcpProxy } from "../../../internal/servers/tcp_proxy.ts";
import { type StoreFault, surviveFault } from "../helpers/outage.ts";
import { OPEN, sleep, start, startReplica, testServer, until } from "./servers.ts";

/** The clients have connected again by then. */
const CONNECTED_MS = 500;

type Server = Awaited<ReturnType<typeof start>>;

/** What each driver logs; a driver that repeats the command by itself hides some faults. */
type Logs = Readonly<Record<string, RegExp | undefined>>;

/** A fault of the server or of the connections to it. */
interface RedisFault extends Pick<StoreFault, "end"> {
  readonly begin: () => unknown;
  readonly logs: Logs;
}

function faultsOf(server: Server, proxy: TcpProxy): Readonly<Record<string, RedisFault>> {
  return {
    "a connection cut before the commit": {
      begin: () => {
        proxy.rule = forRequests((data) => {
          if (!data.includes(WRITE.digest)) return "pass";
          proxy.rule = undefined;
          return "cut";
        });
      },
      // ioredis sends the command again
      logs: { ioredis: undefined, redis: /Socket closed unexpectedly/ },
    },
    "a connection cut after the commit": {
      begin: () => {
        let isWriting = false;
        proxy.rule = (direction, data) => {
          if (direction === "request" && data.includes(WRITE.digest)) isWriting = true;
          if (direction === "request" || !isWriting) return "pass";
          proxy.rule = undefined;
          return "cut";
        };
      },
      logs: { ioredis: undefined, redis: /Socket closed unexpectedly/ },
    },
    "a server that hangs": {
      begin: () => server.freeze(),
      end: () => server.thaw(),
      logs: { ioredis: /did not answer within requestTimeout/, redis: /did not answer within requestTimeout/ },
    },
    "a connection that hangs": {
      begin: () => void (proxy.rule = forAnswers(() => "drop")),
      end: () => {
        proxy.rule = undefined;
        proxy.cutAll();
      },
      logs: { ioredis: /did not answer within requestTimeout/, redis: /did not answer within requestTimeout/ },
    },
    "a server that restarts": {
      begin: () => server.crash(),
      end: () => server.start(),
      logs: { ioredis: /did not answer|closed/, redis: /did not answer|closed/ },
    },
    "a server whose memory is full": {
      begin: () => server.command("CONFIG", "SET", "maxmemory", "1"),
      end: () => server.command("CONFIG", "SET", "maxmemory", "0"),
      logs: { ioredis: /OOM/, redis: /OOM/ },
    },
    "a server that has become a replica": {
      begin: () => server.command("REPLICAOF", "127.0.0.1", "9"),
      end: () => server.command("REPLICAOF", "NO", "ONE"),
      // ioredis, told to, connects and sends the command again and again
      logs: { ioredis: /did not answer within requestTimeout/, redis: /the server is a replica/ },
    },
    "a wrong password": {
      begin: async () => {
        await server.command("CONFIG", "SET", "requirepass", "changed");
        // connections stay signed in
        proxy.cutAll();
        await sleep(CONNECTED_MS);
      },
      end: async () => {
        const client = new Redis(server.port, "127.0.0.1", { password: "changed" });
        await client.config("SET", "requirepass", "");
        client.disconnect();
      },
      // ioredis may keep the command, and report NOAUTH in its event "error"
      logs: { ioredis: /has not signed in|did not answer within requestTimeout/, redis: /NOAUTH/ },
    },
  };
}

for (const [driver, open] of Object.entries(OPEN)) {
  testServer(`${driver}: faults during a run are logged, the run finishes, and the task is back`, async (t) => {
    await using server = await start({ settings: { appendonly: "yes", appendfsync: "always" } });
    await using proxy = new TcpProxy(server.port);
    using client = open(proxy.port, 1_000);
    for (const [what, { begin, end, logs }] of Object.entries(faultsOf(server, proxy))) {
      const expected = logs[driver];
      await t.step(
        what,
        () => surviveFault(client.store, { begin, ...end && { end }, ...expected && { logs: expected } }),
      );
    }
    await t.step("a replica that is promoted", async () => {
      await using replica = await startReplica(server.port);
      await surviveFault(client.store, {
        begin: async () => {
          const offsetOf = async (one: Server, field: string): Promise<string | undefined> =>
            new RegExp(`${field}:(\\d+)`).exec(await one.command("INFO", "replication"))?.[1];
          const written = await offsetOf(server, "master_repl_offset");
          await until(
            async () => Number(await offsetOf(replica, "slave_repl_offset")) >= Number(written),
            "all is there",
          );
          await server.crash();
          proxy.targetPort = replica.port;
        },
        end: () => replica.command("REPLICAOF", "NO", "ONE"),
        logs: /the server is a replica|did not answer|closed/i,
      });
    });
  });
}
