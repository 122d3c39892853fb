// What must hold where others have written what is called, and for a timeout in a parameter.
import { SHORTER } from '../../../lambda/runbooks/cut-connection-timeout/shorter.ts'
import { PRECONDITIONS as PARAMETERS } from '../../../lambda/runbooks/cut-connection-timeout/parameter.ts'
import { PRECONDITIONS as ANSWERS } from '../../../lambda/runbooks/invoke-function/recipe.ts'
import { PRECONDITIONS as DIMENSIONS } from '../../../lambda/runbooks/ssm-automation/recipe.ts'
import { allow, answers, AUTOMATION, FUNCTION, nothing, TIMEOUT, withParameter, type Setting } from '../look.ts'
import { stopTheLook, type Row } from './rules.ts'

describe('cut-connection-timeout in a parameter', () => {
  const about = { runbook: 'cut-connection-timeout', target: TIMEOUT }
  stopTheLook(
    'cut-connection-timeout',
    [...PARAMETERS, SHORTER],
    [
      [
        'Parameter.Type of GetParameter',
        'a secret',
        { ...about, made: withParameter('60', 'SecureString') },
        '/t is a SecureString, not a number',
      ],
      [
        'Parameter.Value of GetParameter',
        'no number',
        { ...about, made: withParameter('1m') },
        '/t is "1m", not a number',
      ],
      [
        SHORTER.field,
        'nothing says how short',
        { ...about, made: withParameter('60') },
        'nothing says how short it may be',
      ],
      [
        SHORTER.field,
        'short enough',
        { ...about, callers: { web: 30 }, made: withParameter('5') },
        '5 s is short enough already',
      ],
      [
        SHORTER.field,
        'shorter than the config asks',
        { ...about, options: { seconds: 8 }, made: withParameter('5') },
        'it is 5 s already',
      ],
    ],
  )
})

describe('ssm-automation', () => {
  const about = { runbook: 'ssm-automation', target: {}, options: allow, made: nothing }
  const matching = (what: string, InstanceId: string): Row => [
    'values of those dimensions',
    what,
    { ...about, dimensions: { InstanceId } },
    "the alarm's InstanceId is not one that InstanceId may be",
  ]
  stopTheLook('ssm-automation', DIMENSIONS, [
    ['dimensions of the alarm', 'none', about, 'the alarm has no dimension InstanceId for InstanceId'],
    [
      'dimensions of the alarm',
      'one that every object has',
      { ...about, options: { ...AUTOMATION, fromAlarm: { P: { dimension: 'constructor', allow: '.*' } } } },
      'the alarm has no dimension constructor',
    ],
    matching('another', 'i-0; rm -rf /'),
    matching('it matches in part', 'xi-0'),
    matching('a second line', 'i-0\nx'),
  ])
})

describe('invoke-function', () => {
  const asked = (made: Setting['made']): Setting => ({ runbook: 'invoke-function', target: FUNCTION, made })
  stopTheLook('invoke-function', ANSWERS, [
    [
      '`stop` of its answer',
      'it says stop',
      asked(answers({ found: 'all is well', stop: 'nothing to do' })),
      'nothing to do',
    ],
    ['FunctionError of Invoke', 'it fails', asked(answers({ errorMessage: 'boom' }, 'Unhandled')), 'mend failed: boom'],
    ['Payload of Invoke', 'no JSON', asked(answers('<html>')), 'mend gave an answer that Tocsin cannot read'],
    [
      'Payload of Invoke',
      'it says nothing',
      asked(answers({ stop: 5 })),
      'mend gave an answer that Tocsin cannot read: found',
    ],
  ])
})
