import { rowsOfCells } from "./figure.ts";

/** Escapes a text for one line or cell. It may contain code between backticks. */
export function plain(text: string): string {
  const line = text.replace(/\s+/g, " ").trim().replaceAll("|", "\\|");
  // code is not escaped
  return line.split("`").map((part, index) => index % 2 === 0 ? part.replace(/<(?=[a-z/!])/gi, "&lt;") : part).join(
    "`",
  );
}

/** Whether a column contains figures and so is aligned to the right. */
function isFigures(cells: readonly (string | number)[]): boolean {
  return cells.length > 0 && cells.every((value) => typeof value === "number" || /^(?:[-–]$|[<>~≤≥-]?\d)/.test(value));
}

/** Makes a table with aligned columns. Figures are aligned to the right. */
export function markdownTable(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const texts = [header, ...rowsOfCells(rows, header.length)].map((row) => row.map(plain));
  const isRight = header.map((_, column) => column > 0 && isFigures(rows.map((row) => row[column] ?? "")));
  const widths = header.map((_, column) => Math.max(3, ...texts.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rule = widths.map((width, column) => isRight[column] ? `${"-".repeat(width - 1)}:` : "-".repeat(width));
  const [top, ...body] = texts.map((row) =>
    line(row.map((text, column) => isRight[column] ? text.padStart(widths[column]!) : text.padEnd(widths[column]!)))
  );
  return [top, line(rule), ...body].join("\n");
}

/** Makes a list of sentences. */
export function markdownList(sentences: readonly string[]): string {
  return sentences.map((sentence) => `- ${plain(sentence)}`).join("\n");
}
