import config from "../../deno.json" with { type: "json" };

/** The versions of hono that the package accepts, as npm takes them. npm installs the newest. */
export const HONO: string = config.imports.hono.replace("jsr:@hono/hono@", "hono@");

/** The oldest of these versions. */
export const OLDEST_HONO: string = HONO.replace("^", "");
