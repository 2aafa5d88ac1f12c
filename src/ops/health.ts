/** Is this maker able to do its work? What a watchdog, a container runtime or a person asks. */
import type { MakerView } from '../core/view.ts'

export interface Health {
  readonly isHealthy: boolean
  /** Why not; null when healthy. */
  readonly because: string | null
}

/**
 * A maker that has a reason not to quote (paused, one-sided by its limits) is healthy; one that was killed or has lost
 * its venue is not.
 * @param view        null until the maker knows its market
 * @param isConnected between the venue's `up` and `down`
 */
export function healthOf(view: MakerView | null, isConnected: boolean): Health {
  if (view === null) return { isHealthy: false, because: 'starting: the venue has not been asked yet' }
  if (view.isKilled) return { isHealthy: false, because: `killed: ${view.because ?? 'no reason was kept'}` }
  if (!isConnected) return { isHealthy: false, because: 'not connected to the venue' }
  return { isHealthy: true, because: null }
}
