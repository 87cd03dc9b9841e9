"""The style sheet and content policy of `rendition`'s page; constants, the same in every page of one version."""

from __future__ import annotations

from typing import Final

POLICY: Final = (
    "default-src 'none'; img-src 'self' file:; media-src 'self' file:; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'"
)
STYLE: Final = """
:root{color-scheme:light dark;--page:#f6f4f0;--card:#fffefb;--ink:#211f1c;--soft:#625d55;--line:#ddd7cc;--mark:#a3341f}
@media (prefers-color-scheme:dark){
:root{--page:#191816;--card:#22201d;--ink:#ebe6dd;--soft:#a89f92;--line:#3d3933;--mark:#f0917d}}
body{margin:0;background:var(--page);color:var(--ink);font:1rem/1.5 system-ui,"Segoe UI",Roboto,"Noto Sans",sans-serif}
main{max-width:44rem;margin:0 auto;padding:1.25rem 1rem 4rem;overflow-wrap:anywhere}
article{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:1.5rem;margin:1rem 0}
header{display:flex;gap:.875rem;align-items:center;margin-bottom:1.25rem}
header img{width:3.25rem;height:3.25rem;border-radius:50%;object-fit:cover}
*{box-sizing:border-box}h1{font-size:1.25rem;line-height:1.3;margin:0}
h2{font-size:.8125rem;letter-spacing:.04em;text-transform:uppercase;color:var(--soft);margin:1.75rem 0 .5rem}
header p,.label,figcaption p,.by,dd{margin:0}.label,footer,figcaption,dl,table{font-size:.875rem}a{color:inherit}
.label,footer,.handle,.by,time,dt,th,figcaption,.absent{color:var(--soft)}
.text{font:1.25rem/1.55 "Iowan Old Style",Palatino,"Noto Serif",Georgia,serif;white-space:pre-wrap;margin:0 0 1rem}
.small{font-size:1.0625rem;margin:.25rem 0 0}
.aside,.notice{border-inline-start:.25rem solid var(--line);padding-inline-start:1rem;margin:1.25rem 0}
.notice{border-color:var(--mark)}.aside h2,.notice h2{margin-top:0}
figure{margin:1rem 0 1.25rem}figcaption{margin-top:.375rem;white-space:pre-wrap}
figure img,figure video{display:block;max-width:100%;max-height:90vh;border-radius:.25rem;background:var(--page)}
.absent{border:1px dashed var(--line);border-radius:.25rem;padding:1.25rem;margin:0}
.veil{inline-size:1.125rem;block-size:1.125rem;vertical-align:-.2em}
.veil~figure img,.veil~figure video{filter:blur(2.5rem);clip-path:inset(0)}
.veil:checked~figure img,.veil:checked~figure video{filter:none}
dl{display:grid;grid-template-columns:minmax(7rem,max-content) 1fr;gap:.25rem 1rem;margin:0}
table{border-collapse:collapse;width:100%}th{white-space:nowrap}
th,td{text-align:start;vertical-align:top;padding:.3125rem .75rem .3125rem 0;border-bottom:1px solid var(--line)}
.mark{color:var(--mark);font:600 .6875rem/1 ui-monospace,monospace;border:1px solid;border-radius:.2rem;padding:0 .2rem}
.aside .media{margin-top:1rem}.aside p{margin:.25rem 0}.aside figure{margin:.75rem 0}
.aside figure img,.aside figure video{max-height:24rem}
h3{font-size:1.0625rem;line-height:1.35;margin:.25rem 0}.by b{color:var(--ink)}.inner{margin:.75rem 0 0}
.edits{border-color:var(--mark)}ul{margin:.25rem 0 0;padding-inline-start:1.25rem}
.poll{list-style:none;padding:0}.poll li{margin:.5rem 0}.poll div{display:flex;gap:1rem}
.poll div span{flex:1}.bar{display:block;height:.5rem;min-width:2px;border-radius:.25rem;margin-top:.1875rem}
.bar{background:var(--soft);print-color-adjust:exact;-webkit-print-color-adjust:exact}
@media print{body,article{background:none}main{max-width:none;padding:0}article{border:0;padding:0}
figure,tr{break-inside:avoid}figure img,figure video{max-height:16cm}}
"""
