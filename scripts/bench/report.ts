/** Prints rows as aligned columns: the first is text and stands to the left, the last may be a remark, all others are figures. */
export function printTable(header: string[], rows: string[][]): void {
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

/** The title of a part, and what to know of it. */
export function printTitle(title: string, ...remarks: string[]): void {
  console.log([`\n${title}`, ...remarks.map((remark) => `  ${remark}`)].join("\n"));
}

/** What to say beside a figure that has a goal. */
export function goal(isMet: boolean, limit: string): string {
  return `(goal ${isMet ? "met" : "missed"}: ${limit})`;
}

/** One figure over another. */
export function ratio(value: number, base: number): string {
  return base > 0 ? `${(value / base).toFixed(2)} x` : "-";
}
