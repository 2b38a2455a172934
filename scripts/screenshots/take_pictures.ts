// deno run -A scripts/screenshots/take_pictures.ts
//
// Makes the pictures of docs/dashboard.md in docs/images, with Chromium and sample tasks. screenshots.ts runs this in a process of
// its own, which finds hono where JSR cannot be reached too.

import { ChromiumBrowser, findChromium } from "../../internal/browser/chromium.ts";
import { SAMPLE_TASKS, sampleGroup, sampleStore } from "../../internal/dashboard/sample_tasks.ts";
import { ROOT } from "../../internal/processes/deno_command.ts";
import { dashboard } from "../../src/dashboard.ts";

const DESKTOP = { width: 1_240, height: 860 };
const PHONE = { width: 390, height: 844 };

/** A picture of a page. */
interface Picture {
  readonly name: string;
  readonly path: string;
  readonly colorScheme: "light" | "dark";
  readonly viewport: { readonly width: number; readonly height: number };
}

const PICTURES: readonly Picture[] = [
  { name: "dashboard-light", path: "", colorScheme: "light", viewport: DESKTOP },
  { name: "dashboard-dark", path: "", colorScheme: "dark", viewport: DESKTOP },
  { name: "dashboard-task", path: "task?name=invoices%2Fsend", colorScheme: "light", viewport: DESKTOP },
  { name: "dashboard-phone", path: "", colorScheme: "dark", viewport: PHONE },
];

/** Takes the pictures. Returns the bytes of each by its name. */
async function takePictures(program: string): Promise<Map<string, number>> {
  const store = await sampleStore(SAMPLE_TASKS);
  const group = sampleGroup(SAMPLE_TASKS, store);
  const ending = new AbortController();
  const app = dashboard({ group, actions: true, signal: ending.signal });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, app.fetch);
  const sizes = new Map<string, number>();
  try {
    await using browser = await ChromiumBrowser.start(program);
    for (const { name, path, colorScheme, viewport } of PICTURES) {
      const page = await browser.page({ colorScheme, viewport, reducedMotion: "reduce" });
      await page.goto(`http://127.0.0.1:${server.addr.port}/${path}`);
      await page.locator("#live.on").waitFor();
      const file = new URL(`docs/images/${name}.png`, ROOT);
      const bytes = await page.screenshot({ animations: "disabled" });
      await Deno.writeFile(file, bytes);
      sizes.set(name, await optimised(file));
    }
  } finally {
    ending.abort();
    await server.shutdown();
  }
  return sizes;
}

/** Makes a picture smaller where pngquant or oxipng is installed. Returns its bytes. */
async function optimised(file: URL): Promise<number> {
  const path = file.pathname;
  const commands = [["pngquant", "--force", "--skip-if-larger", "--output", path, "64", path], [
    "oxipng",
    "-q",
    "-o",
    "4",
    path,
  ]];
  for (const [program = "", ...args] of commands) {
    try {
      await new Deno.Command(program, { args, stdout: "null", stderr: "null" }).output();
    } catch {
      // it is not installed
    }
  }
  return (await Deno.stat(file)).size;
}

if (import.meta.main) {
  const program = await findChromium();
  if (program === undefined) {
    throw new Error("Cannot take pictures as Chromium is not installed: current value is none");
  }
  await Deno.mkdir(new URL("docs/images", ROOT), { recursive: true });
  for (const [name, bytes] of await takePictures(program)) {
    console.log(`${String(bytes).padStart(7)} bytes  ${name}.png`);
  }
}
