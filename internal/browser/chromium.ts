/**
 * Chromium, for tests and pictures of pages.
 *
 * @module
 */
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";

/** The names of the program on the PATH, and where it is on macOS and Windows. */
const PROGRAMS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const PATHS = [
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:/Program Files/Google/Chrome/Application/chrome.exe",
];

/** Returns the path of Chromium; `undefined` if there is none. The environment variable NEAT_CHROMIUM names another one. */
export async function findChromium(): Promise<string | undefined> {
  const named = Deno.env.get("NEAT_CHROMIUM");
  if (named) return named;
  const separator = Deno.build.os === "windows" ? ";" : ":";
  const folders = (Deno.env.get("PATH") ?? "").split(separator).filter((folder) => folder !== "");
  const paths = [...PROGRAMS.flatMap((name) => folders.map((folder) => `${folder}/${name}`)), ...PATHS];
  for (const path of paths) {
    if (await Deno.stat(path).then(({ isFile }) => isFile, () => false)) return path;
  }
  return undefined;
}

/** A browser that ends with its block. */
export class ChromiumBrowser implements AsyncDisposable {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  /** Starts a browser without a window. */
  static async start(executablePath: string): Promise<ChromiumBrowser> {
    // Chromium refuses to run as root with its sandbox, and containers often have no other user
    const args = Deno.build.os === "linux" && Deno.uid() === 0 ? ["--no-sandbox"] : [];
    return new ChromiumBrowser(await chromium.launch({ executablePath, args }));
  }

  /** Opens a window with its own cookies. */
  async window(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    return await this.#browser.newContext(options);
  }

  /** Opens a page in a window of its own. */
  async page(options: BrowserContextOptions = {}): Promise<Page> {
    return await (await this.window(options)).newPage();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}
