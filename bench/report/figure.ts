const DIGITS = 3;

/** From here on whole numbers need no decimals beside fractions. */
const LARGE = 10 ** (DIGITS - 1);

function rounded(value: number): string {
  const short = Number(value.toPrecision(DIGITS));
  // as many decimals as the digits before the point leave, also where they are zeros
  const decimals = Math.max(0, DIGITS - 1 - Math.floor(Math.log10(Math.abs(short))));
  return short.toLocaleString("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** Formats a number: a whole one in full, any other with three significant digits. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return "-";
  return Number.isInteger(value) ? value.toLocaleString("en") : rounded(value);
}

/** Formats the cells of a column. Among fractions, small whole numbers have decimals too. */
export function columnCells(values: readonly (string | number)[]): string[] {
  const hasFractions = values.some((value) => typeof value === "number" && !Number.isInteger(value));
  return values.map((value) => {
    if (typeof value === "string") return value;
    return hasFractions && value !== 0 && Math.abs(value) < LARGE ? rounded(value) : figure(value);
  });
}

/** Formats all cells of some rows. */
export function rowsOfCells(rows: readonly (readonly (string | number)[])[], columns: number): string[][] {
  const shown = Array.from({ length: columns }, (_, column) => columnCells(rows.map((row) => row[column] ?? "")));
  return rows.map((_, row) => shown.map((cells) => cells[row] ?? ""));
}

/** Formats round numbers briefly for an axis: 20, 5k and 50k, 1M. */
export function axisFigures(values: readonly number[]): string[] {
  const max = Math.max(...values.map(Math.abs));
  return values.map((value) => {
    const size = Math.abs(value);
    // thousands stand in full where nothing is larger
    const units = [[1e9, "G"], [1e6, "M"], ...(max >= 1e4 ? [[1e3, "k"]] : [])] as [number, string][];
    const [unit, sign] = units.find(([min]) => size >= min) ?? [1, ""];
    return `${(value / unit).toLocaleString("en", { maximumSignificantDigits: 6 })}${sign}`;
  });
}
