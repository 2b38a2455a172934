// In a file of its own, so that both compilers run at the same time.

import { compilerTest } from "./typescript_project.ts";

compilerTest({ version: "5.4.5", nodeTypes: "20", runtimeTypes: [] });
