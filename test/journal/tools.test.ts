import { parquetReadObjects } from 'hyparquet'
import { cpSync, existsSync, readFileSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { cutJournal } from '../../src/journal/cut.ts'
import type { JournalHeader, JournalRecord } from '../../src/journal/format.ts'
import {
  CSV_COLUMNS,
  exportLines,
  fieldsOf,
  tailRecords,
  toCsvRow,
  toJsonLine,
  toLine,
} from '../../src/journal/inspect.ts'
import { readJournal, verifyJournal } from '../../src/journal/reader.ts'
import { exportParquet } from '../../src/journal/parquet.ts'
import { listRuns, pruneRuns } from '../../src/journal/retention.ts'
import { newestSnapshot, readSnapshot, writeSnapshot } from '../../src/journal/snapshot.ts'
import { journalStats } from '../../src/journal/stats.ts'
import { openJournal } from '../../src/journal/writer.ts'
import type { JournalWriter } from '../../src/journal/writer.ts'
import { freshDir, header, marketRecords } from './arbitrary.ts'

const records = marketRecords(40)

async function written(dir: string, of: Partial<JournalHeader> = {}): Promise<JournalWriter> {
  const writer = await openJournal({
    dir,
    header: { ...header, ...of },
    sync: 'never',
    onFailure: () => undefined,
  })
  for (const record of records) writer.append(record)
  await writer.close()
  return writer
}

describe('lines', () => {
  test('each kind of record has its line for people', () => {
    expect(records.slice(0, 7).map(toLine)).toEqual([
      '        1 2024-11-21T09:15:00.173Z < book           bids=[1000414×1009 1000404×2963 +18] asks=[1000424×1009 1000434×2963 +18] venueTsMs=1732180500160',
      '        2 2024-11-21T09:15:00.223Z < trade          venueTsMs=1732180500210 tid=9000002 aggressor=buy priceTicks=1000338 sizeLots=2',
      '        3 2024-11-21T09:15:00.273Z < timer',
      '        4 2024-11-21T09:15:00.323Z < touch          venueTsMs=1732180500310 bidTicks=1000171 bidLots=104 askTicks=1000181 askLots=300',
      '        5 2024-11-21T09:15:00.373Z < book           bids=[1000090×1133 1000080×3087 +18] asks=[1000100×1133 1000110×3087 +18] venueTsMs=1732180500360',
      '        5                          > place          cloid=0x00000000000000000000000000000005 side=sell priceTicks=1000005 sizeLots=25 tif=alo reduceOnly=false',
      '        6 2024-11-21T09:15:00.423Z < trade          venueTsMs=1732180500410 tid=9000006 aggressor=sell priceTicks=1000014 sizeLots=6',
    ])
    expect(toLine({ kind: 'checkpoint', seq: 3, stateHash: 'ab' })).toBe(
      '        3                          # checkpoint     ab',
    )
    expect(toLine({ kind: 'note', seq: 0, text: 'hello' })).toMatch(/^ {8}0 +# note +hello$/)
  })

  test('the export as JSON lines holds every record', async () => {
    const dir = freshDir()
    await written(dir)
    const back = [...exportLines(dir, 'jsonl')].map((line): unknown => JSON.parse(line))
    const flat = records.map((record) => {
      if (record.kind === 'input') return { record: 'input', ...record.input }
      if (record.kind === 'command') return { record: 'command', seq: record.seq, ...record.command }
      const { kind, ...rest } = record
      return { record: kind, ...rest }
    })
    expect(back).toEqual(flat)
  })

  test('the export as CSV has the same columns in each row, and its json column is the record', async () => {
    const dir = freshDir()
    await written(dir)
    const [first, ...rows] = [...exportLines(dir, 'csv')].map(parseCsv)
    expect(first).toEqual(CSV_COLUMNS)
    expect(rows).toHaveLength(records.length)
    for (const [index, row] of rows.entries()) {
      expect(row).toHaveLength(CSV_COLUMNS.length)
      expect(row.at(-1)).toBe(toJsonLine(records[index] as JournalRecord))
    }
    const place = records.find((record) => record.kind === 'command' && record.command.kind === 'place')
    expect(toCsvRow(place as JournalRecord)).toMatch(
      /^5,,command,place,sell,1000005,25,0x00000000000000000000000000000005,,,"{/,
    )
  })

  test('the tail is the last records, fewer when there are fewer', async () => {
    const dir = freshDir()
    await written(dir)
    expect(tailRecords(dir, 7)).toEqual(records.slice(-7))
    expect(tailRecords(dir, 1_000)).toEqual(records)
    expect(tailRecords(dir, 0)).toEqual([])
  })
})

test('stats count what was written', async () => {
  const dir = freshDir()
  const writer = await written(dir)
  const stats = journalStats(dir)
  const kinds = Object.fromEntries(stats.kinds.map(({ record, kind, count }) => [`${record}/${kind}`, count]))
  expect(kinds).toEqual({
    'input/book': 10,
    'input/touch': 10,
    'input/trade': 10,
    'input/timer': 10,
    'command/place': 8,
    'command/cancel': 5,
    'checkpoint/checkpoint': 4,
  })
  expect(stats).toMatchObject({
    recordCount: 57,
    inputCount: 40,
    commandCount: 13,
    firstTsMs: header.createdTsMs + 50,
    lastTsMs: header.createdTsMs + 2_000,
    validBytes: writer.byteCount,
    isClosed: true,
    headHash: writer.headHash,
  })
  expect(stats.inputsPerSec).toBeCloseTo(40 / 1.95, 10)
})

describe('cut', () => {
  test.each([
    { point: { throughSeq: 10 }, lastSeq: 10 },
    { point: { throughSeq: 0 }, lastSeq: 0 },
    { point: { throughSeq: 999 }, lastSeq: 40 },
    { point: { throughTsMs: header.createdTsMs + 10 * 50 + 49 }, lastSeq: 10 },
  ])('$point keeps inputs up to $lastSeq with all they caused', async ({ point, lastSeq }) => {
    const dir = freshDir()
    await written(join(dir, 'run'))
    const report = await cutJournal(join(dir, 'run'), join(dir, 'cut'), point)
    const expected = records.filter(
      (record) => (record.kind === 'input' ? record.input.seq : record.seq) <= lastSeq,
    )
    const reader = readJournal(join(dir, 'cut'))
    expect([...reader.records]).toEqual(expected)
    expect(reader.header).toEqual(header)
    const { headHash } = reader.summary
    expect(report).toEqual({ recordCount: expected.length, lastSeq, headHash, damage: null })
  })

  test('a journal damaged behind the point can be saved up to it, and not beyond', async () => {
    const dir = freshDir()
    const path = join(dir, 'run')
    const writer = await openJournal({ dir: path, header, sync: 'every', onFailure: () => undefined })
    for (const record of records) writer.append(record)
    await writer.close()
    const file = join(path, '00000001.hmj')
    const bytes = readFileSync(file)
    const at = Math.floor(bytes.length / 2)
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
    writeFileSync(file, bytes)
    const { lastSeq } = verifyJournal(path)
    expect(lastSeq).toBeGreaterThan(5)
    await cutJournal(path, join(dir, 'saved'), { throughSeq: lastSeq - 1 })
    expect(verifyJournal(join(dir, 'saved'))).toMatchObject({ ok: true, lastSeq: lastSeq - 1 })
    await expect(cutJournal(path, join(dir, 'more'), { throughSeq: 40 })).rejects.toMatchObject({
      code: 'DAMAGED',
      message: expect.stringContaining(`; input ${lastSeq} is the last that stands before it`) as string,
    })
    expect(existsSync(join(dir, 'more'))).toBe(false)
  })

  test('without a point everything is copied, or what stands before the damage, and the damage is told', async () => {
    const dir = freshDir()
    const path = join(dir, 'run')
    await written(path)
    const whole = await cutJournal(path, join(dir, 'whole'), { through: 'damage' })
    expect(whole).toMatchObject({ recordCount: records.length, lastSeq: 40, damage: null })
    const file = join(path, '00000001.hmj')
    const bytes = readFileSync(file)
    const at = Math.floor(bytes.length / 2)
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
    writeFileSync(file, bytes)
    const { lastSeq, recordCount, damage } = verifyJournal(path)
    expect(lastSeq).toBeGreaterThan(5)
    expect(await cutJournal(path, join(dir, 'saved'), { through: 'damage' })).toMatchObject({
      ...{ recordCount, lastSeq, damage: damage?.because },
    })
    expect(verifyJournal(join(dir, 'saved'))).toMatchObject({ ok: true, recordCount, lastSeq })
  })
})

describe('snapshots', () => {
  const state = { position: -3, orders: [{ id: 'ü', at: 0.1 }], minusZero: -0, nothing: null }
  const at = (seq: number): Parameters<typeof writeSnapshot>[1] => ({
    seq,
    tsMs: 5,
    configHash: 'c',
    stateHash: `hash${seq}`,
    state,
  })

  test('what was written is read, and nothing else is left in the folder', async () => {
    const dir = freshDir()
    const path = await writeSnapshot(dir, at(12))
    expect(readdirSync(dir)).toEqual(['snapshot-0000000000000012.json'])
    expect(readSnapshot(path)).toEqual({ formatVersion: 1, ...at(12) })
  })

  test('every changed byte is refused', async () => {
    const dir = freshDir()
    const path = await writeSnapshot(dir, at(12))
    const bytes = readFileSync(path)
    for (let position = 0; position < bytes.length; position += 1) {
      const flipped = Buffer.from(bytes)
      flipped.writeUInt8(flipped.readUInt8(position) ^ 1, position)
      writeFileSync(path, flipped)
      expect(() => readSnapshot(path), `byte ${position}`).toThrow(/wrong checksum/)
    }
    writeFileSync(path, bytes.subarray(0, bytes.length - 1))
    expect(() => readSnapshot(path)).toThrow(/wrong checksum/)
  })

  test('the newest usable one is found, and newer ones that cannot be used are named', async () => {
    const dir = freshDir()
    for (const seq of [9, 100, 1_000]) await writeSnapshot(dir, at(seq))
    expect(newestSnapshot(dir).snapshot?.seq).toBe(1_000)
    expect(newestSnapshot(dir, 999).snapshot?.seq).toBe(100)
    expect(newestSnapshot(dir, 8)).toEqual({ snapshot: null, refused: [] })
    writeFileSync(join(dir, 'snapshot-0000000000001000.json'), 'torn')
    const { snapshot, refused } = newestSnapshot(dir)
    expect(snapshot?.seq).toBe(100)
    expect(refused.map(({ path }) => path)).toEqual([join(dir, 'snapshot-0000000000001000.json')])
  })

  test('a state that JSON cannot hold is refused before a file appears', async () => {
    const dir = freshDir()
    await expect(writeSnapshot(dir, { ...at(1), state: { sigma: NaN } })).rejects.toThrow('state.sigma')
    expect(readdirSync(dir)).toEqual([])
  })
})

describe('retention', () => {
  const hourMs = 3_600_000
  const nowMs = header.createdTsMs + 100 * hourMs

  /** Three closed runs, 30, 20 and 10 hours old, and one that is being written, 40 hours old. */
  async function runs(): Promise<{ root: string; bytes: number }> {
    const root = freshDir()
    for (const [name, ageHours] of Object.entries({ a: 30, b: 20, c: 10 })) {
      await written(join(root, name), { createdTsMs: nowMs - ageHours * hourMs })
      const changed = (nowMs - ageHours * hourMs) / 1000
      utimesSync(join(root, name, '00000001.hmj'), changed, changed)
    }
    const live = await openJournal({
      dir: join(root, 'live'),
      header: { ...header, createdTsMs: nowMs - 40 * hourMs },
      sync: 'never',
      onFailure: () => undefined,
    })
    onTestFinished(() => live.close())
    utimesSync(join(root, 'live', '00000001.hmj'), 1, 1)
    writeFileSync(join(root, 'epoch-5'), '')
    return { root, bytes: listRuns(root).reduce((sum, run) => sum + run.bytes, 0) }
  }

  test('runs are listed oldest first; what is no run is left out', async () => {
    const { root } = await runs()
    expect(listRuns(root).map(({ dir, isLocked }) => [dir, isLocked])).toEqual([
      [join(root, 'live'), true],
      [join(root, 'a'), false],
      [join(root, 'b'), false],
      [join(root, 'c'), false],
    ])
  })

  test('runs beyond the age go, one that is written stays', async () => {
    const { root } = await runs()
    const report = pruneRuns(root, { nowMs, ageMsMax: 15 * hourMs, bytesMax: null })
    expect(report.deleted.map(({ dir }) => dir)).toEqual([join(root, 'a'), join(root, 'b')])
    expect(report.refused).toEqual([
      { dir: join(root, 'live'), because: expect.stringContaining('writes it') as string },
    ])
    expect(readdirSync(root)).toEqual(['c', 'epoch-5', 'live'])
  })

  test('the oldest go until the rest is small enough', async () => {
    const { root, bytes } = await runs()
    const report = pruneRuns(root, { nowMs, ageMsMax: null, bytesMax: bytes - 1 })
    expect(report.deleted.map(({ dir }) => dir)).toEqual([join(root, 'a')])
    expect(report.kept.map(({ dir }) => dir)).toEqual([join(root, 'live'), join(root, 'b'), join(root, 'c')])
  })

  test('without limits everything stays', async () => {
    const { root } = await runs()
    expect(pruneRuns(root, { nowMs, ageMsMax: null, bytesMax: null }).deleted).toEqual([])
  })

  test('a run with a file of somebody else stays whole', async () => {
    const { root } = await runs()
    writeFileSync(join(root, 'a', 'notes.txt'), 'mine')
    cpSync(join(root, 'b', '00000001.hmj'), join(root, 'b', '00000002.hmj'), { preserveTimestamps: true })
    const report = pruneRuns(root, { nowMs, ageMsMax: 0, bytesMax: null })
    expect(report.refused.map(({ because }) => because)).toContain(
      'it holds notes.txt, which is no part of a journal',
    )
    expect(existsSync(join(root, 'a', '00000001.hmj'))).toBe(true)
    expect(existsSync(join(root, 'b'))).toBe(false)
  })

  test('a rehearsal goes with the journal of its exchange, or stays with it while somebody writes there', async () => {
    const { root } = await runs()
    await written(join(root, 'a', 'exchange'), {})
    const live = await openJournal({
      dir: join(root, 'b', 'exchange'),
      header,
      sync: 'never',
      onFailure: () => undefined,
    })
    onTestFinished(() => live.close())
    const [, first] = listRuns(root)
    expect(first?.bytes).toBeGreaterThan(statSync(join(root, 'a', '00000001.hmj')).size)
    for (const part of ['00000001.hmj', 'exchange/00000001.hmj']) {
      for (const run of ['a', 'b']) utimesSync(join(root, run, part), 1, 1)
    }
    const report = pruneRuns(root, { nowMs, ageMsMax: 15 * hourMs, bytesMax: null })
    expect(report.deleted.map(({ dir }) => dir)).toEqual([join(root, 'a')])
    expect(existsSync(join(root, 'a'))).toBe(false)
    expect(existsSync(join(root, 'b', '00000001.hmj'))).toBe(true)
  })
})

test('a Parquet file has the columns and rows of the CSV form', async () => {
  const dir = freshDir()
  await written(join(dir, 'run'), {})
  const path = join(dir, 'run.parquet')
  const records = [...readJournal(join(dir, 'run')).records]
  expect(await exportParquet(join(dir, 'run'), path)).toBe(records.length)
  const bytes = readFileSync(path)
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)
  const rows = await parquetReadObjects({ file })
  expect(rows).toEqual(
    records.map((record) => {
      const fields = fieldsOf(record)
      // A Parquet row has every column; what a record does not have is null there.
      return Object.fromEntries(CSV_COLUMNS.map((name) => [name, fields[name] ?? null]))
    }),
  )
})

/** One CSV row by RFC 4180, written apart from the exporter. */
function parseCsv(row: string): string[] {
  const cells: string[] = []
  let cell = ''
  let isQuoted = false
  for (let at = 0; at < row.length; at += 1) {
    const letter = row[at] ?? ''
    if (isQuoted && letter === '"' && row[at + 1] === '"') {
      cell += '"'
      at += 1
    } else if (letter === '"') isQuoted = !isQuoted
    else if (letter === ',' && !isQuoted) {
      cells.push(cell)
      cell = ''
    } else cell += letter
  }
  return [...cells, cell]
}
