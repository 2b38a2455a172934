// Stands in for @std/assert.

// @ts-types="./assert_types.d.ts"
export * from "deno-std/assert/mod.js";
