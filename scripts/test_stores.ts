// deno task test:stores [arguments of `deno test`]
//
// Runs the store checks on real servers and the tests with real processes, several files at a time, and prints which servers are
// used. Servers are started on loopback only and ended by their process ids.

import { importArgs } from "./jsr.ts";
import { EMULATORS, startEmulator } from "../internal/servers/emulator.ts";
import { buildFakeGcsServer } from "../internal/servers/fake_gcs_server.ts";
import { buildConsul } from "../internal/servers/consul.ts";
import { findEtcd } from "../internal/servers/etcd.ts";
import { findChromium } from "../internal/browser/chromium.ts";
import { findRedis } from "../internal/servers/redis.ts";
import { findMariadb } from "../internal/servers/mariadb.ts";
import { prepareNats } from "../internal/servers/nats.ts";
import { buildVersityGateway } from "../internal/servers/versitygw.ts";
import { runTests } from "./test.ts";

/** The tests that need servers, which they find by the environment variables that are set here. */
const TESTS = [
  "tests/dashboard/browser_test.ts",
  "tests/examples/migration_servers_test.ts",
  "tests/stores/consul/checks_test.ts",
  "tests/stores/consul/example_test.ts",
  "tests/stores/consul/outages_test.ts",
  "tests/stores/consul/runtimes_test.ts",
  "tests/stores/deno_kv/checks_test.ts",
  "tests/stores/deno_kv/runtimes_test.ts",
  "tests/stores/etcd/checks_test.ts",
  "tests/stores/etcd/cluster_test.ts",
  "tests/stores/etcd/outages_test.ts",
  "tests/stores/etcd/runtimes_test.ts",
  "tests/stores/gcs/checks_test.ts",
  "tests/stores/gcs/outages_test.ts",
  "tests/stores/gcs/runtimes_test.ts",
  "tests/stores/google_database/checks_test.ts",
  "tests/stores/mysql/batches_test.ts",
  "tests/stores/mysql/checks_test.ts",
  "tests/stores/mysql/example_test.ts",
  "tests/stores/mysql/faults_test.ts",
  "tests/stores/mysql/outages_test.ts",
  "tests/stores/mysql/processes_test.ts",
  "tests/stores/mysql/runtimes_test.ts",
  "tests/stores/mysql/sessions_test.ts",
  "tests/stores/nats/checks_test.ts",
  "tests/stores/nats/example_test.ts",
  "tests/stores/nats/outages_test.ts",
  "tests/stores/nats/runtimes_test.ts",
  "tests/stores/open/checks_test.ts",
  "tests/stores/open/runtimes_test.ts",
  "tests/stores/postgres/batches_test.ts",
  "tests/stores/postgres/checks_test.ts",
  "tests/stores/postgres/example_test.ts",
  "tests/stores/postgres/faults_test.ts",
  "tests/stores/postgres/outages_test.ts",
  "tests/stores/postgres/processes_test.ts",
  "tests/stores/postgres/runtimes_test.ts",
  "tests/stores/redis/checks_test.ts",
  "tests/stores/redis/faults_test.ts",
  "tests/stores/redis/outages_test.ts",
  "tests/stores/redis/pipeline_test.ts",
  "tests/stores/redis/processes_test.ts",
  "tests/stores/redis/runtimes_test.ts",
  "tests/stores/redis/schedulers_test.ts",
  "tests/stores/redis/server_test.ts",
  "tests/stores/s3/checks_test.ts",
  "tests/stores/s3/outages_test.ts",
  "tests/stores/s3/processes_test.ts",
  "tests/stores/s3/runtimes_test.ts",
  "tests/stores/sqlite/checks_test.ts",
  "tests/stores/sqlite/outages_test.ts",
  "tests/stores/sqlite/processes_test.ts",
  "tests/stores/sqlite/runtimes_test.ts",
  "tests/opentelemetry/promtool_test.ts",
  "tests/opentelemetry/replicas_test.ts",
  "tests/processes/cli_test.ts",
  "tests/processes/control_test.ts",
  "tests/processes/replicas_test.ts",
];

async function prepareCloudStorage(): Promise<string> {
  const found = Deno.env.get("NEAT_FAKE_GCS_SERVER");
  const server = found ? { path: found } : await buildFakeGcsServer();
  if ("reason" in server) return `a fake; fake-gcs-server is skipped, as ${server.reason}`;
  Deno.env.set("NEAT_FAKE_GCS_SERVER", server.path);
  return "fsouza/fake-gcs-server, and a fake";
}

async function prepareS3(): Promise<string> {
  const found = Deno.env.get("NEAT_VERSITYGW");
  const server = found ? { path: found } : await buildVersityGateway();
  if ("reason" in server) return `a fake; versitygw is skipped, as ${server.reason}`;
  Deno.env.set("NEAT_VERSITYGW", server.path);
  return "versitygw, and a fake";
}

async function prepareConsul(): Promise<string> {
  const found = Deno.env.get("NEAT_CONSUL");
  const server = found ? { path: found } : await buildConsul();
  if ("reason" in server) return `skipped, as ${server.reason}`;
  Deno.env.set("NEAT_CONSUL", server.path);
  return "a server, with and without ACLs";
}

async function findNats(): Promise<string> {
  const server = await prepareNats();
  if ("reason" in server) return `skipped, as ${server.reason} (Debian: apt-get install nats-server)`;
  Deno.env.set("NEAT_NATS_SERVER", server.path);
  return "a server with JetStream";
}

async function main(): Promise<number> {
  await using servers = new AsyncDisposableStack();
  const used: string[] = [`Cloud Storage: ${await prepareCloudStorage()}`];
  used.push(`S3: ${await prepareS3()}`);
  used.push(`Consul: ${await prepareConsul()}`);
  used.push(`NATS: ${await findNats()}`);
  used.push("Deno KV: databases in memory and in files, of Deno and of npm:@deno/kv");
  used.push(
    await findRedis()
      ? "Redis: a server and a cluster of three masters"
      : "Redis: skipped, as there is no redis-server on this machine (Debian: apt-get install redis-server)",
  );
  used.push(
    await findEtcd()
      ? "etcd: a member, with and without authentication, and a cluster of three"
      : "etcd: skipped, as there is none on this machine (Debian: apt-get install etcd-server)",
  );
  const chromium = await findChromium();
  used.push(`Chromium: ${chromium ?? "skipped, as there is none on this machine (Debian: apt-get install chromium)"}`);
  used.push("SQLite: files of node:sqlite, bun:sqlite, better-sqlite3 and @libsql/client");
  used.push("PostgreSQL: PGlite, and servers with a standby and with PgBouncer where these are installed");
  for (const emulator of EMULATORS) {
    const { name, command, variable } = emulator;
    const isSet = Deno.env.get(variable) !== undefined;
    const running = isSet ? undefined : await startEmulator(emulator);
    if (running) {
      servers.use(running);
      Deno.env.set(variable, running.host);
    }
    const which = isSet ? `the server in ${variable}` : running ? "Google's emulator" : undefined;
    used.push(
      `${name}: ${which ? `${which}, and ` : ""}a fake` +
        (which ? "" : `; Google's emulator is skipped, as there is no ${command} on this machine`),
    );
  }
  const mariadb = await findMariadb();
  used.push(`MySQL: ${mariadb ? "MariaDB" : "skipped, as there is no MariaDB on this machine"}`);
  console.log(used.join("\n"));
  Deno.env.set("NEAT_TEST_STORES", "1");
  // most of them wait for timers and servers most of the time
  return await runTests(await importArgs(), ["--parallel", ...(Deno.args.length > 0 ? Deno.args : TESTS)]);
}

if (import.meta.main) Deno.exit(await main());
