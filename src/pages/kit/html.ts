import { isNumberCell, isNumberColumn, numberClass, type NumberCell } from './cells.ts';

/** Text that may stand in an element or an attribute of an HTML page. */
export function escapeHtml(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&#39;');
}

/** A cell of a table: text, a number that stands to the right, or markup of ours. */
export type Cell = string | NumberCell | { html: string };

/** A table with a line of titles; everything in it is escaped, but for markup. */
export function htmlTable(titles: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const head = titles.map(
    (title, c) => `<th scope="col"${isNumberColumn(rows, c) ? ' class="number"' : ''}>${escapeHtml(title)}</th>`,
  );
  const body = rows.map((row) => `<tr>${row.map(cellOf).join('')}</tr>`);
  return `<div class="wide"><table><thead><tr>${head.join('')}</tr></thead><tbody>\n${body.join('\n')}\n</tbody></table></div>`;
}

function cellOf(cell: Cell, column: number): string {
  if (isNumberCell(cell)) {
    const content = escapeHtml(cell.number);
    return `<td class="${numberClass(cell)}">${cell.strong ? `<strong>${content}</strong>` : content}</td>`;
  }
  if (typeof cell === 'object') return `<td>${cell.html}</td>`;
  return column === 0 ? `<th scope="row">${escapeHtml(cell)}</th>` : `<td>${escapeHtml(cell)}</td>`;
}

/** A section with a heading; nothing where it has no content. */
export function section(heading: string, ...content: readonly string[]): string {
  const body = content.filter((part) => part !== '').join('\n');
  return body === '' ? '' : `<section>\n<h2>${escapeHtml(heading)}</h2>\n${body}\n</section>`;
}

export function paragraph(text: string, className?: string): string {
  return `<p${className ? ` class="${className}"` : ''}>${escapeHtml(text)}</p>`;
}

/** A whole page. Nothing in it is fetched from elsewhere, and its policy forbids it. */
export function page(title: string, style: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; media-src 'self' file: data:">
<title>${escapeHtml(title)}</title>
<style>
${style}
</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;
}
