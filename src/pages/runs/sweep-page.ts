import type { SettingKey } from '../../music/index.ts';
import { counted } from '../../text/words.ts';
import { escapeHtml, page, paragraph } from '../kit/html.ts';
import { DOCUMENT_STYLE } from '../kit/style.ts';
import type { RunGroup } from './runs-data.ts';
import { groupPart } from './runs-page.ts';

/** What the page of a sweep shows. */
export interface SweepPageData {
  groups: readonly RunGroup[];
  /** The settings that were drawn. */
  swept: readonly SettingKey[];
  /** Training steps at which the halving compared losses; none where runs trained to their ends. */
  rungs: readonly number[];
  /** How many runs there are in all, and how many could not be trained. */
  planned: number;
  failed: number;
  complete: boolean;
  /** The command that generates music with the best run. */
  generate?: string;
}

/** A sweep: which of its runs is best, and which of the settings that were drawn mattered. */
export function sweepPage({ groups, planned, failed, complete, generate }: SweepPageData): string {
  const left = complete ? '' : ' The sweep has not ended.';
  const body = [
    `<h1>${escapeHtml(`A sweep of ${counted(planned, 'run')}`)}</h1>`,
    left === '' ? '' : paragraph(left.trim(), 'note'),
    failed > 0 ? paragraph(`${counted(failed, 'run')} could not be trained.`, 'note') : '',
    generate === undefined ? '' : `<p>Music of the best: <code>${escapeHtml(generate)}</code></p>`,
    ...groups.map((group, index) => groupPart(group, index, groups.length)),
    '<footer>Made by Etude. This page needs nothing from the network.</footer>',
  ];
  return page('Sweep', DOCUMENT_STYLE, body.filter((part) => part !== '').join('\n'));
}
