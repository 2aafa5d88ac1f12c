/** `hypermake run` as a process: the commands of the README, over real sockets, to the end. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { repositoryRoot } from '../support/sources.ts'
import { PROGRAM } from '../support/program.ts'
import { runNode } from '../support/spawn.ts'

/** A run must be quoting within this; the issue allows ten seconds, a busy machine more. */
const QUOTING_MS_MAX = 40_000
const POLL_MS = 100

let root = ''
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'run-'))
})
afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

/** Journals of these runs stay out of the working directory. */
function runArgs(name: string, ...more: string[]): string[] {
  const folder = join(root, name)
  return [
    ...PROGRAM,
    'run',
    '--seed',
    '7',
    '--json',
    '--set',
    `journal.dir=${folder}`,
    '--journal',
    join(folder, 'run'),
    ...more,
  ]
}

function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Resolves with the metrics page once it says that both sides rest. */
async function whenQuoting(port: number): Promise<string> {
  const deadline = Date.now() + QUOTING_MS_MAX
  while (Date.now() < deadline) {
    const page = await fetch(`http://127.0.0.1:${port}/metrics`).then(
      (answer) => answer.text(),
      () => '',
    )
    if (/^mm_quoting 1$/m.test(page)) return page
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  throw new Error(`not quoting within ${QUOTING_MS_MAX} ms`)
}

describe('hypermake run', () => {
  test('quotes, ends by itself with both books equal, and its journal replays to the same hash', async () => {
    const ended = await runNode(runArgs('timed', '--duration', '8s', '--metrics-port', '0'))
    expect(ended.code, ended.stderr).toBe(0)
    const lines = jsonLines(ended.stdout)
    expect(lines[0]).toMatchObject({
      kind: 'start',
      coin: 'hyna:BTC',
      assetId: 110_000,
      network: 'local',
      seed: 7,
    })
    const summary = lines.find((line) => line['kind'] === 'summary')
    expect(summary).toMatchObject({ kind: 'summary', agrees: true })
    expect(Number(summary?.['quotes'])).toBeGreaterThanOrEqual(10)

    const dir = join(root, 'timed', 'run')
    const replayed = await runNode([...PROGRAM, 'replay', dir, '--json'])
    expect(replayed.code, replayed.stdout).toBe(0)
    expect(JSON.parse(replayed.stdout)).toMatchObject({ ok: true, finalStateHash: summary?.['stateHash'] })
    expect((await runNode([...PROGRAM, 'journal', 'verify', dir])).code).toBe(0)
  }, 120_000)

  test('serves live metrics and health, and an interrupt leaves nothing at the exchange', async () => {
    const port = await freePort()
    const args = runArgs('interrupted', '--metrics-port', String(port))
    const child = spawn(process.execPath, args, { cwd: repositoryRoot, stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
    try {
      const page = await whenQuoting(port)
      for (const name of ['mm_spread_bps', 'mm_sigma', 'mm_kappa', 'mm_adverse_selection_bps']) {
        expect(page).toMatch(new RegExp(`^${name} [0-9.e-]+$`, 'm'))
      }
      expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200)
    } finally {
      child.kill('SIGINT')
    }
    expect(await ended).toBe(0)
    const summary = jsonLines(stdout).find((line) => line['kind'] === 'summary')
    expect(summary).toMatchObject({ kind: 'summary', agrees: true })
    expect(summary?.['comparison']).toContainEqual({ name: 'open orders', ours: 0, venue: 0, isEqual: true })
  }, 120_000)

  test('a taken metrics port is one sentence and exit code 2, with nothing started', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const ended = await runNode(runArgs('taken', '--metrics-port', String(port)))
    await new Promise((resolve) => server.close(resolve))
    expect(ended.code).toBe(2)
    expect(ended.stderr.trim().split('\n')).toHaveLength(1)
    expect(ended.stderr).toContain(String(port))
    expect(ended.stdout).toBe('')
    expect(existsSync(join(root, 'taken'))).toBe(false)
  })

  test.each([
    [['--asset', 'BTX', '--dex', 'hyna'], 2, /hyna:BTC/],
    [['--asset', 'BTC', '--dex', 'hyena'], 2, /hyna/],
    [['--asset', 'flx:BTC', '--dex', 'hyna'], 2, /flx/],
    [['--network', 'testnet', '--live'], 3, /HYPERMAKE_PRIVATE_KEY_FILE/],
  ])('%s is refused with exit code %i', async (flags, code, text) => {
    const ended = await runNode(runArgs('refused', '--metrics-port', '0', ...flags))
    expect([ended.code, ended.stdout]).toEqual([code, ''])
    expect(ended.stderr).toMatch(text)
  })
})
