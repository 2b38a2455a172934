// RUNTIME open_program.mjs
//
// A program for Node and Bun that is bundled and run against the installed package, in a project without drivers. It prints what
// comes of each URL, as JSON.

import { openStore } from "@neat/periodic-task/stores/open";

const URLS = [
  "memory:",
  "postgres://user:secret@127.0.0.1:1/db",
  "redis://:secret@127.0.0.1:1",
  "mysql://user:secret@127.0.0.1:1/db",
  "libsql://127.0.0.1",
  "deno-kv::memory:",
  "sqlite::memory:",
  "gs://bucket?endpoint=http://127.0.0.1:1&timeout=100ms",
  "s3://bucket?region=x",
];

/** The outcome of opening and closing a store. */
async function outcomeOf(url: string): Promise<string> {
  try {
    const store = await openStore(url);
    const { name } = store.constructor;
    await store.close();
    return name;
  } catch (error) {
    return (error as Error).message;
  }
}

async function main(): Promise<void> {
  const outcomes: Record<string, string> = {};
  for (const url of URLS) outcomes[new URL(url).protocol] = await outcomeOf(url);
  console.log(JSON.stringify(outcomes));
}

main();
