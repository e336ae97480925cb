import { type Html, html } from './html.js';

/** The little Markdown that benches print (headings, tables, lists, paragraphs) as HTML; everything is escaped. */
export function markdown(text: string): readonly Html[] {
  return text.split(/\n{2,}/).map((block) => {
    const lines = block.split('\n');
    if (block.startsWith('### ')) return html`<h3>${block.slice(4)}</h3>`;
    if (lines.every((line) => line.startsWith('|'))) return table(lines);
    if (lines.every((line) => line.startsWith('- ')))
      return html`<ul class="printed">${lines.map((line) => html`<li>${line.slice(2)}</li>`)}</ul>`;
    return html`<p class="note">${block}</p>`;
  });
}

function table([head = '', , ...body]: readonly string[]): Html {
  const cells = (line: string) => line.split('|').slice(1, -1);
  return html`<div class="printed"><table><thead><tr>${cells(head).map((cell) => html`<th>${cell.trim()}</th>`)}</tr></thead>
<tbody>${body.map((line) => html`<tr>${cells(line).map((cell) => html`<td>${cell.trim()}</td>`)}</tr>`)}</tbody></table></div>
`;
}
