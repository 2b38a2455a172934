/** Escapes a text for an element or an attribute. */
export function escaped(text: string): string {
  return text.replace(/\s+/g, " ").trim().replace(/[&<>"]/g, (sign) => ENTITIES[sign] ?? sign);
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Estimates the maximum width of a text in the usual sans-serif fonts. */
export function widthOf(text: string, fontSize: number): number {
  let ems = 0;
  for (const sign of text) {
    ems += /[mwMW@%]/.test(sign) ? 0.95 : /[iljtf.,:;'|()[\] -]/.test(sign) ? 0.38 : /[A-Z]/.test(sign) ? 0.72 : 0.6;
  }
  return ems * fontSize;
}

/** Breaks a text into lines of a maximum width. Longer words stay whole. */
export function wrapped(text: string, fontSize: number, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    const longer = last === undefined ? word : `${last} ${word}`;
    if (last === undefined || widthOf(longer, fontSize) > width) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

/** Formats a number for an attribute. */
export function place(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** A label and the position of its middle on an axis. */
export interface Placed {
  readonly text: string;
  readonly middle: number;
}

/** Leaves out labels that would touch the one before them. */
export function withoutOverlap<Label extends Placed>(labels: readonly Label[], fontSize: number, gap: number): Label[] {
  let end = -Infinity;
  return [...labels].sort((a, b) => a.middle - b.middle).filter(({ text, middle }) => {
    const half = widthOf(text, fontSize) / 2;
    if (middle - half < end + gap) return false;
    end = middle + half;
    return true;
  });
}
