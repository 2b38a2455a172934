/**
 * The files that pages load.
 *
 * @module
 */
import { ICON } from "./icon.ts";
import { SCRIPT } from "./script.ts";
import { STYLE } from "./style.ts";

/** The files that pages load, by their names. */
export const ASSETS: Readonly<Record<string, { readonly type: string; readonly text: string }>> = {
  "style.css": { type: "text/css; charset=utf-8", text: STYLE },
  "script.js": { type: "text/javascript; charset=utf-8", text: SCRIPT },
  "icon.svg": { type: "image/svg+xml", text: ICON },
};
