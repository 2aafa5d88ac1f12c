import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openEventStore } from '../../src/compose/event-store.ts'
import { replayExchange } from '../../src/compose/exchange-replay.ts'
import { ORACLE_EVENT_KINDS } from '../../src/compose/oracle-events.ts'
import type { OracleEvent } from '../../src/compose/oracle-events.ts'
import { proveMachine } from '../../src/compose/verify.ts'
import type { AccountAction } from '../../src/exchange/command.ts'
import { fullStateHash } from '../../src/exchange/exchange.ts'
import { accountState } from '../../src/exchange/queries/account.ts'
import { submit } from '../../src/simulation/world.ts'
import type { World } from '../../src/simulation/world.ts'
import type { JournalRecord } from '../../src/journal/format.ts'
import { appendRecord, CHAIN_FLAG_END, closeBlock, initBuilder } from '../../src/journal/blocks.ts'
import { encodeSegmentHeader, HASH_BYTES } from '../../src/journal/format.ts'
import { readJournal, verifyJournal } from '../../src/journal/reader.ts'
import { openJournal } from '../../src/journal/writer.ts'
import { journalledExchange } from '../support/journalled-exchange.ts'
import { freshDir } from './arbitrary.ts'

const FIRST = '00000001.hmj'

/** The journal of `dir` again, record by record as `change` wants it. */
async function rewritten(dir: string, change: (record: JournalRecord) => JournalRecord): Promise<string> {
  const target = freshDir()
  const { header, records } = readJournal(dir)
  const writer = await openJournal({ dir: target, header, sync: 'never', onFailure: () => undefined })
  for (const record of records) writer.append(change(record))
  await writer.close()
  return target
}

/** The first account that holds a position loses it. */
function liquidateSomebody(world: World): void {
  const { exchange } = world
  const holder = exchange.accounts.find(
    ({ address }) => accountState(exchange, address, 0).positions.length > 0,
  )
  expect(holder).toBeDefined()
  submit(world, { kind: 'liquidate', account: holder?.address ?? '', dexIndex: 0 }, () => undefined)
}

describe('the journal of an exchange', () => {
  test.each(['calm', 'gap', 'sweep'])('of a %s market replays to the same state', async (scenario) => {
    const { dir, world, stateHash } = await journalledExchange(freshDir(), { seed: 5, seconds: 60, scenario })
    const { report, exchange } = replayExchange(dir)
    expect(report).toMatchObject({
      ok: true,
      difference: null,
      finalStateHash: stateHash,
      isClosed: true,
      checkpointCount: 1,
      commandCount: world.counters.commands,
    })
    // The running hash is over what happened; this one is over everything that stands.
    expect(fullStateHash(exchange)).toBe(fullStateHash(world.exchange))
    expect(report.commandCount).toBeGreaterThan(1_000)
  })

  test('of markets that were registered on the way lists them again, with their trades', async () => {
    const deployer = '0x68796e6100000000000000000000000000000001'
    const [buyer, seller] = ['b1', 'b2'].map((end) => `0x${end.padStart(40, '0')}`) as [string, string]
    const plain = { signer: deployer, nonce: null, expiresAfterMs: null }
    const act = (world: World, account: string, action: AccountAction): void =>
      submit(world, { kind: 'action', ...plain, signer: account, account, action }, (answer) => {
        expect(answer).not.toMatchObject({ kind: 'refused' })
      })
    const change = {
      kind: 'registerAsset2',
      dex: 'plum',
      schema: { fullName: 'Plums', collateralToken: 0, oracleUpdater: null },
      coin: 'PLUM',
      szDecimals: 2,
      oracleTicks: 125_000,
      marginTableId: 10,
      marginPolicy: 'noCross',
    } as const
    const order = {
      assetId: 130_000,
      priceTicks: 125_000,
      sizeLots: 1_000,
      reduceOnly: false,
      tif: 'Gtc',
      trigger: null,
      cloid: null,
    } as const
    const { dir, world } = await journalledExchange(freshDir(), {
      seed: 9,
      seconds: 12,
      onSecond(world, second) {
        const fund = (account: string, dexIndex: number): void =>
          submit(world, { kind: 'deposit', account, dexIndex, amountMicroUsd: 1e9 }, () => undefined)
        if (second === 1) for (const account of [deployer, buyer, seller]) fund(account, 0)
        if (second === 3) act(world, deployer, { kind: 'deploy', change })
        if (second === 5) for (const account of [buyer, seller]) fund(account, 3)
        if (second !== 7) return
        act(world, buyer, { kind: 'order', grouping: 'na', orders: [{ ...order, side: 'buy' }] })
        act(world, seller, { kind: 'order', grouping: 'na', orders: [{ ...order, side: 'sell' }] })
      },
    })
    const { report, exchange } = replayExchange(dir)
    expect(report).toMatchObject({ ok: true, difference: null })
    expect(fullStateHash(exchange)).toBe(fullStateHash(world.exchange))
    expect(accountState(exchange, buyer, 3).positions[0]).toMatchObject({ assetId: 130_000, sizeLots: 1_000 })
    expect(openEventStore(dir).stateAt({ seq: report.commandCount }).state).toMatchObject({
      markets: expect.arrayContaining([expect.objectContaining({ coin: 'plum:PLUM', assetId: 130_000 })]),
    })
  })

  test('goes the quick way in numbers and the plain way in objects to the same state', async () => {
    const { dir } = await journalledExchange(freshDir(), { seed: 9, seconds: 40 })
    const quick = replayExchange(dir)
    const plain = replayExchange(dir, { onCommand: () => undefined })
    expect(plain.report).toMatchObject({ ok: true, finalStateHash: quick.report.finalStateHash })
    expect(fullStateHash(plain.exchange)).toBe(fullStateHash(quick.exchange))
  })

  test('names the command after which a changed journal parts, with both hashes', async () => {
    const { dir } = await journalledExchange(freshDir(), { seed: 3, seconds: 20 })
    let changedSeq = 0
    const target = await rewritten(dir, (record) => {
      const isIt =
        changedSeq === 0 &&
        record.kind === 'venueCommand' &&
        record.seq > 200 &&
        record.command.kind === 'oracle'
      if (!isIt || record.kind !== 'venueCommand' || record.command.kind !== 'oracle') return record
      changedSeq = record.seq
      return { ...record, command: { ...record.command, oracleTicks: record.command.oracleTicks + 1 } }
    })
    expect(changedSeq).toBeGreaterThan(200)
    expect(verifyJournal(target).ok).toBe(true)
    const { report } = replayExchange(target)
    expect(report.ok).toBe(false)
    expect(report.difference).toMatchObject({ seq: changedSeq })
    expect(report.difference?.recorded).toMatch(/^[0-9a-f]{16}$/)
    expect(report.difference?.recorded).not.toBe(report.difference?.came)
  })

  test('a plain command out of turn is damage, although every checksum holds', async () => {
    const { dir } = await journalledExchange(freshDir(), { seed: 1, seconds: 1 })
    const { header } = readJournal(dir)
    const sender = { account: `0x${'a'.repeat(40)}`, signer: `0x${'a'.repeat(40)}` }
    const cancel = (seq: number): JournalRecord => ({
      ...{ kind: 'venueCommand', seq, hashHigh: 1, hashLow: 2 },
      command: {
        ...{ kind: 'action', ...sender, nonce: null, expiresAfterMs: null },
        action: { kind: 'cancel', cancels: [{ assetId: 0, ref: { oid: 7 } }] },
      },
    })
    for (const [second, damage] of [
      [2, null],
      [3, { segment: 1, because: 'command 3 stands after 1' }],
    ] as const) {
      const head = encodeSegmentHeader(1, Buffer.alloc(HASH_BYTES), header)
      const builder = initBuilder(head, 1_000_000)
      appendRecord(builder, cancel(1))
      builder.seqLast = second - 1
      appendRecord(builder, cancel(second))
      closeBlock(builder, CHAIN_FLAG_END)
      const target = freshDir()
      const blocks = builder.closed.map(({ sink }) => sink.bytes.subarray(0, sink.at))
      writeFileSync(join(target, FIRST), Buffer.concat([head, ...blocks]))
      const report = verifyJournal(target)
      if (damage === null)
        expect(report).toMatchObject({ ok: true, commandCount: 2, firstSeq: 1, lastSeq: 2 })
      else expect(report.damage).toMatchObject(damage)
    }
  })

  test('a flipped bit at any byte is damage, a torn write, or a header that cannot be read', async () => {
    const dir = freshDir()
    await journalledExchange(dir, { seed: 1, seconds: 1 })
    const path = join(dir, FIRST)
    const whole = readFileSync(path)
    // Every byte of a smaller journal is flipped in damage.test.ts; here the exchange's kinds of record are.
    const headerEnd = 52 + whole.readUInt32LE(48) + 4
    for (let at = 0; at < whole.length; at += at < headerEnd ? 97 : 3) {
      const bytes = Buffer.from(whole)
      bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << (at % 8)), at)
      rmSync(path)
      writeFileSync(path, bytes)
      const report = verifyJournal(dir)
      expect(report.ok && report.isClosed && report.tornBytes === 0, `byte ${at}`).toBe(false)
    }
  })

  test('cut anywhere in its last three records it replays to the state of the longest whole prefix', async () => {
    const dir = freshDir()
    await journalledExchange(dir, { seed: 1, seconds: 1 })
    const path = join(dir, FIRST)
    const whole = readFileSync(path)
    const { commandCount } = verifyJournal(dir)
    for (let cut = whole.length - 1; cut > whole.length - 200; cut -= 1) {
      rmSync(path)
      writeFileSync(path, whole.subarray(0, cut))
      const { report } = replayExchange(dir)
      expect(report.ok).toBe(true)
      expect(report.isClosed).toBe(false)
      expect(report.commandCount).toBeLessThanOrEqual(commandCount)
      expect(report.commandCount).toBeGreaterThan(commandCount - 8)
    }
  })
})

describe('the event store', () => {
  test('tells all kinds of happenings of an exchange in order, from any command on', async () => {
    const { dir } = await journalledExchange(freshDir(), {
      seed: 5,
      seconds: 60,
      scenario: 'gap',
      onSecond: (world, second) => {
        if (second === 40) liquidateSomebody(world)
      },
    })
    const store = openEventStore(dir)
    const events: OracleEvent[] = []
    expect(store.replayFrom(0, (event) => events.push(event))).toBe(events.length)
    const kinds = new Set(events.map(({ kind }) => kind))
    expect([...kinds].toSorted()).toEqual([...ORACLE_EVENT_KINDS].toSorted())
    expect(events.every(({ seq }, index) => index === 0 || seq >= (events[index - 1]?.seq ?? 0))).toBe(true)
    const from = events[Math.floor(events.length / 2)]?.seq ?? 0
    const later: OracleEvent[] = []
    store.replayFrom(from, (event) => later.push(event))
    expect(later).toEqual(events.filter(({ seq }) => seq >= from))
  })

  test('gives the state of any moment by number or time, and the hash of the end', async () => {
    const { dir, world, stateHash } = await journalledExchange(freshDir(), { seed: 2, seconds: 20 })
    const store = openEventStore(dir)
    expect(store.machine).toBe('exchange')
    expect(store.stateHash()).toBe(stateHash)
    expect(store.eventCount()).toBe(world.counters.commands + 1)
    const middle = store.stateAt({ seq: 300 })
    expect(middle).toMatchObject({ seq: 300, machine: 'exchange' })
    // The hash that command 301 found is the state after 300.
    const next = [...readJournal(dir).records][300]
    const hex = (half: number): string => half.toString(16).padStart(8, '0')
    expect(next).toMatchObject({ kind: 'venueCommand', seq: 301 })
    if (next?.kind === 'venueCommand') expect(middle.stateHash).toBe(hex(next.hashHigh) + hex(next.hashLow))
    const byTime = store.stateAt({ tsMs: middle.tsMs })
    expect(byTime.tsMs).toBe(middle.tsMs)
    expect(byTime.seq).toBeGreaterThanOrEqual(300)
    expect(() => store.stateAt({ seq: 10_000_000 })).toThrow('there is no 10000000 in it')
    expect(() => store.stateAt({ tsMs: 1 })).toThrow('nothing at or before')
  })

  test('proves the whole of it, and refuses to tell from bytes that are damaged', async () => {
    const { dir, stateHash } = await journalledExchange(freshDir(), { seed: 2, seconds: 5 })
    expect(proveMachine(dir)).toMatchObject({
      machine: 'exchange',
      bytes: { ok: true },
      replay: { finalStateHash: stateHash, difference: null },
    })
    const path = join(dir, FIRST)
    const bytes = readFileSync(path)
    const at = Math.floor(bytes.length / 2)
    bytes.writeUInt8(bytes.readUInt8(at) ^ 4, at)
    writeFileSync(path, bytes)
    expect(proveMachine(dir)).toMatchObject({ bytes: { ok: false }, replay: null })
    expect(() => openEventStore(dir).replayFrom(0, () => undefined)).toThrow(
      expect.objectContaining({ code: 'DAMAGED' }) as Error,
    )
  })
})
