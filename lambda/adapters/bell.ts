// The bell: a CloudWatch alarm whose state is set by a call.
import type { Bell } from '../ports/runtime.ts'
import { jsonCall, type AwsCall } from './aws.ts'

/** `alarm`: its name. */
export function cloudwatchBell(call: AwsCall, alarm: string): Bell {
  const set = (StateValue: 'OK' | 'ALARM'): Promise<unknown> =>
    jsonCall(
      call,
      'monitoring',
      { version: '1.0', target: 'GraniteServiceVersion20100801.SetAlarmState' },
      {
        AlarmName: alarm,
        StateValue,
        StateReason: 'Tocsin rings its own alarm to see whether it arrives',
      },
    )
  return {
    async ring() {
      // CloudWatch reports only changes, and the alarm may still fire from the last ring.
      await set('OK')
      await set('ALARM')
    },
  }
}
