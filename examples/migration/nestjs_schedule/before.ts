/**
 * How does @nestjs/schedule run a backup every night?
 *
 *   deno run --allow-net=127.0.0.1 --allow-env --allow-read --allow-sys --allow-run examples/migration/nestjs_schedule/before.ts
 */
import { Injectable, Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { ExpressAdapter } from "@nestjs/platform-express";
import { Cron, ScheduleModule } from "@nestjs/schedule";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

@Injectable()
class BackupService {
  // @ts-ignore: for projects without experimentalDecorators; others leave this line out
  @Cron(process.env["CRON"] ?? "0 3 * * *", { name: "backup", timeZone: "Europe/Berlin", waitForCompletion: true })
  async backUp(): Promise<void> {
    console.log("Backing up");
    await sleep(200);
    console.log("Backed up");
  }
}

@Module({ imports: [ScheduleModule.forRoot()], providers: [BackupService] })
class AppModule {}

async function bootstrap(): Promise<void> {
  const app = await NestFactory.create(AppModule, new ExpressAdapter());
  app.enableShutdownHooks(["SIGINT", "SIGTERM"], { useProcessExit: true });
  await app.listen(Number(process.env["PORT"] ?? 8000), "127.0.0.1");
}

bootstrap();
