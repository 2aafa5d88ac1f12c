/** Code about the code: what no tool knows. A rule enters here the second time a reviewer says the same thing. */
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { OTHER_VARIABLES } from '../src/config/layers.ts'
import { CONFIG_FIELDS } from '../src/config/schema.ts'
import { camelOf } from '../src/config/schema-walk.ts'
import { readSource, repositoryRoot, sourcesUnder } from './support/sources.ts'
import { withoutComments, type SourceFile } from './support/sources.ts'

const PURE_FOLDERS = ['src/core', 'src/exchange', 'estimators', 'strategies']
const sources = ['src', 'estimators', 'strategies'].flatMap((folder) => sourcesUnder(folder))
const tests = sourcesUnder('test')
const topPages = readdirSync(repositoryRoot).filter((name) => name.endsWith('.md'))
const pages = [...topPages.map((path) => ({ path, text: readSource(path) })), ...sourcesUnder('docs', '.md')]
const codeOf = new Map(sources.map(({ path, text }) => [path, withoutComments(text)]))

/** `path:line` of every match, so that a failure can be clicked. */
function places(files: readonly SourceFile[], pattern: RegExp): string[] {
  return files.flatMap(({ path, text }) =>
    text
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}  ${line.trim()}`] : [])),
  )
}

function codeUnder(...folders: string[]): SourceFile[] {
  return [...codeOf]
    .filter(([path]) => folders.some((folder) => path.startsWith(`${folder}/`)))
    .map(([path, text]) => ({ path, text }))
}

test('there is something to look at', () => {
  expect(sources.length).toBeGreaterThan(150)
  expect(tests.length).toBeGreaterThan(50)
})

describe('the pure folders', () => {
  test.each([
    ['the clock', /\bnew Date\b|\bDate\.now\b|\bperformance\.now\b/, 'time enters as tsMs on the input'],
    ['chance', /\bMath\.random\b|\bcrypto\b/, 'use core/math/sfc32'],
    [
      'waiting',
      /\bawait\b|\basync\b|\bPromise\b|\bset(Timeout|Interval|Immediate)\b/,
      'the runtime sends timer inputs',
    ],
    ['the place', /\btoLocale\w+|\blocaleCompare\b|\bIntl\b/, 'compare by code units'],
    ['other packages', /from '(?![./])(?!simple-statistics')/, 'pass plain data in'],
    ['the sort of the engine', /\.sort\(\)/, 'say by what: default sort compares as text'],
  ])('know nothing of %s', (_, pattern, instead) => {
    expect(places(codeUnder(...PURE_FOLDERS), pattern), instead).toEqual([])
  })
})

describe('every file', () => {
  test('begins by saying what it is', () => {
    const silent = sources.filter(({ text }) => !/^(#!.*\n)?\/\*\*/.test(text))
    expect(silent.map(({ path }) => path)).toEqual([])
  })

  test('exports by name', () => {
    expect(places(codeUnder('src', 'estimators', 'strategies'), /\bexport default\b/)).toEqual([])
  })

  test('holds no reminder, no machine path and no key', () => {
    const files = [...sources, ...tests, ...pages].filter(({ path }) => path !== 'test/tidy.test.ts')
    expect(places(files, /\b(TODO|FIXME|XXX|HACK)\b/)).toEqual([])
    expect(places(files, /(^|[\s'"`(])\/(work|home|Users)\//)).toEqual([])
    expect(places(files, /BEGIN [A-Z ]*PRIVATE KEY/)).toEqual([])
  })

  test('is not too long, and neither are its functions', () => {
    const long = sources.filter(({ text }) => text.split('\n').length > FILE_LINES_MAX)
    expect(long.map(({ path, text }) => `${path}: ${text.split('\n').length}`)).toEqual([])
    expect(sources.flatMap(longFunctions)).toEqual([])
  })
})

/** Ratchets: they only ever go down. */
const FILE_LINES_MAX = 510
const FUNCTION_LINES_MAX = 110

/** Functions on the top level, which prettier begins with the keyword and ends with a brace in the first column. */
function longFunctions({ path, text }: SourceFile): string[] {
  const lines = text.split('\n')
  return lines.flatMap((line, start) => {
    const name = /^(?:export )?(?:async )?function\*? (\w+)/.exec(line)?.[1]
    if (name === undefined) return []
    const length = lines.slice(start).findIndex((later) => later === '}') + 1
    return length > FUNCTION_LINES_MAX ? [`${path}:${start + 1} ${name}: ${length} lines`] : []
  })
}

describe('tests', () => {
  test('are none of them skipped, alone or without an end', () => {
    const others = tests.filter(({ path }) => path !== 'test/tidy.test.ts')
    expect(places(others, /\b(test|it|describe)\.(only|skip|todo|fails)\b/)).toEqual([])
  })

  test('every estimator, strategy and part of the ladder is imported by one', () => {
    const imported = tests.map(({ text }) => text).join('\n')
    const untested = sources.filter(
      ({ path }) => /^(estimators|strategies)\//.test(path) && !/\/(index|.*-config)\.ts$/.test(path),
    )
    expect(untested.length).toBeGreaterThan(15)
    expect(untested.filter(({ path }) => !imported.includes(`/${path}'`)).map(({ path }) => path)).toEqual([])
  })
})

test('words of the venue stay there: px, sz and their kin are priceTicks and sizeLots inside', () => {
  const folders = 'src/core src/exchange src/runtime src/journal src/ops src/config estimators strategies'
  const inside = codeUnder(...folders.split(' '))
  expect(places(inside, /\b(px|sz|szi|limitPx|triggerPx|entryPx|origSz|ntl)\b/)).toEqual([])
})

describe('packages', () => {
  const manifest = JSON.parse(readSource('package.json')) as Record<
    'dependencies' | 'devDependencies',
    Record<string, string>
  >
  const versions = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })

  test('are pinned exactly, and each has its line in docs/dependencies.md', () => {
    const page = readSource('docs/dependencies.md')
    for (const [name, version] of versions) {
      expect(version, name).toMatch(/^\d+\.\d+\.\d+$/)
      expect(page, name).toContain(`\`${name}\``)
    }
  })

  test('come without download addresses in the lockfile', () => {
    expect(readSource('package-lock.json')).not.toMatch(/"resolved": "https?:/)
  })

  test('each is used in the one folder that wraps it', () => {
    const homes: Readonly<Record<string, string>> = {
      'decimal.js': 'src/(config|venues|server)/',
      commander: 'src/cli/',
      pino: 'src/ops/',
      'prom-client': 'src/ops/',
      'smol-toml': 'src/config/',
      zod: 'src/(config|server)/',
      '@nktkas/hyperliquid': 'src/venues/',
      '@noble/curves': 'src/signing/',
    }
    for (const [name, home] of Object.entries(homes)) {
      const using = [...codeOf]
        .filter(([, text]) => new RegExp(`from '${name}(/[^']*)?'`).test(text))
        .map(([path]) => path)
      const strangers = using.filter((path) => !new RegExp(`^${home}`).test(path))
      expect(strangers, name).toEqual([])
    }
  })
})

describe('what is configured', () => {
  test('every key of the configuration is read by the program outside of src/config', () => {
    const outside = [...codeOf].filter(([path]) => !path.startsWith('src/config/'))
    const program = outside.map(([, text]) => text).join('\n')
    const unread = CONFIG_FIELDS.filter(({ key }) => {
      const name = camelOf(key.slice(key.lastIndexOf('.') + 1))
      return key !== 'schema_version' && !new RegExp(`\\b${name}\\b`).test(program)
    })
    expect(unread.map(({ key }) => key)).toEqual([])
  })

  test('.env.example has every variable that the program reads, and no other', () => {
    const read = [...codeOf.values()].flatMap((text) =>
      [...text.matchAll(/\bHYPERMAKE_[A-Z_]*[A-Z]\b/g)].map(([name]) => name),
    )
    expect(read.filter((name) => !name.includes('__') && !OTHER_VARIABLES.includes(name))).toEqual([])
    const shown = [...readSource('.env.example').matchAll(/^# (HYPERMAKE_\w+)=/gm)].map(([, name]) => name)
    expect(shown.sort()).toEqual([...OTHER_VARIABLES, 'HYPERMAKE_RISK__GAMMA_BASE'].sort())
  })
})

describe('pages', () => {
  test('every estimator, strategy and part of the ladder stands on one about its formulas', () => {
    const formulas = pages.filter(({ path }) => path.startsWith('docs/math/'))
    const text = formulas.map((page) => page.text).join('\n')
    const silent = sources.filter(
      ({ path }) =>
        /^(estimators|strategies)\//.test(path) &&
        !/(\/index|-config)\.ts$/.test(path) &&
        !text.includes(path.slice(path.lastIndexOf('/') + 1)),
    )
    expect(silent.map(({ path }) => path)).toEqual([])
  })

  test('link to files that exist', () => {
    const broken = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)]
        .filter(([, target = '']) => !existsSync(join(repositoryRoot, dirname(path), target)))
        .map(([, target]) => `${path} -> ${target}`),
    )
    expect(broken).toEqual([])
  })

  test('and comments name only source files that are there', () => {
    const files = [...sources, ...tests].map(({ path }) => `/${path}`)
    const comments = [...sources, ...tests].map(({ path, text }) => ({
      path,
      text: (text.match(/\/\*\*[\s\S]*?\*\/|^\s*\/\/.*$/gm) ?? []).join('\n'),
    }))
    const missing = [...pages, ...comments].flatMap(({ path, text }) =>
      [...text.matchAll(/(?<![\w./*-])[\w-][\w./-]*\.ts(?![\w-])/g)]
        .filter(([name]) => !files.some((file) => file.endsWith(`/${name}`)))
        .map(([name]) => `${path} names ${name}`),
    )
    expect(missing).toEqual([])
  })
})
