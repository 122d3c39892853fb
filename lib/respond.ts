// Where Slack sends clicks: a URL that anybody can reach, and a function that trusts only what Slack signed.
import { FunctionUrlAuthType } from 'aws-cdk-lib/aws-lambda'
import { environmentOf, of, mayChangeBoard, mayWake, secretEnvironment, type Site } from './shared/site.ts'
import { StageFunction } from './stage-function.ts'

export interface Respond {
  stage: StageFunction
  /** The address. */
  url: string
}

export function makeRespond(site: Site): Respond {
  const { clicksAtOnce } = site.config.deploy
  const stage = new StageFunction(site.stack, 'Respond', {
    entry: 'respond',
    description: 'Does what a click in Slack means',
    ...of(site),
    environment: { ...environmentOf(site), ...secretEnvironment(site) },
    ...(clicksAtOnce > 0 && { reservedConcurrency: clicksAtOnce }),
  })
  mayChangeBoard(site, stage)
  mayWake(site, stage)
  site.slackSecret.grantRead(stage)
  return { stage, url: stage.addFunctionUrl({ authType: FunctionUrlAuthType.NONE }).url }
}
