/** Prints rows as aligned columns. The first column is text, the last may be a remark, all others are figures. */
export function printTable(header: readonly string[], rows: readonly (readonly string[])[]): void {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  for (const row of all) {
    const cells = row.map((cell, column) => {
      if (column >= widths.length) return cell;
      return column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
    });
    console.log(`  ${cells.join("  ").trimEnd()}`);
  }
}

/** Prints the title of a part with remarks. */
export function printTitle(title: string, ...remarks: string[]): void {
  console.log([`\n${title}`, ...remarks.map((remark) => `  ${remark}`)].join("\n"));
}

/** Formats a goal as a remark on a figure. */
export function goal(isMet: boolean, limit: string): string {
  return `(goal ${isMet ? "met" : "missed"}: ${limit})`;
}

/** Formats one figure as a multiple of another. */
export function ratio(value: number, base: number): string {
  return base > 0 ? `${(value / base).toFixed(2)} x` : "-";
}
