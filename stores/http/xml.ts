/**
 * Reads the XML in responses: elements and their text.
 *
 * @module
 */

/** An element. Attributes are not kept. */
export interface XmlElement {
  readonly name: string;
  /** Its own text, decoded. */
  readonly text: string;
  readonly children: readonly XmlElement[];
}

interface OpenElement {
  readonly name: string;
  text: string;
  readonly children: XmlElement[];
}

/** Deeper than any response of a service. */
const MAX_DEPTH = 20;

const PREDEFINED: ReadonlyMap<string, string> = new Map([
  ["lt", "<"],
  ["gt", ">"],
  ["amp", "&"],
  ["apos", "'"],
  ["quot", '"'],
]);

/** A comment, a part of plain text, an instruction, or a tag. There is no DOCTYPE, which could define entities. */
const MARKUP =
  /<!--(?:(?!--).)*-->|<!\[CDATA\[(?<plain>.*?)\]\]>|<\?.*?\?>|<(?<end>\/)?(?<name>[A-Za-z_][\w.:-]*)(?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*(?<empty>\/)?>/sy;

const TEXT = /[^<]+/y;

/**
 * Parses a document.
 *
 * @param document The document.
 * @returns Its outermost element; `undefined` if it is not well-formed, or declares a DOCTYPE.
 */
export function parseXml(document: string): XmlElement | undefined {
  const outside: OpenElement = { name: "", text: "", children: [] };
  const open: OpenElement[] = [outside];
  for (let position = document.startsWith("\uFEFF") ? 1 : 0; position < document.length;) {
    const current = open.at(-1) ?? outside;
    const isMarkup = document[position] === "<";
    const pattern = isMarkup ? MARKUP : TEXT;
    pattern.lastIndex = position;
    const match = pattern.exec(document);
    if (!match) return undefined;
    position = pattern.lastIndex;
    const text = isMarkup ? match.groups?.["plain"] : decodeEntities(match[0]);
    if (text !== undefined) current.text += text;
    else if (!isMarkup || !takeTag(open, match.groups)) return undefined;
  }
  const [root, ...others] = outside.children;
  return open.length === 1 && others.length === 0 && outside.text.trim() === "" ? root : undefined;
}

/** Opens or closes an element. Returns whether the tag fits there. */
function takeTag(open: OpenElement[], groups: RegExpExecArray["groups"] = {}): boolean {
  const { name, end, empty } = groups;
  const isCommentOrInstruction = name === undefined;
  if (isCommentOrInstruction) return true;
  const current = open.at(-1);
  if (!end) {
    const element: OpenElement = { name, text: "", children: [] };
    current?.children.push(element);
    if (!empty) open.push(element);
    return open.length <= MAX_DEPTH;
  }
  if (empty || open.length === 1 || current?.name !== name) return false;
  open.pop();
  return true;
}

/** Replaces the entities in a text; `undefined` if there is one that is not defined. */
function decodeEntities(text: string): string | undefined {
  let isValid = true;
  const decoded = text.replace(/&([^;&]{0,10};?)/g, (_, reference: string) => {
    const character = reference.endsWith(";") ? characterOf(reference.slice(0, -1)) : undefined;
    if (character === undefined) isValid = false;
    return character ?? "";
  });
  return isValid ? decoded : undefined;
}

function characterOf(reference: string): string | undefined {
  const [, hex, decimal] = /^#(?:x([\da-f]+)|(\d+))$/i.exec(reference) ?? [];
  if (hex === undefined && decimal === undefined) return PREDEFINED.get(reference);
  const code = hex === undefined ? Number(decimal) : parseInt(hex, 16);
  const isSurrogate = code >= 0xd800 && code <= 0xdfff;
  return code > 0 && code <= 0x10ffff && !isSurrogate ? String.fromCodePoint(code) : undefined;
}

/** The first child of a name. */
export function childOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((child) => child.name === name);
}

/** The text of the first child of a name; `undefined` if there is none, or if it is empty. */
export function textOfChild(element: XmlElement | undefined, name: string): string | undefined {
  return childOf(element, name)?.text || undefined;
}
