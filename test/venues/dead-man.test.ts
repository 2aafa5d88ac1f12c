import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { advance } from '../../src/simulation/world.ts'
import { BOT, newOrder, openStage, type Stage, until } from '../support/venue-stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await openStage()
})
afterEach(async () => {
  await stage.close()
})

const LEAD_MS = 10_000
/** What the venue demands of an account before it grants the switch, micro-dollars. */
const GRANTED_VOLUME = 1_000_000_000_000

function botAccount(): (typeof stage.world.exchange.accounts)[number] {
  const account = stage.world.exchange.accounts.find(({ address }) => address === BOT.address)
  if (account === undefined) throw new Error('the bot has an account')
  return account
}

describe("the venue's dead man's switch", () => {
  test('is unavailable to an account without volume, said once, and trading goes on', async () => {
    const player = await stage.play({ deadManLeadMs: LEAD_MS })
    await until(() => player.venue.stats.deadMan === 'unavailable', 'the answer')
    expect(player.logs.filter((line) => line.includes('unavailable'))).toHaveLength(1)
    player.send({ kind: 'place', order: newOrder() })
    await player.awaitInput('orderResting')
  })

  test('is armed and moved on while we live, and taken back at an end in order', async () => {
    botAccount().tradedMicroUsd = GRANTED_VOLUME
    const player = await stage.play({ deadManLeadMs: 400 })
    // Too short a lead is refused by the venue, and said so.
    await until(() => player.venue.stats.deadMan === 'refused', 'the refusal')
    await player.venue.close()

    const other = await stage.play({ deadManLeadMs: LEAD_MS })
    await until(() => other.venue.stats.deadMan === 'armed', 'the switch')
    const first = botAccount().scheduledCancelTsMs ?? 0
    await until(() => (botAccount().scheduledCancelTsMs ?? 0) > first, 'a refresh')
    await other.venue.close()
    expect(botAccount().scheduledCancelTsMs).toBeNull()
    expect(other.venue.stats.deadMan).toBe('off')
  })

  test('cancels what rests when nobody refreshes it any more', async () => {
    botAccount().tradedMicroUsd = GRANTED_VOLUME
    const player = await stage.play({ deadManLeadMs: LEAD_MS })
    await until(() => player.venue.stats.deadMan === 'armed', 'the switch')
    player.send({ kind: 'place', order: newOrder() })
    const { oid } = await player.awaitInput('orderResting')
    // Time passes at the venue and none for us, as if our process had stopped.
    const untilTsMs = stage.world.nowTsMs + LEAD_MS + 1_000
    while (stage.world.nowTsMs + stage.world.blockMs <= untilTsMs) advance(stage.world, untilTsMs)
    expect(
      await player.awaitInput('orderUpdate', (input) => input.oid === oid && input.status === 'cancelled'),
    ).toMatchObject({
      word: 'scheduledCancel',
    })
  })

  test('an answer that is lost is said, and the switch counts as perhaps armed', async () => {
    botAccount().tradedMicroUsd = GRANTED_VOLUME
    stage.proxy.onRequest = (_, body) =>
      body.includes('"time"') && body.includes('scheduleCancel') ? 'loseAnswer' : 'pass'
    const player = await stage.play({ deadManLeadMs: LEAD_MS })
    await until(() => player.venue.stats.deadMan === 'lost', 'the loss')
    await player.venue.close()
    expect(botAccount().scheduledCancelTsMs).toBeNull()
  })

  test('is left to fire when orders may still rest: nobody confirmed that they are gone', async () => {
    botAccount().tradedMicroUsd = GRANTED_VOLUME
    const player = await stage.play({ deadManLeadMs: LEAD_MS })
    await until(() => player.venue.stats.deadMan === 'armed', 'the switch')
    player.send({ kind: 'place', order: newOrder() })
    await player.awaitInput('orderResting')
    await player.venue.close()
    expect(botAccount().scheduledCancelTsMs).not.toBeNull()
    expect(player.logs.join()).toContain('may still rest')

    const other = await stage.play({ deadManLeadMs: LEAD_MS })
    await until(() => other.venue.stats.deadMan === 'armed', 'the switch')
    other.send({ kind: 'place', order: newOrder() })
    await other.awaitInput('orderResting')
    expect(await other.venue.cancelAll()).toBe(0)
    await other.venue.close()
    expect(botAccount().scheduledCancelTsMs).toBeNull()
  })
})
