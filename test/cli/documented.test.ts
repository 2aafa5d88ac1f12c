/**
 * What the help and the pages say can be typed, can be typed: every command describes itself and its flags, and every command
 * line of the pages and of the help's examples is parsed by the program itself, with the body of the command left out.
 */
import { CommanderError, type Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { buildProgram } from '../../src/cli/program.ts'
import { CONFIG_FIELDS } from '../../src/config/schema.ts'
import { readSource, sourcesUnder } from '../support/sources.ts'

const pages = ['README.md', 'CONTRIBUTING.md', 'ARCHITECTURE.md']
  .map((path) => ({ path, text: readSource(path) }))
  .concat(sourcesUnder('docs', '.md'))

/** Of a command and all below it, by the words that call them. */
function tree(
  command: Command,
  words: readonly string[] = [],
): (readonly [name: string, command: Command])[] {
  const below = command.commands.flatMap((one) => tree(one, [...words, one.name()]))
  return words.length === 0 ? below : [[words.join(' '), command], ...below]
}

const idle = buildProgram(() => Promise.resolve())
const commands = tree(idle)

/** What a command prints for `--help`, the examples behind the list of flags included. */
function helpOf(command: Command): string {
  let text = ''
  command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp()
  return text
}

describe('the help', () => {
  test.each(commands)('of %s says what it does, and what each flag and argument is', (name, command) => {
    const text = helpOf(command)
    expect(text).toContain(`Usage: hypermake ${name}`)
    expect(command.description()).not.toBe('')
    for (const { long, description, hidden } of command.options) {
      if (hidden) continue
      expect(text).toContain(long)
      expect(description, `${name} ${String(long)}`).not.toBe('')
    }
  })

  test('of record lists where to record from and to, and no flag about quoting', () => {
    const flags = commands.find(([name]) => name === 'record')?.[1].options.map(({ long }) => long)
    expect(flags).toEqual(
      expect.arrayContaining(['--network', '--asset', '--dex', '--duration', '--out', '--json']),
    )
    const quoting = [
      '--target-liquidity',
      '--risk-aversion',
      '--max-bps-diff',
      '--max-position',
      '--strategy',
    ]
    expect(flags?.filter((flag) => quoting.includes(flag ?? ''))).toEqual([])
  })
})

/** The words of a command line, quotes taken off; null when a part is left open (`…`, `[--seq N]`, `gen|verify`). */
function wordsOf(line: string): string[] | null {
  const typed = line
    .replace(/\s#.*$/, '')
    .replace(/\s[>|&].*$/, '')
    .replace(/ {2,}\S.*$/, '')
    .trim()
  if (/[[\]<>|]/.test(typed) || /(?<!")…(?!")/.test(typed)) return null
  return (typed.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replace(/^"|"$/g, ''))
}

const START = /^(?:hypermake|npm start(?: --)?)(?=$| )/

/** The command lines of a page: what stands in its blocks, and behind one another between backquotes. */
function linesOf(text: string): string[] {
  const blocks = text.split('\n').filter((line) => /^ *(?:hypermake|npm start)( |$)/.test(line))
  const spans = [...text.matchAll(/`((?:hypermake|npm start)[^`\n]*)`/g)].map(([, span]) => span ?? '')
  return [...blocks.map((line) => line.trim()), ...spans]
}

const names = new Set(idle.commands.map((command) => command.name()))

/** Prose and output may begin with the name of the program, too. */
function isCall([first]: readonly string[]): boolean {
  return first === undefined || first.startsWith('-') || names.has(first)
}

interface Documented {
  readonly from: string
  readonly line: string
  readonly words: readonly string[]
}

function documented(from: string, lines: readonly string[]): Documented[] {
  return lines.flatMap((line) => {
    const words = wordsOf(line.replace(START, '').trim())
    return words !== null && isCall(words) ? [{ from, line, words }] : []
  })
}

/** A sentence may name a command without what it works on, and the files of an example are not there. */
const ALLOWED = /missing required argument|argument missing|no such file|There is no folder/

/** Why the program refuses a line; null when it would run. */
async function refusal(words: readonly string[]): Promise<string | null> {
  const quiet = { writeOut: () => undefined, writeErr: () => undefined, outputError: () => undefined }
  const program = buildProgram(() => Promise.resolve()).configureOutput(quiet)
  try {
    await program.parseAsync([...words], { from: 'user' })
    return null
  } catch (error) {
    if (!(error instanceof CommanderError) || error.exitCode === 0) return null
    return ALLOWED.test(error.message) ? null : error.message
  }
}

function settingsOf(words: readonly string[]): string[] {
  return words.flatMap((word) => /^([a-z_]+(?:\.[a-z_0-9]+)+)=/.exec(word)?.[1] ?? [])
}

describe('command lines', () => {
  const fromPages = pages.flatMap(({ path, text }) => documented(path, linesOf(text)))
  const fromHelp = commands.flatMap(([name, command]) =>
    documented(`help of ${name}`, linesOf(helpOf(command))),
  )
  const all = [...fromPages, ...fromHelp]

  test('are found on the pages and in the help', () => {
    expect(fromPages.length).toBeGreaterThan(80)
    expect(fromHelp.length).toBeGreaterThan(20)
    expect(fromPages.filter(({ words }) => words[0] === 'record').length).toBeGreaterThan(1)
  })

  test('are understood by the program as they are written', async () => {
    const refused: string[] = []
    for (const { from, line, words } of all) {
      const why = await refusal(words)
      if (why !== null) refused.push(`${from}: ${line}: ${why}`)
    }
    expect(refused).toEqual([])
  })

  test('set only keys that there are', () => {
    const keys = new Set(CONFIG_FIELDS.map(({ key }) => key))
    const unknown = all.flatMap(({ from, words }) =>
      settingsOf(words).flatMap((key) => (keys.has(key) ? [] : [`${from}: ${key}`])),
    )
    expect(unknown).toEqual([])
  })
})
