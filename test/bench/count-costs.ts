// Counts what docs/costs.md says, and prints it as JSON.
import { countCosts } from '../../bench/costs/costs.ts'

process.stdout.write(JSON.stringify(await countCosts({ progress: () => undefined })))
