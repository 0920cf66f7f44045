/** The page of the fault desks: every wire with its rules and what they met, and a form for each behaviour of its vocabulary. Plain HTML
 * without a script; a form is read back by the same vocabulary that made it. Owns no state. */
import type { FaultDesk, Shown } from './desk.ts';
import { WHEN, type Field, type Verb } from './rule.ts';

/** Numbers to show beside the rules, by wire. */
export type Counters = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const STYLE = `
:root{color-scheme:light dark;--ink:#14252b;--soft:#4c6069;--paper:#f4f6f6;--card:#fff;--line:#d5dee0;--brand:#0b5c66;--bad:#b3261e}
@media (prefers-color-scheme:dark){:root{--ink:#e6eef0;--soft:#a3b4ba;--paper:#10191c;--card:#18252a;--line:#2c3d43;--brand:#6fc7d1;--bad:#ff8a80}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:1080px;margin:auto;padding:24px 16px 64px;display:grid;gap:16px}h1{font-size:24px;margin:0}h2{font-size:18px;margin:0}
h3{font-size:15px;margin:0 0 4px}p{margin:0}.soft{color:var(--soft)}.bad{color:var(--bad);font-weight:600}
nav{display:flex;flex-wrap:wrap;gap:8px}a{color:var(--brand)}nav a{padding:10px 12px;border:1px solid var(--line);border-radius:6px;background:var(--card)}
section{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:16px;display:grid;gap:12px;min-width:0}
ul{list-style:none;margin:0;padding:0;display:grid;gap:8px}li{display:flex;flex-wrap:wrap;gap:8px 16px;align-items:center;justify-content:space-between;border-top:1px solid var(--line);padding-top:8px}
code{font:13px/1.4 ui-monospace,monospace;overflow-wrap:anywhere}summary{cursor:pointer;padding:10px 0;line-height:24px}
details form{display:grid;gap:12px;padding:4px 0 16px}fieldset{border:1px solid var(--line);border-radius:6px;display:grid;grid-template-columns:repeat(auto-fill,minmax(min(220px,100%),1fr));gap:12px;padding:12px;margin:0;min-width:0}
label{display:grid;gap:4px;font-weight:600;align-content:start}small{font-weight:400;color:var(--soft);overflow-wrap:anywhere}
input,select{font:inherit;min-height:44px;padding:0 8px;border:1px solid var(--soft);border-radius:6px;background:var(--card);color:inherit;width:100%;min-width:0}
button{font:inherit;font-weight:600;min-height:44px;padding:0 16px;border:1px solid var(--brand);border-radius:6px;background:var(--card);color:var(--brand);cursor:pointer;justify-self:start}
:focus-visible{outline:3px solid var(--brand);outline-offset:2px}dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(160px,1fr));gap:8px;margin:0}dt{color:var(--soft);font-size:13px}dd{margin:0;font-weight:600}`;

/** The whole page. `wrong`: why the last form was not taken. */
export function faultPage(input: {
  readonly desks: readonly FaultDesk[];
  readonly counters: Counters;
  readonly wrong?: string;
}): string {
  const { desks, counters, wrong } = input;
  const links = desks.map(({ wire }) => `<a href="#${wire}">${wire}</a>`).join('');
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Pulih · the outside world</title><style>${STYLE}</style></head><body><main>
<h1>The outside world</h1>
<p class="soft">Every wire of the simulator with the faults that are on. A new one goes before the others; the first that matches decides.</p>
<nav aria-label="Wires">${links}<a href="/sim/">Refresh</a></nav>
${wrong === undefined ? '' : `<p class="bad" role="alert">Not taken: ${escape(wrong)}</p>`}
${desks.map((desk) => wireSection(desk, counters[desk.wire])).join('\n')}
</main></body></html>`;
}

function wireSection(desk: FaultDesk, counted: Counters[string] | undefined): string {
  const { wire, words } = desk;
  const given = desk.shown().filter(({ state }) => state !== 'always');
  const always = desk.shown().filter(({ state }) => state === 'always');
  const numbers = Object.entries(counted ?? {}).filter(([, value]) => typeof value !== 'object');
  return `<section id="${wire}" aria-labelledby="h-${wire}"><h2 id="h-${wire}">${wire}</h2>
${numbers.length === 0 ? '' : `<dl>${numbers.map(([name, value]) => `<div><dt>${escape(name)}</dt><dd>${escape(String(value))}</dd></div>`).join('')}</dl>`}
<h3>Rules (${given.length})</h3>
${given.length === 0 ? '<p class="soft">All is well on this wire.</p>' : `<ul>${given.map((one) => ruleItem(wire, one)).join('')}</ul>`}
${given.length === 0 ? '' : resetForm(wire)}
${always.length === 0 ? '' : `<details><summary>Accounts that always misbehave (${always.length})</summary><ul>${always.map((one) => ruleItem(wire, one)).join('')}</ul></details>`}
<h3>Switch a fault on</h3>
${Object.entries(words.does)
  .map(([kind, verb]) => verbForm(desk, kind, verb))
  .join('')}
</section>`;
}

function ruleItem(wire: string, { rule, met, state }: Shown): string {
  const text = `${JSON.stringify(rule.does)} when ${JSON.stringify(rule.match)}`;
  const off =
    state === 'always'
      ? ''
      : `<form method="post" action="/sim/page/${wire}"><input type="hidden" name="off" value="${escape(rule.name)}"><button aria-label="Switch off ${escape(rule.name)}">Switch off</button></form>`;
  return `<li><span><strong>${escape(rule.name)}</strong> · ${state} · met ${met}<br><code>${escape(text)}</code></span>${off}</li>`;
}

function resetForm(wire: string): string {
  return `<form method="post" action="/sim/page/${wire}"><input type="hidden" name="reset" value="true"><button>Switch all of ${wire} off</button></form>`;
}

function verbForm({ wire, words }: FaultDesk, kind: string, verb: Verb): string {
  const fields = Object.entries(verb.fields).map(([name, field]) => input(`does.${name}`, field));
  const matches = [...Object.entries(words.match), ...Object.entries(WHEN)].map(([name, field]) =>
    input(`match.${name}`, field),
  );
  return `<details><summary><code>${kind}</code> <span class="soft">${escape(verb.words)}</span></summary>
<form method="post" action="/sim/page/${wire}"><input type="hidden" name="kind" value="${kind}">
<fieldset><legend>What</legend><label>name<input name="name" value="${kind}" required maxlength="80"></label>${fields.join('')}</fieldset>
<fieldset><legend>When (empty = always)</legend>${matches.join('')}</fieldset>
<button>Switch on ${kind}</button></form></details>`;
}

function input(name: string, field: Field): string {
  const label = name.slice(name.indexOf('.') + 1);
  const hint = `<small>${escape(field.hint)}</small>`;
  const choices = field.form === 'flag' ? ['true', 'false'] : field.choices;
  if (choices)
    return `<label>${label}<select name="${name}"><option value=""></option>${choices.map((one) => `<option>${escape(one)}</option>`).join('')}</select></label>`;
  const mode = field.form === 'whole' ? ' inputmode="numeric"' : '';
  return `<label>${label}<input name="${name}"${mode}>${hint}</label>`;
}

/** A form as the control's own body: `{"on": rule}`, `{"off": name}` or `{"reset": true}`. What does not fit stays as it was typed, for the
 * desk to say so. */
export function readForm(desk: FaultDesk, text: string): Readonly<Record<string, unknown>> {
  const form = new URLSearchParams(text);
  const off = form.get('off');
  if (off !== null) return { off };
  if (form.get('reset') === 'true') return { reset: true };
  const kind = form.get('kind') ?? '';
  const fields = desk.words.does[kind]?.fields ?? {};
  const part = (prefix: string, known: Readonly<Record<string, Field>>) =>
    Object.fromEntries(
      [...form]
        .filter(([name, value]) => name.startsWith(prefix) && value.trim() !== '')
        .map(([name, value]) => {
          const key = name.slice(prefix.length);
          return [key, Object.hasOwn(known, key) ? valueOf(known[key]!, value.trim()) : value];
        }),
    );
  return {
    on: {
      name: form.get('name') ?? '',
      match: part('match.', { ...desk.words.match, ...WHEN }),
      does: { kind, ...part('does.', fields) },
    },
  };
}

function valueOf(field: Field, text: string): unknown {
  switch (field.form) {
    case 'whole':
      return /^-?\d{1,16}$/.test(text) ? Number(text) : text;
    case 'flag':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'list': {
      const parts = text.split(',').map((one) => one.trim());
      // Codes are text, statuses are numbers: the field knows which.
      return field.isFit(parts)
        ? parts
        : parts.map((one) => (/^\d+$/.test(one) ? Number(one) : one));
    }
    case 'choice':
    case 'text':
      return text;
  }
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);
}
