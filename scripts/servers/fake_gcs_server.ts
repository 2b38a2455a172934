import { fileURLToPath } from "node:url";
import { ROOT } from "../deno_command.ts";

/** After its mends of conditional uploads in parts and of conditional downloads. */
const VERSION = "v1.56.1";

/** Where what was built stays, so that it is built once. */
const FOLDER = fileURLToPath(new URL(`.cache/fake-gcs-server-${VERSION}`, ROOT));
const BINARY = `${FOLDER}/fake-gcs-server${Deno.build.os === "windows" ? ".exe" : ""}`;

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

/** Builds fsouza/fake-gcs-server with Go, if it isn't there. Answers with its path, or with why there is none. */
export async function buildFakeGcsServer(): Promise<{ path: string } | { reason: string }> {
  if (await isThere(BINARY)) return { path: BINARY };
  console.log(`Building fake-gcs-server ${VERSION} with Go, which takes a minute or two.`);
  try {
    const { success } = await new Deno.Command("go", {
      args: ["install", `github.com/fsouza/fake-gcs-server@${VERSION}`],
      env: { GOBIN: FOLDER, GOFLAGS: "-mod=mod" },
      stdin: "null",
    }).spawn().status;
    return success ? { path: BINARY } : { reason: "Go could not build it" };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { reason: "there is no Go on this machine" };
  }
}
