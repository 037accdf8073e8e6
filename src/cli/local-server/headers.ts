/** What goes with every answer, beside the page's policy. The first two isolate the page, so that its threads may share memory. */
export const HEADERS: Readonly<Record<string, string>> = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
};

/** Media types by the end of a file's name. */
const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json; charset=utf-8',
  map: 'application/json; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
};

/** The media type of a file; files without a known end are text (a licence) or bytes nobody interprets. */
export function mediaType(name: string): string {
  const end = name.split('/').at(-1)!.split('.').slice(1).at(-1) ?? 'txt';
  return TYPES[end] ?? 'application/octet-stream';
}
