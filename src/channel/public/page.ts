/** The public status page and its Atom feed, as text: no script, a few kilobytes, readable on any phone and by any screen
 * reader. Pure; colours come from state, never from a person. */
import { wibClock, wibDate } from '../../kernel/time.ts';
import type { ServiceState, ServiceStatus } from '../../incident/status-model.ts';
import type { Truth } from './truth.ts';

type Language = 'id' | 'en';

const WORDS = {
  id: {
    title: 'Status layanan',
    lead: 'Keadaan layanan Bank Pulih Daerah saat ini. Halaman ini berjalan terpisah dari sistem transaksi.',
    overall: {
      normal: 'Semua layanan normal',
      watched: 'Sedang kami pantau',
      limited: 'Sebagian layanan terganggu',
      stopped: 'Ada layanan yang kami hentikan sementara',
      recovering: 'Layanan sedang dipulihkan bertahap',
      unknown: 'Keadaan belum dapat dipastikan',
    },
    alternative: 'Sementara ini',
    since: 'Sejak',
    next: 'Kabar berikutnya',
    data: 'Data per',
    age: { s: 'detik lalu', min: 'menit lalu', h: 'jam lalu' },
    old: 'Data ini sudah lama. Keadaan layanan di bawah belum dapat dipastikan.',
    never: 'Belum ada data',
    notices: 'Pengumuman',
    noNotices: 'Tidak ada pengumuman. Jika ada layanan yang dibatasi, kami jelaskan di sini.',
    other: 'English',
    feed: 'Langganan (Atom)',
    success: 'berhasil dalam satu menit terakhir',
    pin: 'Kami tidak pernah meminta PIN atau OTP.',
  },
  en: {
    title: 'Service status',
    lead: 'The state of Bank Pulih Daerah services right now. This page runs apart from the transaction systems.',
    overall: {
      normal: 'All services are normal',
      watched: 'We are watching something',
      limited: 'Some services are disrupted',
      stopped: 'We have stopped a service for now',
      recovering: 'A service is coming back in stages',
      unknown: 'The state is not known',
    },
    alternative: 'For now',
    since: 'Since',
    next: 'Next update',
    data: 'Data as of',
    age: { s: 'seconds ago', min: 'minutes ago', h: 'hours ago' },
    old: 'These data are old. The state of the services below is not known.',
    never: 'No data yet',
    notices: 'Notices',
    noNotices: 'No notices. When a service is limited, we explain it here.',
    other: 'Bahasa Indonesia',
    feed: 'Subscribe (Atom)',
    success: 'succeeded in the last minute',
    pin: 'We never ask for your PIN or OTP.',
  },
} as const;

/** ● ◔ ◑ ■ ◕ ?, the same mapping on every face. */
const SHAPES: Readonly<Record<ServiceState, string>> = {
  normal: '<circle cx="6" cy="6" r="5.6"/>',
  watched: '<circle cx="6" cy="6" r="5" class="ring"/><path d="M6 6V1a5 5 0 0 1 5 5z"/>',
  limited: '<circle cx="6" cy="6" r="5" class="ring"/><path d="M6 1a5 5 0 0 1 0 10z"/>',
  stopped: '<rect x=".8" y=".8" width="10.4" height="10.4" rx="1.6"/>',
  recovering: '<circle cx="6" cy="6" r="5" class="ring"/><path d="M6 6V1a5 5 0 1 1-5 5z"/>',
  unknown: '<path d="M3.6 4.2a2.5 2.5 0 1 1 3.7 2.2c-.9.5-1.3.9-1.3 1.8M6 10.6v.1" class="ring"/>',
};

/** The whole page. */
export function renderPage(truth: Truth, language: Language): string {
  const w = WORDS[language];
  const other = language === 'id' ? 'en' : 'id';
  return `<!doctype html>
<html lang="${language}" data-face="status">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="30">
<title>${w.title} · Bank Pulih Daerah</title>
<link rel="stylesheet" href="/status.css">
<link rel="alternate" type="application/atom+xml" href="/feed.atom?lang=${language}" title="${w.title}">
</head>
<body>
<main>
<header class="head">
<p class="brand">Bank Pulih Daerah</p>
<a href="/?lang=${other}" lang="${other}">${w.other}</a>
</header>
<h1>${w.title}</h1>
<section class="overall state-${truth.overall}" role="status">${shape(truth.overall, 20)}<p>${w.overall[truth.overall]}</p></section>
<p class="age${truth.isOld ? ' is-old' : ''}">${truth.generatedAtMs === undefined ? w.never : `${w.data} ${moment(truth.generatedAtMs, truth.nowMs)} (${ageOf(truth.nowMs - truth.generatedAtMs, w.age)})`}${truth.isOld ? `. ${w.old}` : ''}</p>
<ul class="services">
${truth.services.map((service) => renderService({ service, language, nowMs: truth.nowMs })).join('\n')}
</ul>
<section class="notices">
<h2>${w.notices}</h2>
${truth.notices.length === 0 ? `<p class="soft">${w.noNotices}</p>` : `<ol>${truth.notices.map((notice) => `<li><time datetime="${new Date(notice.atMs).toISOString()}">${moment(notice.atMs, truth.nowMs)}</time><p>${escape(notice.text[language])}</p></li>`).join('')}</ol>`}
</section>
<footer><p>${w.lead} ${w.pin}</p><p><a href="/feed.atom?lang=${language}">${w.feed}</a> · <a href="/status.json">JSON</a></p></footer>
</main>
</body>
</html>
`;
}

function renderService(input: {
  readonly service: ServiceStatus;
  readonly language: Language;
  readonly nowMs: number;
}): string {
  const { service, language, nowMs } = input;
  const w = WORDS[language];
  const percent =
    service.state === 'recovering' && service.percent !== undefined ? ` ${service.percent} %` : '';
  const lines = [
    service.reason[language] ? `<p>${escape(service.reason[language])}</p>` : '',
    service.alternative[language] && service.state !== 'normal'
      ? `<p class="soft"><b>${w.alternative}:</b> ${escape(service.alternative[language])}</p>`
      : '',
    service.sinceMs === undefined
      ? ''
      : `<p class="soft">${w.since} ${moment(service.sinceMs, nowMs)}${service.nextUpdateAtMs === undefined ? '' : ` · <b>${w.next} ${moment(service.nextUpdateAtMs, nowMs)}</b>`}</p>`,
    service.successBps === undefined
      ? ''
      : `<p class="soft">${(service.successBps / 100).toFixed(1).replace('.', language === 'id' ? ',' : '.')} % ${w.success}</p>`,
  ];
  return `<li class="service">
<h2>${escape(service.name[language])}</h2>
<p class="mark state-${service.state}">${shape(service.state, 12)}<span>${escape(service.word[language])}${percent}</span></p>
${lines.filter(Boolean).join('\n')}
</li>`;
}

/** One entry per notice; a reader of feeds learns of news without looking. */
export function renderFeed(
  truth: Truth,
  input: { readonly language: Language; readonly baseUrl: string },
): string {
  const w = WORDS[input.language];
  const updated = new Date(
    truth.notices[0]?.atMs ?? truth.generatedAtMs ?? truth.nowMs,
  ).toISOString();
  const entries = truth.notices.map(
    ({ id, atMs, text }) => `<entry>
<id>urn:pulih:notice:${escape(id)}</id>
<title>${escape(text[input.language].slice(0, 90))}</title>
<updated>${new Date(atMs).toISOString()}</updated>
<content type="text">${escape(text[input.language])}</content>
</entry>`,
  );
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="${input.language}">
<id>urn:pulih:status</id>
<title>Bank Pulih Daerah · ${w.title}</title>
<author><name>Bank Pulih Daerah</name></author>
<link href="${escape(input.baseUrl)}/"/>
<updated>${updated}</updated>
${entries.join('\n')}
</feed>
`;
}

function shape(state: ServiceState, size: number): string {
  return `<svg class="shape" width="${size}" height="${size}" viewBox="0 0 12 12" aria-hidden="true">${SHAPES[state]}</svg>`;
}

/** `4 detik lalu`: how old it was when the page was made. */
function ageOf(ms: number, words: Readonly<Record<'s' | 'min' | 'h', string>>): string {
  if (ms < 120_000) return `${Math.max(0, Math.floor(ms / 1000))} ${words.s}`;
  if (ms < 7_200_000) return `${Math.floor(ms / 60_000)} ${words.min}`;
  return `${Math.floor(ms / 3_600_000)} ${words.h}`;
}

/** `14:32 WIB` today, `2025-03-29 14:32 WIB` on another day. */
function moment(atMs: number, nowMs: number): string {
  const clock = wibClock(atMs);
  return wibDate(atMs) === wibDate(nowMs) ? clock : `${wibDate(atMs)} ${clock}`;
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
