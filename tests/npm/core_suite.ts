// Tests of the core in real time, for `node:test` on Node and Bun: bundled, and run against the installed package.
//
// They do not depend on the machine's speed: expected events are waited for, and unexpected ones would need an hour.

import "./core/options_suite.ts";
import "./core/record_suite.ts";
import "./core/runs_suite.ts";
import "./core/stop_suite.ts";
