/** The repository's own files, for tests about the code. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const repositoryRoot: string = fileURLToPath(new URL('../../', import.meta.url))

export interface SourceFile {
  /** From the root, with forward slashes. */
  readonly path: string
  readonly text: string
}

/** Files below a folder whose names end so, in the order of their paths; none when there is no such folder. */
export function sourcesUnder(folder: string, ending = '.ts'): SourceFile[] {
  const entries = readdirSync(join(repositoryRoot, folder), { withFileTypes: true, recursive: true })
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => ({
      path: relative(repositoryRoot, path).replaceAll('\\', '/'),
      text: readFileSync(path, 'utf8'),
    }))
}

export function readSource(path: string): string {
  return readFileSync(join(repositoryRoot, path), 'utf8')
}

/** The text without comments, so that a rule about code does not trip over prose. Line numbers stay. */
export function withoutComments(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ''))
    .replace(/(^|[^:'"`\\])\/\/.*$/gm, '$1')
}
