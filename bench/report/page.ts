import { machineText } from "./machine.ts";
import { markdownList, markdownTable, plain } from "./markdown.ts";
import type { MeasuredPart } from "./measured.ts";

const HEAD = `# Benchmarks

<!-- Written by "deno task bench:peers --write" from results/*.json. Changes by hand are lost. -->

The cost of this package, beside its peers and beside the minimum possible cost, the floor. All figures of a part come from one run
on one machine, in which the candidates took turns: compare them with one another, not with those of another machine. Each is the
median of several measurements in processes of their own.`;

const AGAIN =
  `To measure all parts again, run \`deno task bench:peers --write\`, which takes hours; \`--only\` with the names in brackets
measures some parts. Without \`--write\` the figures are only printed. With \`--short\` it takes minutes, and the figures mean
little.`;

/** Makes the page of all results. */
export function pageOf(all: readonly MeasuredPart[]): string {
  const machines = new Set(all.map(({ machine }) => machineText(machine)));
  const [machine = ""] = machines;
  const parts = [HEAD, AGAIN];
  if (machines.size === 1) parts.push(`Measured on: ${plain(machine)}.`);
  parts.push("## Goals", goalsOfAll(all));
  for (const measured of all) parts.push(partText(measured, machines.size > 1));
  return `${parts.join("\n\n")}\n`;
}

function goalsOfAll(all: readonly MeasuredPart[]): string {
  const goals = all.flatMap(({ section: { id, goals } }) => goals.map((goal) => ({ id, ...goal })));
  const met = goals.filter(({ isMet }) => isMet).length;
  const rows = goals.map(({ id, what, limit, value, isMet }) => [id, what, limit, value, isMet ? "met" : "**missed**"]);
  return `${met} of ${goals.length} goals are met.\n\n${markdownTable(["part", "figure", "goal", "found", ""], rows)}`;
}

/** Says in a line how a part was measured. */
function measurementText(
  { date, command, repetitions, section, machine }: MeasuredPart,
  showsMachine: boolean,
): string {
  const versions = Object.entries(section.versions).map(([name, version]) => `${name} ${version}`);
  const times = repetitions === 1 ? "measured once" : `median of ${repetitions} measurements`;
  return [
    `\`${command}\`, ${date}, ${times}`,
    ...(showsMachine ? [` on ${plain(machineText(machine))}`] : []),
    ...(versions.length > 0 ? [`, with ${plain(versions.join(", "))}`] : []),
    ".",
  ].join("");
}

function partText(measured: MeasuredPart, showsMachine: boolean): string {
  const { section } = measured;
  return [
    `## ${plain(section.title)} (\`${section.id}\`)`,
    measurementText(measured, showsMachine),
    ...section.charts.map(({ file, title }) => `![${plain(title)}](charts/${file}.svg)`),
    ...section.tables.flatMap(({ caption, header, rows }) => [`**${plain(caption)}**`, markdownTable(header, rows)]),
    ...(section.notes.length > 0 ? ["**Notes**", markdownList(section.notes)] : []),
  ].join("\n\n");
}
