// Which alarms are made for a service.
import * as z from 'zod'

export const watch = z.boolean()
