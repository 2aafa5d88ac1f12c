/** Persisted before acting: the journal and the kill switch are written at the same time, and no cancel leaves before both are on disk. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { JournalWriter } from '../../src/journal/writer.ts'
import type { LatchRecord } from '../../src/runtime/latch.ts'
import { readLatch } from '../../src/runtime/latch.ts'
import { type Maker, type MakerStage, openMakerStage } from '../support/maker-stage.ts'
import { until } from '../support/venue-stage.ts'

/** Steps that the maker takes while a disk is slow, so that what should not leave had its chance to. */
const STEPS_WHILE_HELD = 10

/** A disk that takes its time, until it is let go. */
interface Gate {
  readonly opened: Promise<void>
  readonly open: () => void
}

function gate(): Gate {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

/** The real journal, whose answers wait for the gate from the kill on. */
function heldJournal(real: JournalWriter, held: () => Gate | null, asked: string[]): JournalWriter {
  return {
    append: (record) => real.append(record),
    durable() {
      const at = held()
      if (at === null) return real.durable()
      asked.push('journal')
      return at.opened.then(() => real.durable())
    },
    close: () => real.close(),
    recordCount: 0,
    byteCount: 0,
    headHash: '',
    durableCount: 0,
  }
}

describe('the kill switch trips', () => {
  let stage: MakerStage
  let sentCancelCount = 0
  const venue = { onSent: (type: string) => void (sentCancelCount += type.startsWith('cancel') ? 1 : 0) }
  beforeEach(async () => {
    sentCancelCount = 0
    stage = await openMakerStage()
  })
  afterEach(() => stage.close())

  const stepsLater = async (maker: Maker): Promise<void> => {
    const count = maker.steps.length + STEPS_WHILE_HELD
    await maker.until(() => maker.steps.length >= count, 'the maker to go on')
  }

  test.each([
    ['journal', 'latch'],
    ['latch', 'journal'],
  ] as const)('no cancel leaves while the %s is being written', async (slow, quick) => {
    const gates = { journal: gate(), latch: gate() }
    const asked: string[] = []
    let isKilled = false
    const maker = await stage.makerOf({
      venue,
      latch: {
        keep: (record: LatchRecord) => {
          asked.push(`latch: ${record.because}`)
          return gates.latch.opened
        },
      },
      wrapJournal: (journal) => heldJournal(journal, () => (isKilled ? gates.journal : null), asked),
    })
    await maker.until(() => maker.isQuoting(), 'quotes')
    sentCancelCount = 0
    isKilled = true
    maker.say('kill', 'a test')
    // Both were asked within the step: neither waits for the other.
    expect(asked).toEqual(['journal', 'latch: a test'])
    gates[quick].open()
    await stepsLater(maker)
    expect([sentCancelCount, stage.truth().orders.length]).toEqual([0, 2])
    gates[slow].open()
    await until(() => stage.truth().orders.length === 0, 'an empty book')
    expect(maker.failures).toEqual([])
  })

  test('the switch is on disk when the venue hears of it, once and with its reason', async () => {
    let setAtCancel: string | undefined
    let path = ''
    const maker = await stage.makerOf({
      sync: 'group',
      venue: {
        onSent: (type) => {
          if (type.startsWith('cancel')) setAtCancel ??= readLatch(path)?.because ?? 'not set'
        },
      },
    })
    path = maker.latchPath
    await maker.until(() => maker.isQuoting(), 'quotes')
    setAtCancel = undefined
    maker.say('kill', 'a test')
    await until(() => stage.truth().orders.length === 0, 'an empty book')
    expect(setAtCancel).toBe('a test')
  })

  test('a switch that cannot be kept is told, and the cancels leave all the same', async () => {
    const maker = await stage.makerOf({
      venue,
      latch: { keep: () => Promise.reject(new Error('ENOSPC: no space left')) },
    })
    await maker.until(() => maker.isQuoting(), 'quotes')
    maker.say('kill', 'a test')
    await until(() => stage.truth().orders.length === 0, 'an empty book')
    expect(String(maker.failures[0])).toMatch(/could not be kept on disk: Error: ENOSPC/)
  })

  test('a switch that trips while nothing rests is kept as well', async () => {
    const maker = await stage.makerOf()
    maker.say('pause')
    await maker.until(() => stage.truth().orders.length === 0, 'no quote')
    maker.say('kill', 'a test')
    await until(() => readLatch(maker.latchPath) !== null, 'the switch')
    expect(readLatch(maker.latchPath)?.because).toBe('a test')
  })
})
