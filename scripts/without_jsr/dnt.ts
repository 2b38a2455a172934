// Stands in for @deno/dnt in type checks. dnt comes from JSR only.

/** The options that scripts/npm/dnt_build.ts passes. */
export interface BuildOptions {
  entryPoints: { name: string; path: string }[];
  outDir: string;
  shims: { deno: boolean | "dev" };
  test: boolean;
  testPattern: string;
  importMap?: string;
  mappings?: Record<string, { name: string; version: string; peerDependency: boolean; subPath?: string }>;
  typeCheck: "both";
  declaration: "inline";
  scriptModule: "cjs";
  skipSourceOutput: boolean;
  compilerOptions: { target: "ES2022"; lib: ("ESNext" | "DOM" | "DOM.Iterable")[] };
  package: { name: string; version: string; devDependencies: Record<string, string> };
}

export function build(_options: BuildOptions): Promise<void> {
  return Promise.reject(new Error("Cannot build with dnt as JSR cannot be reached: current value is a stand-in"));
}
