/**
 * The style of the pages.
 *
 * @module
 */

/** The style sheet, as text, so that no file is read at run time. */
export const STYLE: string = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #fff; --line: #dfe3e8; --text: #1b2129; --muted: #566170; --link: #2346b8; --focus: #2f5be0;
  --critical: #b3201a; --critical-soft: #fdecea; --warning: #855300; --warning-soft: #fdf3dc;
  --notice: #4b5768; --notice-soft: #eceff3; --ok: #1a7038; --ok-soft: #e6f4ea; --running: #2346b8; --running-soft: #e7ecfb;
  --bar: #7fa98c; --bar-failed: #c4302a; --bar-timeout: #b57300; --bar-aborted: #77828f; --on: #fff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #11151a; --card: #181d24; --line: #2b323c; --text: #e4e8ed; --muted: #9aa6b4; --link: #9db8ff; --focus: #9db8ff;
    --critical: #ff9b93; --critical-soft: #3a1b1a; --warning: #f0bd5c; --warning-soft: #35290f;
    --notice: #b2bdca; --notice-soft: #262d37; --ok: #7fd49a; --ok-soft: #16301f; --running: #9db8ff; --running-soft: #1d2847;
    --bar: #4f8261; --bar-failed: #f0655c; --bar-timeout: #dfa13a; --bar-aborted: #8591a0; --on: #181d24;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; max-width: 82rem; padding: 1rem 1.25rem 3rem; background: var(--page); color: var(--text);
  font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; font-variant-numeric: tabular-nums; }
a { color: var(--link); text-decoration: none; }
p a, a:hover { text-decoration: underline; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; border-radius: 4px; }
h1 { font-size: 1.15rem; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: .95rem; margin: 0 0 .6rem; }
p { margin: 0; }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem .5rem; margin-bottom: .9rem; }
.live { margin-left: auto; font-size: .85rem; color: var(--muted); }
#live::before { content: ""; display: inline-block; width: .5rem; height: .5rem; margin-right: .4rem; border-radius: 50%; background: var(--bar-timeout); }
#live.on::before { background: var(--ok); }
.muted { color: var(--muted); }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.icon { width: 1em; height: 1em; flex: none; vertical-align: -.12em; fill: currentColor; }
.icon .on { fill: none; stroke: var(--on); stroke-width: 1.9; stroke-linecap: round; stroke-linejoin: round; }
.icon.running .on { fill: var(--on); stroke-width: 1; }
.icon.critical, .message.critical, #summary.critical strong, #summary.critical .icon { color: var(--critical); }
.icon.warning, .message.warning, #summary.warning strong { color: var(--warning); }
.icon.notice, .icon.idle, .message.notice, .message.idle { color: var(--notice); }
.icon.running { color: var(--running); }
.icon.ok, #summary.ok strong { color: var(--ok); }
.summary { font-size: 1.5rem; line-height: 1.25; margin-bottom: 1rem; }
.summary .muted { font-size: 1rem; margin-left: .25rem; }
.summary .others::before { content: "· "; }
.summary .others { font-size: 1rem; color: var(--muted); margin-left: .6rem; }
.alert { background: var(--critical-soft); color: var(--critical); padding: .6rem .8rem; border-radius: 8px; margin-bottom: 1rem; overflow-wrap: anywhere; }
.badge { display: inline-flex; align-items: center; gap: .35em; padding: .12rem .5rem .12rem .4rem; border-radius: 99px; font-size: .82rem; font-weight: 600; white-space: nowrap; }
.badge.critical { color: var(--critical); background: var(--critical-soft); }
.badge.warning { color: var(--warning); background: var(--warning-soft); }
.badge.notice, .badge.idle { color: var(--notice); background: var(--notice-soft); }
.badge.running { color: var(--running); background: var(--running-soft); }
.badge.ok { color: var(--ok); background: var(--ok-soft); }
.badge .on { stroke: var(--card); }
.badge.running .on { fill: var(--card); }
.controls { display: flex; flex-wrap: wrap; gap: .6rem 1rem; align-items: center; justify-content: space-between; margin-bottom: .75rem; }
#chips ul { display: flex; flex-wrap: wrap; gap: .35rem; list-style: none; margin: 0; padding: 0; }
#chips a { display: inline-block; padding: .25rem .65rem; border: 1px solid var(--line); border-radius: 99px; background: var(--card); color: var(--text); }
#chips a[aria-current] { border-color: var(--text); background: var(--text); color: var(--page); }
#chips .number { opacity: .8; margin-left: .15rem; }
.filter { display: flex; flex-wrap: wrap; gap: .4rem .6rem; align-items: center; }
.filter label { display: inline-flex; gap: .4rem; align-items: center; }
.filter .label, .reason .label { color: var(--muted); }
input, select, button { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: .25rem .55rem; min-height: 2rem; }
input { border-color: color-mix(in srgb, var(--muted) 60%, var(--line)); width: 15rem; max-width: 100%; }
input::placeholder { color: var(--muted); opacity: 1; }
button { cursor: pointer; white-space: nowrap; }
button:hover { border-color: var(--muted); }
table { border-collapse: collapse; width: 100%; }
@media (min-width: 75rem) {
  .tasks { table-layout: fixed; }
  .tasks thead th:nth-child(1) { width: 8.4rem; }
  .tasks thead th:nth-child(3) { width: 10.1rem; }
  .tasks thead th:nth-child(4) { width: 13.4rem; }
  .tasks thead th:nth-child(5) { width: 11.6rem; }
  .tasks thead th:nth-child(6) { width: 12rem; }
}
.tasks { background: var(--card); border: 1px solid var(--line); border-radius: 10px; border-collapse: separate; border-spacing: 0; overflow: hidden; }
th { text-align: left; font-weight: 600; }
thead th { font-size: .8rem; color: var(--muted); padding: .45rem .75rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
.tasks td, .tasks tbody th { padding: .5rem .75rem; vertical-align: top; border-bottom: 1px solid var(--line); }
.tasks tbody tr:last-child > * { border-bottom: 0; }
.tasks tbody tr > :first-child { border-left: 3px solid transparent; }
.tasks thead th:first-child { border-left: 3px solid transparent; }
.task.critical > :first-child { border-left-color: var(--critical); }
.task.warning > :first-child { border-left-color: var(--bar-timeout); }
.task:target > * { background: var(--running-soft); }
.state { width: 1%; }
.name { min-width: 13rem; font-weight: 400; overflow-wrap: anywhere; }
.name a { font-weight: 600; color: var(--text); }
.name .muted, .name .message { display: block; font-size: .88rem; }
.name .message { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden; }
.runs { width: 1%; }
.bars { display: block; box-sizing: content-box; padding-bottom: 1px; border-bottom: 1px solid var(--line); }
.tasks .bars { margin-top: .1rem; }
.bars .finished { fill: var(--bar); }
.bars .failed, .bars .leaselost { fill: var(--bar-failed); }
.bars .timeout { fill: var(--bar-timeout); }
.bars .aborted { fill: var(--bar-aborted); }
.last, .due { width: 1%; min-width: 9rem; text-wrap: balance; }
.last .muted, .due .muted { display: block; font-size: .88rem; max-width: 15rem; overflow: hidden; text-overflow: ellipsis; }
.due > .muted:first-of-type { font-size: inherit; }
time.late { color: var(--warning); }
.actions { white-space: nowrap; width: 1%; }
.actions button { padding: .15rem .55rem; font-size: .88rem; min-height: 1.75rem; margin-right: .35rem; }
td.actions button:last-child { margin-right: 0; }
.none { text-align: center; color: var(--muted); }
#count { margin-top: .6rem; font-size: .88rem; }
main > section, .columns > section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: .8rem 1rem; margin-bottom: .8rem; overflow-wrap: anywhere; }
main > section[hidden], .columns > section[hidden] { display: none; }
.condition { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; justify-content: space-between; border-left: 4px solid var(--line) !important; }
.condition.critical { border-left-color: var(--critical) !important; }
.condition.warning { border-left-color: var(--bar-timeout) !important; }
.condition.ok { border-left-color: var(--ok) !important; }
.condition.running { border-left-color: var(--running) !important; }
.condition .actions { width: auto; }
.reason { margin: 0 0 .8rem 1.1rem; max-width: 36rem; }
.reason label { display: flex; flex-wrap: wrap; gap: .3rem .6rem; align-items: center; }
.reason input { flex: 1 1 14rem; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: .6rem 1.25rem; margin: 0; }
dt { color: var(--muted); font-size: .82rem; }
dd { margin: 0; }
dd .muted { margin-left: .3rem; }
.chart { margin-bottom: .9rem; }
.chart .bars { max-width: 100%; height: auto; }
.scroll { overflow-x: auto; max-height: 21rem; overflow-y: auto; }
.plain td, .plain th { padding: .25rem .9rem .25rem 0; white-space: nowrap; border-bottom: 1px solid var(--line); }
.plain tbody tr:last-child td { border-bottom: 0; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(19rem, 1fr)); gap: 0 .8rem; }
ol { margin: 0; padding: 0; list-style: none; }
ol li { padding: .12rem 0; }
#explain dl { margin-top: .6rem; grid-template-columns: repeat(auto-fill, minmax(8rem, 1fr)); }
summary { cursor: pointer; font-weight: 600; }
pre { overflow: auto; max-height: 28rem; margin: .7rem 0 0; font: 12.5px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
@media (max-width: 60rem) {
  .tasks .last .muted, .tasks .due .muted { white-space: normal; }
}
@media (max-width: 50rem) {
  body { padding: .75rem .75rem 2rem; }
  .summary { font-size: 1.3rem; }
  .controls, .filter { align-items: stretch; }
  .filter, .filter label:first-of-type { flex: 1 1 100%; }
  .filter label:first-of-type input { flex: 1; }
  input, select, button { min-height: 2.4rem; font-size: 16px; }
  .tasks thead { display: none; }
  .tasks, .tasks tbody { display: block; }
  .tasks { background: none; border: 0; overflow: visible; }
  .task { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .45rem .75rem; padding: .7rem .8rem; margin-bottom: .6rem; background: var(--card); border: 1px solid var(--line); border-left-width: 4px; border-radius: 10px; }
  .task.critical { border-left-color: var(--critical); }
  .task.warning { border-left-color: var(--bar-timeout); }
  .tasks tbody .task > *, .tasks tbody tr.task > :first-child { padding: 0; border: 0; width: auto; min-width: 0; max-width: none; background: none; }
  .task .name, .task .actions { grid-column: 1 / -1; }
  .task .runs { grid-area: 1 / 2; justify-self: end; }
  .task .last::before, .task .due::before { content: "Last run"; display: block; color: var(--muted); font-size: .88rem; }
  .task .due::before { content: "Next due"; }
  .task .last, .task .due { white-space: normal; }
  .actions button { min-height: 2.4rem; padding: .25rem .9rem; }
  .tasks tbody tr:not(.task), .none { display: block; }
}
@media (prefers-reduced-motion: no-preference) {
  #live.on::before { animation: beat 2.5s ease-in-out infinite; }
  @keyframes beat { 50% { opacity: .35; } }
}
@media print { .controls, .actions, .live, .reason { display: none; } }
`;
