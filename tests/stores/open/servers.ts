/**
 * The servers of the tests, with the URLs of their stores.
 *
 * @module
 */
import { FakeDatastore } from "../../helpers/fake_datastore.ts";
import { FakeFirestore } from "../../helpers/fake_firestore.ts";
import { FakeGcs } from "../../../internal/servers/fake_gcs.ts";
import { startFakeGcsServer } from "../../../internal/servers/fake_gcs_server.ts";
import { FAKE_KEYS, FakeS3 } from "../../../internal/servers/fake_s3.ts";
import { FaultServer } from "../../../internal/servers/fault_server.ts";
import { startHungServer } from "../../../internal/servers/hung_server.ts";
import { type Mariadb, startMariadb } from "../../../internal/servers/mariadb.ts";
import { type Postgres, startPostgres } from "../../../internal/servers/postgres.ts";
import { type Redis, startRedis } from "../../../internal/servers/redis.ts";
import type { Missing } from "../../../internal/servers/server_process.ts";
import { startVersityGateway } from "../../../internal/servers/versitygw.ts";
import type { StoreCase } from "./cases.ts";

const DATABASE = "tasks";
const PASSWORD = "p@ss/word#?%+";
const ENCODED = encodeURIComponent(PASSWORD);

/** The environment of programs that use the fake of S3. */
export const FAKE_S3_ENVIRONMENT: Readonly<Record<string, string>> = {
  AWS_ACCESS_KEY_ID: FAKE_KEYS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: FAKE_KEYS.secretAccessKey,
  AWS_SESSION_TOKEN: "",
};

/** The servers that need a driver: those of them that this machine has. */
export class DatabaseServers implements AsyncDisposable {
  readonly #servers = new AsyncDisposableStack();
  #hungPort = 0;
  #postgres: Postgres | undefined;
  #mariadb: Mariadb | undefined;
  #redis: Redis | undefined;
  /** What is not tested, and why. */
  readonly missing: string[] = [];

  /** Starts the servers. */
  static async start(): Promise<DatabaseServers> {
    const all = new DatabaseServers();
    try {
      all.#hungPort = all.#servers.use(startHungServer()).port;
      all.#postgres = all.#use(await startPostgres({ countsStatements: false }));
      all.#mariadb = all.#use(await startMariadb());
      all.#redis = all.#use(await startRedis({ settings: { requirepass: PASSWORD } }));
      await all.#createUsers();
      return all;
    } catch (error) {
      await all[Symbol.asyncDispose]();
      throw error;
    }
  }

  #use<T extends AsyncDisposable>(server: T | Missing): T | undefined {
    if ("reason" in server) this.missing.push(server.reason);
    else return this.#servers.use(server);
    return undefined;
  }

  async #createUsers(): Promise<void> {
    await this.#postgres?.query(`CREATE ROLE tasks LOGIN PASSWORD '${PASSWORD}'`);
    await this.#mariadb?.createDatabase(DATABASE);
    await this.#mariadb?.query(
      `CREATE USER tasks@'%' IDENTIFIED BY '${PASSWORD}'; GRANT ALL ON ${DATABASE}.* TO tasks@'%'`,
    );
  }

  /** The stores to check, with a new database of PostgreSQL, and other tables and keys for each name. */
  async cases(name: string): Promise<StoreCase[]> {
    const cases: StoreCase[] = [];
    if (this.#postgres) {
      const database = `tasks_${name}`;
      await this.#postgres.createDatabase(database);
      await this.#postgres.query("GRANT ALL ON SCHEMA public TO tasks", database);
      const url = (port: number): string => `postgres://tasks:${ENCODED}@127.0.0.1:${port}/${database}?table=of_a_url&`;
      cases.push({
        name: "postgres",
        url: `${url(this.#postgres.port)}application_name=checks`,
        hung: url(this.#hungPort),
        limits: { maxKeyBytes: 2_600 },
      });
    }
    if (this.#mariadb) {
      const url = (port: number): string => `mysql://tasks:${ENCODED}@127.0.0.1:${port}/${DATABASE}?table=of_${name}&`;
      cases.push({
        name: "mysql",
        url: `${url(this.#mariadb.port)}timeout=8s`,
        hung: url(this.#hungPort),
        limits: { maxKeyBytes: 1_500 },
      });
    }
    if (this.#redis) {
      const url = (port: number): string => `redis://:${ENCODED}@127.0.0.1:${port}/3?prefix=${name}:&`;
      cases.push({ name: "redis", url: `${url(this.#redis.port)}timeout=8s`, hung: url(this.#hungPort) });
    }
    return cases;
  }

  /** Ends the servers. */
  async stop(): Promise<void> {
    await Promise.all([this.#postgres?.stop(), this.#mariadb?.stop(), this.#redis?.crash()]);
  }

  /** Starts the servers again. */
  async start(): Promise<void> {
    await Promise.all([this.#postgres?.start(), this.#mariadb?.start(), this.#startRedisAgain()]);
  }

  async #startRedisAgain(): Promise<void> {
    if (!this.#redis) return;
    this.#redis = this.#use(await startRedis({ port: this.#redis.port, settings: { requirepass: PASSWORD } }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#servers.disposeAsync();
  }
}

/** Services that need no driver. */
export class Services implements AsyncDisposable {
  readonly #servers = new AsyncDisposableStack();

  #serve(service: ConstructorParameters<typeof FaultServer>[0]): string {
    return this.#servers.use(new FaultServer(service)).url;
  }

  #hung(service: ConstructorParameters<typeof FaultServer>[0]): string {
    service.script = () => ({ ends: "never" });
    return this.#serve(service);
  }

  /** The stores on fakes. */
  fakes(): StoreCase[] {
    return [
      {
        name: "s3",
        url: `s3://bucket/a/prefix?region=us-east-1&endpoint=${this.#serve(new FakeS3())}`,
        hung: `s3://bucket?region=us-east-1&endpoint=${this.#hung(new FakeS3())}&`,
        limits: { maxKeyBytes: 1_000, equalBodiesMayShareVersions: true },
      },
      {
        name: "gcs",
        url: `gs://bucket/a/prefix?endpoint=${this.#serve(new FakeGcs())}`,
        hung: `gs://bucket?endpoint=${this.#hung(new FakeGcs())}&`,
        limits: { maxKeyBytes: 1_000 },
      },
      {
        name: "datastore",
        url: `datastore://project?kind=Task&namespace=a&endpoint=${this.#serve(new FakeDatastore())}`,
        hung: `datastore://project?endpoint=${this.#hung(new FakeDatastore())}&`,
        limits: { maxKeyBytes: 1_500, equalBodiesMayShareVersions: true },
      },
      {
        name: "firestore",
        url: `firestore://project/tasks?endpoint=${this.#serve(new FakeFirestore())}`,
        hung: `firestore://project?endpoint=${this.#hung(new FakeFirestore())}&`,
        limits: { maxKeyBytes: 1_500, equalBodiesMayShareVersions: true },
      },
    ];
  }

  /** The store on fake-gcs-server, if there is one. */
  async fakeGcsServer(): Promise<StoreCase[]> {
    const binary = Deno.env.get("NEAT_FAKE_GCS_SERVER");
    if (!binary) return [];
    const { url } = this.#servers.use(await startFakeGcsServer(binary));
    return [{ name: "fake-gcs-server", url: `gs://bucket/a?endpoint=${url}`, limits: { maxKeyBytes: 1_000 } }];
  }

  /** The store on versitygw, if there is one, with the credentials of the environment. */
  async versityGateway(): Promise<readonly [StoreCase, Readonly<Record<string, string>>] | undefined> {
    const binary = Deno.env.get("NEAT_VERSITYGW");
    if (!binary) return undefined;
    const { url, credentials } = this.#servers.use(await startVersityGateway(binary));
    const { accessKeyId, secretAccessKey } = credentials;
    const gateway = {
      name: "versitygw",
      url: `s3://bucket/a?region=us-east-1&pathStyle=true&endpoint=${url}`,
      limits: { maxKeyBytes: 250, equalBodiesMayShareVersions: true },
    };
    return [gateway, {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: "",
    }];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#servers.disposeAsync();
  }
}

/** Databases that are opened by the path of a file, or need no file. */
export function localCases(folder: string, name: string): StoreCase[] {
  return [
    { name: "sqlite", url: `sqlite:${folder}/${name}.sqlite3?table=tasks` },
    { name: "deno-kv", url: `deno-kv:${folder}/${name}.kv?prefix=a/b`, limits: { maxKeyBytes: 2_000 } },
  ];
}
