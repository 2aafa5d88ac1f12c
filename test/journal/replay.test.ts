import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Command } from '../../src/core/command.ts'
import type { Input } from '../../src/core/input.ts'
import { hashToHex, initHash, mixValue } from '../../src/core/math/state-hash.ts'
import type { JournalRecord } from '../../src/journal/format.ts'
import { replayJournal } from '../../src/journal/replay.ts'
import type { ReplayMachine } from '../../src/journal/replay.ts'
import { openJournal } from '../../src/journal/writer.ts'
import { freshDir, header, marketRecords } from './arbitrary.ts'

/** A small deciding machine: hashes its inputs, places or cancels on some. `twist` changes one decision. */
function machineOf(twist: {
  readonly seq: number
  readonly how: 'price' | 'extra' | 'none' | 'state'
}): ReplayMachine {
  const hash = initHash()
  return {
    step(input: Input): readonly Command[] {
      mixValue(hash, input)
      const isTwisted = input.seq === twist.seq
      if (isTwisted && twist.how === 'state') mixValue(hash, 'other')
      const commands: Command[] = []
      if (input.seq % 3 === 0) commands.push(place(input.seq, isTwisted && twist.how === 'price' ? 1 : 0))
      if (input.seq % 4 === 0) commands.push({ kind: 'cancel', cloid: null, oid: input.seq })
      if (isTwisted && twist.how === 'extra') commands.push({ kind: 'resync', because: 'twist' })
      return isTwisted && twist.how === 'none' ? [] : commands
    },
    stateHash: () => hashToHex(hash),
  }
}

function place(seq: number, more: number): Command {
  const cloid = `0x${seq.toString(16).padStart(32, '0')}`
  return {
    kind: 'place',
    order: { cloid, side: 'sell', priceTicks: 100 + seq + more, sizeLots: 3, tif: 'alo', reduceOnly: false },
  }
}

/** A live run of the machine, journalled. @returns its folder and last state hash */
async function liveRun(isClosed = true): Promise<{ dir: string; stateHash: string; headHash: string }> {
  const dir = join(freshDir(), 'run')
  const writer = await openJournal({ dir, header, sync: 'never', onFailure: () => undefined })
  const machine = machineOf({ seq: 0, how: 'price' })
  for (const { input } of marketRecords(40).filter((record) => record.kind === 'input')) {
    writer.append({ kind: 'input', input })
    const commands = machine.step(input)
    const isCrash = !isClosed && input.seq === 40
    const kept = isCrash ? commands.slice(0, 0) : commands
    for (const command of kept) writer.append({ kind: 'command', seq: input.seq, command })
    if (input.seq % 10 === 0 && !isCrash) {
      const checkpoint: JournalRecord = { kind: 'checkpoint', seq: input.seq, stateHash: machine.stateHash() }
      writer.append(checkpoint)
    }
  }
  await writer.durable()
  if (isClosed) await writer.close()
  return { dir, stateHash: machine.stateHash(), headHash: writer.headHash }
}

test('the same machine gives the same commands and hashes', async () => {
  const { dir, stateHash, headHash } = await liveRun()
  const report = replayJournal(dir, (found) => {
    expect(found).toEqual(header)
    return machineOf({ seq: 0, how: 'price' })
  })
  expect(report).toMatchObject({
    ok: true,
    inputCount: 40,
    commandCount: 23,
    checkpointCount: 4,
    unrecordedCount: 0,
    finalSeq: 40,
    finalStateHash: stateHash,
    headHash,
    difference: null,
  })
  expect(report.recordsPerSec).toBeGreaterThan(0)
})

test.each([
  { how: 'price', seq: 12, what: 'commandDiffers' },
  { how: 'extra', seq: 12, what: 'commandExtra' },
  { how: 'extra', seq: 40, what: 'commandExtra' },
  { how: 'none', seq: 12, what: 'commandMissing' },
  { how: 'state', seq: 12, what: 'stateHashDiffers', foundAt: 20 },
] as const)('a machine that differs at input $seq ($how) is told apart there', async (twist) => {
  const { dir } = await liveRun()
  const report = replayJournal(dir, () => machineOf(twist))
  expect(report.ok).toBe(false)
  expect(report.difference).toMatchObject({
    seq: 'foundAt' in twist ? twist.foundAt : twist.seq,
    what: twist.what,
  })
})

test('the first difference shows what was recorded and what came now', async () => {
  const { dir } = await liveRun()
  const report = replayJournal(dir, () => machineOf({ seq: 12, how: 'price' }))
  expect(report.difference).toEqual({
    seq: 12,
    what: 'commandDiffers',
    recorded: place(12, 0),
    came: place(12, 1),
  })
})

test('commands that a crash kept from the journal are counted, not called a difference', async () => {
  const { dir } = await liveRun(false)
  const report = replayJournal(dir, () => machineOf({ seq: 0, how: 'price' }))
  expect(report).toMatchObject({ ok: true, isClosed: false, unrecordedCount: 1, finalSeq: 40 })
})
