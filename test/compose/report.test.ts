/** `hypermake report` from the command's door: the journal of a run becomes the page, the files and the figures of a backtest. */
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fidelity } from '../../src/compose/fidelity.ts'
import { replay } from '../../src/compose/replay.ts'
import { report } from '../../src/compose/report.ts'
import { readJournal } from '../../src/journal/reader.ts'
import { openJournal } from '../../src/journal/writer.ts'
import type { JournalHeader, JournalRecord } from '../../src/journal/format.ts'
import { captured } from '../support/captured.ts'
import { failureOfPromise } from '../support/failure.ts'
import { journalledRun } from '../support/journalled-run.ts'

const root = mkdtempSync(join(tmpdir(), 'report-'))
let dir = ''

beforeAll(async () => {
  dir = (await journalledRun({ seed: 11, seconds: 90, scenario: 'sweep' })).dir
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** The same journal with another header or other records. */
async function copied(
  name: string,
  of: {
    readonly header?: (header: JournalHeader) => JournalHeader
    readonly record?: (record: JournalRecord) => JournalRecord
  },
): Promise<string> {
  const target = join(root, name)
  const { header, records } = readJournal(dir)
  const writer = await openJournal({
    ...{ dir: target, sync: 'never', header: of.header?.(header) ?? header },
    onFailure(error) {
      throw error
    },
  })
  for (const record of records) writer.append(of.record?.(record) ?? record)
  await writer.close()
  return target
}

describe('hypermake report', () => {
  test('writes one page, the CSV files and the figures, and the same bytes a second time', async () => {
    const [first, second] = [join(root, 'a.html'), join(root, 'b.html')]
    const csv = join(root, 'csv')
    const said = await captured(() => report({ dir, out: first, csv, json: true }))
    expect([said.code, said.err]).toEqual([0, ''])
    const figures = JSON.parse(said.out) as Record<string, unknown>
    expect(figures).toMatchObject({
      ...{ kind: 'report', mode: 'rehearsal', coin: 'hyna:BTC', isClosed: true },
      attribution: { unexplainedMicroUsd: 0 },
    })
    const page = readFileSync(first, 'utf8')
    expect(page).toMatch(/<title>Rehearsal of glft-ladder on hyna:BTC/)
    for (const title of ['Where the PnL came from', 'Equity and drawdown', 'Price, own quotes', 'Markouts']) {
      expect(page).toContain(`<h2>${title}`)
    }
    expect(page).not.toMatch(/<script|NaN|undefined|Infinity|Backtest/)
    expect(readdirSync(csv).sort()).toEqual([
      ...['depth.csv', 'equity.csv', 'fills.csv', 'funding.csv', 'run.csv', 'terms.csv'],
    ])
    const again = await captured(() => report({ dir, out: second, csv: null, json: true }))
    expect(again.out).toBe(said.out)
    expect(readFileSync(second, 'utf8')).toBe(page)
  })

  test('tells the venue’s account beside our own', async () => {
    const { code, out } = await captured(() => report({ dir, out: null, csv: null, json: false }))
    expect(code).toBe(0)
    expect(out).toMatch(/^rehearsal of glft-ladder on hyna:BTC, local, 1 m 30 s$/m)
    expect(out).toMatch(/by the venue's account at .* USD, by our books then -?\d/)
    expect(out).toMatch(/change of the account +-?\d+\.\d{6}/)
  })

  test('says paper where it was paper, with what was assumed', async () => {
    const paper = { queue: 'power:2', latency: 'constant:50,100', capitalMicroUsd: 1_000_000 }
    const of = await copied('paper', { header: (header) => ({ ...header, network: 'testnet', paper }) })
    const out = join(root, 'paper.html')
    const said = await captured(() => report({ dir: of, out, csv: null, json: true }))
    expect(JSON.parse(said.out)).toMatchObject({ mode: 'paper', network: 'testnet', paper })
    expect(readFileSync(out, 'utf8')).toMatch(/Paper run · testnet.*no order was sent.*power:2/)
  })

  test('gives no figure when this build decides otherwise than the run did', async () => {
    const of = await copied('other', {
      record: (record) =>
        record.kind === 'command' && record.seq > 100 && record.command.kind === 'place'
          ? {
              ...record,
              command: {
                ...record.command,
                order: { ...record.command.order, sizeLots: record.command.order.sizeLots + 1 },
              },
            }
          : record,
    })
    const { code, out } = await captured(() => report({ dir: of, out: null, csv: null, json: false }))
    expect([code, out]).toEqual([
      5,
      expect.stringMatching(/^no report: .* from input \d+ on .*\n.*build test/),
    ])
  })

  test('refuses a recording: nothing was earned in it', async () => {
    const of = await copied('recording', { header: (header) => ({ ...header, machine: 'recorder' }) })
    const failure = await failureOfPromise(report({ dir: of, out: null, csv: null, json: false }))
    expect(failure.message).toMatch(/is the journal of a recorder.*give the folder of a live, paper/)
  })
})

describe('a journal of another build', () => {
  const without = (config: unknown, key: string): unknown => {
    const copy = structuredClone(config) as { risk: Record<string, unknown> }
    Reflect.deleteProperty(copy.risk, key)
    return copy
  }

  test.each([
    ['lacks a key', (config: unknown) => without(config, 'gammaBase'), /lacks risk\.gamma_base/],
    [
      'has a key that is gone',
      (config: unknown) => ({ ...(config as object), old: { knob: 1 } }),
      /has old\.knob, which this build does not know/,
    ],
    [
      'has a value that is none',
      (config: unknown) => ({ ...(config as object), schemaVersion: 2 }),
      /has a bad schema_version/,
    ],
  ])('that %s is named with what to do, by every command that replays it', async (name, change, text) => {
    const of = await copied(`build-${name}`.replaceAll(' ', '-'), {
      header: (header) => ({ ...header, build: '0.0.1', config: change(header.config) }),
    })
    const latency = { queue: null, latency: null, seed: 1 }
    for (const body of [
      () => report({ dir: of, out: null, csv: null, json: false }),
      () => replay({ dir: of, assignments: [], metrics: null, json: false }),
      () => replay({ dir: of, assignments: ['risk.min_spread_floor_bps=4'], metrics: null, json: false }),
      () => Promise.resolve().then(() => fidelity({ dir: of, ...latency, json: false })),
    ]) {
      const failure = await failureOfPromise(Promise.resolve().then(body))
      expect(failure).toMatchObject({ name: 'JournalError', code: 'UNKNOWN_VERSION' })
      expect(failure.message).toMatch(text)
      expect(failure.message).toMatch(
        /written by build 0\.0\.1.*replay it with that build.*hypermake backtest --data/,
      )
    }
  })
})
