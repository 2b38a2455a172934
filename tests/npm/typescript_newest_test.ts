// In a file of its own, so that both compilers run at the same time.

import { compilerTest } from "./typescript_project.ts";

compilerTest({
  version: "7.0.2",
  nodeTypes: "26",
  runtimeTypes: [
    { runtime: "Bun", package: "@types/bun@1.4.5", lib: ["ESNext"], types: ["bun"] },
    {
      runtime: "Cloudflare",
      package: "@cloudflare/workers-types@5.20261117.1",
      lib: ["ES2022"],
      types: ["@cloudflare/workers-types"],
    },
  ],
});
