// Stands in for @std/async: the modules that the tests use. The index of npm:deno-std cannot be imported, as it names a missing
// file.

export type * from "./async_types.d.ts";
// @ts-types="./async_types.d.ts"
export { abortable } from "deno-std/async/abortable.js";
// @ts-types="./async_types.d.ts"
export { deadline } from "deno-std/async/deadline.js";
// @ts-types="./async_types.d.ts"
export { delay } from "deno-std/async/delay.js";
