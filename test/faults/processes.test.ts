/**
 * Faults that only real processes have: one that is stopped and continued, one that gets a second signal, two on one key. Makers on
 * an exchange process of their own, by signals; what they say, write down and leave behind is looked at.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { TEST_PRIVATE_KEY } from '../../src/compose/test-account.ts'
import type { Input } from '../../src/core/input.ts'
import { readJournal } from '../../src/journal/reader.ts'
import { walletOf } from '../../src/signing/wallet.ts'
import { type Program, start } from '../support/processes.ts'

const STOPPED_MS = 3_000
/** Older than this, a book is history to the maker that is stopped. */
const AGE_MS_MAX = 1_000
const WAIT_MS_MAX = 60_000
const POLL_MS = 20
const TEST_MS_MAX = 180_000
const SLOW_CANCELS = `about = "Cancels take two seconds."

[[fault]]
kind = "delay-request"
requests = ["cancel", "cancelByCloid"]
ms = 2000
`

interface WireOrder {
  readonly oid: number
  readonly timestamp: number
}

/** One exchange process and the makers on it; the stories run side by side, each with its own. */
interface Play {
  /** @param name of its journal; `state/name` puts its locks and notes into a folder that others may share */
  maker(name: string, ...flags: string[]): Program
  until(what: string, condition: () => boolean | Promise<boolean>): Promise<void>
  /** Orders of ours that rest at the exchange. */
  resting(): Promise<WireOrder[]>
  inputsOf(name: string): Input[]
  /** Ages of the newest book at each order that was decided from this time on, ms. */
  bookAgesFrom(name: string, fromTsMs: number): number[]
}

/** @param faults script of the exchange, if it is to fail */
async function played(tell: (play: Play) => Promise<void>, faults?: string): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'processes-'))
  const started: Program[] = []
  try {
    const script = join(root, 'faults.toml')
    if (faults !== undefined) writeFileSync(script, faults)
    const flags = ['--port', '0', '--metrics-port', '0', '--json', '--seed', '5', '--scenario', 'calm']
    const exchange = start('exchange', ...flags, ...(faults === undefined ? [] : ['--faults', script]))
    started.push(exchange)
    const apiUrl = String((await exchange.line('start'))['apiUrl'])
    await tell(playOn(apiUrl, root, started))
  } finally {
    for (const { child } of started) if (child.exitCode === null) child.kill('SIGKILL')
    await Promise.all(started.map(({ ended }) => ended))
    rmSync(root, { recursive: true, force: true })
  }
}

function playOn(apiUrl: string, root: string, started: Program[]): Play {
  return {
    maker(name, ...flags) {
      const state = name.includes('/') ? name.slice(0, name.indexOf('/')) : name
      const program = start(
        ...[
          'run',
          '--api-url',
          apiUrl,
          '--json',
          '--metrics-port',
          '0',
          '--journal',
          join(root, name, 'run'),
        ],
        ...['--set', `journal.dir=${join(root, state)}`],
        ...flags,
      )
      started.push(program)
      return program
    },
    async until(what, condition) {
      const limitMs = performance.now() + WAIT_MS_MAX
      while (!(await condition())) {
        if (performance.now() > limitMs) {
          const said = started.map((program) => program.stderr()).join('\n')
          throw new Error(`waited ${WAIT_MS_MAX} ms for ${what}; said: ${said}`)
        }
        await new Promise((resolve) => setTimeout(resolve, POLL_MS))
      }
    },
    async resting() {
      const user = walletOf(TEST_PRIVATE_KEY).address
      const answer = await fetch(`${apiUrl}/info`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ type: 'openOrders', user, dex: 'hyna' }),
      })
      return (await answer.json()) as WireOrder[]
    },
    inputsOf: (name) =>
      [...readJournal(join(root, name, 'run')).records].flatMap((record) =>
        record.kind === 'input' ? [record.input] : [],
      ),
    bookAgesFrom(name, fromTsMs) {
      const ages: number[] = []
      let [tsMs, newestBookTsMs] = [0, 0]
      for (const record of readJournal(join(root, name, 'run')).records) {
        if (record.kind === 'input') {
          const { input } = record
          tsMs = input.tsMs
          if (input.kind === 'book' || input.kind === 'touch') newestBookTsMs = input.venueTsMs
        } else if (record.kind === 'command' && 'order' in record.command && tsMs >= fromTsMs) {
          ages.push(tsMs - newestBookTsMs)
        }
      }
      return ages
    },
  }
}

describe.concurrent('real processes', () => {
  test(
    'faults 35 and 43: stopped for three seconds and continued: the stall is known, and no order is priced from before it',
    () =>
      played(async ({ maker, until, resting, inputsOf, bookAgesFrom }) => {
        const program = maker('stopped', '--set', `risk.max_book_age_ms=${AGE_MS_MAX}`)
        await until('quotes', async () => (await resting()).length > 0)
        const stoppedTsMs = Date.now()
        const stalls = (): number[] =>
          inputsOf('stopped').flatMap((input) =>
            input.kind === 'load' && input.tsMs > stoppedTsMs ? [input.loopLagMs] : [],
          )
        program.child.kill('SIGSTOP')
        await new Promise((resolve) => setTimeout(resolve, STOPPED_MS))
        const continuedTsMs = Date.now()
        program.child.kill('SIGCONT')
        await until('new orders', async () =>
          (await resting()).some(({ timestamp }) => timestamp > continuedTsMs),
        )
        // The sampler of the event loop may wake up after the quotes: its next sample tells.
        await until('the stall to be told', () => Math.max(...stalls()) > STOPPED_MS * 0.8)
        program.child.kill('SIGTERM')
        expect(await program.ended, program.stderr()).toBe(0)
        expect(program.lines().at(-1)).toMatchObject({ kind: 'summary', agrees: true })
        const ages = bookAgesFrom('stopped', continuedTsMs)
        expect(ages.length).toBeGreaterThan(0)
        expect(Math.max(...ages)).toBeLessThan(AGE_MS_MAX)
      }),
    TEST_MS_MAX,
  )

  test(
    'fault 36: a second signal ends it in a hurry, and the exit code says that nobody confirmed the end',
    () =>
      played(async ({ maker, until, resting }) => {
        const program = maker('hurried')
        await until('quotes', async () => (await resting()).length > 0)
        program.child.kill('SIGTERM')
        // Another signal than the first: two of a kind that wait for the process are one.
        program.child.kill('SIGINT')
        expect(await program.ended, program.stderr()).toBe(130)
        expect(program.stderr()).toMatch(/left at the second signal with \d+ orders resting/)
        expect(program.lines().some(({ kind }) => kind === 'summary')).toBe(false)
      }, SLOW_CANCELS),
    TEST_MS_MAX,
  )

  test(
    'two runs on one key: the younger one ends by the kill switch, the older one quotes on',
    () =>
      played(async ({ maker, until, resting, inputsOf }) => {
        const older = maker('older')
        await until('quotes', async () => (await resting()).length > 0)
        const younger = maker('younger', '--adopt', '--set', 'venue.submit_expiry_ms=2000')
        expect(await younger.ended, younger.stderr()).toBe(4)
        expect(younger.stderr()).toMatch(/kill switch: orders of another run \(epoch \d+\)/)
        const told = inputsOf('younger')[0]
        expect(told).toMatchObject({ kind: 'sessionStarted' })
        const endedTsMs = Date.now()
        await until('quotes of the older one', async () =>
          (await resting()).some(({ timestamp }) => timestamp > endedTsMs),
        )
        older.child.kill('SIGTERM')
        expect(await older.ended, older.stderr()).toBe(0)
        expect(await resting()).toEqual([])
      }),
    TEST_MS_MAX,
  )

  test(
    'a run that takes over the orders of a killed one keeps them where they are',
    () =>
      played(async ({ maker, until, resting }) => {
        const first = maker('state/first')
        await until('quotes', async () => (await resting()).length > 0)
        first.child.kill('SIGKILL')
        await first.ended
        const left = new Set((await resting()).map(({ oid }) => oid))
        expect(left.size).toBeGreaterThan(0)
        const second = maker('state/second', '--set', 'execution.start_orders=adopt')
        await until('new orders beside the old ones', async () =>
          (await resting()).some(({ oid }) => !left.has(oid)),
        )
        const after = await resting()
        second.child.kill('SIGTERM')
        expect(await second.ended, second.stderr()).toBe(0)
        expect(after.some(({ oid }) => left.has(oid))).toBe(true)
        expect(second.lines().at(-1)).toMatchObject({ kind: 'summary', agrees: true })
        expect(await resting()).toEqual([])
      }),
    TEST_MS_MAX,
  )
})
