/**
 * HTML with escaped values. Every text from a record passes through it.
 *
 * @module
 */
import { html as template, raw } from "hono/html";

/** HTML whose texts are escaped. */
export type Html = ReturnType<typeof raw>;

/** The fixed texts of templates, by the arrays that the runtime passes for them. */
const compacted = new WeakMap<TemplateStringsArray, TemplateStringsArray>();

/**
 * Returns HTML. Values are escaped, except for HTML; lists are joined, and `undefined` and `false` are left out. Line breaks and
 * the space around them are removed from the template, and not from values.
 *
 * Not named `html`, as formatters break the lines of such templates where a space counts.
 */
export function markup(strings: TemplateStringsArray, ...values: readonly unknown[]): Html {
  const known = compacted.get(strings) ?? compactedStrings(strings);
  compacted.set(strings, known);
  // a promise only if one of the values is a promise
  return template(known, ...values) as Html;
}

function compactedStrings(strings: TemplateStringsArray): TemplateStringsArray {
  const texts = strings.map((text) => text.replace(/\s*\n\s*/g, ""));
  return Object.assign(texts, { raw: texts });
}

/** Returns HTML that this package has written itself. */
export function trusted(text: string): Html {
  return raw(text);
}

/** Returns a text that a URL can contain. A lone half of a character, which no URL can contain, is replaced. */
export function encoded(text: string): string {
  return encodeURIComponent(text.replace(/\p{Cs}/gu, "\ufffd")).replaceAll("'", "%27");
}

/** Returns the id of the row of a task. */
export function rowId(name: string): string {
  return `row-${encoded(name)}`;
}

/** Returns the relative address of the page of a task. The name is a parameter, as proxies and browsers change `..` and slashes in paths. */
export function taskAddress(name: string): string {
  return `task?name=${encoded(name)}`;
}
