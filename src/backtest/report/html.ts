/** Text and tables as HTML, foreign text escaped. */
import type { Table } from './tables.ts'

export function tableSection({ title, about, head, rows }: Table): string {
  return `<section><h2>${escaped(title)}</h2><p>${escaped(about)}</p><table>${rowHtml(head, 'th')}${rows.map((row) => rowHtml(row, 'td')).join('')}</table></section>`
}

function rowHtml(cells: readonly string[], tag: 'td' | 'th'): string {
  return `<tr>${cells.map((text) => `<${tag}>${escaped(text)}</${tag}>`).join('')}</tr>`
}

export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
