// The tests that take longest, longest first: `npm test` begins with them, `npm run check` leaves them out unless they have changed themselves.
import { existsSync } from 'node:fs'

export const SLOW_TESTS = [
  // Wait for a world to run its course, in a browser.
  'test/story/page.whole.test.ts',
  'test/story/page.test.ts',
  'test/local/page.test.ts',
  // Play hours of incidents.
  'test/bench/costs.test.ts',
  'test/drill/drill.test.ts',
  'test/drill/tell.test.ts',
  'test/property/order.test.ts',
  'test/property/crash.test.ts',
  'test/core/intake.property.test.ts',
  // Load the CDK and make stacks.
  'test/lib/grants.test.ts',
  'test/lib/service-alarms.test.ts',
  'test/lib/stack.test.ts',
  'test/lib/watchdog.test.ts',
  'test/lib/spoke.test.ts',
  'test/lib/key.test.ts',
  'test/lib/alarms/databases.test.ts',
  'test/lib/alarms/docs.test.ts',
  'test/lib/alarms/hosts.test.ts',
  'test/lib/alarms/queues.test.ts',
  'test/lib/alarms/services.test.ts',
  // Start the command line many times.
  'test/bin/redrive.test.ts',
  'test/bin/replay.actions.test.ts',
  'test/bin/replay.test.ts',
  'test/bin/drill.test.ts',
  'test/bin/republish.command.test.ts',
  'test/bin/test-alarm.test.ts',
  'test/bin/tocsin.test.ts',
]

const gone = SLOW_TESTS.filter((file) => !existsSync(file))
if (gone.length > 0) throw new Error(`check/slow-tests.ts names what is not there: ${gone.join(', ')}`)
