const DIGITS = 3;

/** Whole numbers from here on need no decimals beside fractions. */
const LARGE = 10 ** (DIGITS - 1);

function rounded(value: number): string {
  const short = Number(value.toPrecision(DIGITS));
  // as many decimals as the digits before the point leave, also where they are zeros
  const decimals = Math.max(0, DIGITS - 1 - Math.floor(Math.log10(Math.abs(short))));
  return short.toLocaleString("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** A number as it is shown alone: a whole one in full, any other with three significant digits. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return "-";
  return Number.isInteger(value) ? value.toLocaleString("en") : rounded(value);
}

/** The cells of a column: among fractions, small whole numbers are shown as these are. */
export function columnCells(values: readonly (string | number)[]): string[] {
  const hasFractions = values.some((value) => typeof value === "number" && !Number.isInteger(value));
  return values.map((value) => {
    if (typeof value === "string") return value;
    return hasFractions && value !== 0 && Math.abs(value) < LARGE ? rounded(value) : figure(value);
  });
}

/** Rows with each cell as it is shown. */
export function rowsOfCells(rows: readonly (readonly (string | number)[])[], columns: number): string[][] {
  const shown = Array.from({ length: columns }, (_, column) => columnCells(rows.map((row) => row[column] ?? "")));
  return rows.map((_, row) => shown.map((cells) => cells[row]!));
}

/** Round numbers as an axis shows them, in little room: 20, 5k and 50k, 1M. */
export function axisFigures(values: readonly number[]): string[] {
  const most = Math.max(...values.map(Math.abs));
  return values.map((value) => {
    const size = Math.abs(value);
    // thousands stand in full where nothing is larger
    const units = [[1e9, "G"], [1e6, "M"], ...(most >= 1e4 ? [[1e3, "k"]] : [])] as [number, string][];
    const [unit, sign] = units.find(([least]) => size >= least) ?? [1, ""];
    return `${(value / unit).toLocaleString("en", { maximumSignificantDigits: 6 })}${sign}`;
  });
}
