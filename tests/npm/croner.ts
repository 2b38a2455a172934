import config from "../../deno.json" with { type: "json" };

/** The versions of croner that the package accepts, as npm takes them. npm installs the newest. */
export const CRONER: string = config.imports.croner.replace("jsr:@hexagon/croner@", "croner@");

/** The oldest of these versions. */
export const OLDEST_CRONER: string = CRONER.replace("^", "");
