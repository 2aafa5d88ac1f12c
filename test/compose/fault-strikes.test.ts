/** What `hypermake exchange` says of its fault script when it ends. */
import { expect, test } from 'vitest'
import { strikeLines, strikesOf } from '../../src/compose/fault-strikes.ts'
import { startFaults } from '../../src/server/faults/plan.ts'
import { parseFaultScript } from '../../src/server/faults/script.ts'

test('each fault of the file is told with its strikes, the delays of the latency are not', () => {
  const content = {
    fault: [
      { kind: 'drop', channels: ['l2Book'] },
      { kind: 'disconnect', at_sec: 0 },
      { kind: 'price-jump', at_sec: 1, bps: 20 },
      { kind: 'half-batch' },
      { kind: 'delay-request', ms: 5 },
    ],
  }
  const script = parseFaultScript(content, 'faults.toml')
  const plan = startFaults({ script, nowTsMs: () => 0, speed: 1 })
  const [drop, disconnect] = script.fault
  for (const fault of [drop, drop, disconnect, disconnect]) if (fault !== undefined) plan.strikes(fault)
  const strikes = strikesOf(plan, { actionsMs: [5, 5], feedsMs: null })
  expect(strikes.map(({ number, count }) => [number, count])).toEqual([
    [1, 2],
    [2, 1],
    [3, null],
    [4, 0],
  ])
  expect(strikeLines(strikes)).toEqual([
    '  fault 1   drop struck 2 times',
    '  fault 2   disconnect struck once',
    '  fault 3   price-jump, in the market',
    '  fault 4   half-batch struck 0 times',
  ])
  expect(strikesOf(null, { actionsMs: null, feedsMs: null })).toEqual([])
})
