/** The page of the partner API for people: the same facts as the OpenAPI document, and how to sign, with a worked example. Text only,
 * no script, nothing from elsewhere. Pure. */
import { CASES, responseCode, SERVICES, type ServiceCode } from '../code.ts';
import { answerExample, casesOf, headersOf } from './document.ts';
import { WORDS } from './words.ts';
import { FIELDS, type Field } from '../field.ts';
import { SERVICE_DOCS } from './service.ts';
import { bodyHash, signSymmetric } from '../signature.ts';

/** The page's language. */
export type PageLanguage = keyof typeof WORDS;

/** The vector of domain.md 3.3. */
const EXAMPLE = {
  secret: 'contoh-client-secret',
  token: 'TOKEN123',
  time: '2026-08-01T10:00:05+07:00',
  path: '/v1.0/transfer-intrabank',
  body: '{"partnerReferenceNo":"2026080100000001","amount":{"value":"125000.00","currency":"IDR"},"beneficiaryAccountNo":"1002003004","sourceAccountNo":"2003004005","transactionDate":"2026-08-01T10:00:00+07:00"}',
} as const;

/** The whole page. */
export function renderDocument(bankName: string, language: PageLanguage): string {
  const w = WORDS[language];
  const services = Object.entries(SERVICES);
  return `<!doctype html>
<html lang="${language}" data-face="console">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(w.title)} · ${escape(bankName)}</title>
<link rel="stylesheet" href="/partner-api/style.css">
</head>
<body>
<div class="page">
<header class="head"><span class="brand">${escape(bankName)}</span><span class="links"><a href="/partner-api/openapi.json">${w.machine}</a><a href="${w.otherPath}" hreflang="${language === 'id' ? 'en' : 'id'}">${w.other}</a></span></header>
<nav aria-label="${w.contents}"><ul>
<li><a href="#signature"><b>§</b>${w.signature}</a></li>
${services.map(([, service]) => `<li><a href="#service-${service}"><b>${service}</b>${escape(SERVICE_DOCS[service][language].title)}</a></li>`).join('\n')}
</ul></nav>
<main>
<h1>${w.title}</h1>
<p>${w.lead}</p>
${signature(language)}
${services.map(([path, service]) => section({ path, service, language })).join('\n')}
</main>
</div>
</body>
</html>
`;
}

function signature(language: PageLanguage): string {
  const w = WORDS[language];
  const hash = bodyHash(Buffer.from(EXAMPLE.body));
  const result = signSymmetric({
    method: 'POST',
    endpointUrl: EXAMPLE.path,
    accessToken: EXAMPLE.token,
    bodyHash: hash,
    timestamp: EXAMPLE.time,
    secret: EXAMPLE.secret,
    encoding: 'base64',
  });
  const text = `POST:${EXAMPLE.path}:${EXAMPLE.token}:${hash}:${EXAMPLE.time}`;
  const rows = Object.entries({ ...EXAMPLE, hash, text, result }).map(
    ([name, value]) =>
      `<tr><th scope="row">${w.parts[name as keyof typeof w.parts]}</th><td><code>${escape(value)}</code></td></tr>`,
  );
  return `<section id="signature"><h2>${w.signature}</h2>
<p>${w.signatureLead}</p>
<h3>${w.how}</h3><ol>${w.steps.map((step) => `<li>${escape(step)}</li>`).join('')}</ol>
<h3>${w.symmetric}</h3>${pre('METHOD:path:token:hash:X-TIMESTAMP')}
<h3>${w.asymmetric}</h3>${pre('METHOD:path:hash:X-TIMESTAMP')}
<h3>${w.example}</h3><p>${w.exampleLead}</p>
<div class="scroll" tabindex="0"><table>${rows.join('')}</table></div>
<h3>${w.check}</h3><p>${w.checkLead}</p>
${pre('pulih snap check --url https://… --client-id … --private-key key.pem --secret-file secret')}
</section>`;
}

function section(input: {
  readonly path: string;
  readonly service: ServiceCode;
  readonly language: PageLanguage;
}): string {
  const { path, service, language } = input;
  const w = WORDS[language];
  const doc = SERVICE_DOCS[service];
  return `<section id="service-${service}"><h2>${escape(doc[language].title)}</h2>
<p class="path"><code>POST /v1.0${path}</code> <span class="quiet">${service}</span></p>
<p>${escape(doc[language].text)}</p>
<h3>${w.fields}</h3>${fieldTable(service, language)}
<div class="pair"><div><h3>${w.request}</h3>${pre(pretty(doc.request))}</div>
<div><h3>${w.answer}</h3>${pre(pretty(answerExample(service)))}</div></div>
<details><summary>${w.headers}</summary>${headerTable(service, language)}</details>
<details><summary>${w.cases}</summary>${caseTable(service, language)}</details>
</section>`;
}

function fieldTable(service: ServiceCode, language: PageLanguage): string {
  const w = WORDS[language];
  const rows = Object.entries<Field>(FIELDS[service]).map(([name, field]) => [
    `<td><code>${name}</code></td>`,
    need(field.isMandatory, language),
    `<td>${w.kinds[field.kind]}${field.max > 0 ? `, ${w.upTo} ${field.max}` : ''}</td>`,
  ]);
  return table([w.columns.name, w.columns.need, w.columns.kind], rows);
}

function headerTable(service: ServiceCode, language: PageLanguage): string {
  const { columns } = WORDS[language];
  const rows = headersOf(service).map(({ name, isMandatory, text }) => [
    `<td><code>${name}</code></td>`,
    need(isMandatory, language),
    `<td class="wrap">${escape(text[language])}</td>`,
  ]);
  return table([columns.name, columns.need, columns.note], rows);
}

function caseTable(service: ServiceCode, language: PageLanguage): string {
  const { columns } = WORDS[language];
  const rows = casesOf(service).map((name) => [
    `<td><code>${responseCode(service, name)}</code></td>`,
    `<td>${escape(CASES[name].message)}</td>`,
  ]);
  return table([columns.code, columns.message], rows);
}

function need(isMandatory: boolean, language: PageLanguage): string {
  const w = WORDS[language];
  return isMandatory ? `<td class="must">${w.must}</td>` : `<td class="quiet">${w.optional}</td>`;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = heads.map((one) => `<th scope="col">${one}</th>`).join('');
  const body = rows.map((cells) => `<tr>${cells.join('')}</tr>`).join('\n');
  return `<div class="scroll" tabindex="0"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

function pre(text: string): string {
  return `<div class="scroll" tabindex="0"><pre>${escape(text)}</pre></div>`;
}

function pretty(value: unknown): string {
  return JSON.stringify(value, undefined, 2);
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
