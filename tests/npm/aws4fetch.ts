import config from "../../deno.json" with { type: "json" };

/** The versions of aws4fetch that the package accepts, as npm takes them. npm installs the newest. */
export const AWS4FETCH: string = config.imports.aws4fetch.replace("npm:", "");
