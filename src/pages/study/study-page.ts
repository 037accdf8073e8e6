import { countedFromZero } from '../../study/counting.ts';
import type { StudyData } from '../../study/study-data.ts';
import { escapeHtml } from '../kit/html.ts';
import { cspHash, rawText, scriptJson } from './embed.ts';
import { STUDY_PAGE_PROGRAM } from './page-program.generated.ts';
import { STUDY_STYLE } from './page-style.ts';
import { studySections } from './sections.ts';

/**
 * What was found out about a model and a song, as one HTML page that holds everything: the numbers as JSON, the program that draws
 * them, its style. It opens from the disk, fetches nothing, and its content security policy forbids that it could; the policy
 * allows exactly the one script and the one style that are in it, by their hashes.
 *
 * What needs no program (findings, losses, what was left out, facts) stands in the page as text, and shows where scripts are off.
 * Two calls with the same study give the same bytes.
 */
export function studyPage(data: StudyData): string {
  const program = rawText('script', STUDY_PAGE_PROGRAM);
  const style = rawText('style', `\n${STUDY_STYLE}\n`);
  const policy = [
    `default-src 'none'`,
    `script-src ${cspHash(program)}`,
    `style-src ${cspHash(style)}`,
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(`${data.song.name}: inside ${data.model.path}`)}</title>
<style>${style}</style>
</head>
<body>
${studySections(countedFromZero(data))}
<script type="application/json" id="study">${scriptJson(data)}</script>
<script>${program}</script>
</body>
</html>
`;
}
