/** Faults of whole connections: cut ones, in the middle of a frame if asked, and refused ones. */
import { onBlock, type World } from '../../simulation/world.ts'
import type { Connection } from '../socket.ts'
import type { FaultPlan } from './plan.ts'

/** The head of a text frame of 512 bytes, and a few of those bytes: the rest never comes. */
const HALF_FRAME = Buffer.concat([
  Buffer.from([0x81, 0x7e, 0x02, 0x00]),
  Buffer.from('{"channel":"l2Book","da'),
])

/** Cuts all connections when a `disconnect` is due. @returns the way to stop it */
export function breakStreams(
  world: World,
  faults: FaultPlan | null,
  connections: ReadonlySet<Connection>,
): () => void {
  if (faults === null) return () => undefined
  const breaks = faults.script.fault.filter((fault) => fault.kind === 'disconnect')
  return onBlock(world, () => {
    for (const fault of breaks) {
      if (!faults.strikes(fault)) continue
      for (const { socket, stream } of connections) {
        // An orderly end of the transport: what was written arrives, and then nothing, without a close frame.
        if (fault.mid_frame) stream.end(HALF_FRAME)
        else socket.terminate()
      }
    }
  })
}

export function refusesStreams(faults: FaultPlan | null): boolean {
  if (faults === null) return false
  return faults.script.fault.some((fault) => fault.kind === 'refuse-streams' && faults.strikes(fault))
}
