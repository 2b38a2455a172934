import os from "node:os";

/** What was measured on, without anything that would tell whose it is or where it stands. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly system: string;
}

/** The name of a Linux distribution, if this is one and it tells. */
function distribution(): string | undefined {
  try {
    return /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(Deno.readTextFileSync("/etc/os-release"))?.[1];
  } catch {
    return undefined;
  }
}

/** The machine that this runs on. */
export function thisMachine(): Machine {
  const cpus = os.cpus();
  // the rest of a release may name who has built the kernel
  const [release] = /^\d+(?:\.\d+)*/.exec(os.release()) ?? [""];
  const system = [distribution(), `${os.type()} ${release}`.trim(), Deno.build.arch];
  return {
    cpu: cpus[0]?.model.replace(/\s+/g, " ").trim() || "unknown",
    cores: cpus.length || navigator.hardwareConcurrency,
    memoryGib: Math.round(os.totalmem() / 2 ** 30),
    system: system.filter((part) => part).join(", "),
  };
}

/** A machine in words. */
export function machineText({ cpu, cores, memoryGib, system }: Machine): string {
  return `${cpu}, ${cores} ${cores === 1 ? "core" : "cores"}, ${memoryGib} GiB of memory; ${system}`;
}
