import { fileURLToPath } from "node:url";
import { denoOrThrow, ROOT } from "../internal/processes/deno_command.ts";

/** The required coverage of all files together, in percent. */
const REQUIRED = { lines: 95, branches: 90 };
const WORST_FILES = 5;

interface Counts {
  hit: number;
  found: number;
}

interface FileCoverage {
  path: string;
  lines: Counts;
  branches: Counts;
}

function percent({ hit, found }: Counts): number {
  return found === 0 ? 100 : 100 * hit / found;
}

/** Reads the coverage of the package's files from an lcov report. */
function parseLcov(lcov: string): FileCoverage[] {
  const root = fileURLToPath(ROOT);
  const count = (section: string, name: string): number =>
    Number(new RegExp(`^${name}:(\\d+)`, "m").exec(section)?.[1] ?? 0);
  return lcov.split("end_of_record").flatMap((section) => {
    const path = /^SF:(.*)$/m.exec(section)?.[1]?.replace(root, "").replaceAll("\\", "/") ?? "";
    // documentation examples have names such as src/duration.ts#3-10.ts
    if (!/^(src|stores)\/[^#]*$/.test(path)) return [];
    const lines = { hit: count(section, "LH"), found: count(section, "LF") };
    const branches = { hit: count(section, "BRH"), found: count(section, "BRF") };
    return [{ path, lines, branches }];
  });
}

function sum(files: FileCoverage[], part: "lines" | "branches"): Counts {
  return {
    hit: files.reduce((total, file) => total + file[part].hit, 0),
    found: files.reduce((total, file) => total + file[part].found, 0),
  };
}

function row({ path, lines, branches }: FileCoverage): string {
  const cells = [lines, branches].map((counts) => `${percent(counts).toFixed(1).padStart(6)} %`);
  return `${cells.join("  ")}  ${path}`;
}

/** Prints the coverage that a test run left in a folder, and throws if it is too low. */
export async function checkCoverage(folder: string): Promise<void> {
  const files = parseLcov(await denoOrThrow(["coverage", "--lcov", folder], { capture: true }));
  const total = { path: "total", lines: sum(files, "lines"), branches: sum(files, "branches") };
  const lowest = (file: FileCoverage): number => Math.min(percent(file.lines), percent(file.branches));
  const worst = files.toSorted((a, b) => lowest(a) - lowest(b)).slice(0, WORST_FILES);
  console.log(["   lines  branches", ...[...worst, total].map(row)].join("\n"));
  for (const part of ["lines", "branches"] as const) {
    const reached = percent(total[part]);
    if (files.length === 0 || reached < REQUIRED[part]) {
      throw new Error(
        `Cannot accept the coverage as ${REQUIRED[part]} % of ${part} are required: ` +
          `current value is ${files.length === 0 ? "no file" : `${reached.toFixed(2)} %`}`,
      );
    }
  }
}
