/** The only style of the page; its hash is in the page's content security policy. */
export const style = `
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; --ground: #fff; --shade: #f6f8fa;
  --red: #b3261e; --amber: #7a4d00; --green: #14632b; --blue: #0550ae; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #a0aab4; --line: #3d444d; --ground: #0d1117; --shade: #161b22;
  --red: #ff8a80; --amber: #e8b339; --green: #6fdd8b; --blue: #79b8ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 1.5rem 1.25rem 4rem; color: var(--ink); background: var(--ground);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .75rem; padding-top: .75rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
p { margin: .5rem 0; max-width: 60rem; }
a { color: var(--blue); }
code, pre { font: .875rem/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
pre { background: var(--shade); border: 1px solid var(--line); border-radius: .375rem; padding: .75rem; margin: .5rem 0; white-space: pre-wrap; }
.soft { color: var(--soft); }
.banner { border: 1px solid currentColor; border-left-width: .5rem; border-radius: .375rem; padding: .75rem 1rem; margin: 1rem 0; }
.banner strong { font-size: 1.2rem; }
.banner p { color: var(--ink); }
.fails, .leak, .error { color: var(--red); }
.open, .unknown, .warning, .declared, .listed { color: var(--amber); }
.holds, .proven { color: var(--green); }
.not-applicable, .info { color: var(--soft); }
nav ol { columns: 16rem auto; padding-left: 1.5rem; margin: .5rem 0; }
nav li { break-inside: avoid; padding: .1rem 0; }
.scroll { overflow-x: auto; margin: .75rem 0; }
.scroll:focus-visible { outline: 2px solid var(--blue); }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
caption { text-align: left; color: var(--soft); padding-bottom: .25rem; }
th, td { border: 1px solid var(--line); padding: .3rem .5rem; text-align: left; vertical-align: top; overflow-wrap: break-word; }
thead th { background: var(--shade); }
tbody th { font-weight: 500; }
td.cells { white-space: nowrap; }
td.cells span { display: inline-block; min-width: 2.1em; font-family: ui-monospace, "DejaVu Sans Mono", monospace; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
dl { display: grid; grid-template-columns: minmax(8rem, max-content) 1fr; gap: .25rem 1rem; margin: .75rem 0; }
dt { color: var(--soft); } dd { margin: 0; }
article { border: 1px solid var(--line); border-left: .3rem solid currentColor; border-radius: .375rem; padding: .6rem .9rem; margin: .75rem 0; }
article h3 { margin: 0 0 .25rem; }
article p, article dl, article dd, article pre { color: var(--ink); }
details { margin: .75rem 0; } summary { cursor: pointer; min-height: 1.5rem; }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .4rem; } body { padding: 1rem .75rem 3rem; } }
@media print { body { max-width: none; padding: 0; font-size: 10pt; } .scroll { overflow: visible; } nav { display: none; }
  article, tr { break-inside: avoid; } thead { display: table-header-group; } h2, h3 { break-after: avoid; }
  details > summary { list-style: none; } }
`
