/** The command line as users meet it: a process, its exit code, and what it says on which stream. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { packageVersion } from '../../src/config/locate.ts'
import { readSource, repositoryRoot } from '../support/sources.ts'
import { load } from '../support/config.ts'
import { runNode, type Ended } from '../support/spawn.ts'

const require = createRequire(import.meta.url)
/** Runs the sources as they stand, so that a stale build cannot pass. */
const loader = pathToFileURL(require.resolve('tsx')).href

const folder = mkdtempSync(join(tmpdir(), 'hypermake-cli-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The names that issue and README give; a renamed flag breaks the scripts of users. */
const GIVEN_FLAGS = [
  ...[
    '--asset',
    '--dex',
    '--list-dexs',
    '--target-liquidity',
    '--risk-aversion',
    '--max-bps-diff',
    '--max-position',
  ],
  ...[
    '--initial-isolated-margin',
    '--force-isolated',
    '--network',
    '--config',
    '--set',
    '--profile',
    '--seed',
  ],
  ...[
    '--duration',
    '--tape',
    '--speed',
    '--scenario',
    '--journal',
    '--log-level',
    '--json',
    '--strategy',
    '--api-url',
  ],
  ...['--metrics-port', '--live', '--i-accept-real-money', '--reset-kill'],
]

/** Command lines, all started at once because most of each is the start of Node. */
const LINES = {
  help: ['--help'],
  version: ['--version'],
  misspeltCommand: ['replya', 'x'],
  misspeltFlag: ['--aset', 'BTC'],
  badSeed: ['--seed', '1.5'],
  badDuration: ['--duration', '20'],
  badKey: ['config', 'validate', '--set', 'risk.gama_base=1'],
  foreignPrefix: ['config', 'show', '--asset', 'flx:BTC', '--dex', 'hyna'],
  show: ['config', 'show', '--origin', '--asset', 'ETH', '--dex', 'hyna', '--risk-aversion', '0.45'],
  showJson: ['config', 'show', '--json'],
  schema: ['config', 'schema', '--markdown'],
  noJournal: ['journal', 'verify', '/nowhere/at/all'],
  noTape: ['--tape', '/nowhere/tape.gz'],
} as const

const ended = new Map<string, Ended>()

beforeAll(async () => {
  const program = join(repositoryRoot, 'src', 'cli', 'main.ts')
  const waiting = Object.entries(LINES)
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [name, args] = next
      ended.set(name, await runNode(['--import', loader, program, ...args]))
    }
  }
  await Promise.all([work(), work(), work()])
}, 90_000)

function of(name: keyof typeof LINES): Ended {
  const result = ended.get(name)
  if (result === undefined) throw new Error(`${name} was not run`)
  return result
}

describe('help and version', () => {
  test('the help lists the flags of the default command, spelled as given', () => {
    const { code, stdout } = of('help')
    expect(code).toBe(0)
    for (const flag of GIVEN_FLAGS) expect(stdout, flag).toMatch(new RegExp(`^ +${flag}( |$)`, 'm'))
    for (const command of ['run', 'exchange', 'replay', 'journal', 'config'])
      expect(stdout).toMatch(new RegExp(`^ +${command}\\b`, 'm'))
  })

  test('the version is the one of package.json', () => {
    expect(of('version')).toMatchObject({ code: 0, stdout: `${packageVersion()}\n` })
    expect(readSource('package.json')).toContain(`"version": "${packageVersion()}"`)
  })
})

describe('what is wrong ends with exit code 2, one sentence on stderr and nothing on stdout', () => {
  test.each([
    ['misspeltCommand', /no command 'replya'; did you mean replay\?/],
    ['misspeltFlag', /unknown option '--aset'\n\(Did you mean .*--asset/],
    ['badSeed', /--seed.*'1\.5'.*whole number/],
    ['badDuration', /--duration.*'20'.*20s/],
    ['badKey', /risk\.gama_base.*did you mean risk\.gamma_base\? \[UNKNOWN_KEY\]/],
    ['foreignPrefix', /flx:BTC.*\[FOREIGN_PREFIX\]/],
    ['noTape', /--tape.*no such file/],
    ['noJournal', /\/nowhere\/at\/all.*\[BAD_DIRECTORY\]/],
  ] as const)('%s', (name, message) => {
    const { code, stdout, stderr } = of(name)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(message)
    expect(stderr).not.toMatch(/\n +at /)
  })
})

describe('config show', () => {
  test('prints each value with where it came from', () => {
    const { code, stdout } = of('show')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^gamma_base = 0\.45 +# --risk-aversion$/m)
    expect(stdout).toMatch(/^asset = "ETH" +# --asset$/m)
    expect(stdout).toMatch(/^target_liquidity = 9 +# config\/assets\/ETH\.toml$/m)
    expect(stdout).toMatch(/^maker_fee_rate_bps = 3 +# config\/dexs\/hyna\.toml$/m)
    expect(stdout).toMatch(/^levels = 5 +# config\/default\.toml$/m)
  })

  test('is a file that gives the same configuration again', () => {
    const path = join(folder, 'shown.toml')
    writeFileSync(path, of('show').stdout)
    const hash = /^# config ([0-9a-f]{64})$/m.exec(of('show').stdout)?.[1]
    expect(load({ files: [path] }).hash).toBe(hash)
  })

  test('prints one JSON object when asked to', () => {
    const shown = JSON.parse(of('showJson').stdout) as { hash: string; values: unknown }
    expect(shown).toMatchObject({ hash: load().hash, values: load().values })
  })
})

test('config schema --markdown is docs/config.md', () => {
  expect(of('schema').stdout).toBe(readSource('docs/config.md'))
})
