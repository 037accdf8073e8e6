import { countedFromZero } from '../../study/counting.ts';
import type { StudyData } from '../../study/study-data.ts';
import { escapeHtml } from '../kit/html.ts';
import { cspHash, packed, rawText } from './embed.ts';
import { STUDY_PAGE_PROGRAM } from './page-program.generated.ts';
import { STUDY_STYLE } from './page-style.ts';
import { studySections } from './sections.ts';

/** Where the page of a study asks for the details of other notes, and the name of the study that it must be told of. */
export interface DetailsAddress {
  path: string;
  study: string;
}

/**
 * What was found out about a model and a song, as one HTML page that holds everything: the numbers, the program that draws
 * them, its style. It opens from the disk, fetches nothing, and its content security policy forbids that it could; the policy
 * allows exactly the one script and the one style that are in it, by their hashes. A page that is served asks its own server for
 * details, and nobody else.
 *
 * What needs no program (findings, losses, what was left out, facts) stands in the page as text, and shows where scripts are off.
 * Two calls with the same study give the same bytes.
 *
 * @param details where a page that is served asks; a page without lives in a file
 */
export function studyPage(data: StudyData, details?: DetailsAddress): string {
  const program = rawText('script', STUDY_PAGE_PROGRAM);
  const style = rawText('style', `\n${STUDY_STYLE}\n`);
  const address = details ? ` data-details="${escapeHtml(`${details.path}?study=${details.study}`)}"` : '';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${studyPolicy(details !== undefined)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">${details ? '\n<link rel="icon" href="data:,">' : ''}
<title>${escapeHtml(`${data.song.name}: inside ${data.model.path}`)}</title>
<style>${style}</style>
</head>
<body>
${studySections(countedFromZero(data), details !== undefined)}
<script type="application/octet-stream" id="study"${address}>${packed(data)}</script>
<script>${program}</script>
</body>
</html>
`;
}

/** The page's content security policy; `served` allows it to ask its own server. */
export function studyPolicy(served: boolean): string {
  return [
    `default-src 'none'`,
    `script-src ${cspHash(STUDY_PAGE_PROGRAM)}`,
    `style-src ${cspHash(`\n${STUDY_STYLE}\n`)}`,
    // A browser asks a server for an icon unless the page says that it has none.
    ...(served ? [`connect-src 'self'`, 'img-src data:'] : []),
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ');
}
