// A queue backs up and costs everybody memory or time: keeps its messages, takes them out, and prevents it from happening again.
import { lockOf } from '../parts/kind.ts'
import * as rabbitmq from './rabbitmq/rabbitmq.ts'
import * as sqs from './sqs/sqs.ts'
import { defineRunbook, type Leaves, type Runbook } from '../runbook.ts'
import { options, type Options } from './options.ts'

export const relieveQueueBacklog: Runbook = defineRunbook<Options, rabbitmq.Facts | sqs.Facts>({
  name: 'relieve-queue-backlog',
  title: 'Take the backlog out of the queue, with a copy of every message',
  needs: ['rabbitmq', 'sqs'],
  signals: ['saturation', 'disk', 'memory'],
  destructive: true,
  options,
  lacks: (target, options) =>
    target.rabbitmq ? rabbitmq.lacks(target.rabbitmq, options) : sqs.lacks(target.sqs, options),
  keepsEvidence: true,
  lock: lockOf,
  permissions: (target, options, place) =>
    target.rabbitmq ? rabbitmq.permissions(target.rabbitmq, place) : sqs.permissions(target.sqs, options, place),
  look: (tools, about) => (about.target.rabbitmq ? rabbitmq.look(tools, about) : sqs.look(tools, about)),
  steps: (facts, about) => (facts.kind === 'rabbitmq' ? rabbitmq.steps(facts, about) : sqs.steps(facts, about)),
  healthy: (tools, about, facts) =>
    facts.kind === 'rabbitmq' ? rabbitmq.healthy(tools, facts) : sqs.healthy(tools, about, facts),
  leaves: {
    about: (facts) => (facts.kind === 'rabbitmq' ? rabbitmq.leaves.about(facts) : sqs.leaves.about(facts)),
    look: (tools, about, left, before) =>
      left.kind === 'rabbitmq'
        ? rabbitmq.leaves.look(tools, about, left, before)
        : sqs.leaves.look(tools, about, left, before),
    step: (id, about, left) =>
      left.kind === 'rabbitmq' ? rabbitmq.leaves.step(id, about, left) : sqs.leaves.step(id, about, left),
  } satisfies Leaves<Options, rabbitmq.Facts | sqs.Facts, rabbitmq.About | sqs.About>,
  // The broker measures itself every 5 seconds.
  settleSeconds: 10,
})
