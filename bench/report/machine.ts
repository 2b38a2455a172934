import os from "node:os";

/** The machine of a measurement, without anything that identifies it. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly system: string;
}

/** Returns the name of the Linux distribution, if there is one. */
function distribution(): string | undefined {
  try {
    return /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(Deno.readTextFileSync("/etc/os-release"))?.[1];
  } catch {
    return undefined;
  }
}

/** Describes the current machine. */
export function thisMachine(): Machine {
  const cpus = os.cpus();
  // the rest of the release may name who built the kernel
  const [release] = /^\d+(?:\.\d+)*/.exec(os.release()) ?? [""];
  const system = [distribution(), `${os.type()} ${release}`.trim(), Deno.build.arch];
  return {
    cpu: cpus[0]?.model.replace(/\s+/g, " ").trim() || "unknown",
    cores: cpus.length || navigator.hardwareConcurrency,
    memoryGib: Math.round(os.totalmem() / 2 ** 30),
    system: system.filter((part) => part).join(", "),
  };
}

/** Formats a machine as a text. */
export function machineText({ cpu, cores, memoryGib, system }: Machine): string {
  return `${cpu}, ${cores} ${cores === 1 ? "core" : "cores"}, ${memoryGib} GiB of memory; ${system}`;
}
