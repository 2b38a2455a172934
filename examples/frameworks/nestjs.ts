/**
 * How does a server with NestJS run periodic tasks?
 *
 * The module starts the methods with `@PeriodicTask` when the application has started. At SIGTERM or Ctrl-C the application closes,
 * and the run in progress is waited for.
 *
 *   deno run --allow-net=127.0.0.1 --allow-env --allow-read --allow-sys --allow-run examples/frameworks/nestjs.ts
 */
import type { Run } from "@neat/periodic-task";
import { PeriodicTask, PeriodicTaskModule } from "@neat/periodic-task/nestjs";
import { Injectable, Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { ExpressAdapter } from "@nestjs/platform-express";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

@Injectable()
class CleanUpService {
  @PeriodicTask({ name: "clean-up", interval: { minutes: 10 }, timeout: { minutes: 1 } })
  async cleanUp({ signal }: Run): Promise<void> {
    console.log("Cleaning up");
    await sleep(1_000, undefined, { signal });
    console.log("Cleaned up");
  }
}

@Module({
  imports: [PeriodicTaskModule.forRoot({ stop: { timeout: { seconds: 20 } } })],
  providers: [CleanUpService],
})
class AppModule {}

async function bootstrap(): Promise<void> {
  const app = await NestFactory.create(AppModule, new ExpressAdapter());
  // without it, SIGTERM ends the process at once
  const signals = ["SIGINT", "SIGTERM"] as const;
  app.enableShutdownHooks([...signals], { useProcessExit: true });
  // a stream that is open, such as one of server-sent events, would be waited for without a limit
  const cutStreams = (): unknown => setInterval(() => app.getHttpServer().closeAllConnections(), 5_000);
  for (const signal of signals) process.once(signal, cutStreams);
  await app.listen(Number(process.env["PORT"] ?? 8000), "127.0.0.1");
  console.log(`Listening on ${await app.getUrl()}/`);
}

bootstrap();
