/**
 * Tables that fit the terminal.
 *
 * @module
 */
import type { Style, StyleName } from "./style.ts";
import { cutTo, padTo, widthOf } from "./terminal_text.ts";

/** A column of a table. */
export interface Column {
  readonly title: string;
  /** The number of columns of the terminal to which it may shrink. Without it, it does not shrink. */
  readonly minWidth?: number;
  /** Whether it is left out if the others do not fit. The last such column is left out first. */
  readonly isOptional?: boolean;
}

/** A cell: a safe text and its style. */
export interface Cell {
  readonly text: string;
  readonly style?: StyleName;
}

const GAP = "  ";

/**
 * Returns the lines of a table, with its titles.
 *
 * @param columns The columns.
 * @param rows The cells of each row.
 * @param width The number of columns of the terminal; `Infinity` if it has none.
 * @param style The style.
 */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  width: number,
  style: Style,
): string[] {
  const natural = columns.map(({ title }, index) =>
    Math.max(widthOf(title), ...rows.map((row) => widthOf(row[index]?.text ?? "")))
  );
  const shown = shownColumns(columns, natural, width);
  const widths = shrink(
    shown.map((index) => natural[index] ?? 0),
    shown.map((index) => columns[index]?.minWidth),
    width,
  );
  const line = (cells: readonly Cell[]): string =>
    shown.map((index, place) => {
      const { text, style: name = "plain" } = cells[index] ?? { text: "" };
      const columnsOfCell = widths[place] ?? 0;
      const cut = cutTo(text, columnsOfCell);
      const isLast = place === shown.length - 1;
      return style(cut, name) + (isLast ? "" : padTo(cut, columnsOfCell).slice(cut.length));
    }).join(GAP).trimEnd();
  return [line(columns.map(({ title }) => ({ text: title, style: "bold" }))), ...rows.map(line)];
}

/** Returns the indexes of the columns that fit. */
function shownColumns(columns: readonly Column[], natural: readonly number[], width: number): number[] {
  let shown = columns.map((_, index) => index);
  const least = (): number =>
    shown.reduce((sum, index) => {
      const { minWidth } = columns[index] ?? {};
      return sum + Math.min(natural[index] ?? 0, minWidth ?? Infinity) + GAP.length;
    }, -GAP.length);
  while (least() > width) {
    const dropped = shown.findLast((index) => columns[index]?.isOptional);
    if (dropped === undefined) break;
    shown = shown.filter((index) => index !== dropped);
  }
  return shown;
}

/** Makes the widest column that can shrink narrower until all fit. */
function shrink(widths: readonly number[], minWidths: readonly (number | undefined)[], width: number): number[] {
  const result = [...widths];
  let excess = result.reduce((sum, one) => sum + one + GAP.length, -GAP.length) - width;
  while (excess > 0) {
    let widest = -1;
    for (const [index, one] of result.entries()) {
      const canShrink = one > (minWidths[index] ?? Infinity);
      if (canShrink && (widest < 0 || one > (result[widest] ?? 0))) widest = index;
    }
    if (widest < 0) break;
    result[widest] = (result[widest] ?? 0) - 1;
    excess--;
  }
  return result;
}
