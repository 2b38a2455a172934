// Stands in for @std/async: those of its modules that the tests use. npm:deno-std's list of all of them cannot be
// imported, as it names a file that is missing.

export type * from "./async_types.d.ts";
// @ts-types="./async_types.d.ts"
export { abortable } from "deno-std/async/abortable.js";
// @ts-types="./async_types.d.ts"
export { deadline } from "deno-std/async/deadline.js";
// @ts-types="./async_types.d.ts"
export { delay } from "deno-std/async/delay.js";
