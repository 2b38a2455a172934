/**
 * How does the backup of @nestjs/schedule run with this package?
 *
 *   deno run -A examples/migration/nestjs_schedule/after.ts
 */
import type { Run } from "@neat/periodic-task";
import { cron } from "@neat/periodic-task/cron";
import { PeriodicTask, PeriodicTaskModule } from "@neat/periodic-task/nestjs";
import { SqliteStore } from "@neat/periodic-task/stores/sqlite";
import { Injectable, Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { ExpressAdapter } from "@nestjs/platform-express";
import process from "node:process";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";

const schedule = cron(process.env["CRON"] ?? "0 3 * * *", { timeZone: "Europe/Berlin" });

@Injectable()
class BackupService {
  @PeriodicTask({ name: "backup", schedule, timeout: { minutes: 30 }, heartbeatTimeout: { minutes: 1 } })
  async backUp({ signal }: Run): Promise<void> {
    console.log("Backing up");
    await sleep(200, undefined, { signal });
    console.log("Backed up");
  }
}

// a file is enough for the replicas of one machine
const database = new DatabaseSync(process.env["DATABASE"] ?? "tasks.db");
const store = new SqliteStore({ database });

@Module({ imports: [PeriodicTaskModule.forRoot({ store })], providers: [BackupService] })
class AppModule {}

async function bootstrap(): Promise<void> {
  const app = await NestFactory.create(AppModule, new ExpressAdapter());
  app.enableShutdownHooks(["SIGINT", "SIGTERM"], { useProcessExit: true });
  await app.listen(Number(process.env["PORT"] ?? 8000), "127.0.0.1");
}

bootstrap();
