// Look and behaviour of the page of `lingula explain`.
#pragma once

namespace lingula::cli {

// Dark on a screen, black on white in print.
inline constexpr char kPageStyle[] = R"(
:root{--back:#12151a;--card:#1b2028;--line:#323a46;--text:#e8ebf0;--dim:#a3adbb;--accent:#ffb347;
--second:#6ec6ff;--bad:#ff8a80;--bar:#5b8def}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--text);font:1rem/1.5 system-ui,sans-serif}
main,header,footer{max-width:1180px;margin:0 auto;padding:0 20px}
header{padding-top:24px}
h1{font-size:1.5rem;margin:0;overflow-wrap:anywhere}
h2{font-size:1.05rem;margin:0 0 10px;color:var(--accent)}
p{margin:6px 0}.dim{color:var(--dim);font-size:.9rem}
.notice{border:1px solid var(--accent);border-radius:8px;padding:8px 14px;margin:14px 0}
.sentence{font-size:1.2rem;margin:14px 0}
.grid{display:grid;gap:16px;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));margin-bottom:16px}
section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:16px;min-width:0}
.view{position:relative;line-height:0;background:#000}
.view img{width:100%;height:auto;display:block}
.view svg{position:absolute;inset:0;width:100%;height:100%}
.sides{display:flex;justify-content:space-between;gap:12px;font-size:.9rem;color:var(--dim);margin-top:6px}
.sides span:last-child{text-align:right}
.mask{fill:var(--accent);stroke:#ffe08a;stroke-width:2;vector-effect:non-scaling-stroke}
.second{fill:none;stroke:var(--second);stroke-width:2;stroke-dasharray:7 5;vector-effect:non-scaling-stroke}
.zones line{stroke:#fff;stroke-opacity:.45;stroke-dasharray:4 6;vector-effect:non-scaling-stroke}
.zones text{fill:#fff;paint-order:stroke;stroke:#000;stroke-width:.2em;text-anchor:middle;font-family:system-ui,sans-serif}
.zones .on{fill:var(--accent);font-weight:700}
.controls{display:flex;flex-wrap:wrap;gap:6px 20px;align-items:center;margin-top:10px;font-size:.95rem}
.controls label{display:flex;gap:8px;align-items:center}
input{accent-color:var(--accent)}
.legend{height:12px;border-radius:6px;margin-top:10px}
table{border-collapse:collapse;width:100%}
td,th{text-align:left;padding:4px 8px 4px 0;vertical-align:top;border-bottom:1px solid var(--line);font-weight:400}
th{color:var(--dim)}td.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.bar{position:relative;height:12px;background:var(--line);border-radius:6px;min-width:90px;margin:6px 0}
.bar i{position:absolute;top:0;bottom:0;border-radius:6px;background:var(--bar)}
.bar b{position:absolute;top:-4px;bottom:-4px;width:3px;background:var(--accent)}
.big{font-size:2rem;font-weight:600}
.flag{border-left:4px solid var(--bad);padding-left:10px;margin:8px 0}
code{overflow-wrap:anywhere;font-size:.85rem}
blockquote{margin:8px 0;padding:8px 12px;border:1px dashed var(--line);border-radius:6px}
footer{padding-bottom:30px}
@media print{
:root{--back:#fff;--card:#fff;--line:#bbb;--text:#000;--dim:#444;--accent:#a85400;--second:#0057a8;--bad:#b00020}
html{font-size:11px}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
section{break-inside:avoid}.controls{display:none}.grid{grid-template-columns:1fr 1fr}
.mask{fill:#ffb347}.zones .on{fill:#ffb347}}
)";

// Slider and check boxes. Without scripts the page shows all layers.
inline constexpr char kPageScript[] = R"(
function each(box, what, show) {
  var from = document.getElementById(box);
  if (from === null) { return; }
  var to = document.querySelectorAll(what);
  function apply() { to.forEach(function (one) { show(one, from); }); }
  from.addEventListener('input', apply);
  apply();
}
each('opacity', '.mask', function (mask, slider) { mask.style.fillOpacity = slider.value / 100; });
['outline', 'zones', 'second'].forEach(function (name) {
  each('show-' + name, '.' + (name === 'outline' ? 'mask' : name), function (layer, box) {
    if (name === 'outline') { layer.style.strokeOpacity = box.checked ? 1 : 0; }
    else { layer.style.display = box.checked ? '' : 'none'; }
  });
});
)";

}  // namespace lingula::cli
