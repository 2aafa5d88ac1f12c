/**
 * The guards themselves: each is seen to fail on a seeded violation, and to have looked at every file it is meant for.
 * The violations stand in a scratch copy of the project's layout, with the real configuration files, below data/ (ignored).
 */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { ESLint } from 'eslint'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { readSource, repositoryRoot, sourcesUnder } from './support/sources.ts'
import { runNode, type Ended } from './support/spawn.ts'

/** Tools start slowly on a machine that is busy with the other tests. */
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 })

const PURE_FOLDERS = ['src/core', 'src/exchange', 'estimators', 'strategies']
const CONFIG_FILES = [
  'tsconfig.json',
  'tsconfig.core.json',
  'eslint.config.js',
  '.dependency-cruiser.cjs',
  'knip.json',
  'package.json',
]

const scratches: string[] = []
afterAll(() => scratches.forEach((folder) => rmSync(folder, { recursive: true, force: true })))

/** A folder with the project's configuration and these files. Packages are found in the project above it. */
function scratchOf(files: Readonly<Record<string, string>>): string {
  mkdirSync(join(repositoryRoot, 'data'), { recursive: true })
  const folder = mkdtempSync(join(repositoryRoot, 'data', 'guards-'))
  scratches.push(folder)
  for (const name of CONFIG_FILES) copyFileSync(join(repositoryRoot, name), join(folder, name))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), `${text}\n`)
  }
  return folder
}

function tool(path: string, args: readonly string[], cwd: string): Promise<Ended> {
  return runNode([join(repositoryRoot, 'node_modules', path), ...args], { cwd })
}

const tsc = (cwd: string, ...args: string[]): Promise<Ended> =>
  tool('typescript/bin/tsc', ['-p', 'tsconfig.core.json', ...args], cwd)
const eslint = (cwd: string): Promise<Ended> => tool('eslint/bin/eslint.js', ['.', '--format', 'json'], cwd)
const knip = (cwd: string): Promise<Ended> => tool('knip/bin/knip.js', [], cwd)
const depcruise = (cwd: string, output: 'err' | 'json'): Promise<Ended> =>
  tool(
    'dependency-cruiser/bin/dependency-cruise.mjs',
    ['--config', '.dependency-cruiser.cjs', '--output-type', output, 'src', 'estimators', 'strategies'],
    cwd,
  )

describe('the second tsconfig keeps the outside out of the pure folders', () => {
  const seeds: Readonly<Record<string, string>> = {
    'src/core/environment.ts': 'export const home: unknown = process.env',
    'src/core/page.ts': 'export const page: unknown = document',
    'src/exchange/file.ts':
      "import { readFileSync } from 'node:fs'\nexport const read: unknown = readFileSync",
    'estimators/timer.ts': 'export const timer: unknown = setTimeout',
    'strategies/network.ts': 'export const get: unknown = fetch',
  }

  test('each seeded use of it is an error, and a clean file beside them is not', async () => {
    const { code, stdout } = await tsc(
      scratchOf({ ...seeds, 'src/core/clean.ts': 'export const two: number = 2' }),
    )
    expect(code).not.toBe(0)
    const blamed = [...new Set([...stdout.matchAll(/^(\S+?)\(/gm)].map(([, path]) => path))]
    expect(blamed.sort()).toEqual(Object.keys(seeds).sort())
  })

  test('it fails when there is nothing to look at', async () => {
    expect(await tsc(scratchOf({}))).toMatchObject({
      code: 2,
      stdout: expect.stringContaining('TS18003') as string,
    })
  })

  test('it looks at every file of the pure folders', async () => {
    const { stdout } = await tsc(repositoryRoot, '--listFilesOnly')
    const files = PURE_FOLDERS.flatMap((folder) => sourcesUnder(folder))
    expect(files.length).toBeGreaterThan(30)
    for (const { path } of files) expect(stdout, path).toContain(`/${path}\n`)
  })
})

describe('ESLint', () => {
  const seeds: Readonly<Record<string, readonly [rule: string, text: string]>> = {
    'src/core/clock.ts': ['no-restricted-globals', 'export const now: number = Date.now()'],
    'src/core/chance.ts': ['no-restricted-properties', 'export const chance: number = Math.random()'],
    'src/core/pause.ts': [
      'no-restricted-syntax',
      'export async function f(g: Promise<void>): Promise<void> { await g }',
    ],
    'src/core/locale.ts': ['no-restricted-syntax', "export const sorted: number = 'a'.localeCompare('b')"],
    'src/exchange/precise.ts': ['no-restricted-globals', 'export const at: number = performance.now()'],
    'estimators/timer.ts': ['no-restricted-globals', 'export const timer: unknown = setInterval'],
    'strategies/network.ts': ['no-restricted-globals', 'export const get: unknown = fetch'],
    'src/runtime/floating.ts': [
      '@typescript-eslint/no-floating-promises',
      'export function f(g: () => Promise<void>): void { g() }',
    ],
    'src/runtime/anything.ts': ['@typescript-eslint/no-explicit-any', 'export const x: any = 3'],
    'src/runtime/surely.ts': [
      '@typescript-eslint/no-non-null-assertion',
      'export const f = (x: number | null): number => x!',
    ],
    'src/runtime/print.ts': ['no-console', "console.log('x')\nexport {}"],
    'src/runtime/half-switch.ts': [
      '@typescript-eslint/switch-exhaustiveness-check',
      "export function f(x: 'a' | 'b'): void { switch (x) { case 'a': return } }",
    ],
  }

  test('each seeded violation is found by its rule', async () => {
    const texts = Object.entries(seeds).map(([path, [, text]]) => [path, text])
    const folder = scratchOf(Object.fromEntries(texts) as Record<string, string>)
    const { code, stdout } = await eslint(folder)
    expect(code).toBe(1)
    const results = JSON.parse(stdout) as { filePath: string; messages: { ruleId: string }[] }[]
    const rulesOf = new Map(
      results.map(({ filePath, messages }) => [
        filePath.slice(folder.length + 1),
        messages.map(({ ruleId }) => ruleId),
      ]),
    )
    for (const [path, [rule]] of Object.entries(seeds)) expect(rulesOf.get(path), path).toContain(rule)
  })

  test('it fails when there is nothing to look at', async () => {
    const folder = scratchOf({})
    rmSync(join(folder, 'eslint.config.js'))
    writeFileSync(join(folder, 'eslint.config.js'), readSource('eslint.config.js'))
    expect((await eslint(folder)).code).not.toBe(0)
  })

  test('it looks at every file, and knows the pure folders', async () => {
    const linter = new ESLint({ cwd: repositoryRoot })
    const files = ['src', 'estimators', 'strategies', 'test'].flatMap((folder) => sourcesUnder(folder))
    for (const { path } of files) expect(await linter.isPathIgnored(path), path).toBe(false)
    for (const folder of PURE_FOLDERS) {
      for (const { path } of sourcesUnder(folder)) {
        const config = (await linter.calculateConfigForFile(path)) as { rules: Record<string, unknown[]> }
        expect(config.rules['no-restricted-globals']?.[0], path).toBe(2)
        expect(config.rules['no-restricted-syntax']?.[0], path).toBe(2)
      }
    }
  })
})

describe('dependency-cruiser', () => {
  const target = 'export const x: number = 3'
  const importing = (path: string): string => `import { x } from '${path}'\nexport const y: number = x`
  /** One violation for each rule: where it stands and what it imports. */
  const seeds: Readonly<Record<string, readonly [path: string, imported: string]>> = {
    'no-circular': ['src/core/loop-a.ts', './loop-b.ts'],
    'not-to-test': ['src/core/to-test.ts', '../../test/helper.ts'],
    'core-imports-itself': ['src/core/to-config.ts', '../config/target.ts'],
    'exchange-imports': ['src/exchange/to-journal.ts', '../journal/target.ts'],
    'estimators-import-core': ['estimators/to-strategies.ts', '../strategies/target.ts'],
    'strategies-import-core': ['strategies/to-estimators.ts', '../estimators/target.ts'],
    'simulation-imports': ['src/simulation/to-journal.ts', '../journal/target.ts'],
    'signing-imports': ['src/signing/to-exchange.ts', '../exchange/target.ts'],
    'journal-imports': ['src/journal/to-exchange.ts', '../exchange/target.ts'],
    'venues-hyperliquid-imports': ['src/venues/hyperliquid/to-exchange.ts', '../../exchange/target.ts'],
    'venues-local-imports': ['src/venues/local/to-journal.ts', '../../journal/target.ts'],
    'runtime-imports': ['src/runtime/to-config.ts', '../config/target.ts'],
    'server-imports': ['src/server/to-config.ts', '../config/target.ts'],
    'backtest-imports': ['src/backtest/to-server.ts', '../server/target.ts'],
    'ops-config-see-only-types-of-core': ['src/ops/to-runtime.ts', '../runtime/target.ts'],
    'nobody-imports-cli': ['src/journal/to-cli.ts', '../cli/target.ts'],
    'only-cli-imports-compose': ['src/ops/to-compose.ts', '../compose.ts'],
  }

  interface Cruise {
    readonly modules: readonly { readonly source: string }[]
  }

  test('every rule has a seeded violation here, and finds it', async () => {
    const rules = createRequire(import.meta.url)('../.dependency-cruiser.cjs') as {
      forbidden: { name: string }[]
    }
    expect(Object.keys(seeds).sort()).toEqual(rules.forbidden.map(({ name }) => name).sort())

    const files: Record<string, string> = {
      'src/core/loop-b.ts': importing('./loop-a.ts'),
      'src/compose.ts': target,
    }
    for (const [path, imported] of Object.values(seeds)) {
      files[path] = importing(imported)
      const imports = join(dirname(path), imported)
      files[imports] ??= target
    }
    const { code, stdout } = await depcruise(scratchOf(files), 'err')
    const found = [...stdout.matchAll(/error ([\w-]+): (\S+)/g)].map(([, rule, from]) => `${rule} ${from}`)
    for (const [rule, [path]] of Object.entries(seeds)) expect(found).toContain(`${rule} ${path}`)
    expect(code).not.toBe(0)
  })

  test('it fails when there is nothing to look at', async () => {
    expect((await depcruise(scratchOf({}), 'err')).code).not.toBe(0)
  })

  test('it looks at every file of the project', async () => {
    const { stdout } = await depcruise(repositoryRoot, 'json')
    const cruised = new Set((JSON.parse(stdout) as Cruise).modules.map(({ source }) => source))
    for (const folder of ['src', 'estimators', 'strategies']) {
      for (const { path } of sourcesUnder(folder)) expect(cruised.has(path), path).toBe(true)
    }
  })
})

describe('knip', () => {
  const used = {
    'src/cli/main.ts': "import { used } from '../core/used.ts'\nused()",
    'src/core/used.ts': 'export function used(): void {}',
  }
  let seeded: Ended
  let empty: Ended

  beforeAll(async () => {
    const more = {
      'src/core/nobody.ts': 'export const nobody: number = 3',
      'src/core/used.ts': `${used['src/core/used.ts']}\nexport function unused(): void {}`,
      'src/cli/main.ts': `${used['src/cli/main.ts']}\nimport 'not-in-package-json'`,
    }
    seeded = await knip(scratchOf({ ...used, ...more }))
    empty = await knip(scratchOf({}))
  })

  test('finds a file that nobody imports, an export that nobody uses and a package that nobody listed', () => {
    expect(seeded.code).not.toBe(0)
    expect(seeded.stdout).toMatch(/Unused files[\s\S]*src\/core\/nobody\.ts/)
    expect(seeded.stdout).toMatch(/Unused exports[\s\S]*unused +function +src\/core\/used\.ts/)
    expect(seeded.stdout).toMatch(/Unlisted dependencies[\s\S]*not-in-package-json +src\/cli\/main\.ts/)
  })

  test('it fails when there is nothing to look at', () => {
    expect(empty.code).not.toBe(0)
  })

  test('it is told of every folder', () => {
    const { project } = JSON.parse(readSource('knip.json')) as { project: string[] }
    expect(project.sort()).toEqual([
      'estimators/**/*.ts',
      'src/**/*.ts',
      'strategies/**/*.ts',
      'test/**/*.ts',
    ])
  })
})
