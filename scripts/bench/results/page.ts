import { machineText } from "./machine.ts";
import { markdownList, markdownTable, plain } from "./markdown.ts";
import type { Measured } from "./measured.ts";

const HEAD = `# Benchmarks

<!-- Written by "deno task bench:peers --write" from results/*.json. What is changed here by hand is lost. -->

What this package costs, beside what a user would pick instead and beside the least that it could cost, the floor. All
figures of a part come from one run on one machine, in which all took turns: compare them with one another, and hardly with
those of another machine. Each is the median of several measurements in processes of their own.`;

const AGAIN =
  `To measure all of it again, run \`deno task bench:peers --write\`, which takes hours; \`--only\` with the names in brackets
measures some parts only. Without \`--write\` the figures are printed, and with \`--short\` it takes minutes and the figures mean
little.`;

/** The page of all that was found. */
export function pageOf(all: readonly Measured[]): string {
  const machines = new Set(all.map(({ machine }) => machineText(machine)));
  const [machine] = machines;
  const parts = [HEAD, AGAIN];
  if (machines.size === 1) parts.push(`Measured on: ${plain(machine!)}.`);
  parts.push("## Where the figures stand", goalsOfAll(all));
  for (const measured of all) parts.push(partText(measured, machines.size > 1));
  return `${parts.join("\n\n")}\n`;
}

function goalsOfAll(all: readonly Measured[]): string {
  const goals = all.flatMap(({ section: { id, goals } }) => goals.map((goal) => ({ id, ...goal })));
  const met = goals.filter(({ isMet }) => isMet).length;
  const rows = goals.map(({ id, what, limit, value, isMet }) => [id, what, limit, value, isMet ? "met" : "**missed**"]);
  return `${met} of ${goals.length} goals are met.\n\n${markdownTable(["part", "figure", "goal", "found", ""], rows)}`;
}

/** How a part was measured, in a line. */
function circumstances({ date, command, repetitions, section, machine }: Measured, tellsMachine: boolean): string {
  const versions = Object.entries(section.versions).map(([name, version]) => `${name} ${version}`);
  const times = repetitions === 1 ? "measured once" : `median of ${repetitions} measurements`;
  return [
    `\`${command}\`, ${date}, ${times}`,
    ...(tellsMachine ? [` on ${plain(machineText(machine))}`] : []),
    ...(versions.length > 0 ? [`, with ${plain(versions.join(", "))}`] : []),
    ".",
  ].join("");
}

function partText(measured: Measured, tellsMachine: boolean): string {
  const { section } = measured;
  return [
    `## ${plain(section.title)} (\`${section.id}\`)`,
    circumstances(measured, tellsMachine),
    ...section.charts.map(({ file, title }) => `![${plain(title)}](charts/${file}.svg)`),
    ...section.tables.flatMap(({ caption, header, rows }) => [`**${plain(caption)}**`, markdownTable(header, rows)]),
    ...(section.notes.length > 0 ? ["**Notes**", markdownList(section.notes)] : []),
  ].join("\n\n");
}
