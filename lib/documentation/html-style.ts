/** What a documentation looks like: on a screen, light and dark; on a phone; on paper. */
export const style = `
:root{color-scheme:light dark;--text:#1b1f24;--dim:#5a6472;--line:#d8dee6;--soft:#f4f6f9;--link:#1259b8;--warn:#8a4b00;--warn-soft:#fff5e6;--good:#1a6b3c}
@media (prefers-color-scheme:dark){:root{--text:#e6eaf0;--dim:#9aa5b4;--line:#38414d;--soft:#1e242c;--link:#7fb2ff;--warn:#ffbe70;--warn-soft:#33270f;--good:#7fd6a2}body{background:#14181d}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:64rem;padding:1.5rem;color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
a{color:var(--link)}
h1{font-size:2.25rem;line-height:1.2;margin:.25rem 0}
h2{font-size:1.375rem;margin:2.5rem 0 .75rem}
h2.type{border-bottom:2px solid var(--line);padding-bottom:.25rem}
h3{font-size:1.0625rem;margin:1.75rem 0 .25rem}
.cover{padding:2rem 0;border-bottom:1px solid var(--line)}
.kicker{margin:0;color:var(--dim);font-size:.8125rem;font-weight:600;letter-spacing:.06em;text-transform:uppercase}
.lead{margin:.25rem 0 1.5rem;font-size:1.125rem;color:var(--dim)}
dl{margin:0}
dl div{display:grid;grid-template-columns:14rem 1fr;gap:1rem;padding:.375rem 0;border-top:1px solid var(--line)}
dt{color:var(--dim)}
dd{margin:0;overflow-wrap:anywhere}
nav ol{margin:.25rem 0 0;padding-left:3rem;columns:2;column-gap:3rem;overflow-wrap:anywhere}
nav li{break-inside:avoid;overflow-wrap:anywhere}
nav h3{font-size:.9375rem;margin:1rem 0 0}
article{margin-bottom:2rem}
.ids{margin:0 0 .5rem;color:var(--dim);font-size:.75rem;overflow-wrap:anywhere}
table{width:100%;border-collapse:collapse;margin:.75rem 0;table-layout:fixed}
caption{padding:.25rem 0;text-align:left;font-weight:600}
th,td{padding:.375rem .5rem;border-top:1px solid var(--line);text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{font-weight:400}
tbody th[scope=row]{width:42%}
thead th,.category th{color:var(--dim);background:var(--soft);font-size:.8125rem;font-weight:600}
td ul{margin:0;padding-left:1.125rem}
.d1{padding-left:1.5rem}.d2{padding-left:2.5rem}.d3{padding-left:3.5rem}.d4{padding-left:4.5rem}.d5{padding-left:5.5rem}.d6{padding-left:6.5rem}
pre{margin:0;padding:.5rem;background:var(--soft);border-radius:4px;font:12px/1.45 ui-monospace,Consolas,monospace;white-space:pre-wrap;overflow-wrap:anywhere}
.dim,.path{color:var(--dim)}
.warning{margin-top:1.5rem;padding:.5rem 1rem;color:var(--warn);background:var(--warn-soft);border-radius:4px}
.warning h2{margin:.25rem 0;font-size:1rem}
.mark{padding:0 .5rem;border:1px solid currentColor;border-radius:1rem;font-size:.75rem;font-weight:600;white-space:nowrap}
.mark.added{color:var(--good)}.mark.changed{color:var(--warn)}
@media (max-width:40rem){body{padding:1rem}h1{font-size:1.75rem}dl div{grid-template-columns:1fr;gap:0}nav ol{columns:1;padding-left:2.5rem}.d1,.d2,.d3,.d4,.d5,.d6{padding-left:1.25rem}}
@media print{:root{color-scheme:light;--text:#000;--dim:#444;--line:#bbb;--soft:#f4f4f4;--link:#000;--warn:#000;--warn-soft:#f4f4f4;--good:#000}
@page{margin:18mm 16mm}body{max-width:none;padding:0;background:none;font-size:10pt}a{text-decoration:none}.cover{min-height:60vh;border:0}nav{break-before:page}main{break-before:page}h2,h3,caption,.category{break-after:avoid}tr{break-inside:avoid}pre{font-size:8pt}tr:has(pre){break-inside:auto}}
`;
