import { describe, expect, test } from 'vitest'
import { startFaults } from '../../../src/server/faults/plan.ts'
import { gateOf } from '../../../src/server/faults/frames.ts'
import { actWithFaults, type WireReply } from '../../../src/server/faults/requests.ts'
import { FAULTS_MAX, FaultScriptError, parseFaultScript } from '../../../src/server/faults/script.ts'

describe('a bad script is refused with file, field, value and remedy', () => {
  const drop = { kind: 'drop' }
  test.each([
    ['no fault', {}, /^x\.toml: fault = nothing does not do.*docs\/faults\.md$/],
    [
      'an unknown kind',
      { fault: [{ kind: 'explode' }] },
      /fault\.0\.kind = "explode" is no kind of fault; there are lose-request, /,
    ],
    ['an unknown key', { fault: [{ ...drop, chanels: ['l2Book'] }] }, /fault\.0 has no key chanels; see/],
    ['an unknown key outside', { faults: [], fault: [drop] }, /the script has no key faults/],
    ['a negative time', { fault: [{ ...drop, at_sec: -1 }] }, /fault\.0\.at_sec = -1 does not do/],
    ['a share above 1', { fault: [drop, { ...drop, share: 30 }] }, /fault\.1\.share = 30 does not do/],
    [
      'a range the wrong way round',
      { fault: [{ kind: 'delay', ms: [9, 3] }] },
      /fault\.0\.ms = \[9,3\] does not do/,
    ],
    ['a delay without its length', { fault: [{ kind: 'delay' }] }, /fault\.0\.ms = nothing does not do/],
    [
      'too many faults',
      { fault: Array.from({ length: FAULTS_MAX + 1 }, () => drop) },
      /fault = .* does not do/,
    ],
  ])('%s', (_, value, message) => {
    let failure: unknown = null
    try {
      parseFaultScript(value, 'x.toml')
    } catch (error) {
      failure = error
    }
    expect(failure).toBeInstanceOf(FaultScriptError)
    expect(failure).toMatchObject({
      code: 'BAD_FAULT_SCRIPT',
      message: expect.stringMatching(message) as string,
    })
  })
})

describe('a plan', () => {
  const planOf = (fault: object, clock: { tsMs: number }): ReturnType<typeof startFaults> =>
    startFaults({
      script: parseFaultScript({ seed: 3, fault: [fault] }, 'x.toml'),
      nowTsMs: () => clock.tsMs,
      speed: 1,
    })
  const frames = (fault: object, count: number): string[] => {
    const seen: string[] = []
    const clock = { tsMs: 0 }
    const gate = gateOf(
      planOf(fault, clock),
      () => clock.tsMs,
      (text) => seen.push(text),
    )
    for (let index = 0; index < count; index += 1) gate(`{"channel":"l2Book","data":${index}}`)
    return seen
  }

  test('counts its times from the first connection, and ends', () => {
    const clock = { tsMs: 1_000_000 }
    const plan = planOf({ kind: 'drop', at_sec: 2, for_sec: 3 }, clock)
    const [fault] = plan.script.fault
    if (fault === undefined) throw new Error('there is a fault')
    clock.tsMs += 60_000
    expect(plan.strikes(fault)).toBe(false)
    plan.begin()
    const strikesAfter = (ms: number): boolean => {
      clock.tsMs = 1_060_000 + ms
      return plan.strikes(fault)
    }
    expect([1_999, 2_000, 4_999, 5_000].map(strikesAfter)).toEqual([false, true, true, false])
    expect(plan.strikeCounts).toEqual([2])
  })

  test('strikes so often and no more', () => {
    expect(frames({ kind: 'drop', count: 3 }, 10)).toHaveLength(7)
  })

  test('strikes its share, the same frames for the same seed', () => {
    const kept = frames({ kind: 'drop', share: 0.25 }, 2_000)
    expect(kept.length).toBeGreaterThan(1_420)
    expect(kept.length).toBeLessThan(1_580)
    expect(frames({ kind: 'drop', share: 0.25 }, 2_000)).toEqual(kept)
  })

  test('touches only its channels', () => {
    expect(frames({ kind: 'drop', channels: ['trades'] }, 5)).toHaveLength(5)
  })

  test('reorders a window of frames and loses none', () => {
    const plain = frames({ kind: 'duplicate', count: 1, channels: ['none'] }, 40)
    const mixed = frames({ kind: 'reorder', window: 4 }, 40)
    expect(mixed).not.toEqual(plain)
    expect([...mixed].sort()).toEqual([...plain].sort())
    mixed.forEach((text, index) => expect(Math.abs(plain.indexOf(text) - index)).toBeLessThan(4))
  })

  const order = (tif: string): object => ({
    action: { type: 'order', orders: [{ t: { limit: { tif } } }, { t: { limit: { tif } } }] },
  })
  const answered = (fault: object, body: unknown): { reply: WireReply | null; acted: number } => {
    const done: { reply: WireReply | null; acted: number } = { reply: null, acted: 0 }
    const text = JSON.stringify({ status: 'ok', response: { type: 'order', data: { statuses: [1, 2] } } })
    const way = actWithFaults(planOf(fault, { tsMs: 0 }), body, (reply) => {
      done.acted += 1
      reply({ status: 200, contentType: 'application/json', text })
    })
    way((reply) => {
      done.reply = reply
    })
    return done
  }

  test('lets the venue act, or not, as its kind says', () => {
    const acted = (fault: object): number => answered(fault, order('Alo')).acted
    expect(acted({ kind: 'lose-request' })).toBe(0)
    expect(acted({ kind: 'lose-answer' })).toBe(1)
    expect(acted({ kind: 'answer', status: 502, body: 'html' })).toBe(0)
    expect(acted({ kind: 'answer', status: 502, body: 'html', acted: true })).toBe(1)
    expect(acted({ kind: 'half-batch' })).toBe(1)
    expect(acted({ kind: 'refuse', text: 'no' })).toBe(0)
    expect(acted({ kind: 'budget-exhausted' })).toBe(0)
  })

  test('answers half of a batch, and half of a text', () => {
    const half = answered({ kind: 'half-batch' }, order('Alo')).reply?.text ?? ''
    expect(JSON.parse(half)).toMatchObject({ response: { data: { statuses: [1] } } })
    const cut = answered({ kind: 'truncate-answer' }, order('Alo')).reply?.text ?? ''
    expect(() => JSON.parse(cut) as unknown).toThrow(SyntaxError)
  })
})
