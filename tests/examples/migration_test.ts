// The programs of docs/migration that need no server. ./migration_servers_test.ts runs the others.

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { documentedArgs, EXAMPLES, writeImportMap } from "./example.ts";
import { assertAfter, assertBefore, inFolder } from "./migration.ts";

const isWindows = Deno.build.os === "windows";
const FOLDER = new URL("migration/", EXAMPLES);
const PAGES = new URL("../../docs/migration/", import.meta.url);
const CLI = new URL("../../src/cli.ts", import.meta.url);

function test(name: string, fn: () => Promise<void>, ignore = isWindows): void {
  Deno.test({ name, fn, ignore });
}

for (const peer of ["node_cron", "croner", "nestjs_schedule"]) {
  test(`examples/migration/${peer}/before.ts backs up, and ends at SIGTERM`, () => assertBefore(peer));

  test(`examples/migration/${peer}/after.ts backs up as a task, and ends at SIGTERM`, async () => {
    await inFolder((folder) => assertAfter(peer, { DATABASE: `${folder}/tasks.db` }));
  });
}

test("examples/migration/deno_cron/after.ts backs up as a task, and ends at SIGTERM", async () => {
  await inFolder((folder) => assertAfter("deno_cron", { KV: `${folder}/tasks.sqlite3` }));
});

/** Writes an executable script. */
async function writeScript(path: string, ...lines: string[]): Promise<void> {
  await Deno.writeTextFile(path, ["#!/bin/sh", ...lines, ""].join("\n"), { mode: 0o755 });
}

/** The last line of a crontab: when it is due, and the command, with its files in a folder. */
async function lastLine(name: string, folder: string): Promise<{ schedule: string; command: string }> {
  const text = await Deno.readTextFile(new URL(`flock/${name}.crontab`, FOLDER));
  const fields = (text.trimEnd().split("\n").at(-1) ?? "").split(" ");
  const command = fields.slice(5).join(" ").replace(/\/(usr\/local\/bin|run\/lock)/g, folder);
  return { schedule: fields.slice(0, 5).join(" "), command };
}

/** Runs a command as cron does. */
async function runLine(command: string, folder: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await new Deno.Command("/bin/sh", {
    args: ["-c", command],
    env: { PATH: `${folder}:${Deno.env.get("PATH")}`, NEAT_STORE: `sqlite:${folder}/tasks.db`, NO_COLOR: "1" },
  }).output();
  const [output = "", errors = ""] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, stdout: output, stderr: errors };
}

test("examples/migration/flock/before.crontab backs up unless a backup is running", async () => {
  await inFolder(async (folder) => {
    const { command, schedule } = await lastLine("before", folder);
    assertEquals(schedule, "0 3 * * *");
    await writeScript(`${folder}/backup.sh`, "echo Backing up; sleep 0.5; echo Backed up");
    const both = await Promise.all([runLine(command, folder), runLine(command, folder)]);
    assertEquals(both.map(({ code }) => code).sort(), [0, 1]);
    assertEquals(both.map(({ stdout }) => stdout).sort(), ["", "Backing up\nBacked up\n"]);
  });
}, Deno.build.os !== "linux");

test("examples/migration/flock/after.crontab backs up once for each due time", async () => {
  await inFolder(async (folder) => {
    const { command, schedule } = await lastLine("after", folder);
    assertEquals(schedule, "0 3 * * *");
    assertStringIncludes(command, `--cron "${schedule}"`);
    writeImportMap(`${folder}/imports.json`);
    const args = [Deno.execPath(), "run", "--quiet", `--import-map=${folder}/imports.json`, "-A", CLI.href];
    await writeScript(`${folder}/neat-periodic-task`, `exec ${args.map((arg) => `'${arg}'`).join(" ")} "$@"`);
    await writeScript(`${folder}/backup.sh`, "echo Backing up");
    // once an hour, at the start of the minute that is nearest: the first run starts within a minute after its due time
    const minute = new Date(Date.now() + 20_000).getUTCMinutes();
    const due = command.replace(/--cron "[^"]*" --time-zone \S+/, `--cron "${minute} * * * *"`);
    const first = await runLine(due, folder);
    assertEquals([first.code, first.stdout], [0, "Backing up\n"], first.stderr);
    const second = await runLine(due, folder);
    assertEquals([second.code, second.stdout], [0, ""], second.stderr);
  });
});

/** The program of an example: its text after the comment at the top. */
async function programOf(path: string): Promise<string> {
  const text = await Deno.readTextFile(new URL(path, FOLDER));
  if (!path.endsWith(".ts")) return text;
  assertMatch(text, /^\/\*\*\n \* How [^\n]+\?\n \*\n/, path);
  assertEquals((await documentedArgs(`migration/${path}`))[0], "run");
  return text.slice(text.indexOf("*/\n") + 3);
}

Deno.test("each example of a migration is on its page as it is, and each page is in the index", async () => {
  const index = await Deno.readTextFile(new URL("README.md", PAGES));
  const pages = [...Deno.readDirSync(PAGES)].map(({ name }) => name).filter((name) => name !== "README.md");
  for (const name of pages) assertStringIncludes(index, `](${name})`);
  const peers = [...Deno.readDirSync(FOLDER)].map(({ name }) => name);
  // a program in Dart cannot run here
  assertEquals(
    peers.map((peer) => `${peer.replaceAll("_", "-")}.md`).sort(),
    pages.filter((name) => name !== "dart.md").sort(),
  );
  for (const peer of peers) {
    const page = await Deno.readTextFile(new URL(`${peer.replaceAll("_", "-")}.md`, PAGES));
    const names = [...Deno.readDirSync(new URL(`${peer}/`, FOLDER))].map(({ name }) => name);
    assertEquals(names.map((name) => name.split(".")[0]).sort(), ["after", "before"]);
    for (const name of names) {
      assertStringIncludes(page, `\n${await programOf(`${peer}/${name}`)}\`\`\``, `${peer}/${name}`);
    }
  }
});
